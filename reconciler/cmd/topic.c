#include "cmd/topic.h"

#include "base/str.h"
#include "codec/json.h"
#include "model/rule.h"
#include "report/page.h"
#include "spec/spec.h"

enum { FACT_COLUMN = 14, NEAR = 8 };

/* What the document reader finds in any document, worlds and plan files included. */
static const struct {
    const char *code, *text, *next;
    enum severity severity;
} document_codes[] = {
#define CODE(name, code, severity, rule, text, next) {code, text, next, SEVERITY_##severity},
#include "codec/codes.def"
};
enum { DOCUMENT_CODES = sizeof document_codes / sizeof *document_codes };

static struct topic *topic_new(struct topics *t, const char *kind, const char *name,
                               const char *title)
{
    struct topic *row = arena_push(t->arena, t->rows, t->count, t->room);

    *row = (struct topic){.kind = kind, .name = name, .title = title ? title : ""};
    return row;
}

/* What is not said is no fact. */
static void fact(struct topic *row, const char *key, const char *text)
{
    if (text && *text && row->count < sizeof row->facts / sizeof *row->facts)
        row->facts[row->count++] = (struct fact){key, text};
}

static const struct rule_row *rule_find(const char *id)
{
    for (size_t i = 0; i < rule_row_count; i++)
        if (str_same(rule_rows[i].id, id))
            return &rule_rows[i];
    return NULL;
}

/* "C5 Size is read, not computed": enough to know whether to look it up. */
static const char *rule_line(struct arena *a, const char *id)
{
    const struct rule_row *rule = id && *id ? rule_find(id) : NULL;

    return rule ? arena_printf(a, "%s %s", rule->id, rule->title) : id;
}

/* ---- one kind of name each ---- */

static void of_rules(struct topics *t, const char *name)
{
    const struct rule_row *rule = rule_find(name);
    struct topic *row;

    if (!rule)
        return;
    row = topic_new(t, "rule", rule->id, rule->title);
    fact(row, "says", rule->text);
    fact(row, "source", rule->source);
    fact(row, "violation", rule->violation);
    fact(row, "kept", rule->kept ? NULL : "no: not supported yet");
}

static void of_reasons(struct topics *t, const char *name)
{
    static const char *const classes[] = {
        [CLASS_BLOCKED] = "blocked: somebody must change something (exit 11)",
        [CLASS_HELD] = "held: it goes on by itself or with a word (exit 5)",
        [CLASS_WARNING] = "a warning: changes neither the plan nor the exit code",
        [CLASS_NOTE] = "a note: said once, for the reader",
        [CLASS_MANUAL] = "by hand: a person must take this step"};
    enum reason reason = reason_of_code(name);
    struct topic *row;

    if (reason == REASON_NONE)
        return;
    row = topic_new(t, "reason code", reason_rows[reason].code, NULL);
    fact(row, "class", classes[reason_rows[reason].class]);
    fact(row, "means", reason_rows[reason].text);
    fact(row, "released by", reason_rows[reason].release);
    fact(row, "rule", rule_line(t->arena, reason_rows[reason].rule));
}

static const char *severity_text(enum severity severity)
{
    return severity == SEVERITY_ERROR ? "error: the document is not used (exit 65)" : "warning";
}

/* Where both readers have a code, the spec's words are the narrower ones. */
static void of_findings(struct topics *t, const char *name)
{
    struct spec_code code;
    struct topic *row = NULL;

    if (spec_code_find(name, &code)) {
        row = topic_new(t, "finding in a spec", code.code, NULL);
        fact(row, "severity", severity_text(code.severity));
        fact(row, "means", code.text);
        fact(row, "rule", rule_line(t->arena, code.rule));
    }
    for (int i = 0; i < DOCUMENT_CODES; i++) {
        if (!str_eq(document_codes[i].code, name))
            continue;
        if (!row) {
            row = topic_new(t, "finding in a document", document_codes[i].code, NULL);
            fact(row, "severity", severity_text(document_codes[i].severity));
            fact(row, "means", document_codes[i].text);
        }
        fact(row, "next", document_codes[i].next);
    }
}

static void of_drifts(struct topics *t, const char *name)
{
    static const char *const severities[] = {
        [SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning", [SEVERITY_NOTE] = "info"};

    for (int i = 0; i < DRIFT_CLASSES; i++) {
        struct topic *row;

        if (!str_eq(drift_rows[i].word, name))
            continue;
        row = topic_new(t, "drift class", drift_rows[i].word, NULL);
        fact(row, "severity", severities[drift_rows[i].severity]);
        fact(row, "means", drift_rows[i].text);
        fact(row, "counts", drift_rows[i].drifts ? "for exit code 3" : "for no exit code");
    }
}

static void of_exits(struct topics *t, const char *name)
{
    uint64_t number;

    if (!str_u64(name, &number))
        return;
    for (size_t i = 0; i < exit_row_count; i++) {
        struct topic *row;

        if ((uint64_t)exit_rows[i].code != number)
            continue;
        row = topic_new(t, "exit code", arena_printf(t->arena, "%d", (int)exit_rows[i].code),
                        exit_rows[i].word);
        fact(row, "means", exit_rows[i].text);
    }
}

static void of_verbs(struct topics *t, const char *name)
{
    for (int i = 0; i < VERB_NONE; i++) {
        struct topic *row;

        if (!str_eq(verb_rows[i].word, name))
            continue;
        row = topic_new(t, "step of a plan", verb_rows[i].word, NULL);
        fact(row, "means", arena_printf(t->arena, "%s ...", verb_rows[i].text));
        fact(row, "needs", verb_rows[i].needs_off ? "the VM off" : NULL);
        fact(row, "confirmed by", verb_rows[i].reads);
        fact(row, "rule", rule_line(t->arena, verb_rows[i].rule));
    }
}

/* ---- keys of the spec ---- */

/* One part of a path; "[0]" and "[]" behind it say nothing here.  A name stands for NAME. */
static bool part_fits(const char **path, const char **said)
{
    size_t want = strcspn(*path, "."), size = strcspn(*said, ".["), after = size;
    bool any = want == 4 && strncmp(*path, "NAME", 4) == 0;

    if (!size || (!any && (want != size || strncmp(*path, *said, size) != 0)))
        return false;
    if ((*said)[after] == '[') {
        after += 1 + strspn(*said + after + 1, "0123456789");
        if ((*said)[after++] != ']')
            return false;
    }
    if ((*said)[after] && (*said)[after] != '.')
        return false;
    *path += want + ((*path)[want] == '.');
    *said += after + ((*said)[after] == '.');
    return true;
}

static bool path_fits(const char *path, const char *said)
{
    while (*path && *said)
        if (!part_fits(&path, &said))
            return false;
    return !*path && !*said;
}

static void field_topic(struct topics *t, const struct spec_field *f)
{
    const char *kind = str_starts(f->path, "Policy.") ? "key of a Policy" : "key of a spec";
    struct topic *row = topic_new(t, kind, f->path, NULL);

    fact(row, "means",
         f->later ? arena_printf(t->arena, "%s: not supported yet, refused", f->text) : f->text);
    fact(row, "type", f->type);
    fact(row, "default", f->otherwise);
    fact(row, "example", f->later ? NULL : arena_printf(t->arena, "%s: %s", f->key, f->example));
    fact(row, "keys", f->keys);
    fact(row, "accepts", f->accepts);
    fact(row, "bad input", f->refuses);
    fact(row, "rule", rule_line(t->arena, f->rule));
}

/* By its whole path, by what follows `spec.`, or by the last part alone: then all of them. */
static void of_fields(struct topics *t, const char *name, const struct spec_field *rows,
                      size_t count)
{
    const char *inside = arena_printf(t->arena, "spec.%s", name);
    bool found = false;

    if (!*name)
        return;
    for (size_t i = 0; i < count; i++)
        if (path_fits(rows[i].path, name) || path_fits(rows[i].path, inside)) {
            field_topic(t, &rows[i]);
            found = true;
        }
    for (size_t i = 0; !found && i < count; i++)
        if (str_eq(rows[i].key, name))
            field_topic(t, &rows[i]);
}

/* ---- did you mean ---- */

struct names {
    const char **rows;
    size_t count, room;
};

static void put(struct topics *t, struct names *n, const char *name)
{
    *arena_push(t->arena, n->rows, n->count, n->room) = name;
}

static void all_names(struct topics *t, const struct spec_field *fields, size_t count,
                      struct names *n)
{
    for (size_t i = 0; i < count; i++) {
        put(t, n, fields[i].path);
        if (str_starts(fields[i].path, "spec."))
            put(t, n, fields[i].path + 5);
        put(t, n, fields[i].key);
    }
    for (size_t i = 0; i < rule_row_count; i++)
        put(t, n, rule_rows[i].id);
    for (int i = 0; i < REASON_NONE; i++)
        put(t, n, reason_rows[i].code);
    for (size_t i = 0; spec_code_name(i); i++)
        put(t, n, spec_code_name(i));
    for (int i = 0; i < DOCUMENT_CODES; i++)
        put(t, n, document_codes[i].code);
    for (int i = 0; i < DRIFT_CLASSES; i++)
        put(t, n, drift_rows[i].word);
    for (int i = 0; i < VERB_NONE; i++)
        put(t, n, verb_rows[i].word);
}

static void nearest(struct topics *t, const char *name, const struct spec_field *fields,
                    size_t count)
{
    struct names n = {0};
    const char *near;
    size_t dot = 0;

    all_names(t, fields, count, &n);
    near = str_nearest(name, n.rows, n.count);
    if (near)
        *arena_push(t->arena, t->near, t->near_count, t->near_room) = near;
    /* a path that goes wrong at its end: what there is below its beginning */
    for (size_t i = 0; name[i]; i++)
        dot = name[i] == '.' ? i : dot;
    for (size_t i = 0; !near && dot && i < n.count && t->near_count < NEAR; i++)
        if (strncmp(n.rows[i], name, dot + 1) == 0 && !strchr(n.rows[i] + dot + 1, '.'))
            *arena_push(t->arena, t->near, t->near_count, t->near_room) = n.rows[i];
}

void topics_init(struct topics *t, struct arena *a)
{
    *t = (struct topics){.arena = a};
}

bool topics_find(struct topics *t, const char *name)
{
    size_t before = t->count, count;
    struct spec_field *fields;

    t->near_count = 0;
    spec_fields(t->arena, &fields, &count);
    of_rules(t, name);
    of_reasons(t, name);
    of_findings(t, name);
    of_drifts(t, name);
    of_exits(t, name);
    of_verbs(t, name);
    of_fields(t, name, fields, count);
    if (t->count == before)
        nearest(t, name, fields, count);
    return t->count > before;
}

/* ---- saying so ---- */

const char *topics_text(struct arena *a, const struct topics *t, const struct style *style)
{
    struct page p;

    page_init(&p, a, style);
    for (size_t i = 0; i < t->count; i++) {
        const struct topic *row = &t->rows[i];

        page_gap(&p);
        page_heading(&p, "%s%s%s  (%s)", row->name, *row->title ? "  " : "", row->title, row->kind);
        for (size_t k = 0; k < row->count; k++)
            page_wrap(&p, arena_printf(a, "  %-*s", FACT_COLUMN, row->facts[k].key),
                      row->facts[k].text);
    }
    return page_done(&p);
}

/* "released by" as a key: releasedBy */
static const char *key_of(struct arena *a, const char *words)
{
    struct text t;

    text_init(&t, a);
    for (const char *s = words; *s; s++) {
        bool first = s > words && s[-1] == ' ' && *s >= 'a' && *s <= 'z';
        char c = (char)(first ? *s - 'a' + 'A' : *s);

        if (c != ' ')
            text_add_n(&t, &c, 1);
    }
    return text_done(&t);
}

const char *topics_json(struct arena *a, const struct topics *t)
{
    struct text out;
    struct json j;

    text_init(&out, a);
    json_init(&j, &out, false);
    json_list(&j);
    for (size_t i = 0; i < t->count; i++) {
        const struct topic *row = &t->rows[i];

        json_map(&j);
        json_put_text(&j, "apiVersion", "hvgpu/v1");
        json_put_text(&j, "kind", "Explanation");
        json_put_text(&j, "of", row->kind);
        json_put_text(&j, "name", row->name);
        json_put_text(&j, "title", *row->title ? row->title : NULL);
        json_key(&j, "facts");
        json_map(&j);
        for (size_t k = 0; k < row->count; k++)
            json_put_text(&j, key_of(a, row->facts[k].key), row->facts[k].text);
        json_map_end(&j);
        json_map_end(&j);
    }
    json_list_end(&j);
    text_add(&out, "\n");
    return text_done(&out);
}
