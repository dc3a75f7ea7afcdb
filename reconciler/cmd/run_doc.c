#include "cmd/run_doc.h"

#include "base/when.h"
#include "codec/shape.h"
#include "report/page.h"

enum { WIDTH = 100, RUN_COLUMNS = 48, STEP_COLUMNS = 56 };

/* As in the document: numbers that can be missing are NUM. */
struct doc_run_step {
    uint32_t number;
    uint64_t group;
    const char *verb, *subject, *name, *node, *before, *after;
    int64_t began_ms, ended_ms;
    unsigned result;
    const char *evidence;
};

struct run_doc {
    const char *api, *kind, *id, *identity, *cluster, *verb, *spec_digest, *plan_id;
    int64_t began_ms, ended_ms;
    struct num exit;
    const char *summary;
    size_t steps_ok, steps_failed;
    struct doc_run_step *steps;
    size_t step_count;
};

static const char *word_result(unsigned i)
{
    static const char *const words[] = {"unknown", "failed", "done"};

    return i < sizeof words / sizeof *words ? words[i] : NULL;
}

#define STEP(key, kind, member)                                                                    \
    {                                                                                              \
        key, SHAPE_##kind, offsetof(struct doc_run_step, member)                                   \
    }
static const struct shape_field step_fields[] = {
    STEP("number", U32, number),
    STEP("group", U64, group),
    STEP("verb", TEXT, verb),
    STEP("subject", TEXT, subject),
    STEP("name", TEXT, name),
    STEP("node", TEXT, node),
    STEP("before", TEXT, before),
    STEP("after", TEXT, after),
    STEP("began", TIME, began_ms),
    STEP("ended", TIME, ended_ms),
    {"result", SHAPE_WORD, offsetof(struct doc_run_step, result), .words = word_result},
    STEP("evidence", TEXT, evidence),
};
static const struct shape step_shape = {"step", sizeof(struct doc_run_step), step_fields,
                                        sizeof step_fields / sizeof *step_fields};

#define RUN(key, kind, member)                                                                     \
    {                                                                                              \
        key, SHAPE_##kind, offsetof(struct run_doc, member)                                        \
    }
static const struct shape_field run_fields[] = {
    RUN("apiVersion", TEXT, api),
    RUN("kind", TEXT, kind),
    RUN("id", TEXT, id),
    RUN("identity", TEXT, identity),
    RUN("cluster", TEXT, cluster),
    RUN("verb", TEXT, verb),
    RUN("specDigest", TEXT, spec_digest),
    RUN("plan", TEXT, plan_id),
    RUN("began", TIME, began_ms),
    RUN("ended", TIME, ended_ms),
    RUN("exit", NUM, exit),
    RUN("summary", TEXT, summary),
    RUN("stepsDone", SIZE, steps_ok),
    RUN("stepsFailed", SIZE, steps_failed),
    {"steps", SHAPE_MAPS, offsetof(struct run_doc, steps),
     .count = offsetof(struct run_doc, step_count), .shape = &step_shape},
};
static const struct shape run_shape = {"run", sizeof(struct run_doc), run_fields,
                                       sizeof run_fields / sizeof *run_fields};

static struct run_doc doc_of(struct arena *a, const struct history_run *r,
                             const struct history_step *steps, size_t count)
{
    struct run_doc d = {.api = "hvgpu/v1",
                        .kind = "Run",
                        .id = r->id,
                        .identity = r->identity,
                        .cluster = r->cluster,
                        .verb = r->verb,
                        .spec_digest = r->spec_digest,
                        .plan_id = r->plan_id,
                        .began_ms = r->began_ms,
                        .ended_ms = r->ended_ms,
                        .summary = r->summary,
                        .steps_ok = r->steps_ok,
                        .steps_failed = r->steps_failed,
                        .step_count = count};

    if (r->exit_code >= 0)
        d.exit = NUM((uint64_t)r->exit_code);
    d.steps = arena_array(a, struct doc_run_step, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct history_step *s = &steps[i];

        d.steps[i] = (struct doc_run_step){s->number,
                                           s->group,
                                           s->verb,
                                           s->subject,
                                           s->name,
                                           s->node,
                                           s->before,
                                           s->after,
                                           s->began_ms,
                                           s->ended_ms,
                                           (unsigned)(s->result + 1),
                                           s->evidence};
    }
    return d;
}

const char *run_json(struct arena *a, const struct history_run *run,
                     const struct history_step *steps, size_t count)
{
    struct run_doc doc = doc_of(a, run, steps, count);
    struct text t;
    struct json j;

    text_init(&t, a);
    json_init(&j, &t, false);
    shape_write(&j, &run_shape, &doc);
    text_add(&t, "\n");
    return text_done(&t);
}

bool run_read(struct arena *a, const char *file, const char *text, size_t size,
              struct history_run *run, struct history_step **steps, size_t *count,
              struct findings *found)
{
    struct doc *d = doc_open(a, file, text, size, found);
    struct run_doc doc = {0};
    bool good = doc_next(d) && shape_read(d, &run_shape, &doc) && !found->errors;

    doc_close(d);
    if (!good || !doc.id || !str_eq(doc.kind, "Run"))
        return false;
    *run = (struct history_run){.id = doc.id,
                                .identity = doc.identity,
                                .cluster = doc.cluster,
                                .verb = doc.verb,
                                .spec_digest = doc.spec_digest,
                                .plan_id = doc.plan_id,
                                .began_ms = doc.began_ms,
                                .ended_ms = doc.ended_ms,
                                .exit_code = doc.exit.known ? (int)(doc.exit.value & 127) : -1,
                                .summary = doc.summary,
                                .steps_ok = doc.steps_ok,
                                .steps_failed = doc.steps_failed};
    *count = doc.step_count;
    *steps = arena_array(a, struct history_step, doc.step_count + 1);
    for (size_t i = 0; i < doc.step_count; i++) {
        const struct doc_run_step *s = &doc.steps[i];

        (*steps)[i] = (struct history_step){
            doc.id,    s->number, s->group,    s->verb,     s->subject,         s->name,    s->node,
            s->before, s->after,  s->began_ms, s->ended_ms, (int)s->result - 1, s->evidence};
    }
    return true;
}

const char *run_list_json(struct arena *a, const struct history_run *runs, size_t count)
{
    struct text t;
    struct json j;

    text_init(&t, a);
    json_init(&j, &t, false);
    json_map(&j);
    json_put_text(&j, "apiVersion", "hvgpu/v1");
    json_put_text(&j, "kind", "History");
    json_key(&j, "runs");
    json_list(&j);
    for (size_t i = 0; i < count; i++) {
        struct run_doc doc = doc_of(a, &runs[i], NULL, 0);

        shape_write(&j, &run_shape, &doc);
    }
    json_list_end(&j);
    json_map_end(&j);
    text_add(&t, "\n");
    return text_done(&t);
}

static const char *exit_text(struct arena *a, const struct history_run *r)
{
    return r->exit_code < 0 ? "not ended" : arena_printf(a, "exit %d", r->exit_code);
}

static struct page page_of(struct arena *a)
{
    struct page p;

    page_init(&p, a, &(struct style){.width = WIDTH});
    return p;
}

/* What names it, made as wide as the others. */
static const char *padded(struct arena *a, const char *lead, size_t width)
{
    struct text t;

    text_init(&t, a);
    text_add(&t, lead);
    text_pad(&t, width);
    text_add(&t, "  ");
    return text_done(&t);
}

const char *run_list_text(struct arena *a, const struct history_run *runs, size_t count)
{
    struct page p = page_of(a);

    for (size_t i = 0; i < count; i++) {
        const struct history_run *r = &runs[i];
        const char *lead = arena_printf(a, "%s  %s  %s  %s", r->id, when_human(a, r->began_ms),
                                        r->cluster ? r->cluster : "?", r->verb ? r->verb : "?");

        page_printf(&p, padded(a, lead, RUN_COLUMNS), "%s%s%s", exit_text(a, r),
                    r->summary ? "  " : "", r->summary ? r->summary : "");
    }
    if (!count)
        page_wrap(&p, "", "No runs.");
    return page_done(&p);
}

static void step_lines(struct page *p, const struct history_step *s)
{
    const char *lead =
        arena_printf(p->arena, "  %4u  %s  %s %s", s->number,
                     s->ended_ms == WHEN_NONE ? "        " : when_clock(p->arena, s->ended_ms),
                     s->verb ? s->verb : "?", s->name ? s->name : "?");

    page_printf(p, padded(p->arena, lead, STEP_COLUMNS), "%s -> %s  %s",
                s->before ? s->before : "?", s->after ? s->after : "?",
                s->result == 1   ? "done"
                : s->result == 0 ? "FAILED"
                                 : "unknown");
    if (s->result != 1 && s->evidence)
        page_wrap(p, "        ", s->evidence);
}

const char *run_text(struct arena *a, const struct history_run *r, const struct history_step *steps,
                     size_t count)
{
    struct page p = page_of(a);

    page_printf(&p, "", "Run %s of %s: %s, %s", r->id, r->cluster ? r->cluster : "?",
                r->verb ? r->verb : "?", exit_text(a, r));
    page_wrap(&p, "  began     ", when_human(a, r->began_ms));
    if (r->ended_ms != WHEN_NONE)
        page_wrap(&p, "  ended     ", when_human(a, r->ended_ms));
    if (r->plan_id)
        page_wrap(&p, "  plan      ", r->plan_id);
    if (r->summary)
        page_wrap(&p, "  summary   ", r->summary);
    for (size_t i = 0; i < count; i++)
        step_lines(&p, &steps[i]);
    return page_done(&p);
}
