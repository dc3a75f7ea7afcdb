/* Plain values as VARIANTs, by the table of the documentation, and back. */
#include "base/str.h"
#include "tests/windows/wbem/wbem.h"

#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

wchar_t *wide_of(struct arena *a, const char *s)
{
    int n = MultiByteToWideChar(CP_UTF8, 0, s, -1, NULL, 0);
    wchar_t *out = arena_array(a, wchar_t, (size_t)n);

    MultiByteToWideChar(CP_UTF8, 0, s, -1, out, n);
    return out;
}

const char *narrow_of(struct arena *a, const wchar_t *s)
{
    int n = WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, s, -1, NULL, 0, NULL, NULL);
    char *out = n > 0 ? arena_alloc(a, (size_t)n, 1) : NULL;

    if (out)
        WideCharToMultiByte(CP_UTF8, 0, s, -1, out, n, NULL, NULL);
    return out;
}

CIMTYPE variant_type(enum cim_type type, bool array)
{
    static const CIMTYPE of[CIM_TYPES] = {
        [CIM_TYPE_BOOLEAN] = CIM_BOOLEAN, [CIM_TYPE_U8] = CIM_UINT8,
        [CIM_TYPE_U16] = CIM_UINT16,      [CIM_TYPE_U32] = CIM_UINT32,
        [CIM_TYPE_U64] = CIM_UINT64,      [CIM_TYPE_S32] = CIM_SINT32,
        [CIM_TYPE_TEXT] = CIM_STRING,     [CIM_TYPE_DATETIME] = CIM_DATETIME,
        [CIM_TYPE_REF] = CIM_REFERENCE,   [CIM_TYPE_OBJECT] = CIM_OBJECT,
        [CIM_TYPE_INSTANCE] = CIM_STRING,
    };

    return of[type] | (array ? (CIMTYPE)CIM_FLAG_ARRAY : 0);
}

static VARTYPE element_type(enum cim_type type)
{
    switch (type) {
    case CIM_TYPE_BOOLEAN:
        return VT_BOOL;
    case CIM_TYPE_U8:
        return VT_UI1;
    case CIM_TYPE_U16:
    case CIM_TYPE_U32:
    case CIM_TYPE_S32:
        return VT_I4;
    case CIM_TYPE_OBJECT:
        return VT_UNKNOWN;
    default:
        return VT_BSTR;
    }
}

static void make_one(const struct cim_value *value, size_t i, VARIANT *out)
{
    struct arena a;
    char digits[24];

    arena_init(&a, 0);
    V_VT(out) = element_type(value->type);
    switch (value->type) {
    case CIM_TYPE_BOOLEAN:
        V_BOOL(out) = value->numbers[i] ? VARIANT_TRUE : VARIANT_FALSE;
        break;
    case CIM_TYPE_U8:
        V_UI1(out) = (BYTE)value->numbers[i];
        break;
    case CIM_TYPE_U16:
    case CIM_TYPE_U32:
    case CIM_TYPE_S32:
        V_I4(out) = (LONG)value->numbers[i];
        break;
    case CIM_TYPE_U64:
        snprintf(digits, sizeof digits, "%llu", (unsigned long long)value->numbers[i]);
        V_BSTR(out) = SysAllocString(wide_of(&a, digits));
        break;
    case CIM_TYPE_OBJECT:
        V_UNKNOWN(out) = (IUnknown *)&object_of(value->objects[i])->face;
        break;
    default:
        V_BSTR(out) = SysAllocString(wide_of(&a, value->texts[i]));
        break;
    }
    arena_release(&a);
}

void variant_make(const struct cim_value *value, VARIANT *out)
{
    VariantInit(out);
    V_VT(out) = VT_NULL;
    if (value->null)
        return;
    if (!value->array) {
        make_one(value, 0, out);
        return;
    }
    V_VT(out) = VT_ARRAY | element_type(value->type);
    V_ARRAY(out) = SafeArrayCreateVector(element_type(value->type), 0, (ULONG)value->count);
    for (LONG i = 0; i < (LONG)value->count; i++) {
        VARIANT one;

        VariantInit(&one);
        make_one(value, (size_t)i, &one);
        if (V_VT(&one) == VT_BSTR || V_VT(&one) == VT_UNKNOWN)
            SafeArrayPutElement(V_ARRAY(out), &i, V_BSTR(&one));
        else
            SafeArrayPutElement(V_ARRAY(out), &i, &V_I4(&one));
        VariantClear(&one);
    }
}

/* ---- back ---- */

static bool take_object(struct arena *a, const VARIANT *v, const struct cim_object **out)
{
    struct object *o = object_from((IWbemClassObject *)V_UNKNOWN(v));
    struct cim_object *made;

    if (!o)
        return false;
    made = cim_object_new(a, arena_strdup(a, o->class_name),
                          o->path ? arena_strdup(a, o->path) : NULL);
    for (size_t i = 0; i < o->count; i++) {
        struct property *p = &o->properties[i];
        struct cim_value value;
        enum cim_type type = CIM_TYPE_TEXT;

        if (!p->put)
            continue;
        while (type != CIM_TYPE_BOOLEAN && variant_type(type, false) != (p->type & 0xFFF))
            type--;
        if (!variant_take(a, &p->value, type, (p->type & CIM_FLAG_ARRAY) != 0, &value))
            return false;
        cim_set(a, made, narrow_of(a, p->name), value);
    }
    *out = made;
    return true;
}

/* Each element has eight bytes, a number or a pointer. */
static bool take_text(struct arena *a, const VARIANT *v, enum cim_type type, void *slot)
{
    const char *text = narrow_of(a, V_BSTR(v) ? V_BSTR(v) : L"");
    const struct cim_object *o;

    if (!text)
        return false;
    if (type == CIM_TYPE_U64)
        return str_u64(text, slot);
    if (type == CIM_TYPE_INSTANCE) {
        o = text_read(a, text);
        memcpy(slot, &o, sizeof o);
        return o != NULL;
    }
    memcpy(slot, &text, sizeof text);
    return true;
}

/* Exactly the VARIANT that the documentation has for the type, and nothing that resembles it. */
static bool take_one(struct arena *a, const VARIANT *v, enum cim_type type, void *slot)
{
    const struct cim_object *o = NULL;
    uint64_t n;

    if (V_VT(v) != element_type(type))
        return false;
    switch (V_VT(v)) {
    case VT_BOOL:
        if (V_BOOL(v) != VARIANT_TRUE && V_BOOL(v) != VARIANT_FALSE)
            return false;
        n = V_BOOL(v) != VARIANT_FALSE;
        break;
    case VT_UI1:
        n = V_UI1(v);
        break;
    case VT_I4:
        n = type == CIM_TYPE_S32 ? (uint64_t)(int64_t)V_I4(v) : (uint32_t)V_I4(v);
        break;
    case VT_BSTR:
        return take_text(a, v, type, slot);
    default:
        if (!take_object(a, v, &o))
            return false;
        memcpy(slot, &o, sizeof o);
        return true;
    }
    memcpy(slot, &n, sizeof n);
    return type != CIM_TYPE_U16 || n <= UINT16_MAX;
}

static bool take_array(struct arena *a, const VARIANT *v, enum cim_type type, size_t count,
                       uint64_t *room)
{
    VARTYPE vt = VT_EMPTY;
    bool well = SUCCEEDED(SafeArrayGetVartype(V_ARRAY(v), &vt));

    for (LONG i = 0; well && i < (LONG)count; i++) {
        VARIANT one;

        VariantInit(&one);
        V_VT(&one) = vt;
        well = SUCCEEDED(SafeArrayGetElement(V_ARRAY(v), &i, &V_I8(&one))) &&
               take_one(a, &one, type, room + i);
        VariantClear(&one);
    }
    return well;
}

bool variant_take(struct arena *a, const VARIANT *v, enum cim_type type, bool array,
                  struct cim_value *out)
{
    LONG last = 0;
    uint64_t *room;

    *out = (struct cim_value){.type = type, .null = V_VT(v) == VT_NULL};
    if (out->null)
        return true;
    if (array != ((V_VT(v) & VT_ARRAY) != 0) ||
        (array && FAILED(SafeArrayGetUBound(V_ARRAY(v), 1, &last))))
        return false;
    out->array = array;
    out->count = (size_t)(last + 1);
    room = arena_array(a, uint64_t, out->count + 1);
    if (cim_type_is_number(type))
        out->numbers = room;
    else if (type == CIM_TYPE_OBJECT || type == CIM_TYPE_INSTANCE)
        out->objects = (const void *)room;
    else
        out->texts = (const void *)room;
    return array ? take_array(a, v, type, out->count, room) : take_one(a, v, type, room);
}
