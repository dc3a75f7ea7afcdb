/* What goes over the seam is held to the contract here, whoever is behind it. */
#include "cim/cim.h"

#include "base/limits.h"
#include "base/str.h"

/* ---- codes ---- */

static const struct {
    int64_t code;
    enum err_kind kind;
    const char *text;
} codes[] = {
#define CODE(code, kind, text) {code, ERR_##kind, text},
#include "cim/codes.def"
#undef CODE
};

enum { FACILITY_WIN32 = 0x80070000LL };

/* An HRESULT made of a Win32 code is that code; sign-extended ones are made whole. */
static int64_t plain(int64_t code)
{
    return code < 0 ? code & 0xFFFFFFFFLL : code;
}

static size_t code_row(int64_t code)
{
    size_t n = sizeof codes / sizeof *codes;

    code = plain(code);
    for (size_t i = 0; i < n; i++)
        if (codes[i].code == code)
            return i;
    if ((code & 0xFFFF0000LL) == FACILITY_WIN32)
        for (size_t i = 0; i < n; i++)
            if (codes[i].code == (code & 0xFFFF))
                return i;
    return n;
}

const char *cim_code_text(int64_t code)
{
    size_t i = code_row(code);

    return i < sizeof codes / sizeof *codes ? codes[i].text : "";
}

enum err_kind cim_code_kind(int64_t code)
{
    size_t i = code_row(code);

    return i < sizeof codes / sizeof *codes ? codes[i].kind : ERR_REFUSED;
}

/* ---- paths and queries ---- */

/* WQL writes ' and \ in a literal with a \ before it; LIKE has wildcards of its own. */
static void add_literal(struct text *t, const char *s, bool like)
{
    for (; *s; s++) {
        if (like && (*s == '%' || *s == '_' || *s == '[')) {
            text_printf(t, "[%c]", *s);
            continue;
        }
        if (*s == '\'' || *s == '\\')
            text_add_n(t, "\\", 1);
        text_add_n(t, s, 1);
    }
}

const char *cim_wql(struct arena *a, const struct cim_query *query)
{
    const struct cim_property_row *row;
    struct text t;

    text_init(&t, a);
    text_printf(&t, "SELECT * FROM %s", cim_class_row(query->class)->name);
    if (query->test == CIM_ALL)
        return text_done(&t);
    row = cim_property_row(query->class, query->property);
    text_printf(&t, " WHERE %s %s ", query->property, query->test == CIM_EQUALS ? "=" : "LIKE");
    if (row && cim_type_is_number(row->type)) {
        text_add(&t, query->text);
        return text_done(&t);
    }
    text_add(&t, "'");
    add_literal(&t, query->text, query->test == CIM_BEGINS);
    text_add(&t, query->test == CIM_BEGINS ? "%'" : "'");
    return text_done(&t);
}

/* Just behind KEY=" in the path; NULL: it has no such key. */
static const char *key_value(const char *path, const char *key)
{
    size_t n = strlen(key);

    for (const char *at = path; (at = strchr(at, '=')) != NULL; at++) {
        if (at[1] != '"')
            continue;
        if (at - path > (ptrdiff_t)n &&
            (at[-(ptrdiff_t)n - 1] == '.' || at[-(ptrdiff_t)n - 1] == ',') &&
            str_starts_fold(at - n, key))
            return at + 2;
        for (at += 2; *at && *at != '"'; at++) /* over the value: it may have = in it */
            if (*at == '\\' && at[1])
                at++;
        if (!*at)
            return NULL;
    }
    return NULL;
}

const char *cim_path_key(struct arena *a, const char *path, const char *key)
{
    const char *at = key_value(path, key);
    struct text t;

    if (!at)
        return NULL;
    text_init(&t, a);
    for (; *at && *at != '"'; at++) {
        if (*at == '\\' && at[1])
            at++;
        text_add_n(&t, at, 1);
    }
    return text_done(&t);
}

/* ---- what goes out ---- */

static bool fits(const struct cim_value *v, enum cim_type type, bool array)
{
    if (v->null)
        return true;
    if (v->array != array)
        return false;
    if (v->type == type)
        return true;
    return cim_type_is_text(v->type) && cim_type_is_text(type); /* a REF is text as well */
}

static bool bug(struct err *e, const char *what, const char *name)
{
    return err_set(e, ERR_BUG, 0, "%s is not in the contract with WMI (%s)", name ? name : "?",
                   what);
}

static bool check_call(const struct cim_eye *eye, const struct cim_call *call, bool reads,
                       struct err *e)
{
    const struct cim_method_row *method = cim_method_row(call->method);

    if (!method || method->reads != reads || !call->path ||
        !cim_class_in(method->class, eye->space))
        return bug(e, reads ? "asking" : "acting", method ? method->name : NULL);
    for (size_t i = 0; call->in && i < call->in->count; i++) {
        const struct cim_property *p = &call->in->properties[i];
        const struct cim_parameter_row *row = cim_parameter_row(call->method, p->name);

        if (!row || row->out || !fits(&p->value, row->type, row->array))
            return bug(e, method->name, p->name);
    }
    return true;
}

static bool check_object(const struct cim_object *o, struct err *e)
{
    enum cim_class class = cim_class_named(o->class_name);

    if (class == CIM_CLASS_NONE || !o->path)
        return bug(e, "writing", o->class_name);
    for (size_t i = 0; i < o->count; i++) {
        const struct cim_property *p = &o->properties[i];
        const struct cim_property_row *row = cim_property_row(class, p->name);

        if (!row || !(row->use & CIM_WRITE) ||
            !fits(&p->value, row->type, (row->use & CIM_ARRAY) != 0))
            return bug(e, o->class_name, p->name);
    }
    return true;
}

/* ---- what comes back ---- */

static bool too_much(struct err *e, const char *what)
{
    return err_set(e, ERR_INVALID, 0, "the host answered more %s than there can be", what);
}

/* A property of another type than the contract's is as one that is not set. */
static bool check_seen(const struct cim_eye *eye, struct cim_object *o, struct err *e)
{
    enum cim_class class = cim_class_named(o->class_name);

    (void)eye;
    if (o->count > LIMIT_CIM_PROPERTIES)
        return too_much(e, "properties");
    for (size_t i = 0; i < o->count; i++) {
        struct cim_value *v = &o->properties[i].value;
        const struct cim_property_row *row =
            class == CIM_CLASS_NONE ? NULL : cim_property_row(class, o->properties[i].name);

        if (v->count > LIMIT_CIM_ELEMENTS)
            return too_much(e, "elements of a property");
        if (row && !fits(v, row->type, (row->use & CIM_ARRAY) != 0))
            *v = (struct cim_value){.type = row->type, .null = true};
    }
    return true;
}

/* ---- the calls ---- */

bool cim_query(struct cim_eye *eye, struct arena *a, const struct cim_query *query,
               struct cim_rows *out, struct err *e)
{
    const struct cim_class_row *class = cim_class_row(query->class);
    struct cim_rows rows = {0};

    if (!cim_class_in(query->class, eye->space) ||
        (query->test != CIM_ALL && !cim_property_row(query->class, query->property)))
        return bug(e, "querying", class ? class->name : NULL);
    eye->queries++;
    if (!eye->ops->query(eye, a, query, &rows, e))
        return err_wrap(e, "%s", class->name);
    if (rows.count > LIMIT_CIM_ROWS)
        return too_much(e, class->name);
    for (size_t i = 0; i < rows.count; i++)
        if (!check_seen(eye, &rows.rows[i], e))
            return false;
    *out = rows;
    return true;
}

bool cim_get(struct cim_eye *eye, struct arena *a, const char *path, struct cim_object **out,
             struct err *e)
{
    struct cim_object *o = NULL;

    eye->gets++;
    if (!eye->ops->get(eye, a, path, &o, e))
        return err_wrap(e, "get");
    if (!check_seen(eye, o, e))
        return false;
    *out = o;
    return true;
}

bool cim_ask(struct cim_eye *eye, struct arena *a, const struct cim_call *call,
             struct cim_object **out, struct err *e)
{
    struct cim_object *o = NULL;

    if (!check_call(eye, call, true, e))
        return false;
    eye->asks++;
    if (!eye->ops->ask(eye, a, call, &o, e))
        return err_wrap(e, "%s", cim_method_row(call->method)->name);
    if (!check_seen(eye, o, e))
        return false;
    *out = o;
    return true;
}

bool cim_schema(struct cim_eye *eye, struct arena *a, enum cim_class class, struct cim_schema *out,
                struct err *e)
{
    const struct cim_class_row *row = cim_class_row(class);

    if (!cim_class_in(class, eye->space))
        return bug(e, "describing", row ? row->name : NULL);
    eye->gets++;
    if (!eye->ops->schema(eye, a, class, out, e))
        return err_wrap(e, "%s", row->name);
    return true;
}

bool cim_put(struct cim_hand *hand, struct arena *a, const struct cim_object *object, struct err *e)
{
    if (!check_object(object, e))
        return false;
    hand->puts++;
    if (!hand->ops->put(hand, a, object, e))
        return err_wrap(e, "%s", object->class_name);
    return true;
}

/* Those of the cluster have none: what failed there is the call (failover-cluster 5). */
static bool returns_value(const struct cim_method_row *method)
{
    return cim_class_row(method->class)->space != CIM_SPACE_CLUSTER;
}

bool cim_invoke(struct cim_hand *hand, struct arena *a, const struct cim_call *call, bool *accepted,
                struct cim_object **out, struct err *e)
{
    enum { ACCEPTED = 4096 };
    const struct cim_method_row *method = cim_method_row(call->method);
    struct cim_object *o = NULL;
    struct num said;

    if (!check_call(hand->eye, call, false, e))
        return false;
    hand->invokes++;
    if (!hand->ops->invoke(hand, a, call, &o, e))
        return err_wrap(e, "%s", method->name);
    said = cim_number(o, "ReturnValue");
    if (said.known && said.value != 0 && said.value != ACCEPTED) {
        const char *text = cim_code_text((int64_t)said.value);

        return err_set(e, cim_code_kind((int64_t)said.value), (int64_t)said.value, "%s: %s (%llu)",
                       method->name, *text ? text : "failed", (unsigned long long)said.value);
    }
    if (accepted)
        *accepted = num_is(said, ACCEPTED) || (!said.known && returns_value(method));
    if (out)
        *out = o;
    return true;
}
