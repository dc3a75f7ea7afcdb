/*
 * JUnit: a test for each subject, its class the cluster.  As declared passes;
 * what differs fails; what waits or is blocked is skipped, with why and what
 * releases it; what nobody could see is an error.
 */
#include "report/document.h"
#include "report/xml.h"

#include <string.h>

enum verdict { PASSED, SKIPPED, FAILED, ERRED, VERDICTS };

struct test {
    const char *name;
    enum verdict verdict;
    const char *type, *message; /* of the line that decided */
    struct text text;           /* all lines about it */
};

struct suite {
    struct arena *arena;
    const char *name;  /* the cluster, or the file that is none */
    const char *whole; /* the test about all of it */
    struct test *tests;
    size_t count, room;
    struct map index; /* names, without case, to tests */
    size_t by_verdict[VERDICTS];
};

static struct test *test_of(struct suite *s, const char *name)
{
    uint32_t at = map_put(&s->index, name, (uint32_t)s->count);
    struct test *t;

    if (at < s->count)
        return &s->tests[at];
    t = arena_push(s->arena, s->tests, s->count, s->room);
    *t = (struct test){.name = name};
    text_init(&t->text, s->arena);
    return t;
}

/* What is about no subject of its own is about the cluster. */
static const char *subject_of(const struct suite *s, const struct part_row *row, size_t name)
{
    if (*row->kind && row->name_count)
        return arena_printf(s->arena, "%s/%s", row->kind, row->names[name]);
    return s->whole;
}

static enum verdict verdict_of(const struct part_row *row)
{
    if (str_eq(row->code, reason_rows[REASON_NODE_UNSEEN].code))
        return ERRED;
    switch (row->section) {
    case SECTION_OWED:
    case SECTION_QUIET:
    case SECTION_INTERRUPT:
        return FAILED;
    case SECTION_HELD:
    case SECTION_ROLLOUT:
    case SECTION_BLOCKED:
    case SECTION_BY_HAND:
        return SKIPPED;
    case SECTIONS: /* a finding */
        return row->severity == SEVERITY_ERROR ? FAILED : PASSED;
    default:
        return PASSED;
    }
}

static enum verdict verdict_of_drift(const struct part_row *row)
{
    return row->counts                                         ? FAILED
           : str_eq(row->code, drift_rows[DRIFT_UNKNOWN].word) ? ERRED
                                                               : PASSED;
}

/* "offlineAction  1 -> 3; permission: stops cam-1", "host-changed: offlineAction  3 -> 1" */
static const char *message_of(struct arena *a, const struct part_row *row)
{
    const char *code = row->code && !str_eq(row->what, row->code) ? row->code : NULL;
    struct text t;

    text_init(&t, a);
    if (row->section == SECTIONS && code)
        text_printf(&t, "%s: ", code);
    text_add(&t, row->what);
    if (row->section != SECTIONS && code)
        text_printf(&t, "; %s", code);
    if (row->why && *row->why)
        text_printf(&t, "%s: %s", row->section == SECTIONS ? "; repair" : "", row->why);
    return text_done(&t);
}

static void tell(struct suite *s, const struct part_row *row, enum verdict verdict)
{
    const char *place = page_place(s->arena, row->rule, &row->at);
    const char *message = message_of(s->arena, row);

    for (size_t i = 0; i < (row->name_count ? row->name_count : 1); i++) {
        struct test *t = test_of(s, subject_of(s, row, i));

        if (verdict > t->verdict || !t->message) {
            t->type = row->code ? row->code : "differs";
            t->message = message;
        }
        t->verdict = verdict > t->verdict ? verdict : t->verdict;
        text_printf(&t->text, "%s%s\n", message,
                    *place ? arena_printf(s->arena, "  (%s)", place) : "");
        if (row->detail)
            text_printf(&t->text, "  %s\n", row->detail);
        if (row->release && *row->release)
            text_printf(&t->text, part_is_finding(row) ? "  %s\n" : "  released by: %s\n",
                        row->release);
    }
}

static void judge(struct suite *s, const struct document *d, const struct cluster_part *p)
{
    struct test *t = test_of(s, s->whole);

    if (p->failure) {
        t->verdict = ERRED;
        t->type = "not-known";
        t->message = p->failure;
        text_printf(&t->text, "%s\n", p->failure);
    }
    for (size_t i = 0; i < p->declared_count; i++)
        test_of(s, p->declared[i]);
    for (size_t i = 0; i < p->row_count; i++)
        tell(s, &p->rows[i], verdict_of(&p->rows[i]));
    for (size_t i = 0; str_eq(d->verb, "drift") && i < p->drift_count; i++)
        tell(s, &p->drift[i], verdict_of_drift(&p->drift[i]));
    for (size_t i = 0; i < s->count; i++)
        s->by_verdict[s->tests[i].verdict]++;
}

static void counts(struct xml *x, const size_t by[VERDICTS])
{
    xml_attr_int(x, "tests", (int64_t)(by[PASSED] + by[SKIPPED] + by[FAILED] + by[ERRED]));
    xml_attr_int(x, "failures", (int64_t)by[FAILED]);
    xml_attr_int(x, "errors", (int64_t)by[ERRED]);
}

static void put_test(struct xml *x, const struct suite *s, const struct test *t)
{
    static const char *const words[VERDICTS] = {
        [PASSED] = "system-out", [SKIPPED] = "skipped", [FAILED] = "failure", [ERRED] = "error"};

    xml_open(x, "testcase");
    xml_attr(x, "classname", s->name);
    xml_attr(x, "name", t->name);
    xml_attr(x, "time", "0");
    if (t->verdict != PASSED || t->text.size) {
        xml_open(x, words[t->verdict]);
        if (t->verdict != PASSED)
            xml_attr(x, "message", t->message);
        if (t->verdict == FAILED || t->verdict == ERRED)
            xml_attr(x, "type", t->type);
        xml_text(x, t->text.size ? t->text.data : "");
        xml_close(x);
    }
    xml_close(x);
}

static void put_suite(struct xml *x, const struct suite *s)
{
    xml_open(x, "testsuite");
    xml_attr(x, "name", s->name);
    counts(x, s->by_verdict);
    xml_attr_int(x, "skipped", (int64_t)s->by_verdict[SKIPPED]);
    xml_attr(x, "time", "0");
    for (size_t i = 0; i < s->count; i++)
        put_test(x, s, &s->tests[i]);
    xml_close(x);
}

const char *report_junit(struct arena *a, const struct document *d)
{
    struct suite *suites = arena_array(a, struct suite, d->part_count + 1);
    size_t all[VERDICTS] = {0};
    struct text t;
    struct xml x;

    for (size_t i = 0; i < d->part_count; i++) {
        const struct cluster_part *p = &d->parts[i];

        suites[i] = (struct suite){.arena = a, .name = p->source ? p->source : "?"};
        suites[i].whole = suites[i].name;
        if (p->cluster) {
            suites[i].name = p->cluster;
            suites[i].whole = arena_printf(a, "cluster/%s", p->cluster);
        }
        map_init(&suites[i].index, a, p->declared_count + p->row_count, true);
        judge(&suites[i], d, p);
        for (int k = 0; k < VERDICTS; k++)
            all[k] += suites[i].by_verdict[k];
    }
    text_init(&t, a);
    xml_init(&x, &t);
    xml_open(&x, "testsuites");
    xml_attr(&x, "name", arena_printf(a, "hvgpu %s", d->verb));
    counts(&x, all);
    xml_attr(&x, "time", "0");
    for (size_t i = 0; i < d->part_count; i++)
        put_suite(&x, &suites[i]);
    xml_close(&x);
    return text_done(&t);
}
