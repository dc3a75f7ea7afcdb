/*
 * Instances as text: CIM DTD 2.0 (DSP0203), in the one form that is made here.
 * What is read must be exactly of that form.
 */
#include "base/str.h"
#include "tests/windows/wbem/wbem.h"

#include <stdlib.h>
#include <wchar.h>

/* ---- making ---- */

static void add_escaped(struct text *t, const char *s)
{
    for (; *s; s++)
        switch (*s) {
        case '<':
            text_add(t, "&lt;");
            break;
        case '>':
            text_add(t, "&gt;");
            break;
        case '&':
            text_add(t, "&amp;");
            break;
        case '"':
            text_add(t, "&quot;");
            break;
        default:
            text_add_n(t, s, 1);
        }
}

static const char *type_word(CIMTYPE type)
{
    static const enum cim_type all[] = {CIM_TYPE_BOOLEAN, CIM_TYPE_U8,  CIM_TYPE_U16,
                                        CIM_TYPE_U32,     CIM_TYPE_U64, CIM_TYPE_S32,
                                        CIM_TYPE_DATETIME};

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (variant_type(all[i], false) == (type & ~CIM_FLAG_ARRAY))
            return cim_type_words[all[i]];
    return "string";
}

static void add_value(struct text *t, const struct cim_value *value, size_t i)
{
    text_add(t, "<VALUE>");
    if (value->type == CIM_TYPE_BOOLEAN)
        text_add(t, value->numbers[i] ? "TRUE" : "FALSE");
    else if (value->type == CIM_TYPE_S32)
        text_printf(t, "%lld", (long long)value->numbers[i]);
    else if (cim_type_is_number(value->type))
        text_printf(t, "%llu", (unsigned long long)value->numbers[i]);
    else
        add_escaped(t, value->texts[i]);
    text_add(t, "</VALUE>");
}

static bool add_property(struct text *t, const struct property *p)
{
    bool array = (p->type & CIM_FLAG_ARRAY) != 0;
    const char *tag = array ? "PROPERTY.ARRAY" : "PROPERTY";
    enum cim_type type = CIM_TYPE_TEXT;
    struct cim_value value;

    for (unsigned known = 0; known < CIM_TYPE_TEXT; known++)
        if (variant_type(known, array) == p->type)
            type = known;
    if (!variant_take(t->arena, &p->value, type, array, &value))
        return false;
    text_printf(t, "<%s NAME=\"", tag);
    add_escaped(t, narrow_of(t->arena, p->name));
    text_printf(t, "\" TYPE=\"%s\">", type_word(p->type));
    if (!value.null && array)
        text_add(t, "<VALUE.ARRAY>");
    for (size_t i = 0; i < value.count; i++)
        add_value(t, &value, i);
    if (!value.null && array)
        text_add(t, "</VALUE.ARRAY>");
    text_printf(t, "</%s>", tag);
    return true;
}

/* Asked for as Hyper-V needs it: with what is inherited (hyperv-wmi 6). */
static bool asks_for_all(IWbemContext *context)
{
    VARIANT v;
    bool all;

    VariantInit(&v);
    all = context && SUCCEEDED(IWbemContext_GetValue(context, L"LocalOnly", 0, &v)) &&
          V_VT(&v) == VT_BOOL && V_BOOL(&v) == VARIANT_FALSE;
    VariantClear(&v);
    return all;
}

static HRESULT WINAPI get_text(IWbemObjectTextSrc *face, LONG flags, IWbemClassObject *object,
                               ULONG format, IWbemContext *context, BSTR *out)
{
    struct object *o = object_from(object);
    struct arena a;
    struct text t;
    bool well = true;

    (void)face;
    if (!o || flags || format != WMI_OBJ_TEXT_CIM_DTD_2_0 || !asks_for_all(context))
        return (HRESULT)WBEM_E_INVALID_PARAMETER;
    arena_init(&a, 0);
    text_init(&t, &a);
    text_printf(&t, "<INSTANCE CLASSNAME=\"%s\">", o->class_name);
    for (size_t i = 0; i < o->count && well; i++)
        well = add_property(&t, &o->properties[i]);
    text_add(&t, "</INSTANCE>");
    *out = well ? SysAllocString(wide_of(&a, text_done(&t))) : NULL;
    arena_release(&a);
    return well ? S_OK : (HRESULT)WBEM_E_TYPE_MISMATCH;
}

/* ---- reading ---- */

struct reader {
    struct arena *a;
    const char *at;
    bool well;
};

static void expect(struct reader *r, const char *s)
{
    r->well = r->well && str_starts(r->at, s);
    if (r->well)
        r->at += strlen(s);
}

static bool took(struct reader *r, const char *s)
{
    if (!r->well || !str_starts(r->at, s))
        return false;
    r->at += strlen(s);
    return true;
}

/* Up to `end`, which is not part of it. */
static const char *take_escaped(struct reader *r, char end)
{
    static const struct {
        const char *name, *sign;
    } signs[] = {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}, {"&quot;", "\""}};
    struct text t;

    text_init(&t, r->a);
    while (r->well && *r->at && *r->at != end) {
        size_t i = 0;

        if (*r->at != '&') {
            r->well = *r->at != '<' && *r->at != '>' && *r->at != '"';
            text_add_n(&t, r->at++, 1);
            continue;
        }
        while (i < 4 && !str_starts(r->at, signs[i].name))
            i++;
        r->well = i < 4;
        if (r->well) {
            text_add(&t, signs[i].sign);
            r->at += strlen(signs[i].name);
        }
    }
    return text_done(&t);
}

static void read_number(struct reader *r, enum cim_type type, const char *s, uint64_t *out)
{
    if (type == CIM_TYPE_BOOLEAN) {
        *out = str_eq(s, "TRUE");
        r->well = r->well && (*out || str_eq(s, "FALSE"));
    } else if (*s == '-' && type == CIM_TYPE_S32) {
        r->well = r->well && str_u64(s + 1, out);
        *out = (uint64_t) - (int64_t)*out;
    } else {
        r->well = r->well && str_u64(s, out);
    }
}

static void read_values(struct reader *r, struct cim_value *value)
{
    size_t room = 0, texts = 0;
    uint64_t *numbers = NULL;
    const char **words = NULL;

    while (took(r, "<VALUE>")) {
        const char *s = take_escaped(r, '<');

        expect(r, "</VALUE>");
        if (cim_type_is_number(value->type))
            read_number(r, value->type, s, arena_push(r->a, numbers, value->count, room));
        else
            *arena_push(r->a, words, texts, room) = s;
    }
    if (cim_type_is_number(value->type)) {
        value->numbers = numbers;
    } else {
        value->texts = words;
        value->count = texts;
    }
}

/* Of a class in the contract: what may be written; and the key, which says what it started from. */
static void read_property(struct reader *r, enum cim_class class, struct cim_object *to,
                          const char **key)
{
    bool array = took(r, "<PROPERTY.ARRAY NAME=\"");
    const struct cim_property_row *row;
    struct cim_value value;
    const char *name, *type;

    if (!array)
        expect(r, "<PROPERTY NAME=\"");
    name = take_escaped(r, '"');
    expect(r, "\" TYPE=\"");
    type = take_escaped(r, '"');
    expect(r, "\">");
    row = cim_property_row(class, name);
    value = (struct cim_value){.type = row ? row->type : CIM_TYPE_TEXT, .array = array};
    r->well = r->well && (!row || (str_eq(type, cim_type_words[row->type]) &&
                                   array == ((row->use & CIM_ARRAY) != 0)));
    value.null = array ? !took(r, "<VALUE.ARRAY>") : !str_starts(r->at, "<VALUE>");
    if (!value.null)
        read_values(r, &value);
    if (array && !value.null)
        expect(r, "</VALUE.ARRAY>");
    r->well = r->well && (array || value.null || value.count == 1);
    expect(r, array ? "</PROPERTY.ARRAY>" : "</PROPERTY>");
    if (!r->well || !row)
        return;
    if (row->use & CIM_WRITE)
        cim_set(r->a, to, row->name, value);
    if ((row->use & CIM_KEY) && !value.null)
        *key = value.texts[0];
}

static const char *path_by_key(struct arena *a, enum cim_class class, const char *key)
{
    size_t count, i = 0;
    const struct cim_property_row *rows = cim_properties(class, &count);
    struct text t;

    while (!(rows[i].use & CIM_KEY))
        i++;
    text_init(&t, a);
    text_printf(&t, "%s.%s=\"", cim_class_row(class)->name, rows[i].name);
    for (; *key; key++) {
        if (*key == '\\' || *key == '"')
            text_add(&t, "\\");
        text_add_n(&t, key, 1);
    }
    text_add(&t, "\"");
    return text_done(&t);
}

const struct cim_object *text_read(struct arena *a, const char *text)
{
    struct reader r = {.a = a, .at = text, .well = true};
    struct cim_object *o;
    enum cim_class class;
    const char *key = NULL;

    expect(&r, "<INSTANCE CLASSNAME=\"");
    class = cim_class_named(take_escaped(&r, '"'));
    expect(&r, "\">");
    if (!r.well || class == CIM_CLASS_NONE)
        return NULL;
    o = cim_object_new(a, cim_class_row(class)->name, NULL);
    while (r.well && !str_starts(r.at, "</INSTANCE>"))
        read_property(&r, class, o, &key);
    expect(&r, "</INSTANCE>");
    if (!r.well || *r.at)
        return NULL;
    if (key)
        o->path = path_by_key(a, class, key);
    return o;
}

/* ---- the object that COM makes ---- */

struct source {
    IWbemObjectTextSrc face;
    LONG refs;
};

static HRESULT WINAPI source_query(IWbemObjectTextSrc *face, REFIID iid, void **out)
{
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IWbemObjectTextSrc)) {
        *out = NULL;
        return E_NOINTERFACE;
    }
    InterlockedIncrement(&CONTAINING_RECORD(face, struct source, face)->refs);
    *out = face;
    return S_OK;
}

static ULONG WINAPI source_add_ref(IWbemObjectTextSrc *face)
{
    return (ULONG)InterlockedIncrement(&CONTAINING_RECORD(face, struct source, face)->refs);
}

static ULONG WINAPI source_let_go(IWbemObjectTextSrc *face)
{
    struct source *s = CONTAINING_RECORD(face, struct source, face);
    LONG left = InterlockedDecrement(&s->refs);

    if (left == 0) {
        free(s);
        InterlockedDecrement(&wbem_counts.live);
    }
    return (ULONG)left;
}

static const IWbemObjectTextSrcVtbl source_table = {.QueryInterface = source_query,
                                                    .AddRef = source_add_ref,
                                                    .Release = source_let_go,
                                                    .GetText = get_text};

HRESULT text_source_new(REFIID iid, void **out)
{
    struct source *s = calloc(1, sizeof *s);
    HRESULT hr;

    if (!s)
        abort();
    InterlockedIncrement(&wbem_counts.live);
    s->face.lpVtbl = (IWbemObjectTextSrcVtbl *)(uintptr_t)&source_table;
    s->refs = 1;
    hr = source_query(&s->face, iid, out);
    source_let_go(&s->face);
    return hr;
}
