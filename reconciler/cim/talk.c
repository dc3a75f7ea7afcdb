#include "cim/talk.h"

#include "base/limits.h"
#include "base/str.h"
#include "base/when.h"

static const char *const op_words[] = {"connect", "query", "get",    "ask",
                                       "schema",  "put",   "invoke", NULL};
/* In a recording an instance that goes as text is told from a text. */
static const char *const type_words[] = {"boolean",   "uint8",  "uint16",   "uint32",
                                         "uint64",    "sint32", "string",   "datetime",
                                         "reference", "object", "instance", NULL};
static const char *const kind_words[] = {
    [ERR_NONE] = "none",       [ERR_USAGE] = "usage",
    [ERR_INVALID] = "invalid", [ERR_UNSEEN] = "unseen",
    [ERR_STALE] = "stale",     [ERR_LOCKED] = "locked",
    [ERR_DENIED] = "denied",   [ERR_UNSUPPORTED] = "unsupported",
    [ERR_REFUSED] = "refused", [ERR_BUSY] = "busy",
    [ERR_TIMEOUT] = "timeout", [ERR_IO] = "io",
    [ERR_BUG] = "bug",         NULL};

const char talk_foot[] = "\n    ]\n  }\n}\n";

/* ---- writing ---- */

static void write_object(struct json *j, const struct cim_object *o);

static void write_element(struct json *j, const struct cim_value *v, size_t i)
{
    if (v->type == CIM_TYPE_BOOLEAN)
        json_bool(j, v->numbers[i] != 0);
    else if (cim_type_is_number(v->type))
        json_u64(j, v->numbers[i]);
    else if (cim_type_is_text(v->type))
        json_text(j, v->texts[i]);
    else
        write_object(j, v->objects[i]);
}

/* ["uint16[]", "16", "8"]; null: ["uint16", null]. */
static void write_value(struct json *j, const struct cim_value *v)
{
    char word[32] = {0};
    size_t n = strlen(type_words[v->type]);

    memcpy(word, type_words[v->type], n);
    if (v->array)
        memcpy(word + n, "[]", 2);
    json_list(j);
    json_text(j, word);
    if (v->null)
        json_null(j);
    for (size_t i = 0; !v->null && i < v->count; i++)
        write_element(j, v, i);
    json_list_end(j);
}

static void write_object(struct json *j, const struct cim_object *o)
{
    json_map(j);
    json_put_text(j, "class", o->class_name);
    json_put_text(j, "path", o->path);
    json_key(j, "properties");
    json_map(j);
    for (size_t i = 0; i < o->count; i++) {
        json_key(j, o->properties[i].name);
        write_value(j, &o->properties[i].value);
    }
    json_map_end(j);
    json_map_end(j);
}

static void write_members(struct json *j, const char *key, const struct cim_schema_property *rows,
                          size_t count)
{
    json_key(j, key);
    json_map(j);
    for (size_t i = 0; i < count; i++) {
        bool known = rows[i].type < CIM_TYPES;

        json_key(j, rows[i].name);
        json_list(j);
        json_text(j, known ? type_words[rows[i].type] : "other");
        json_bool(j, rows[i].array);
        json_list_end(j);
    }
    json_map_end(j);
}

static void write_schema(struct json *j, const struct cim_schema *s)
{
    json_map(j);
    write_members(j, "properties", s->properties, s->property_count);
    json_key(j, "methods");
    json_map(j);
    for (size_t i = 0; i < s->method_count; i++) {
        json_key(j, s->methods[i].name);
        json_map(j);
        write_members(j, "parameters", s->methods[i].parameters, s->methods[i].parameter_count);
        json_map_end(j);
    }
    json_map_end(j);
    json_map_end(j);
}

static void write_error(struct json *j, const struct err *e)
{
    json_key(j, "error");
    json_map(j);
    json_put_text(j, "kind", kind_words[e->kind]);
    json_put_u64(j, "code", (uint64_t)e->native);
    json_put_text(j, "text", e->text);
    json_map_end(j);
}

void talk_write_call(struct json *j, const struct talk_call *call)
{
    const struct talk_answer *answer = &call->answer;

    json_map(j);
    json_put_text(j, "host", call->host);
    json_put_text(j, "space", cim_space_paths[call->space]);
    json_put_text(j, "op", op_words[call->op]);
    json_put_text(j, "request", call->request);
    if (!answer->ok) {
        write_error(j, &answer->err);
    } else if (call->op == TALK_QUERY) {
        json_key(j, "rows");
        json_list(j);
        for (size_t i = 0; i < answer->rows.count; i++)
            write_object(j, &answer->rows.rows[i]);
        json_list_end(j);
    } else if (call->op == TALK_SCHEMA) {
        json_key(j, "schema");
        write_schema(j, &answer->schema);
    } else if (answer->object) {
        json_key(j, "object");
        write_object(j, answer->object);
    }
    json_map_end(j);
}

const char *talk_head(struct arena *a, const char *name, int64_t now_ms)
{
    struct text t;
    struct json j;
    const char *quoted;

    text_init(&t, a);
    json_init(&j, &t, true);
    json_text(&j, name);
    quoted = text_done(&t);
    return arena_printf(a,
                        "{\n  \"apiVersion\": \"hvgpu/v1\",\n  \"kind\": \"Recording\",\n"
                        "  \"metadata\": {\"name\": %s},\n  \"spec\": {\n    \"now\": \"%s\",\n"
                        "    \"calls\": [\n",
                        quoted + strspn(quoted, "\n"), when_iso(a, now_ms));
}

/* ---- requests ---- */

const char *talk_query_text(struct arena *a, const struct cim_query *query)
{
    return cim_wql(a, query);
}

static const char *object_text(struct arena *a, const struct cim_object *o)
{
    struct text t;
    struct json j;

    text_init(&t, a);
    json_init(&j, &t, true);
    write_object(&j, o);
    return text_done(&t);
}

const char *talk_call_text(struct arena *a, const struct cim_call *call)
{
    return arena_printf(a, "%s %s %s", call->path, cim_method_row(call->method)->name,
                        call->in ? object_text(a, call->in) : "");
}

const char *talk_put_text(struct arena *a, const struct cim_object *object)
{
    return object_text(a, object);
}

/* ---- reading ---- */

static struct cim_object *read_object(struct doc *d);

static int word_of(const char *const *words, const char *text)
{
    for (int i = 0; words[i]; i++)
        if (str_eq(words[i], text))
            return i;
    return -1;
}

static bool bad(struct doc *d, const struct span *at, const char *what)
{
    doc_error(d, at, "syntax", "this is not a recording that can be read: %s", what);
    return false;
}

/* A text, or null. */
static bool read_text(struct doc *d, const char *what, const char **out)
{
    struct doc_scalar s;

    if (!doc_scalar(d, what, &s))
        return false;
    *out = s.null ? NULL : s.text;
    return true;
}

static bool read_number(struct doc *d, enum cim_type type, const struct doc_scalar *s,
                        uint64_t *out)
{
    if (type == CIM_TYPE_BOOLEAN) {
        *out = str_eq(s->text, "true");
        return *out || str_eq(s->text, "false") || bad(d, &s->at, "true or false is expected");
    }
    return str_u64(s->text, out) || bad(d, &s->at, "a number is expected");
}

struct elements {
    uint64_t *numbers;
    const char **texts;
    const struct cim_object **objects;
    size_t count, room, text_room, object_room;
};

static bool read_element(struct doc *d, struct elements *e, struct cim_value *v)
{
    struct arena *a = doc_arena(d);
    size_t count = e->count;
    struct doc_scalar s;

    if (e->count >= LIMIT_CIM_ELEMENTS || v->null)
        return bad(d, NULL, "more elements than there can be");
    if (!cim_type_is_number(v->type) && !cim_type_is_text(v->type)) {
        struct cim_object *part = doc_peek(d, NULL) == DOC_MAP ? read_object(d) : NULL;

        if (part) {
            *arena_push(a, e->objects, e->count, e->object_room) = part;
            return true;
        }
        if (doc_peek(d, NULL) != DOC_SCALAR || !doc_scalar(d, "a value", &s) || !s.null)
            return bad(d, NULL, "an object is expected");
        v->null = true;
        return true;
    }
    if (!doc_scalar(d, "a value", &s))
        return false;
    if (s.null) {
        v->null = true;
        return count == 0 || bad(d, &s.at, "null among values");
    }
    if (cim_type_is_text(v->type))
        *arena_push(a, e->texts, e->count, e->text_room) = s.text;
    else
        return read_number(d, v->type, &s, arena_push(a, e->numbers, e->count, e->room));
    return true;
}

static bool read_type(struct doc *d, struct cim_value *v)
{
    struct doc_scalar s;
    const char *word;
    size_t n;
    int type;

    if (!doc_item(d) || !doc_scalar(d, "a type", &s))
        return bad(d, NULL, "a value begins with its type");
    n = strlen(s.text);
    v->array = n > 2 && str_eq(s.text + n - 2, "[]");
    word = v->array ? arena_strndup(doc_arena(d), s.text, n - 2) : s.text;
    type = word_of(type_words, word);
    if (type < 0)
        return bad(d, &s.at, "no such type");
    v->type = (enum cim_type)type;
    return true;
}

static bool read_value(struct doc *d, struct cim_value *v)
{
    struct elements e = {0};

    *v = (struct cim_value){.null = false};
    if (!doc_list(d, "a value") || !read_type(d, v))
        return false;
    while (doc_item(d))
        if (!read_element(d, &e, v))
            return false;
    if (!v->null && !v->array && e.count != 1)
        return bad(d, NULL, "a scalar is one value");
    v->count = v->null ? 0 : e.count;
    if (cim_type_is_number(v->type))
        v->numbers = e.numbers;
    else if (cim_type_is_text(v->type))
        v->texts = e.texts;
    else
        v->objects = e.objects;
    return true;
}

static bool read_properties(struct doc *d, struct cim_object *o)
{
    struct doc_scalar key;
    struct cim_value value;

    if (!doc_map(d, "properties"))
        return false;
    while (doc_key(d, &key)) {
        if (o->count >= LIMIT_CIM_PROPERTIES)
            return bad(d, &key.at, "more properties than there can be");
        if (!read_value(d, &value))
            return false;
        *arena_push(doc_arena(d), o->properties, o->count, o->room) =
            (struct cim_property){key.text, value};
    }
    return true;
}

static struct cim_object *read_object(struct doc *d)
{
    struct cim_object *o = cim_object_new(doc_arena(d), NULL, NULL);
    struct doc_scalar key;
    bool ok = doc_map(d, "an object");

    while (ok && doc_key(d, &key)) {
        if (str_eq(key.text, "class"))
            ok = read_text(d, "class", &o->class_name);
        else if (str_eq(key.text, "path"))
            ok = read_text(d, "path", &o->path);
        else if (str_eq(key.text, "properties"))
            ok = read_properties(d, o);
        else
            ok = bad(d, &key.at, "an object has class, path and properties");
    }
    return ok ? o : NULL;
}

static bool read_members(struct doc *d, struct cim_schema_property **out, size_t *count)
{
    struct doc_scalar key, word;
    size_t room = 0;
    bool array;

    if (!doc_map(d, "members"))
        return false;
    while (doc_key(d, &key)) {
        int type;

        if (!doc_list(d, "a member") || !doc_item(d) || !doc_scalar(d, "a type", &word) ||
            !doc_item(d) || !doc_bool(d, "array", &array, NULL) || doc_item(d))
            return bad(d, &key.at, "a member is its type, and whether it is an array");
        type = word_of(type_words, word.text);
        *arena_push(doc_arena(d), *out, *count, room) = (struct cim_schema_property){
            key.text, type < 0 ? CIM_TYPES : (enum cim_type)type, array};
    }
    return true;
}

static bool read_method(struct doc *d, struct cim_schema_method *m)
{
    struct doc_scalar key;

    if (!doc_map(d, "a method"))
        return false;
    while (doc_key(d, &key))
        if (!str_eq(key.text, "parameters") ||
            !read_members(d, &m->parameters, &m->parameter_count))
            return bad(d, &key.at, "a method has parameters");
    return true;
}

static bool read_schema(struct doc *d, struct cim_schema *s)
{
    struct doc_scalar key;
    size_t room = 0;

    if (!doc_map(d, "schema"))
        return false;
    while (doc_key(d, &key)) {
        if (str_eq(key.text, "properties")) {
            if (!read_members(d, &s->properties, &s->property_count))
                return false;
        } else if (!str_eq(key.text, "methods") || !doc_map(d, "methods")) {
            return bad(d, &key.at, "a schema has properties and methods");
        } else {
            while (doc_key(d, &key)) {
                struct cim_schema_method *m =
                    arena_push(doc_arena(d), s->methods, s->method_count, room);

                m->name = key.text;
                if (!read_method(d, m))
                    return false;
            }
        }
    }
    return true;
}

static bool read_error(struct doc *d, struct err *e)
{
    struct doc_scalar key, s;
    uint64_t code = 0;
    int kind = ERR_BUG;
    const char *text = "";

    if (!doc_map(d, "error"))
        return false;
    while (doc_key(d, &key)) {
        if (str_eq(key.text, "kind")) {
            if (!doc_word(d, "kind", kind_words, &kind, NULL))
                return false;
        } else if (str_eq(key.text, "code")) {
            if (!doc_scalar(d, "code", &s) || !str_u64(s.text, &code))
                return bad(d, &key.at, "a code is a number");
        } else if (!str_eq(key.text, "text") || !read_text(d, "text", &text)) {
            return bad(d, &key.at, "an error has kind, code and text");
        }
    }
    err_set(e, (enum err_kind)kind, (int64_t)code, "%s", text ? text : "");
    return true;
}

static bool read_rows(struct doc *d, struct cim_rows *rows)
{
    if (!doc_list(d, "rows"))
        return false;
    while (doc_item(d)) {
        struct cim_object *o = read_object(d);

        if (!o)
            return false;
        if (rows->count >= LIMIT_CIM_ROWS)
            return bad(d, NULL, "more rows than there can be");
        *arena_push(doc_arena(d), rows->rows, rows->count, rows->room) = *o;
    }
    return true;
}

static bool read_call_key(struct doc *d, const struct doc_scalar *key, struct talk_call *c)
{
    int word;

    if (str_eq(key->text, "host"))
        return read_text(d, "host", &c->host);
    if (str_eq(key->text, "request"))
        return read_text(d, "request", &c->request);
    if (str_eq(key->text, "space")) {
        if (!doc_word(d, "space", cim_space_paths, &word, NULL))
            return false;
        c->space = (enum cim_space)word;
        return true;
    }
    if (str_eq(key->text, "op")) {
        if (!doc_word(d, "op", op_words, &word, NULL))
            return false;
        c->op = (enum talk_op)word;
        return true;
    }
    if (str_eq(key->text, "rows"))
        return read_rows(d, &c->answer.rows);
    if (str_eq(key->text, "schema"))
        return read_schema(d, &c->answer.schema);
    if (str_eq(key->text, "object"))
        return (c->answer.object = read_object(d)) != NULL;
    if (str_eq(key->text, "error")) {
        c->answer.ok = false;
        return read_error(d, &c->answer.err);
    }
    return bad(d, &key->at, "no such key of a call");
}

static bool read_calls(struct doc *d, struct talk *t)
{
    struct doc_scalar key;

    if (!doc_list(d, "calls"))
        return false;
    while (doc_item(d)) {
        struct talk_call *c = arena_push(doc_arena(d), t->calls, t->count, t->room);

        c->answer.ok = true;
        if (!doc_map(d, "a call"))
            return false;
        while (doc_key(d, &key))
            if (!read_call_key(d, &key, c))
                return false;
        if (!c->request)
            return bad(d, NULL, "a call without its request");
    }
    return true;
}

static bool read_spec(struct doc *d, struct talk *t)
{
    struct doc_scalar key;

    if (!doc_map(d, "spec"))
        return false;
    while (doc_key(d, &key)) {
        if (str_eq(key.text, "now")) {
            if (!doc_time(d, "now", &t->now_ms, NULL))
                return false;
        } else if (!str_eq(key.text, "calls") || !read_calls(d, t)) {
            return doc_broken(d) ? false : bad(d, &key.at, "spec has now and calls");
        }
    }
    return true;
}

static bool read_document(struct doc *d, struct talk *t)
{
    struct doc_scalar key, s;
    bool is = false;

    if (!doc_map(d, "a recording"))
        return false;
    while (doc_key(d, &key)) {
        if (str_eq(key.text, "kind")) {
            if (!doc_scalar(d, "kind", &s))
                return false;
            is = str_eq(s.text, "Recording");
        } else if (str_eq(key.text, "apiVersion")) {
            if (!doc_scalar(d, "apiVersion", &s) || !str_eq(s.text, "hvgpu/v1"))
                return bad(d, &key.at, "apiVersion is hvgpu/v1");
        } else if (str_eq(key.text, "metadata")) {
            if (!doc_map(d, "metadata"))
                return false;
            while (doc_key(d, &key))
                if (!str_eq(key.text, "name") || !read_text(d, "name", &t->name))
                    return bad(d, &key.at, "metadata has a name");
        } else if (!str_eq(key.text, "spec") || !read_spec(d, t)) {
            return bad(d, &key.at, "apiVersion, kind, metadata and spec are expected");
        }
    }
    return is || bad(d, NULL, "kind is Recording");
}

bool talk_read(struct arena *a, const char *path, const char *text, size_t size, struct talk *out,
               struct findings *found)
{
    struct doc *d = doc_open(a, path, text, size, found);
    struct talk t = {.now_ms = WHEN_NONE};
    bool ok = doc_next(d) && read_document(d, &t);

    if (ok && doc_next(d))
        ok = bad(d, NULL, "one document is expected");
    ok = ok && !doc_broken(d) && !found->errors;
    if (!ok && !found->errors)
        bad(d, NULL, "it has no document");
    doc_close(d);
    if (ok)
        *out = t;
    return ok;
}
