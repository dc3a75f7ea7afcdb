/*
 * VM rows with `match`: what can be wrong with them before any world is known
 * (I2, M7).  Who they take is found in resolve_match.c.
 */
#include "spec/read.h"

#include <stdlib.h>

/* A pattern takes nothing away: that is said by name (M7). */
static void check_use(struct builder *b, const struct raw_vm *row, const struct vm_wish *wish)
{
    const struct span *at = SAID(row->gpu) ? &row->gpu.at : &row->class.at;

    if (wish->use == VM_DEVICES)
        spec_find(b->found, CODE_KEY_CHOICE, at,
                  "`devices` are given to one VM, and this row says "
                  "`match`")
            ->next = "give that VM a row of its own with `name`";
    if (wish->use == VM_NONE)
        spec_find(b->found, CODE_BY_PATTERN, at, "`gpu: none` for all that %s takes",
                  row->match.value)
            ->next = "name the VMs: names: [..]; for no change write gpu: asFound";
}

static void check_except(struct builder *b, const struct raw_vm *row)
{
    size_t patterns = 0;

    for (size_t i = 0; i < row->except.count; i++)
        patterns += str_is_pattern(row->except.names[i]);
    if (patterns > LIMIT_PATTERNS)
        spec_find(b->found, CODE_TOO_MANY, &row->except.at, "more than %d patterns in `except`",
                  LIMIT_PATTERNS)
            ->next = "names and ranges are not counted";
}

static void add_pattern(struct builder *b, const struct classes *classes, const struct raw_vm *row)
{
    struct spec_pattern *p = &b->out->patterns[b->out->pattern_count++];

    *p = (struct spec_pattern){.except = row->except.names,
                               .except_count = row->except.count,
                               .least = row->expect.least,
                               .most = row->expect.most,
                               .expect_at = row->expect.at};
    build_vm_row(b, classes, row, &p->vm);
    p->vm.match = row->match.value;
    if (!shape_seen(&b->shapes[SHAPE_vm], &row->head, "expect"))
        spec_find(b->found, CODE_ROW_INCOMPLETE, &row->head.at,
                  "`match` without `expect`: how many VMs a pattern may take is said with it")
            ->next = "write `expect` beside it, or take it out";
    check_use(b, row, p->vm.wish);
    check_except(b, row);
}

/* Does `wide` take every name that `narrow` fits?  `*` of the narrow one needs a `*`. */
static bool covers(const char *wide, const char *narrow)
{
    for (const char *c = wide; *c; c++)
        if (*c == '?' && strchr(narrow, '*'))
            return false;
    return str_fits(wide, narrow);
}

static bool is_excepted(const struct spec_pattern *p, const char *pattern)
{
    for (size_t i = 0; i < p->except_count; i++)
        if (covers(p->except[i], pattern))
            return true;
    return false;
}

static void check_pair(struct builder *b, const struct spec_pattern *wide,
                       const struct spec_pattern *narrow)
{
    const struct spec_pattern *first = span_cmp(&wide->vm.at, &narrow->vm.at) < 0 ? wide : narrow;
    const struct spec_pattern *second = first == wide ? narrow : wide;

    spec_find(b->found, CODE_TWO_ROWS, &second->vm.at, "%s takes VMs that %s (%s) takes as well",
              second->vm.match, first->vm.match, build_place(b, &first->vm.at, &second->vm.at))
        ->next = arena_printf(b->arena, "write except: [\"%s\"] beside %s", narrow->vm.match,
                              wide->vm.match);
}

/* Patterns that cross only are judged by the VMs that are there. */
static void check_patterns(struct builder *b)
{
    const struct spec_pattern *p = b->out->patterns;

    for (size_t i = 0; i < b->out->pattern_count; i++)
        for (size_t k = 0; k < i; k++)
            if (covers(p[i].vm.match, p[k].vm.match) && !is_excepted(&p[i], p[k].vm.match))
                check_pair(b, &p[i], &p[k]);
            else if (covers(p[k].vm.match, p[i].vm.match) && !is_excepted(&p[k], p[i].vm.match))
                check_pair(b, &p[k], &p[i]);
}

static int by_pattern(const void *x, const void *y)
{
    const struct spec_pattern *a = x, *b = y;

    return str_cmp_fold(a->vm.match, b->vm.match);
}

void build_patterns(struct builder *b, const struct classes *classes)
{
    const struct said_rows *vms = &b->raw->vms;
    size_t count = 0;

    for (size_t i = 0; i < vms->count; i++)
        count += SAID(ROW_AT(vm, *vms, i)->match);
    if (count > LIMIT_PATTERNS) {
        spec_find(b->found, CODE_TOO_MANY, &vms->at, "more than %d rows with `match`",
                  LIMIT_PATTERNS)
            ->next = "name the VMs, or widen a pattern";
        return;
    }
    b->out->patterns = arena_array(b->arena, struct spec_pattern, count + 1);
    for (size_t i = 0; i < vms->count; i++)
        if (SAID(ROW_AT(vm, *vms, i)->match))
            add_pattern(b, classes, ROW_AT(vm, *vms, i));
    check_patterns(b);
    if (count)
        qsort(b->out->patterns, count, sizeof *b->out->patterns, by_pattern);
}
