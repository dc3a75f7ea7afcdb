/*
 * SARIF 2.1.0: what a plan, drift or a check finds, at its place in the
 * specs.  The rules are the codes of model/reasons.def, the classes of drift
 * and the codes of findings; only those that are found are listed.
 */
#include "codec/json.h"
#include "report/document.h"

#include <string.h>

struct sarif {
    struct arena *arena;
    const struct document *d;
    struct json *j;
    struct map index; /* codes, to their place among the rules */
    const char **rules;
    size_t count, room;
    struct map found; /* findings that are told */
};

static const char *const level_words[] = {
    [SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning", [SEVERITY_NOTE] = "note"};

/* ---- rules ---- */

static const char *code_of(const struct part_row *row)
{
    return row->code ? row->code : row->sign == '!' ? "interrupts" : "differs";
}

static uint32_t rule_of(struct sarif *s, const char *code)
{
    uint32_t at = map_put(&s->index, code, (uint32_t)s->count);

    if (at == s->count)
        *arena_push(s->arena, s->rules, s->count, s->room) = code;
    return at;
}

static const struct drift_row *drift_class_of(const char *code)
{
    for (int i = 0; i < DRIFT_CLASSES; i++)
        if (str_eq(drift_rows[i].word, code))
            return &drift_rows[i];
    return NULL;
}

/* Section 3.11 of the standard: braces are placeholders unless doubled, [..](..) is a link. */
static const char *plain(struct arena *a, const char *s)
{
    struct text t;

    text_init(&t, a);
    for (size_t n; *s; s += n) {
        n = strspn(s, "\\");
        text_add_n(&t, s, n);
        if (s[n] == ']' && s[n + 1] == '(') {
            text_add_n(&t, s, n); /* each of them doubled, and the bracket escaped */
            text_add(&t, "\\]");
            n++;
        } else if (!n) {
            text_add_n(&t, s, n = 1);
            if (*s == '{' || *s == '}')
                text_add_n(&t, s, 1);
        }
    }
    return text_done(&t);
}

static void put_message(struct sarif *s, const char *key, const char *text)
{
    json_key(s->j, key);
    json_map(s->j);
    json_put_text(s->j, "text", plain(s->arena, text));
    json_map_end(s->j);
}

static void put_rule(struct sarif *s, const char *code)
{
    enum reason reason = reason_of_code(code);
    const struct reason_row *row = reason == REASON_NONE ? NULL : &reason_rows[reason];
    const struct drift_row *drift = drift_class_of(code);
    bool ours = str_eq(code, "differs") || str_eq(code, "interrupts") || str_eq(code, "not-known");
    const char *text = row                          ? row->text
                       : str_eq(code, "differs")    ? "It is not as declared, and will be."
                       : str_eq(code, "interrupts") ? "A running VM is stopped for a change."
                       : str_eq(code, "not-known")  ? "Nothing is known of this cluster."
                       : drift                      ? drift->text
                                                    : code;

    json_map(s->j);
    json_put_text(s->j, "id", code);
    put_message(s, "shortDescription", text);
    put_message(s, "help",
                ours ? text
                     : arena_printf(s->arena, "%s%s%shvgpu explain %s tells more.",
                                    row && *row->release ? "Released by: " : "",
                                    row ? row->release : "", row && *row->release ? ". " : "",
                                    code));
    if (row) {
        json_key(s->j, "properties");
        json_map(s->j);
        json_key(s->j, "tags");
        json_list(s->j);
        json_text(s->j, row->rule);
        json_list_end(s->j);
        json_map_end(s->j);
    }
    json_map_end(s->j);
}

/* ---- places ---- */

/* A path as a reference relative to the top of the tree; NULL: it is no file, or from elsewhere. */
static const char *uri_of(struct arena *a, const char *path)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-._~/";
    struct text t;

    if (!path || str_eq(path, "-") || str_eq(path, "(stdin)"))
        return NULL;
    while (path[0] == '.' && (path[1] == '/' || path[1] == '\\'))
        path += 2;
    text_init(&t, a);
    if (path[0] == '/')
        text_add(&t, "file://");
    else if (path[0] && path[1] == ':')
        text_add(&t, "file:///");
    for (; *path; path++) {
        if (*path == '\\')
            text_add(&t, "/");
        else if (strchr(plain, *path) || (*path == ':' && str_starts(text_done(&t), "file:")))
            text_add_n(&t, path, 1);
        else
            text_printf(&t, "%%%02X", (unsigned)(unsigned char)*path);
    }
    return text_done(&t);
}

static void put_region(struct json *j, const struct part_row *row, bool own)
{
    json_key(j, "region");
    json_map(j);
    json_put_int(j, "startLine", own && row->at.line ? row->at.line : 1);
    if (own && row->at.column)
        json_put_int(j, "startColumn", row->at.column);
    if (own && row->lines)
        json_put_int(j, "endLine", row->last_line);
    json_map_end(j);
}

/* What has no place of its own stands at the beginning of the cluster's file. */
static void put_physical(struct sarif *s, const struct cluster_part *p, const struct part_row *row)
{
    bool own = row->at.file != NULL;
    const char *uri = uri_of(s->arena, own ? row->at.file : p->source);

    if (!uri)
        return;
    json_key(s->j, "physicalLocation");
    json_map(s->j);
    json_key(s->j, "artifactLocation");
    json_map(s->j);
    json_put_text(s->j, "uri", uri);
    if (!str_starts(uri, "file:"))
        json_put_text(s->j, "uriBaseId", "SRCROOT");
    json_map_end(s->j);
    put_region(s->j, row, own);
    json_map_end(s->j);
}

static const char *subject_of(struct sarif *s, const struct cluster_part *p,
                              const struct part_row *row)
{
    const char *whole = p->cluster ? p->cluster : p->source ? p->source : "?";

    if (!*row->kind || str_eq(row->kind, "cluster"))
        return whole;
    return arena_printf(s->arena, "%s: %s %s", whole, row->kind, row->who);
}

static void put_locations(struct sarif *s, const struct cluster_part *p, const struct part_row *row)
{
    json_key(s->j, "locations");
    json_list(s->j);
    json_map(s->j);
    put_physical(s, p, row);
    json_key(s->j, "logicalLocations");
    json_list(s->j);
    json_map(s->j);
    json_put_text(s->j, "fullyQualifiedName", subject_of(s, p, row));
    json_map_end(s->j);
    json_list_end(s->j);
    json_map_end(s->j);
    json_list_end(s->j);
}

/* ---- results ---- */

/* The same as long as it is the same subject and field, wherever its line moves. */
static const char *fingerprint(struct sarif *s, const struct cluster_part *p,
                               const struct part_row *row)
{
    const char *end = row->sign == '!' ? row->what : strstr(row->what, "  ");
    size_t n = end ? (size_t)(end - row->what) : strlen(row->what);

    return arena_printf(s->arena, "%s|%s|%.*s", subject_of(s, p, row), code_of(row), (int)n,
                        row->what);
}

static const char *message_of(struct sarif *s, const struct cluster_part *p,
                              const struct part_row *row)
{
    bool coded = str_eq(row->what, row->code);
    struct text t;

    text_init(&t, s->arena);
    text_printf(&t, "%s: ", subject_of(s, p, row));
    if (!coded)
        text_add(&t, row->what);
    if (row->why && *row->why)
        text_printf(&t, "%s%s", coded ? "" : row->key ? "; repair: " : ": ", row->why);
    if (row->release && *row->release)
        text_printf(&t, part_is_finding(row) ? "; %s" : "; released by: %s", row->release);
    if (row->rule)
        text_printf(&t, " (%s)", row->rule);
    return text_done(&t);
}

static void put_result(struct sarif *s, const struct cluster_part *p, const struct part_row *row)
{
    const char *code = code_of(row);

    json_map(s->j);
    json_put_text(s->j, "ruleId", code);
    json_put_int(s->j, "ruleIndex", rule_of(s, code));
    json_put_text(s->j, "level", level_words[row->severity]);
    put_message(s, "message", message_of(s, p, row));
    put_locations(s, p, row);
    json_key(s->j, "partialFingerprints");
    json_map(s->j);
    json_put_text(s->j, "hvgpuSubject/v1", fingerprint(s, p, row));
    json_map_end(s->j);
    json_map_end(s->j);
}

/* What is wrong in a profile is found with each cluster that it applies to. */
static bool was_found(struct sarif *s, const struct part_row *row)
{
    uint32_t next = (uint32_t)s->found.count;
    const char *key;

    if (!part_is_finding(row) || !row->at.file)
        return false;
    key = arena_printf(s->arena, "%s|%s:%u:%u|%s", row->code, row->at.file, (unsigned)row->at.line,
                       (unsigned)row->at.column, row->what);
    return map_put(&s->found, key, next) != next;
}

static bool is_told(const struct part_row *row)
{
    return row->section != SECTION_NOTE && row->section != SECTION_DETECT &&
           row->section != SECTION_EXPECTED;
}

static void put_part(struct sarif *s, const struct cluster_part *p)
{
    bool drift = str_eq(s->d->verb, "drift");

    if (p->failure)
        put_result(s, p,
                   &(struct part_row){.section = SECTIONS,
                                      .severity = SEVERITY_ERROR,
                                      .kind = "",
                                      .who = "",
                                      .what = p->failure,
                                      .code = "not-known"});
    for (size_t i = 0; i < p->row_count; i++)
        if (is_told(&p->rows[i]) && !was_found(s, &p->rows[i]))
            put_result(s, p, &p->rows[i]);
    for (size_t i = 0; drift && i < p->drift_count; i++)
        put_result(s, p, &p->drift[i]);
}

static void put_run(struct sarif *s)
{
    struct json *j = s->j;

    json_put_text(j, "columnKind", "unicodeCodePoints");
    json_key(j, "automationDetails");
    json_map(j);
    json_put_text(j, "id",
                  arena_printf(s->arena, "hvgpu/%s/%s/", s->d->verb, s->d->key ? s->d->key : ""));
    json_map_end(j);
    json_key(j, "originalUriBaseIds");
    json_map(j);
    json_key(j, "SRCROOT");
    json_map(j);
    put_message(s, "description", "Where hvgpu was started: the top of the repository.");
    json_map_end(j);
    json_map_end(j);
    json_key(j, "invocations");
    json_list(j);
    json_map(j);
    json_put_bool(j, "executionSuccessful", s->d->exit != EXIT_INTERNAL);
    json_put_int(j, "exitCode", (int)s->d->exit);
    json_map_end(j);
    json_list_end(j);
    json_key(j, "results");
    json_list(j);
    for (size_t i = 0; i < s->d->part_count; i++)
        put_part(s, &s->d->parts[i]);
    json_list_end(j);
}

/* Behind the results: which rules there are is known then. */
static void put_tool(struct sarif *s)
{
    const char *space = strchr(s->d->program, ' ');

    json_key(s->j, "tool");
    json_map(s->j);
    json_key(s->j, "driver");
    json_map(s->j);
    json_put_text(s->j, "name", "hvgpu");
    json_put_text(s->j, "version", space ? space + 1 : s->d->program);
    json_key(s->j, "rules");
    json_list(s->j);
    for (size_t i = 0; i < s->count; i++)
        put_rule(s, s->rules[i]);
    json_list_end(s->j);
    json_map_end(s->j);
    json_map_end(s->j);
}

const char *report_sarif(struct arena *a, const struct document *d)
{
    struct sarif s = {.arena = a, .d = d};
    struct text t;
    struct json j;

    text_init(&t, a);
    json_init(&j, &t, false);
    map_init(&s.index, a, 64, false);
    map_init(&s.found, a, 64, false);
    s.j = &j;
    json_map(&j);
    json_put_text(&j, "$schema",
                  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/"
                  "sarif-schema-2.1.0.json");
    json_put_text(&j, "version", "2.1.0");
    json_key(&j, "runs");
    json_list(&j);
    json_map(&j);
    put_run(&s);
    put_tool(&s);
    json_map_end(&j);
    json_list_end(&j);
    json_map_end(&j);
    text_add(&t, "\n");
    return text_done(&t);
}
