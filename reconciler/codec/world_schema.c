/* The table as a JSON Schema (draft 7), for editors and for CI. */
#include "codec/world_inner.h"

#include "codec/json.h"

struct schema {
    struct arena *arena;
    struct json json;
};

static void write_table(struct schema *s, const struct table *t, const char *about, bool whole);

static void put_type(struct schema *s, const char *type)
{
    json_put_text(&s->json, "type", type);
}

/* {"type": type, "pattern": pattern} as one of several. */
static void choice(struct schema *s, const char *type, const char *pattern)
{
    json_map(&s->json);
    put_type(s, type);
    if (pattern)
        json_put_text(&s->json, "pattern", pattern);
    if (!pattern && str_eq(type, "integer"))
        json_put_int(&s->json, "minimum", 0);
    json_map_end(&s->json);
}

static void number(struct schema *s, const char *pattern)
{
    json_key(&s->json, "anyOf");
    json_list(&s->json);
    choice(s, "integer", NULL);
    choice(s, "string", pattern);
    json_list_end(&s->json);
}

static void pattern(struct schema *s, const char *like)
{
    put_type(s, "string");
    json_put_text(&s->json, "pattern", like);
}

static void words(struct schema *s, const char *const *list)
{
    json_key(&s->json, "enum");
    json_list(&s->json);
    for (; *list; list++)
        json_text(&s->json, *list);
    json_list_end(&s->json);
}

static void verbs(struct schema *s)
{
    json_key(&s->json, "enum");
    json_list(&s->json);
    for (int v = FAULT_ON_OBSERVE; v < VERB_NONE; v++)
        json_text(&s->json, world_verb_word(s->arena, v));
    for (int v = 0; v < VERB_NONE; v++)
        json_text(&s->json, verb_rows[v].word);
    json_list_end(&s->json);
}

static void list_of(struct schema *s, const char *type, int64_t most, int64_t longest)
{
    put_type(s, "array");
    json_put_int(&s->json, "maxItems", longest);
    json_key(&s->json, "items");
    json_map(&s->json);
    put_type(s, type);
    if (most)
        json_put_int(&s->json, "maximum", most);
    json_map_end(&s->json);
}

static void either(struct schema *s, const char *a, const char *b)
{
    json_key(&s->json, "anyOf");
    json_list(&s->json);
    choice(s, a, NULL);
    choice(s, b, str_eq(b, "string") ? "^unknown$" : NULL);
    json_list_end(&s->json);
}

#define SIZE_PATTERN "^([0-9]+( ?(B|KiB|Ki|MiB|Mi|GiB|Gi|TiB|Ti))?|unknown)$"

static void write_kind(struct schema *s, const struct field *f)
{
    switch (f->kind) {
    case FIELD_TEXT:
        json_key(&s->json, "type");
        json_list(&s->json);
        json_text(&s->json, "string");
        json_text(&s->json, "null");
        json_list_end(&s->json);
        break;
    case FIELD_NAME:
        put_type(s, "string");
        json_put_int(&s->json, "minLength", 1);
        json_put_int(&s->json, "maxLength", LIMIT_NAME);
        break;
    case FIELD_PCI:
        pattern(s, "^[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}$");
        break;
    case FIELD_NUM:
    case FIELD_BIG:
        number(s, "^([0-9]+|unknown)$");
        break;
    case FIELD_SIZE:
    case FIELD_MIB:
        number(s, SIZE_PATTERN);
        break;
    case FIELD_U16:
    case FIELD_U32:
    case FIELD_U64:
        number(s, "^[0-9]+$");
        break;
    case FIELD_BOOL:
        put_type(s, "boolean");
        break;
    case FIELD_TRI:
        either(s, "boolean", "string");
        break;
    case FIELD_WORD:
        words(s, f->words);
        break;
    case FIELD_TIME:
        pattern(s, "^([0-9]{4}-[0-9]{2}-[0-9]{2}T.*|unknown)$");
        break;
    case FIELD_DURATION:
        pattern(s, "^[0-9]+(ms|s|m|h|d)$");
        break;
    case FIELD_DAY:
        pattern(s, "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$");
        break;
    case FIELD_TEXTS:
        list_of(s, "string", 0, LIMIT_GPUS);
        break;
    case FIELD_COUNTS:
        list_of(s, "integer", LIMIT_PARTITION_COUNT, LIMIT_COUNTS);
        break;
    case FIELD_VALUES:
        put_type(s, "array");
        json_put_int(&s->json, "maxItems", 3);
        break;
    case FIELD_VERB:
        verbs(s);
        break;
    case FIELD_MAP:
    case FIELD_ROWS:
    case FIELD_LATER:
        break;
    }
}

static void write_field(struct schema *s, const struct field *f)
{
    const char *about = f->about;

    if (*f->fallback)
        about = arena_printf(s->arena, "%s.  Left out: %s.", *about ? about : f->name, f->fallback);
    json_key(&s->json, f->name);
    if (f->kind == FIELD_MAP) {
        write_table(s, f->sub, about, f->sub != &vm_table);
        return;
    }
    if (f->kind == FIELD_LATER) {
        json_bool(&s->json, false);
        return;
    }
    json_map(&s->json);
    if (*about)
        json_put_text(&s->json, "description", about);
    if (f->kind == FIELD_ROWS) {
        put_type(s, "array");
        json_key(&s->json, "items");
        write_table(s, f->sub, NULL, true);
    } else {
        write_kind(s, f);
    }
    json_map_end(&s->json);
}

/* `whole`: what is required must be there; in `defaults` nothing must. */
static void write_table(struct schema *s, const struct table *t, const char *about, bool whole)
{
    bool any = false;

    json_map(&s->json);
    if (about && *about)
        json_put_text(&s->json, "description", about);
    put_type(s, "object");
    json_key(&s->json, "properties");
    json_map(&s->json);
    for (size_t i = 0; i < t->count; i++) {
        write_field(s, &t->fields[i]);
        any |= (t->fields[i].flags & REQUIRED) != 0;
    }
    json_map_end(&s->json);
    json_key(&s->json, "patternProperties");
    json_map(&s->json);
    json_put_bool(&s->json, "^x-", true);
    json_map_end(&s->json);
    json_put_bool(&s->json, "additionalProperties", false);
    if (any && whole) {
        json_key(&s->json, "required");
        json_list(&s->json);
        for (size_t i = 0; i < t->count; i++)
            if (t->fields[i].flags & REQUIRED)
                json_text(&s->json, t->fields[i].name);
        json_list_end(&s->json);
    }
    json_map_end(&s->json);
}

static void fixed(struct schema *s, const char *key, const char *value)
{
    json_key(&s->json, key);
    json_map(&s->json);
    json_put_text(&s->json, "const", value);
    json_map_end(&s->json);
}

static void free_map(struct schema *s, const char *key)
{
    json_key(&s->json, key);
    json_map(&s->json);
    put_type(s, "object");
    json_map_end(&s->json);
}

static void write_metadata(struct schema *s)
{
    json_key(&s->json, "metadata");
    json_map(&s->json);
    put_type(s, "object");
    json_key(&s->json, "properties");
    json_map(&s->json);
    json_key(&s->json, "name");
    json_map(&s->json);
    put_type(s, "string");
    json_put_int(&s->json, "minLength", 1);
    json_put_int(&s->json, "maxLength", LIMIT_NAME);
    json_map_end(&s->json);
    free_map(s, "labels");
    free_map(s, "annotations");
    json_map_end(&s->json);
    json_key(&s->json, "patternProperties");
    json_map(&s->json);
    json_put_bool(&s->json, "^x-", true);
    json_map_end(&s->json);
    json_put_bool(&s->json, "additionalProperties", false);
    json_map_end(&s->json);
}

const char *world_schema(struct arena *a)
{
    static const char *const needed[] = {"apiVersion", "kind", "metadata", "spec"};
    struct schema s = {.arena = a};
    struct text out;

    text_init(&out, a);
    json_init(&s.json, &out, false);
    json_map(&s.json);
    json_put_text(&s.json, "$schema", "http://json-schema.org/draft-07/schema#");
    json_put_text(&s.json, "title", "hvgpu world and snapshot, hvgpu/v1");
    put_type(&s, "object");
    json_key(&s.json, "properties");
    json_map(&s.json);
    fixed(&s, "apiVersion", "hvgpu/v1");
    fixed(&s, "kind", "World");
    write_metadata(&s);
    json_key(&s.json, "spec");
    write_table(&s, &spec_table, NULL, true);
    json_map_end(&s.json);
    json_key(&s.json, "patternProperties");
    json_map(&s.json);
    json_put_bool(&s.json, "^x-", true);
    json_map_end(&s.json);
    json_put_bool(&s.json, "additionalProperties", false);
    json_key(&s.json, "required");
    json_list(&s.json);
    for (size_t i = 0; i < 4; i++)
        json_text(&s.json, needed[i]);
    json_list_end(&s.json);
    json_map_end(&s.json);
    text_add(&out, "\n");
    return text_done(&out);
}
