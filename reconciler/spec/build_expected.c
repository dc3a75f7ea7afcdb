/* policy.expected: whose difference, of which field, with which value, until when (P8). */
#include "spec/read.h"

#include <string.h>

/* "gpus: partitions, state, pool" */
static const char *fields_text(struct arena *a, enum subject_kind kind)
{
    struct text t;

    text_init(&t, a);
    for (int f = 0; f < FIELDS; f++)
        if (field_about[f].subject == kind && f != FIELD_VM_OWED)
            text_printf(&t, "%s%s", t.size ? ", " : "write one of ", field_about[f].word);
    return text_done(&t);
}

static const char *values_text(struct arena *a, const char *const *words)
{
    struct text t;

    text_init(&t, a);
    for (size_t i = 0; words[i]; i++)
        text_printf(&t, "%s%s", i ? ", " : "write one of ", words[i]);
    return text_done(&t);
}

static bool is_word(const char *s, const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        if (str_same(s, words[i]))
            return true;
    return false;
}

static bool is_number(const char *s)
{
    uint64_t n;

    return str_u64(s, &n) || str_same(s, "unknown");
}

static void check_value(struct builder *b, const struct expectation *x, const struct span *at)
{
    const char *const *words = field_value_words(x->field);
    bool number = field_about[x->field].value == VALUE_NUMBER;

    if (words ? is_word(x->value, words) : !number || is_number(x->value))
        return;
    spec_find(b->found, CODE_NO_VALUE, at, "`%s` can never be `%s`", field_about[x->field].word,
              x->value)
        ->next =
        words ? values_text(b->arena, words) : "write a number, as plans and drift print it";
}

static void take_subject(struct builder *b, const char *said, struct expectation *x)
{
    const char *name = strchr(said, '/') + 1, *path = strchr(name, '/');

    x->subject = said;
    x->kind = str_starts(said, "vm/")    ? SUBJECT_VM
              : str_starts(said, "gpu/") ? SUBJECT_GPU
                                         : SUBJECT_POOL;
    x->name = name;
    if (x->kind != SUBJECT_GPU)
        return;
    x->node = node_short(b->arena, arena_strndup(b->arena, name, (size_t)(path - name)));
    x->name = path + 1;
}

int64_t build_instant(const struct builder *b, const struct said_moment *m)
{
    const struct zone *zone = b->out->policy.calendar.zone;

    return m->day && zone ? zone_instant(zone, m->ms) : m->ms;
}

static void build_row(struct builder *b, const struct raw_expected *row, struct map *seen)
{
    struct expectation *x = &b->out->policy.expected[b->out->policy.expected_count];
    uint32_t self = (uint32_t)b->out->policy.expected_count, first;

    if (!SAID(row->subject) || !SAID(row->field) || !SAID(row->value) || !SAID(row->reason) ||
        !SAID(row->until))
        return; /* said by the reader */
    *x = (struct expectation){.value = row->value.value,
                              .reason = row->reason.value,
                              .until_ms = build_instant(b, &row->until),
                              .until = row->until.text,
                              .at = row->head.at};
    take_subject(b, row->subject.value, x);
    x->field = field_of_word(x->kind, row->field.value);
    if (x->field == FIELDS) {
        spec_find(b->found, CODE_UNKNOWN_FIELD, &row->field.at, "%s has no field `%s`", x->subject,
                  row->field.value)
            ->next = fields_text(b->arena, x->kind);
        return;
    }
    check_value(b, x, &row->value.at);
    first = map_put(seen, arena_printf(b->scratch, "%s|%d", x->subject, (int)x->field), self);
    if (first != self)
        spec_find(b->found, CODE_DUPLICATE_NAME, &row->head.at,
                  "`%s` of %s is expected twice: also at %s", row->field.value, x->subject,
                  build_place(b, &b->out->policy.expected[first].at, &row->head.at))
            ->next = "take one out";
    b->out->policy.expected_count++;
}

void build_expected(struct builder *b)
{
    const struct said_rows *rows = &b->policy->expected;
    struct map seen;

    if (rows->count > LIMIT_EXPECTED) {
        spec_find(b->found, CODE_TOO_MANY, &rows->at, "more than %d rows of `expected`",
                  LIMIT_EXPECTED)
            ->next = "say what shall be instead";
        return;
    }
    map_init(&seen, b->scratch, rows->count, true);
    b->out->policy.expected = arena_array(b->arena, struct expectation, rows->count);
    for (size_t i = 0; i < rows->count; i++)
        build_row(b, ROW_AT(expected, *rows, i), &seen);
}
