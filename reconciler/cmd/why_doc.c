/* A gathered `why` as text, and as JSON. */
#include "base/when.h"
#include "cmd/why.h"
#include "report/page.h"

enum { KEY = 14 };

static const char *lead(const struct why *w, const char *key)
{
    return arena_printf(w->arena, "  %-*s ", KEY, key);
}

static const char *place_of(struct arena *a, const struct span *at)
{
    return page_place(a, NULL, at);
}

static const char *const declared_head[] = {"  KEY", "VALUE", "SAID BY", "WHERE"};
enum { COLUMNS = sizeof declared_head / sizeof *declared_head };

static const char **put_said(const struct why *w, const char **row, const char *key,
                             const struct spec_said *s)
{
    row[0] = key;
    row[1] = s->value;
    row[2] = s->level;
    row[3] = s->at.file ? place_of(w->arena, &s->at) : "-";
    return row + COLUMNS;
}

/* Each value that counts; below it those that it goes over, the strongest first. */
static void declared(struct page *p, const struct why *w)
{
    const char *place = place_of(w->arena, &w->row_at), **cells, **row;
    size_t count = w->declared_count;

    page_gap(p);
    page_heading(p, "DECLARED%s%s", *place ? " at " : "", place);
    if (w->declared_note)
        page_wrap(p, "  ", w->declared_note);
    for (size_t i = 0; i < w->declared_count; i++)
        count += w->declared[i].lost_count;
    cells = row = arena_array(w->arena, const char *, count *COLUMNS + 1);
    for (size_t i = 0; i < w->declared_count; i++) {
        const struct spec_said *s = &w->declared[i];

        row = put_said(w, row, arena_printf(w->arena, "  %s", s->key), s);
        for (size_t k = s->lost_count; k--;)
            row = put_said(w, row, "    over", &s->lost[k]);
    }
    if (count)
        page_table(p, declared_head, COLUMNS, cells, count);
}

static void facts(struct page *p, const struct why *w, const char *title,
                  const struct why_fact *rows, size_t count)
{
    if (!count)
        return;
    page_gap(p);
    page_heading(p, "%s", title);
    for (size_t i = 0; i < count; i++)
        page_wrap(p, lead(w, rows[i].key), rows[i].text);
}

/* A subject is named where the lines are of several. */
static const char *whose(const struct why *w, const struct why_row *r)
{
    return str_eq(r->subject, w->subject) ? "" : arena_printf(w->arena, "%s: ", r->subject);
}

static void differences(struct page *p, const struct why *w)
{
    page_gap(p);
    page_heading(p, "DIFFERS");
    if (w->differs_note)
        page_wrap(p, "  ", w->differs_note);
    else if (!w->row_count)
        page_wrap(p, "  ", "no: it is as declared");
    for (size_t i = 0; i < w->row_count; i++) {
        const struct why_row *r = &w->rows[i];

        if (r->want)
            page_ends(p,
                      arena_printf(w->arena, "  %s%s  %s -> %s, %s, %s%s%s", whose(w, r), r->field,
                                   r->have, r->want, r->grade, r->state, r->since ? ", " : "",
                                   r->since ? r->since : ""),
                      page_place(w->arena, r->rule, &r->at));
        else {
            page_ends(p, arena_printf(w->arena, "  %s%s, %s", whose(w, r), r->field, r->state),
                      page_place(w->arena, r->rule, &r->at));
            page_wrap(p, "      ", r->text);
        }
        if (r->release && *r->release)
            page_wrap(p, "      released by: ", r->release);
    }
}

static void group(struct page *p, const struct why *w, const struct why_group *g)
{
    static const char *const gates[] = {"runs now", "held", "blocked"};
    struct arena *a = w->arena;
    size_t own = 0;

    for (size_t i = 0; i < w->step_count; i++)
        own += w->steps[i].group == g->number;
    page_printf(p, "  ", "group %zu, %s%s%s%s%s%s", g->number, gates[g->gate],
                g->code ? arena_printf(a, ": %s (%s)", g->code, g->rule) : "", g->why ? ": " : "",
                g->why ? g->why : "", g->off_at_most_ms ? "; off at most " : "",
                g->off_at_most_ms ? duration_minutes(a, g->off_at_most_ms) : "");
    if (g->release && *g->release)
        page_wrap(p, "      released by: ", g->release);
    if (*g->with)
        page_wrap(p, "      together with: ", g->with);
    for (size_t i = 0; i < w->step_count; i++)
        if (w->steps[i].group == g->number)
            page_ends(p, arena_printf(a, "      %s", w->steps[i].text),
                      w->steps[i].rule ? w->steps[i].rule : "");
    if (g->steps > own)
        page_printf(p, "      ", "and %s of the others", page_count(a, g->steps - own, "step"));
}

static void actions(struct page *p, const struct why *w)
{
    page_gap(p);
    page_heading(p, "LAST ACTIONS");
    if (w->no_actions)
        page_wrap(p, "  ", w->no_actions);
    for (size_t i = 0; i < w->action_count; i++) {
        const struct history_step *s = &w->actions[i];

        page_ends(p,
                  arena_printf(w->arena, "  %s  %s %s  %s -> %s  %s",
                               when_human(w->arena, s->began_ms), s->verb, s->name,
                               s->before ? s->before : "?", s->after ? s->after : "?",
                               s->result == 1   ? "done"
                               : s->result == 0 ? "failed"
                                                : "not known how it ended"),
                  s->run);
        if (s->result != 1 && s->evidence)
            page_wrap(p, "      ", s->evidence);
    }
}

const char *why_text(struct arena *a, const struct why *w, const struct style *style)
{
    struct page p;

    page_init(&p, a, style);
    page_heading(&p, "%s%s%s%s%s, observed %s", w->subject,
                 w->kind == SUBJECT_CLUSTER ? "" : " of ",
                 w->kind == SUBJECT_CLUSTER ? "" : w->cluster, w->node ? ", on " : "",
                 w->node ? w->node : "", when_human(a, w->observed_ms));
    declared(&p, w);
    facts(&p, w, "SEEN", w->seen, w->seen_count);
    if (!w->seen_count) {
        page_gap(&p);
        page_wrap(&p, "", PAINT_BOLD "SEEN" PAINT_END "  nothing: it is not there");
    }
    if (w->differs_known)
        differences(&p, w);
    if (w->group_count) {
        page_gap(&p);
        page_heading(&p, "WHAT WOULD RUN");
    }
    for (size_t i = 0; i < w->group_count; i++)
        group(&p, w, &w->groups[i]);
    facts(&p, w, "OWED AND OURS", w->owed, w->owed_count);
    actions(&p, w);
    return page_done(&p);
}

/* ---- JSON ---- */

static void json_place(struct json *j, const struct span *at)
{
    json_put_text(j, "file", at->file);
    json_key(j, "line");
    if (at->file && at->line)
        json_int(j, at->line);
    else
        json_null(j);
}

static void json_said(struct json *j, const struct spec_said *s)
{
    json_put_text(j, "value", s->value);
    json_put_text(j, "saidBy", s->level);
    json_place(j, &s->at);
}

static void json_declared(struct json *j, const struct why *w)
{
    json_key(j, "declared");
    json_map(j);
    json_put_text(j, "note", w->declared_note);
    json_place(j, &w->row_at);
    json_key(j, "values");
    json_list(j);
    for (size_t i = 0; i < w->declared_count; i++) {
        json_map(j);
        json_put_text(j, "key", w->declared[i].key);
        json_said(j, &w->declared[i]);
        json_key(j, "over");
        json_list(j);
        for (size_t k = w->declared[i].lost_count; k--;) {
            json_map(j);
            json_said(j, &w->declared[i].lost[k]);
            json_map_end(j);
        }
        json_list_end(j);
        json_map_end(j);
    }
    json_list_end(j);
    json_map_end(j);
}

static void json_facts(struct json *j, const char *key, const struct why_fact *rows, size_t count)
{
    json_key(j, key);
    json_list(j);
    for (size_t i = 0; i < count; i++) {
        json_map(j);
        json_put_text(j, "key", rows[i].key);
        json_put_text(j, "text", rows[i].text);
        json_map_end(j);
    }
    json_list_end(j);
}

static void json_rows(struct json *j, const struct why *w)
{
    json_key(j, "differs");
    json_list(j);
    for (size_t i = 0; i < w->row_count; i++) {
        const struct why_row *r = &w->rows[i];

        json_map(j);
        json_put_text(j, "subject", r->subject);
        json_put_text(j, r->want ? "field" : "code", r->field);
        json_put_text(j, "state", r->state);
        if (r->want) {
            json_put_text(j, "have", r->have);
            json_put_text(j, "want", r->want);
            json_put_text(j, "grade", r->grade);
            json_put_text(j, "since", r->since);
        } else {
            json_put_text(j, "text", r->text);
            json_put_text(j, "release", r->release);
        }
        json_put_text(j, "rule", r->rule);
        json_place(j, &r->at);
        json_map_end(j);
    }
    json_list_end(j);
}

static void json_groups(struct json *j, const struct why *w)
{
    static const char *const gates[] = {"runs", "held", "blocked"};

    json_key(j, "groups");
    json_list(j);
    for (size_t i = 0; i < w->group_count; i++) {
        const struct why_group *g = &w->groups[i];

        json_map(j);
        json_put_int(j, "group", (int64_t)g->number);
        json_put_text(j, "gate", gates[g->gate]);
        json_put_text(j, "code", g->code);
        json_put_text(j, "rule", g->rule);
        json_put_text(j, "why", g->why);
        json_put_text(j, "release", g->release);
        json_put_text(j, "with", g->with);
        json_put_int(j, "offAtMostMs", g->off_at_most_ms);
        json_key(j, "steps");
        json_list(j);
        for (size_t k = 0; k < w->step_count; k++)
            if (w->steps[k].group == g->number)
                json_text(j, w->steps[k].text);
        json_list_end(j);
        json_map_end(j);
    }
    json_list_end(j);
}

static void json_actions(struct json *j, const struct why *w)
{
    json_put_text(j, "noActions", w->no_actions);
    json_key(j, "actions");
    json_list(j);
    for (size_t i = 0; i < w->action_count; i++) {
        const struct history_step *s = &w->actions[i];

        json_map(j);
        json_put_text(j, "run", s->run);
        json_put_text(j, "verb", s->verb);
        json_put_text(j, "name", s->name);
        json_put_text(j, "before", s->before);
        json_put_text(j, "after", s->after);
        json_put_text(j, "began",
                      s->began_ms == WHEN_NONE ? NULL : when_iso(w->arena, s->began_ms));
        json_put_text(j, "result", s->result == 1 ? "done" : s->result == 0 ? "failed" : "unknown");
        json_put_text(j, "evidence", s->evidence);
        json_map_end(j);
    }
    json_list_end(j);
}

void why_json(struct json *j, const struct why *w)
{
    json_map(j);
    json_put_text(j, "apiVersion", "hvgpu/v1");
    json_put_text(j, "kind", "Why");
    json_put_text(j, "subject", w->subject);
    json_put_text(j, "cluster", w->cluster);
    json_put_text(j, "node", w->node);
    json_put_text(j, "observed", when_iso(w->arena, w->observed_ms));
    json_declared(j, w);
    json_facts(j, "seen", w->seen, w->seen_count);
    json_put_text(j, "differsNote", w->differs_note);
    json_rows(j, w);
    json_groups(j, w);
    json_facts(j, "owed", w->owed, w->owed_count);
    json_actions(j, w);
    json_map_end(j);
}
