/*
 * The JSON Schema of the language (draft 7, which editors know best), from
 * fields.def.  It holds what one value or one map can get wrong; what needs
 * two rows, or arithmetic, only the reader finds.
 */
#include "codec/json.h"
#include "spec/ceiling.h"
#include "spec/fields.h"

#include <string.h>

/* ---- what every kind of value is ---- */

/* A scalar that YAML or JSON may have typed, and that is read as a text. */
static void put_scalar(struct json *j)
{
    json_key(j, "type");
    json_list(j);
    json_text(j, "string");
    json_text(j, "number");
    json_text(j, "boolean");
    json_list_end(j);
    json_put_int(j, "minLength", 1);
    json_put_int(j, "maxLength", LIMIT_NAME);
}

static void put_not(struct json *j, const char *pattern)
{
    json_key(j, "not");
    json_map(j);
    json_put_text(j, "type", "string");
    json_put_text(j, "pattern", pattern);
    json_map_end(j);
}

static void kind_name(struct json *j)
{
    put_scalar(j);
    json_put_text(j, "pattern", "^[^ ](.*[^ ])?$");
    put_not(j, "[*?<{}]|[.][.]");
}

/* A text with a placeholder: what it comes to is known where its cluster is. */
static void put_blank(struct json *j)
{
    json_map(j);
    json_put_text(j, "type", "string");
    json_put_int(j, "maxLength", LIMIT_NAME);
    json_put_text(j, "pattern", "<cluster>|<labels[.][^<>]+>");
    json_map_end(j);
}

static void one_name(struct json *j, const char *signs)
{
    put_scalar(j);
    json_put_text(j, "pattern", "^[^ ](.*[^ ])?$");
    put_not(j, signs);
    json_key(j, "anyOf");
    json_list(j);
    json_map(j);
    put_not(j, "[.][.]");
    json_map_end(j);
    json_map(j);
    json_put_text(j, "pattern",
                  strchr(signs, '*') ? "[0-9][.][.][0-9]+$" : "[0-9][.][.][0-9]+$|[*?]");
    json_map_end(j);
    json_list_end(j);
}

static void name_or_blank(struct json *j, const char *signs)
{
    json_key(j, "anyOf");
    json_list(j);
    put_blank(j);
    json_map(j);
    one_name(j, signs);
    json_map_end(j);
    json_list_end(j);
}

/* One, or a list of them. */
static void put_names(struct json *j, const char *signs, int least,
                      void (*item)(struct json *, const char *))
{
    json_key(j, "anyOf");
    json_list(j);
    json_map(j);
    one_name(j, signs);
    json_map_end(j);
    json_map(j);
    json_put_text(j, "type", "array");
    if (least)
        json_put_int(j, "minItems", least);
    json_key(j, "items");
    json_map(j);
    item(j, signs);
    json_map_end(j);
    json_map_end(j);
    json_list_end(j);
}

static void kind_names(struct json *j)
{
    put_names(j, "[*?<{}]", 1, one_name);
}

static void kind_patterns(struct json *j)
{
    put_names(j, "[<{}]", 0, one_name);
}

static void kind_pattern(struct json *j)
{
    json_put_text(j, "type", "string");
    json_put_int(j, "maxLength", LIMIT_NAME);
    json_put_text(j, "pattern", "^[^ ](.*[^ ])?$");
    json_key(j, "allOf");
    json_list(j);
    json_map(j);
    json_put_text(j, "pattern", "[*?]");
    json_map_end(j);
    json_list_end(j);
    put_not(j, "[<{}]");
}

static void kind_bounds(struct json *j)
{
    json_put_text(j, "type", "string");
    json_put_text(j, "pattern", "^(0|[1-9][0-9]*)[.][.](0|[1-9][0-9]*)$");
}

static void kind_labels(struct json *j)
{
    json_put_text(j, "type", "object");
    json_key(j, "additionalProperties");
    json_map(j);
    put_scalar(j);
    json_map_end(j);
}

static void kind_label_sets(struct json *j)
{
    json_put_text(j, "type", "array");
    json_put_u64(j, "minItems", 1);
    json_put_u64(j, "maxItems", LIMIT_RINGS);
    json_key(j, "items");
    json_map(j);
    kind_labels(j);
    json_put_u64(j, "minProperties", 1);
    json_map_end(j);
}

static void kind_percent(struct json *j)
{
    json_put_text(j, "type", "string");
    json_put_text(j, "pattern", "^(100|[1-9]?[0-9])%$");
}

static void put_integer(struct json *j, const char *pattern)
{
    json_key(j, "type");
    json_list(j);
    json_text(j, "integer");
    json_text(j, "string");
    json_list_end(j);
    json_put_text(j, "pattern", pattern);
}

static void kind_number(struct json *j)
{
    put_integer(j, "^(0|[1-9][0-9]*)$");
}

static void kind_size(struct json *j)
{
    put_integer(j, "^(0|[1-9][0-9]*)[ \t]*(B|KiB|Ki|MiB|Mi|GiB|Gi|TiB|Ti)?$");
}

static void kind_flag(struct json *j)
{
    json_put_text(j, "type", "boolean");
}

static void kind_true(struct json *j)
{
    json_put_bool(j, "const", true);
}

static void put_pattern(struct json *j, const char *pattern)
{
    json_put_text(j, "type", "string");
    json_put_text(j, "pattern", pattern);
}

static void kind_duration(struct json *j)
{
    put_pattern(j, "^0*[1-9][0-9]*[smhd]$");
}

static void put_words(struct json *j, const struct words *w)
{
    json_key(j, "enum");
    json_list(j);
    for (int i = 0; i < w->count; i++)
        json_text(j, w->list[i]);
    json_list_end(j);
}

static void kind_clock(struct json *j)
{
    put_pattern(j, "^([01][0-9]|2[0-3]):[0-5][0-9]$");
}

/* Which months have 31 days only the reader knows. */
static void kind_date(struct json *j)
{
    put_pattern(j, "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$");
}

/* At least one of them; most 0: any number. */
static void put_list(struct json *j, int most, void (*item)(struct json *))
{
    json_put_text(j, "type", "array");
    json_put_int(j, "minItems", 1);
    if (most)
        json_put_int(j, "maxItems", most);
    json_key(j, "items");
    json_map(j);
    item(j);
    json_map_end(j);
}

static void kind_dates(struct json *j)
{
    put_list(j, LIMIT_DATES, kind_date);
}

static void weekday(struct json *j)
{
    put_words(j, &words_weekday);
}

static void kind_weekdays(struct json *j)
{
    put_list(j, 0, weekday);
}

static void kind_zone(struct json *j)
{
    size_t at = 0;

    json_key(j, "enum");
    json_list(j);
    for (const char *name; (name = zone_next(&at)) != NULL;)
        json_text(j, name);
    json_list_end(j);
}

static void kind_moment(struct json *j)
{
    put_pattern(j, "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
                   "([Tt ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]*)?)?"
                   "([Zz]|[+-](0[0-9]|1[0-4]):[0-5][0-9]))?$");
}

#define LOCATION_PATH                                                                              \
    "([Pp][Cc][Ii][Rr][Oo][Oo][Tt]|[Aa][Cc][Pp][Ii])[(][^()# ]+[)](#[A-Za-z]+[(][^()# ]+[)])*$"

static void kind_subject(struct json *j)
{
    put_pattern(j, "^(vm|pool)/[^ ](.*[^ ])?$|^gpu/[^/]+/" LOCATION_PATH);
    put_not(j, "^(vm|pool)/.*([*?<{}]|[.][.])");
}

static void kind_time(struct json *j)
{
    put_pattern(j, "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt ]"
                   "([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?([.][0-9]+)?"
                   "([Zz]|[+-](0[0-9]|1[0-4]):[0-5][0-9])$");
}

static void kind_guid(struct json *j)
{
    put_pattern(j, "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$");
}

static void kind_pci(struct json *j)
{
    put_pattern(j, "^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$");
}

static void kind_location(struct json *j)
{
    put_pattern(j, "^" LOCATION_PATH);
}

static void kind_locations(struct json *j)
{
    put_list(j, LIMIT_PER_VM, kind_location);
}

static void kind_instance(struct json *j)
{
    put_pattern(j, "^\\\\\\\\[?]\\\\[Pp][Cc][Ii].*#|^[Pp][Cc][Ii].*\\\\.*\\\\[^\\\\]+$|"
                   "^[^ #/()\\\\]*&[^ #/()\\\\]*$");
}

static void (*const kinds[KINDS])(struct json *) = {
    [KIND_LABELS] = kind_labels,       [KIND_LABEL_SETS] = kind_label_sets,
    [KIND_NAME] = kind_name,           [KIND_NAMES] = kind_names,
    [KIND_PATTERNS] = kind_patterns,   [KIND_TEXT] = put_scalar,
    [KIND_FILE_NAME] = put_scalar,     [KIND_NUMBER] = kind_number,
    [KIND_SIZE] = kind_size,           [KIND_FLAG] = kind_flag,
    [KIND_TRUE_ONLY] = kind_true,      [KIND_DURATION] = kind_duration,
    [KIND_GUID] = kind_guid,           [KIND_PCI_ID] = kind_pci,
    [KIND_LOCATION] = kind_location,   [KIND_CLOCK] = kind_clock,
    [KIND_DATE] = kind_date,           [KIND_DATES] = kind_dates,
    [KIND_WEEKDAYS] = kind_weekdays,   [KIND_ZONE] = kind_zone,
    [KIND_LOCATIONS] = kind_locations, [KIND_INSTANCE] = kind_instance,
    [KIND_PATTERN] = kind_pattern,     [KIND_BOUNDS] = kind_bounds,
    [KIND_MOMENT] = kind_moment,       [KIND_SUBJECT] = kind_subject,
    [KIND_TIME] = kind_time,           [KIND_PERCENT] = kind_percent,
};

/* ---- fields ---- */

static const char *ref_of(struct arena *a, const struct shape_row *shapes, enum shape shape)
{
    return arena_printf(a, "#/definitions/%s", shapes[shape].name);
}

static void put_ref(struct json *j, const char *ref)
{
    json_map(j);
    json_put_text(j, "$ref", ref);
    json_map_end(j);
}

/* Maps of the language, one way or another. */
static void put_rows(struct json *j, const struct field_row *f, const char *ref)
{
    switch (f->kind) {
    case KIND_LIST:
        json_put_text(j, "type", "array");
        json_key(j, "items");
        put_ref(j, ref);
        break;
    case KIND_TABLE:
        json_put_text(j, "type", "object");
        json_key(j, "properties");
        json_map(j);
        json_key(j, "annotations");
        json_bool(j, true);
        json_map_end(j);
        json_key(j, "patternProperties");
        json_map(j);
        json_key(j, "^x-");
        json_bool(j, true);
        json_map_end(j);
        json_key(j, "additionalProperties");
        put_ref(j, ref);
        break;
    case KIND_CHOICE:
        json_key(j, "anyOf");
        json_list(j);
        json_map(j);
        put_words(j, f->words);
        json_map_end(j);
        put_ref(j, ref);
        json_list_end(j);
        break;
    default:
        json_key(j, "allOf");
        json_list(j);
        put_ref(j, ref);
        json_list_end(j);
    }
}

static const char *description(struct arena *a, const struct field_row *f)
{
    const char *rule = *f->rule ? arena_printf(a, "  Rule %s.", f->rule) : "";

    if (field_required(f))
        return arena_printf(a, "%s%s", f->text, rule);
    return arena_printf(a, "%s  Default: %s.%s", f->text, f->otherwise, rule);
}

/* Bounds of whole numbers; sizes with a unit are texts, which only the reader bounds. */
static void put_bounds(struct json *j, const struct field_row *f)
{
    if (f->kind != KIND_COUNT && f->kind != KIND_NUMBER && f->kind != KIND_SIZE)
        return;
    json_put_int(j, "minimum", (int64_t)f->least);
    if (f->most && f->most < (uint64_t)1 << 53)
        json_put_int(j, "maximum", (int64_t)f->most);
}

/* A number in quotes is a number as well; its bounds as far as a pattern can say them. */
static void put_count(struct arena *a, struct json *j, const struct field_row *f)
{
    if (f->most < 10)
        put_integer(j, arena_printf(a, "^[%d-%d]$", (int)f->least, (int)f->most));
    else
        put_integer(j, f->least ? "^[1-9][0-9]*$" : "^(0|[1-9][0-9]*)$");
}

static void put_value(struct arena *a, struct json *j, const struct shape_row *shapes,
                      const struct field_row *f, bool blanks)
{
    if (blanks && f->kind == KIND_NAMES)
        put_names(j, "[*?<{}]", 1, name_or_blank);
    else if (blanks && f->kind == KIND_PATTERNS)
        put_names(j, "[<{}]", 0, name_or_blank);
    else if (f->kind == KIND_COUNT)
        put_count(a, j, f);
    else if (f->kind == KIND_WORD)
        put_words(j, f->words);
    else if (kinds[f->kind])
        kinds[f->kind](j);
    else
        put_rows(j, f, ref_of(a, shapes, f->rows));
    put_bounds(j, f);
}

/* A placeholder, the word that takes back what is said below, or a value. */
static void put_either(struct arena *a, struct json *j, const struct shape_row *shapes,
                       const struct field_row *f, bool blanks)
{
    json_key(j, "anyOf");
    json_list(j);
    if (blanks && field_takes_blank(f))
        put_ref(j, "#/definitions/placeholder");
    if (f->any) {
        json_map(j);
        json_put_text(j, "const", "any");
        json_map_end(j);
    }
    json_map(j);
    put_value(a, j, shapes, f, blanks);
    json_map_end(j);
    json_list_end(j);
}

static void put_field(struct arena *a, struct json *j, const struct shape_row *shapes,
                      const struct field_row *f, bool blanks)
{
    json_key(j, f->key);
    json_map(j);
    json_put_text(j, "description", description(a, f));
    (f->any || (blanks && field_takes_blank(f)) ? put_either : put_value)(a, j, shapes, f, blanks);
    json_map_end(j);
}

/* ---- maps ---- */

static void put_required(struct json *j, const char *first, const char *second)
{
    json_map(j);
    json_key(j, "required");
    json_list(j);
    json_text(j, first);
    if (second)
        json_text(j, second);
    json_list_end(j);
    json_map_end(j);
}

/* At least one, and no two where only one may be. */
static void put_group(struct arena *a, struct json *j, const struct shape_row *s, uint32_t group)
{
    const struct group_row *g = &group_rows[s->first_group + group];
    const char **keys = arena_array(a, const char *, s->count);
    size_t count = 0;

    for (uint32_t i = 0; i < s->count; i++)
        if (s->masks[group] >> i & 1)
            keys[count++] = field_rows[s->first + i].key;
    if (g->least) {
        json_map(j);
        json_key(j, "anyOf");
        json_list(j);
        for (size_t i = 0; i < count; i++)
            put_required(j, keys[i], NULL);
        json_list_end(j);
        json_map_end(j);
    }
    for (size_t i = 0; g->most == 1 && i < count; i++)
        for (size_t k = i + 1; k < count; k++) {
            json_map(j);
            json_key(j, "not");
            put_required(j, keys[i], keys[k]);
            json_map_end(j);
        }
}

static void put_must(struct json *j, const struct shape_row *s)
{
    bool any = false;

    for (uint32_t i = 0; i < s->count; i++) {
        const struct field_row *f = &field_rows[s->first + i];

        if (!field_required(f))
            continue;
        if (!any) {
            json_key(j, "required");
            json_list(j);
        }
        any = true;
        json_text(j, f->key);
    }
    if (any)
        json_list_end(j);
}

static void put_needs(struct json *j, const struct shape_row *s)
{
    if (!s->needs_count)
        return;
    json_key(j, "dependencies");
    json_map(j);
    for (uint32_t i = 0; i < s->needs_count; i++) {
        json_key(j, needs_rows[s->first_needs + i].key);
        json_list(j);
        json_text(j, needs_rows[s->first_needs + i].other);
        json_list_end(j);
    }
    json_map_end(j);
}

static void put_shape(struct arena *a, struct json *j, const struct shape_row *shapes,
                      const struct shape_row *s, bool blanks)
{
    json_key(j, s->name);
    json_map(j);
    json_put_text(j, "description", s->text);
    json_put_text(j, "type", "object");
    json_key(j, "properties");
    json_map(j);
    for (uint32_t i = 0; i < s->count; i++)
        if (field_rows[s->first + i].kind != KIND_LATER)
            put_field(a, j, shapes, &field_rows[s->first + i], blanks);
    json_key(j, "annotations");
    json_bool(j, true);
    json_map_end(j);
    json_key(j, "patternProperties");
    json_map(j);
    json_key(j, "^x-");
    json_bool(j, true);
    json_map_end(j);
    json_put_bool(j, "additionalProperties", false);
    put_must(j, s);
    put_needs(j, s);
    if (s->group_count) {
        json_key(j, "allOf");
        json_list(j);
        for (uint32_t i = 0; i < s->group_count; i++)
            put_group(a, j, s, i);
        json_list_end(j);
    }
    json_map_end(j);
}

/* ---- documents of one kind ---- */

/* The field of a document that holds maps of a shape. */
static const char *key_of_shape(const struct shape_row *shapes, enum shape shape)
{
    const struct shape_row *s = &shapes[SHAPE_document];

    for (uint32_t i = 0; i < s->count; i++)
        if (field_rows[s->first + i].kind == KIND_MAP && field_rows[s->first + i].rows == shape)
            return field_rows[s->first + i].key;
    return "";
}

/* Each of some keys, one after the other; NULL: there is none left. */
static const char *next_key(struct arena *a, const char **keys)
{
    size_t size = strcspn(*keys, " ");
    const char *key = size ? arena_strndup(a, *keys, size) : NULL;

    *keys += size + ((*keys)[size] == ' ');
    return key;
}

static void put_kinds(struct json *j, const char *kind, bool is)
{
    json_key(j, "kind");
    json_map(j);
    json_key(j, "enum");
    json_list(j);
    for (int i = 0; i < words_kind.count; i++)
        if ((strcmp(words_kind.list[i], kind) == 0) == is)
            json_text(j, words_kind.list[i]);
    json_list_end(j);
    json_map_end(j);
}

/* These keys, all of them, and no other. */
static void put_exactly(struct arena *a, struct json *j, const char *keys)
{
    json_key(j, "required");
    json_list(j);
    for (const char *at = keys, *key; (key = next_key(a, &at));)
        json_text(j, key);
    json_list_end(j);
    json_key(j, "properties");
    json_map(j);
    for (const char *at = keys, *key; (key = next_key(a, &at));) {
        json_key(j, key);
        json_bool(j, true);
    }
    json_key(j, "annotations");
    json_bool(j, true);
    json_map_end(j);
    json_key(j, "patternProperties");
    json_map(j);
    json_key(j, "^x-");
    json_bool(j, true);
    json_map_end(j);
    json_put_bool(j, "additionalProperties", false);
}

static void put_none_of(struct arena *a, struct json *j, const char *keys)
{
    json_key(j, "not");
    json_map(j);
    json_key(j, "anyOf");
    json_list(j);
    for (const char *key; (key = next_key(a, &keys));)
        put_required(j, key, NULL);
    json_list_end(j);
    json_map_end(j);
}

static void put_of_kind(struct arena *a, struct json *j, const struct shape_row *shapes,
                        const struct of_kind_row *row)
{
    json_map(j);
    json_key(j, "anyOf");
    json_list(j);
    for (int is = 0; is < 2; is++) {
        json_map(j);
        json_key(j, "properties");
        json_map(j);
        put_kinds(j, row->kind, is);
        json_key(j, key_of_shape(shapes, row->shape));
        json_map(j);
        if (is && *row->keys)
            put_exactly(a, j, row->keys);
        else
            put_none_of(a, j, is ? row->never : row->own);
        json_map_end(j);
        json_map_end(j);
        json_map_end(j);
    }
    json_list_end(j);
    json_map_end(j);
}

/* ---- whole documents ---- */

/* The shapes that a document of this shape leads to. */
static void reach(const struct shape_row *shapes, enum shape shape, bool *reached)
{
    const struct shape_row *s = &shapes[shape];

    if (reached[shape])
        return;
    reached[shape] = true;
    for (uint32_t i = 0; i < s->count; i++)
        if (field_rows[s->first + i].kind != KIND_LATER && !kinds[field_rows[s->first + i].kind] &&
            field_rows[s->first + i].kind != KIND_COUNT &&
            field_rows[s->first + i].kind != KIND_WORD)
            reach(shapes, field_rows[s->first + i].rows, reached);
}

static const char *schema_of(struct arena *a, enum shape document, const char *title)
{
    const struct shape_row *shapes = shapes_new(a);
    bool reached[SHAPES] = {false};
    struct text t;
    struct json j;

    reach(shapes, document, reached);
    text_init(&t, a);
    json_init(&j, &t, false);
    json_map(&j);
    json_put_text(&j, "$schema", "http://json-schema.org/draft-07/schema#");
    json_put_text(&j, "title", title);
    json_key(&j, "allOf");
    json_list(&j);
    put_ref(&j, ref_of(a, shapes, document));
    for (uint32_t i = 0; document == SHAPE_document && i < of_kind_count; i++)
        put_of_kind(a, &j, shapes, &of_kind_rows[i]);
    json_list_end(&j);
    json_key(&j, "definitions");
    json_map(&j);
    for (int i = 0; i < SHAPES; i++)
        if (reached[i])
            put_shape(a, &j, shapes, &shapes[i], document == SHAPE_document);
    if (document == SHAPE_document) {
        json_key(&j, "placeholder");
        put_blank(&j);
    }
    json_map_end(&j);
    json_map_end(&j);
    text_add(&t, "\n");
    return text_done(&t);
}

const char *spec_schema(struct arena *a)
{
    return schema_of(a, SHAPE_document, "hvgpu spec, hvgpu/v1");
}

const char *policy_schema(struct arena *a)
{
    return schema_of(a, SHAPE_policy_document, "hvgpu policy, hvgpu/v1");
}
