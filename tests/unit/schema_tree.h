/*
 * A document as a tree, and a judge of JSON Schemas (draft 7) small enough to
 * trust: the keywords that spec_schema() and world_schema() use, and a failure
 * for every other.
 */
#ifndef TESTS_SCHEMA_TREE_H
#define TESTS_SCHEMA_TREE_H

#include "base/str.h"
#include "codec/doc.h"

#include <regex.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum tree_kind {
    TREE_NULL,
    TREE_BOOL,
    TREE_INTEGER,
    TREE_NUMBER,
    TREE_STRING,
    TREE_LIST,
    TREE_MAP
};

struct tree {
    enum tree_kind kind;
    const char *text;  /* of a scalar */
    const char **keys; /* of a map */
    struct tree *items;
    size_t count, room, key_room;
};

/*
 * What an unquoted scalar is for a schema.  A number is one as JSON writes it:
 * 0x10 and 007 are texts here, because no reader of a schema sees them.
 */
static inline enum tree_kind tree_scalar_kind(const struct doc_scalar *s)
{
    const char *p = s->text + (s->text[0] == '-');
    size_t digits = strspn(p, "0123456789");
    char *end;

    if (!s->plain)
        return TREE_STRING;
    if (s->null)
        return TREE_NULL;
    if (str_same(s->text, "true") || str_same(s->text, "false"))
        return TREE_BOOL;
    if (!digits || (p[0] == '0' && digits > 1) || p[1] == 'x')
        return TREE_STRING;
    if (!p[digits])
        return TREE_INTEGER;
    return strtod(p, &end) >= 0.0 && *end == 0 ? TREE_NUMBER
                                               : TREE_STRING; /* p is behind the sign */
}

static inline void tree_read(struct doc *d, struct arena *a, struct tree *out)
{
    struct doc_scalar s = {0};

    *out = (struct tree){0};
    switch (doc_peek(d, NULL)) {
    case DOC_MAP:
        out->kind = TREE_MAP;
        assert_true(doc_map(d, "value"));
        while (doc_key(d, &s)) {
            size_t at = out->count;

            tree_read(d, a, arena_push(a, out->items, out->count, out->room));
            *arena_push(a, out->keys, at, out->key_room) = s.text;
        }
        break;
    case DOC_LIST:
        out->kind = TREE_LIST;
        assert_true(doc_list(d, "value"));
        while (doc_item(d))
            tree_read(d, a, arena_push(a, out->items, out->count, out->room));
        break;
    default:
        if (!doc_scalar(d, "value", &s))
            return;
        out->kind = tree_scalar_kind(&s);
        out->text = s.text;
    }
}

/* False when the text is no YAML at all. */
static inline bool tree_parse(struct arena *a, const char *text, struct tree *out)
{
    struct findings found;
    struct doc *d;
    bool ok;

    findings_init(&found, a);
    d = doc_open(a, "tree", text, strlen(text), &found);
    ok = doc_next(d);
    if (ok)
        tree_read(d, a, out);
    ok = ok && !doc_broken(d) && !found.errors;
    doc_close(d);
    return ok;
}

static inline const struct tree *tree_get(const struct tree *map, const char *key)
{
    for (size_t i = 0; map->kind == TREE_MAP && i < map->count; i++)
        if (strcmp(map->keys[i], key) == 0)
            return &map->items[i];
    return NULL;
}

/* ---- the judge ---- */

struct judge {
    const struct tree *root;
};

static inline bool tree_fits(const struct judge *j, const struct tree *schema,
                             const struct tree *t);

static inline bool tree_matches(const char *pattern, const char *text)
{
    regex_t r;
    bool ok;

    if (regcomp(&r, pattern, REG_EXTENDED | REG_NOSUB) != 0)
        fail_msg("not a pattern: %s", pattern);
    ok = regexec(&r, text, 0, NULL, 0) == 0;
    regfree(&r);
    return ok;
}

static inline bool tree_is(const struct tree *t, const char *type)
{
    static const struct {
        const char *type;
        enum tree_kind kinds[2];
    } rows[] = {
        {"null", {TREE_NULL, TREE_NULL}},          {"boolean", {TREE_BOOL, TREE_BOOL}},
        {"integer", {TREE_INTEGER, TREE_INTEGER}}, {"number", {TREE_INTEGER, TREE_NUMBER}},
        {"string", {TREE_STRING, TREE_STRING}},    {"array", {TREE_LIST, TREE_LIST}},
        {"object", {TREE_MAP, TREE_MAP}},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].type, type) == 0)
            return t->kind == rows[i].kinds[0] || t->kind == rows[i].kinds[1];
    fail_msg("not a type: %s", type);
    return false;
}

static inline bool judge_type(const struct judge *j, const struct tree *s, const struct tree *value,
                              const struct tree *t)
{
    (void)j;
    (void)s;
    for (size_t i = 0; value->kind == TREE_LIST && i < value->count; i++)
        if (tree_is(t, value->items[i].text))
            return true;
    return value->kind != TREE_LIST && tree_is(t, value->text);
}

static inline bool judge_enum(const struct judge *j, const struct tree *s, const struct tree *value,
                              const struct tree *t)
{
    (void)j;
    (void)s;
    for (size_t i = 0; i < value->count; i++)
        if (t->kind == value->items[i].kind && str_eq(t->text, value->items[i].text))
            return true;
    return false;
}

static inline bool judge_const(const struct judge *j, const struct tree *s,
                               const struct tree *value, const struct tree *t)
{
    (void)j;
    (void)s;
    return t->kind == value->kind && str_eq(t->text, value->text);
}

static inline bool judge_pattern(const struct judge *j, const struct tree *s,
                                 const struct tree *value, const struct tree *t)
{
    (void)j;
    (void)s;
    return t->kind != TREE_STRING || tree_matches(value->text, t->text);
}

/* minLength, maxLength, minimum, maximum, minItems, maxItems: one number each. */
static inline bool judge_bound(const struct tree *s, const char *key, const struct tree *t)
{
    const struct tree *value = tree_get(s, key);
    bool items = strstr(key, "Items"), length = strstr(key, "Length");
    double bound = strtod(value->text, NULL), n;

    if (items    ? t->kind != TREE_LIST
        : length ? t->kind != TREE_STRING
                 : t->kind != TREE_INTEGER && t->kind != TREE_NUMBER)
        return true;
    n = items ? (double)t->count : length ? (double)strlen(t->text) : strtod(t->text, NULL);
    return key[1] == 'i' ? n >= bound : n <= bound;
}

static inline bool judge_required(const struct judge *j, const struct tree *s,
                                  const struct tree *value, const struct tree *t)
{
    (void)j;
    (void)s;
    for (size_t i = 0; t->kind == TREE_MAP && i < value->count; i++)
        if (!tree_get(t, value->items[i].text))
            return false;
    return true;
}

static inline bool judge_dependencies(const struct judge *j, const struct tree *s,
                                      const struct tree *value, const struct tree *t)
{
    for (size_t i = 0; i < value->count; i++)
        if (tree_get(t, value->keys[i]) && !judge_required(j, s, &value->items[i], t))
            return false;
    return true;
}

static inline bool judge_items(const struct judge *j, const struct tree *s,
                               const struct tree *value, const struct tree *t)
{
    (void)s;
    for (size_t i = 0; t->kind == TREE_LIST && i < t->count; i++)
        if (!tree_fits(j, value, &t->items[i]))
            return false;
    return true;
}

/* properties, patternProperties and additionalProperties, in one. */
static inline bool judge_properties(const struct judge *j, const struct tree *s,
                                    const struct tree *t)
{
    const struct tree *known = tree_get(s, "properties");
    const struct tree *patterns = tree_get(s, "patternProperties");
    const struct tree *rest = tree_get(s, "additionalProperties");

    for (size_t i = 0; t->kind == TREE_MAP && i < t->count; i++) {
        const struct tree *named = known ? tree_get(known, t->keys[i]) : NULL;
        bool taken = named != NULL;

        if (named && !tree_fits(j, named, &t->items[i]))
            return false;
        for (size_t k = 0; patterns && k < patterns->count; k++)
            if (tree_matches(patterns->keys[k], t->keys[i])) {
                taken = true;
                if (!tree_fits(j, &patterns->items[k], &t->items[i]))
                    return false;
            }
        if (!taken && rest && !tree_fits(j, rest, &t->items[i]))
            return false;
    }
    return true;
}

static inline bool judge_ref(const struct judge *j, const struct tree *value, const struct tree *t)
{
    const char *name = strrchr(value->text, '/') + 1;
    const struct tree *to = tree_get(tree_get(j->root, "definitions"), name);

    if (!to)
        fail_msg("%s leads nowhere", value->text);
    return tree_fits(j, to, t);
}

static inline size_t fitting(const struct judge *j, const struct tree *list, const struct tree *t)
{
    size_t n = 0;

    for (size_t i = 0; i < list->count; i++)
        n += tree_fits(j, &list->items[i], t);
    return n;
}

static inline bool judge_one(const struct judge *j, const struct tree *s, const char *key,
                             const struct tree *value, const struct tree *t)
{
    static const struct {
        const char *key;
        bool (*judge)(const struct judge *, const struct tree *, const struct tree *,
                      const struct tree *);
    } rows[] = {
        {"type", judge_type},         {"enum", judge_enum},
        {"const", judge_const},       {"pattern", judge_pattern},
        {"required", judge_required}, {"dependencies", judge_dependencies},
        {"items", judge_items},
    };
    static const char *const silent[] = {
        "description",          "title",   "$schema", "definitions", "patternProperties",
        "additionalProperties", "default", "examples"};

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].key, key) == 0)
            return rows[i].judge(j, s, value, t);
    for (size_t i = 0; i < sizeof silent / sizeof *silent; i++)
        if (strcmp(silent[i], key) == 0)
            return true;
    if (str_starts(key, "min") || str_starts(key, "max"))
        return judge_bound(s, key, t);
    if (strcmp(key, "properties") == 0)
        return judge_properties(j, s, t);
    if (strcmp(key, "$ref") == 0)
        return judge_ref(j, value, t);
    if (strcmp(key, "not") == 0)
        return !tree_fits(j, value, t);
    if (strcmp(key, "allOf") == 0)
        return fitting(j, value, t) == value->count;
    if (strcmp(key, "anyOf") == 0)
        return fitting(j, value, t) > 0;
    if (strcmp(key, "oneOf") == 0)
        return fitting(j, value, t) == 1;
    fail_msg("a keyword that this judge does not know: %s", key);
    return false;
}

static inline bool tree_fits(const struct judge *j, const struct tree *schema, const struct tree *t)
{
    if (schema->kind == TREE_BOOL)
        return strcmp(schema->text, "true") == 0;
    if (!tree_get(schema, "properties") && !judge_properties(j, schema, t))
        return false;
    for (size_t i = 0; i < schema->count; i++)
        if (!judge_one(j, schema, schema->keys[i], &schema->items[i], t))
            return false;
    return true;
}

#endif
