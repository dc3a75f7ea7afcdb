#include "report/plan_items.h"

#include "report/holders.h"

#include <stdlib.h>
#include <string.h>

struct build {
    struct arena *arena;
    const struct plan *plan;
    const struct state *have; /* or NULL */
    bool all;
    struct plan_items *out;
    struct map problems; /* "subject|reason" of problems, to their index */
    bool *told;          /* problems that a change already tells */
    bool *after_stop;    /* by group: it interrupts, or comes after one that does */
    bool *before;        /* by group: all that it carries was there before (--base) */
    uint32_t *of_group;  /* changes by group: of_group[first[g] .. first[g + 1]) */
    uint32_t *first;
};

static const char *split(struct arena *a, const char *subject, const char **kind)
{
    const char *slash = strchr(subject, '/');

    *kind = slash ? arena_strndup(a, subject, (size_t)(slash - subject)) : "";
    return slash ? slash + 1 : subject;
}

static void count_subject(struct section *s, const char *kind, const char *name)
{
    struct map *m = str_eq(kind, "vm") ? &s->vms : str_eq(kind, "gpu") ? &s->gpus : &s->others;

    map_put(m, name, 0);
}

static bool may_fold(const struct build *b, enum section_kind where, char sign)
{
    return !b->all && where != SECTION_BLOCKED && sign != '-' && sign != 'x';
}

/* Names of several rows of the spec stand on one line: from the first row to the last. */
static void fold_place(struct item *item, uint32_t line)
{
    uint32_t first = item->at.line, last = item->lines ? item->last_line : first;

    if (line == first || line == last)
        return;
    item->lines += item->lines ? 1 : 2;
    item->at.line = line < first ? line : first;
    item->last_line = line > last ? line : last;
}

static void add(struct build *b, enum section_kind where, const struct item *like, const char *name)
{
    struct section *s = &b->out->sections[where];
    struct item *item = NULL;

    if (may_fold(b, where, like->sign)) {
        const char *key =
            arena_printf(b->arena, "%c%d|%s|%s|%s|%s|%s|%s|%s", like->sign, like->before,
                         like->kind, like->what, like->rule ? like->rule : "",
                         like->at.file ? like->at.file : "", like->detail ? like->detail : "",
                         like->below ? like->below : "", like->release ? like->release : "");
        uint32_t at = map_put(&s->index, key, (uint32_t)s->count);

        if (at < s->count)
            item = &s->rows[at];
    }
    if (!item) {
        item = arena_push(b->arena, s->rows, s->count, s->room);
        *item = *like;
        item->names = NULL;
        item->name_count = item->name_room = 0;
    }
    *arena_push(b->arena, item->names, item->name_count, item->name_room) = name;
    fold_place(item, like->at.line);
    if (like->sign == '!')
        s->interrupts++;
    else
        count_subject(s, like->kind, name);
    s->moves += like->sign == '>';
}

/* Why it waits: as one line, and apart. */
static void give_reason(struct build *b, struct item *item, enum reason reason, const char *why)
{
    const struct reason_row *row = reason == REASON_NONE ? NULL : &reason_rows[reason];

    item->code = row ? row->code : NULL;
    item->why = row && !(why && *why) ? row->text : why;
    item->below =
        row ? arena_printf(b->arena, "%s (%s): %s", row->code, row->rule, item->why) : item->why;
}

static const char *release_line(enum reason reason, const char *release)
{
    if (release && *release)
        return release;
    return reason != REASON_NONE && *reason_rows[reason].release ? reason_rows[reason].release
                                                                 : NULL;
}

/* "896 MiB -> 3648 MiB expected": what the host reports now, and what a like GPU reports. */
static const char *size_line(struct build *b, const struct change *c)
{
    struct num size;
    uint64_t want;

    if (c->field != FIELD_GPU_COUNT || !b->have || c->gpu >= b->have->gpu_count ||
        !str_u64(c->want, &want))
        return NULL;
    size = gpu_size_at(b->have, c->gpu, want);
    if (size.known)
        return arena_printf(b->arena, "%s -> %s expected, read back afterwards (C5)",
                            page_bytes(b->arena, b->have->gpus[c->gpu].optimal[QUOTA_VRAM]),
                            page_bytes(b->arena, size));
    return arena_printf(b->arena, "%s now; the new size is known after the change (C5)",
                        page_bytes(b->arena, b->have->gpus[c->gpu].optimal[QUOTA_VRAM]));
}

char plan_change_sign(const struct change *c, enum gate gate)
{
    if (gate == GATE_BLOCKED)
        return 'x';
    if (c->field == FIELD_VM_NODE)
        return '>';
    if (c->gains != c->loses)
        return c->gains ? '+' : '-';
    return '~';
}

/* "lyo-hv3 -> lyo-hv1  live" (M1, M8) */
static const char *move_line(const struct build *b, const struct change *c)
{
    bool off = b->have && c->vm < b->have->vm_count && vm_is_off(&b->have->vms[c->vm]);

    return arena_printf(b->arena, "%s -> %s  %s", c->have, c->want,
                        off            ? "while it is off"
                        : c->needs_off ? "stop, move, start"
                                       : "live");
}

static struct item item_of_change(struct build *b, const struct plan_change *pc, enum gate gate)
{
    const struct change *c = &pc->change;
    struct item item = {.sign = plan_change_sign(c, gate)};

    split(b->arena, pc->subject, &item.kind);
    item.what = c->field == FIELD_VM_NODE
                    ? move_line(b, c)
                    : arena_printf(b->arena, "%s  %s -> %s", field_words[c->field],
                                   c->have ? c->have : "none", c->want ? c->want : "none");
    item.rule = c->rule;
    item.at = c->at;
    item.before = pc->cause == CAUSE_BEFORE;
    return item;
}

static const char *vm_name(const struct build *b, uint32_t vm)
{
    return b->have && vm < b->have->vm_count ? b->have->vms[vm].name : "?";
}

/* Groups stand in an order in which needs come first. */
static void find_after_stop(struct build *b)
{
    b->after_stop = arena_array(b->arena, bool, b->plan->group_count + 1);
    for (size_t i = 0; i < b->plan->group_count; i++) {
        const struct plan_group *g = &b->plan->groups[i];

        b->after_stop[i] = g->interrupt_count > 0;
        for (size_t k = 0; k < g->need_count; k++)
            b->after_stop[i] |= g->needs[k] < i && b->after_stop[g->needs[k]];
    }
}

static enum section_kind section_of(const struct build *b, const struct plan_group *g)
{
    static const enum section_kind by_gate[] = {
        [GATE_RUNS] = SECTION_QUIET, [GATE_HELD] = SECTION_HELD, [GATE_BLOCKED] = SECTION_BLOCKED};

    if (g->gate == GATE_HELD && g->reason == REASON_WAITS_ROLLOUT)
        return SECTION_ROLLOUT;
    return g->gate == GATE_RUNS && b->after_stop[g - b->plan->groups] ? SECTION_INTERRUPT
                                                                      : by_gate[g->gate];
}

/* What an assignment brings with it: the settings that a GPU implies (S0), and the start. */
static bool comes_with(const struct change *c)
{
    return c->kind == SUBJECT_VM && c->field != FIELD_VM_GPU &&
           (c->grade != GRADE_DECLARED || c->field == FIELD_VM_POWER);
}

static const char *with_it(struct build *b, uint32_t from, uint32_t to, const char *subject)
{
    struct text t;

    text_init(&t, b->arena);
    for (uint32_t i = from; i < to; i++) {
        const struct plan_change *pc = &b->plan->changes[b->of_group[i]];
        const struct change *c = &pc->change;

        if (pc->at_next_stop || !comes_with(c) || !str_eq(pc->subject, subject))
            continue;
        text_printf(&t, "%s%s %s -> %s%s%s%s", t.size ? ", " : "with it: ", field_words[c->field],
                    c->have ? c->have : "none", c->want ? c->want : "none", c->rule ? " (" : "",
                    c->rule ? c->rule : "", c->rule ? ")" : "");
    }
    return t.size ? text_done(&t) : NULL;
}

/* Does the subject of this change get a GPU in the same group?  Its lines are neighbours. */
static bool gains_with(const struct build *b, uint32_t from, uint32_t to, uint32_t at)
{
    const char *subject = b->plan->changes[b->of_group[at]].subject;

    for (uint32_t i = from; i < to; i++) {
        const struct plan_change *pc = &b->plan->changes[b->of_group[i]];

        if (pc->change.field == FIELD_VM_GPU && pc->change.gains && str_eq(pc->subject, subject))
            return true;
    }
    return false;
}

/* The changes [from, to) of one subject in one group. */
static void add_changes(struct build *b, const struct plan_group *g, uint32_t from, uint32_t to,
                        const struct item *wait)
{
    for (uint32_t i = from; i < to; i++) {
        const struct plan_change *pc = &b->plan->changes[b->of_group[i]];
        struct item item = item_of_change(b, pc, g->gate);
        bool gains = !b->all && gains_with(b, from, to, i);

        if (pc->at_next_stop || (gains && comes_with(&pc->change)))
            continue;
        item.detail = pc->change.field == FIELD_VM_GPU && gains ? with_it(b, from, to, pc->subject)
                      : g->gate != GATE_BLOCKED                 ? size_line(b, &pc->change)
                                                                : NULL;
        item.below = wait->below;
        item.release = wait->release;
        item.code = wait->code;
        item.why = wait->why;
        add(b, section_of(b, g), &item, pc->name);
    }
}

const char *item_waits_for(const struct plan_group *g, const char *vm)
{
    for (size_t i = 0; i < g->member_count; i++)
        if (g->members[i].kind == SUBJECT_VM && str_same(g->members[i].name, vm))
            return g->members[i].waits;
    return NULL;
}

static void add_stop(struct build *b, const struct plan_group *g, const struct item *like,
                     const char *name)
{
    const char *until = item_waits_for(g, name),
               *off = g->gate == GATE_RUNS ? "off" : "would be off";
    struct item stop = *like;

    stop.off_at_most_ms = until ? 0 : g->off_at_most_ms;
    stop.what = until ? arena_printf(b->arena, "%s until %s is over", off, until)
                      : arena_printf(b->arena, "%s once, at most %s", off,
                                     duration_minutes(b->arena, g->off_at_most_ms));
    add(b, section_of(b, g), &stop, name);
}

static void add_group(struct build *b, uint32_t index)
{
    const struct plan_group *g = &b->plan->groups[index];
    bool waits = g->gate != GATE_RUNS && section_of(b, g) != SECTION_ROLLOUT;
    struct item stop = {.sign = '!', .kind = "vm", .before = b->before[index]};

    if (waits)
        give_reason(b, &stop, g->reason, g->why);
    stop.release = waits ? release_line(g->reason, g->release) : NULL;
    if (g->gate != GATE_RUNS && !waits) { /* below it the text has the turns of all nodes */
        give_reason(b, &stop, g->reason, b->all ? g->why : "each node begins when its turn comes");
        stop.below = NULL;
    }
    for (size_t i = 0; i < g->interrupt_count; i++)
        add_stop(b, g, &stop, vm_name(b, g->interrupts[i]));
    for (uint32_t i = b->first[index], n; i < b->first[index + 1]; i += n) {
        const char *subject = b->plan->changes[b->of_group[i]].subject;

        for (n = 1; i + n < b->first[index + 1] &&
                    str_eq(b->plan->changes[b->of_group[i + n]].subject, subject);
             n++)
            ;
        add_changes(b, g, i, i + n, &stop);
    }
}

/* A change that no group carries: its reason, told by the problem of its subject if there is one.
 */
static void add_loose(struct build *b, const struct plan_change *pc)
{
    enum section_kind where = pc->gate == GATE_BLOCKED ? SECTION_BLOCKED
                              : pc->gate == GATE_HELD  ? SECTION_HELD
                                                       : SECTION_QUIET;
    const struct problem *p = NULL;
    struct item item = item_of_change(b, pc, pc->gate);

    if (pc->reason != REASON_NONE) {
        uint32_t at =
            map_get(&b->problems, arena_printf(b->arena, "%s|%d", pc->subject, (int)pc->reason));

        if (at != MAP_NONE) {
            p = &b->plan->problems[at];
            b->told[at] = true;
        }
    }
    give_reason(b, &item, pc->reason, p ? p->text : NULL);
    item.release = release_line(pc->reason, p ? p->release : NULL);
    add(b, where, &item, pc->name);
}

static void add_problem(struct build *b, const struct problem *p)
{
    static const enum section_kind by_class[] = {
        [CLASS_BLOCKED] = SECTION_BLOCKED, [CLASS_HELD] = SECTION_HELD,
        [CLASS_WARNING] = SECTION_WARNING, [CLASS_NOTE] = SECTION_NOTE,
        [CLASS_MANUAL] = SECTION_BY_HAND,
    };
    const struct reason_row *row = &reason_rows[p->reason];
    struct item item = {.sign = row->class == CLASS_BLOCKED ? 'x' : '~'};
    const char *name = split(b->arena, p->subject, &item.kind);

    item.what = item.code = row->code;
    item.rule = row->rule;
    item.at = p->at;
    item.below = item.why = p->text && *p->text ? p->text : row->text;
    item.release = release_line(p->reason, p->release);
    item.before = p->cause == CAUSE_BEFORE;
    if (row->class != CLASS_BLOCKED && row->class != CLASS_HELD)
        item.sign = ' ';
    add(b, by_class[row->class], &item, name);
}

/* Only what ran was stopped by us; the rest was off before. */
const char *report_debt(struct arena *a, const struct debt *d, bool waits)
{
    if (d->waits)
        return arena_printf(a,
                            waits ? "was stopped, stays off until %s is over"
                                  : "was stopped for %s, will be started",
                            d->waits);
    if (d->phase == DEBT_STUCK)
        return d->found_running && !d->declared ? "was stopped, could not be started again"
                                                : "could not be started";
    if (!d->found_running)
        return "was off, stays off";
    if (d->declared)
        return "was off, will be started as declared";
    return d->phase == DEBT_FOUND ? "runs, was to be stopped" : "was stopped, will be started";
}

const char *report_time(struct arena *a, const struct plan_head *h, int64_t ms)
{
    return zone_human(a, h->time_zone ? zone_find(h->time_zone) : NULL, ms);
}

static void add_debts(struct build *b)
{
    for (size_t i = 0; i < b->plan->debt_count; i++) {
        const struct debt *d = &b->plan->debts[i];
        bool waits = plan_debt_waits(b->plan, d);
        struct item item = {.sign = '~', .kind = "vm", .rule = d->waits ? "V9" : "V10"};

        if (d->waits && waits)
            continue; /* V9: among what is held, with its release */
        item.what = waits ? "owed: was stopped, and stays off for now"
                          : arena_printf(b->arena, "owed: %s", report_debt(b->arena, d, false));
        item.below = arena_printf(b->arena, "by run %s, since %s", d->run ? d->run : "?",
                                  report_time(b->arena, &b->plan->head, d->since_ms));
        add(b, SECTION_OWED, &item, d->name);
    }
}

/* P7, P8: what differs and is not brought about. */
static void add_aside(struct build *b, const struct plan_aside *from)
{
    const struct change *c = &from->change;
    struct item item = {.sign = ' ', .before = from->cause == CAUSE_BEFORE};
    bool expected = from->why == ASIDE_EXPECTED;

    split(b->arena, from->subject, &item.kind);
    item.rule = c->rule;
    item.at = c->at;
    if (from->reason != REASON_NONE) {
        item.what = item.code = reason_rows[from->reason].code;
        item.below = item.why = from->text;
    } else {
        item.what = arena_printf(b->arena, "%s  %s -> %s", field_words[c->field],
                                 c->have ? c->have : "none", c->want ? c->want : "none");
    }
    if (expected)
        item.below = arena_printf(b->arena, "until %s: %s  (%s)", from->until ? from->until : "?",
                                  from->because ? from->because : "?",
                                  page_place(b->arena, "P8", &from->entry_at));
    add(b, expected ? SECTION_EXPECTED : SECTION_DETECT, &item, from->name);
}

/* Changes in the order of their groups, linear. */
static void index_changes(struct build *b)
{
    const struct plan *plan = b->plan;
    uint32_t *fill;

    b->first = arena_array(b->arena, uint32_t, plan->group_count + 2);
    b->of_group = arena_array(b->arena, uint32_t, plan->change_count + 1);
    for (size_t i = 0; i < plan->change_count; i++)
        if (plan->changes[i].group < plan->group_count)
            b->first[plan->changes[i].group + 1]++;
    for (size_t g = 0; g < plan->group_count; g++)
        b->first[g + 1] += b->first[g];
    fill =
        arena_grow(b->arena, b->first, plan->group_count + 1, plan->group_count + 1, sizeof *fill);
    for (size_t i = 0; i < plan->change_count; i++)
        if (plan->changes[i].group < plan->group_count)
            b->of_group[fill[plan->changes[i].group]++] = (uint32_t)i;
}

static void index_problems(struct build *b)
{
    map_init(&b->problems, b->arena, b->plan->problem_count, false);
    b->told = arena_array(b->arena, bool, b->plan->problem_count + 1);
    for (size_t i = 0; i < b->plan->problem_count; i++) {
        const struct problem *p = &b->plan->problems[i];

        map_put(&b->problems, arena_printf(b->arena, "%s|%d", p->subject, (int)p->reason),
                (uint32_t)i);
    }
}

/* What a group does is the change's as soon as one thing of it is. */
static void find_before(struct build *b)
{
    const struct plan *plan = b->plan;

    b->before = arena_array(b->arena, bool, plan->group_count + 1);
    for (size_t g = 0; plan->base.name && g < plan->group_count; g++) {
        b->before[g] = b->first[g] < b->first[g + 1];
        for (uint32_t i = b->first[g]; i < b->first[g + 1]; i++)
            b->before[g] &= plan->changes[b->of_group[i]].cause == CAUSE_BEFORE;
    }
}

/* What the change brings first, the rest behind it; both in their order. */
static void part(struct arena *a, struct section *s)
{
    struct item *rows = arena_array(a, struct item, s->count + 1);
    size_t n = 0;

    for (int before = 0; before < 2; before++)
        for (size_t i = 0; i < s->count; i++)
            if (s->rows[i].before == (bool)before) {
                rows[n++] = s->rows[i];
                s->before += (size_t)before;
            }
    s->rows = rows;
}

void plan_items(struct arena *a, const struct plan *plan, const struct state *have, bool all,
                struct plan_items *out)
{
    struct build b = {.arena = a, .plan = plan, .have = have, .all = all, .out = out};

    *out = (struct plan_items){0};
    for (int i = 0; i < SECTIONS; i++) {
        map_init(&out->sections[i].index, a, 16, false);
        map_init(&out->sections[i].vms, a, 16, true);
        map_init(&out->sections[i].gpus, a, 16, true);
        map_init(&out->sections[i].others, a, 16, false);
    }
    index_changes(&b);
    index_problems(&b);
    find_after_stop(&b);
    find_before(&b);
    add_debts(&b);
    for (uint32_t g = 0; g < plan->group_count; g++)
        add_group(&b, g);
    for (size_t i = 0; i < plan->change_count; i++) {
        const struct plan_change *pc = &plan->changes[i];

        if (pc->at_next_stop)
            *arena_push(a, out->next_stop, out->next_stop_count, out->next_stop_room) = pc->name;
        else if (pc->group >= plan->group_count)
            add_loose(&b, pc);
    }
    for (size_t i = 0; i < plan->problem_count; i++)
        if (!b.told[i])
            add_problem(&b, &plan->problems[i]);
    for (size_t i = 0; i < plan->aside_count; i++)
        add_aside(&b, &plan->asides[i]);
    for (int i = 0; plan->base.name && i < SECTIONS; i++)
        part(a, &out->sections[i]);
}

const char *item_right(struct arena *a, const struct item *item)
{
    const char *place = page_place(a, item->rule, &item->at);

    if (!item->lines)
        return place;
    return arena_printf(a, "%s%s%u", place, item->lines == 2 ? ", " : "..", item->last_line);
}

/* The words of str_ranges(), each in front of all of `behind`: hv-01..08/gpu0..3. */
static void cross(struct text *out, struct arena *a, const char *words, const char *behind)
{
    for (size_t n; *words; words += n + strspn(words + n, " ")) {
        n = strcspn(words, " ");
        for (size_t k, i = 0; behind[i]; i += k + strspn(behind + i + k, " ")) {
            k = strcspn(behind + i, " ");
            text_printf(out, "%s%s/%s", out->size ? " " : "", arena_strndup(a, words, n),
                        arena_strndup(a, behind + i, k));
        }
    }
}

struct same_gpus { /* nodes of which the same GPUs are meant */
    const char *gpus;
    const char **nodes;
    size_t count, room;
};

static int by_natural(const void *one, const void *two)
{
    return str_cmp_natural(*(const char *const *)one, *(const char *const *)two);
}

/* GPUs as ranges over nodes and over the GPUs of each: NODE/gpuN. */
static const char *gpu_names(struct arena *a, const struct item *item)
{
    const char **names = arena_array(a, const char *, item->name_count + 1);
    const char **parts = arena_array(a, const char *, item->name_count + 1);
    struct same_gpus *sets = NULL;
    size_t count = 0, room = 0, n;
    struct map index;
    struct text out;

    map_init(&index, a, 16, false);
    text_init(&out, a);
    memcpy(names, item->names, item->name_count * sizeof *names);
    qsort(names, item->name_count, sizeof *names, by_natural);
    for (size_t i = 0; i < item->name_count; i += n) {
        size_t node = (size_t)(strrchr(names[i], '/') - names[i]);
        const char *gpus;
        uint32_t at;

        for (n = 0; i + n < item->name_count && strncmp(names[i + n], names[i], node + 1) == 0 &&
                    !strchr(names[i + n] + node + 1, '/');
             n++)
            parts[n] = names[i + n] + node + 1;
        gpus = str_ranges(a, parts, n);
        at = map_put(&index, gpus, (uint32_t)count);
        if (at == count)
            arena_push(a, sets, count, room)->gpus = gpus;
        *arena_push(a, sets[at].nodes, sets[at].count, sets[at].room) =
            arena_strndup(a, names[i], node);
    }
    for (size_t i = 0; i < count; i++)
        cross(&out, a, str_ranges(a, sets[i].nodes, sets[i].count), sets[i].gpus);
    return text_done(&out);
}

const char *item_names(struct arena *a, const struct item *item)
{
    bool spaces = false, gpus = str_eq(item->kind, "gpu");
    struct text t;

    if (item->name_count == 1)
        return item->names[0];
    for (size_t i = 0; i < item->name_count; i++) {
        spaces = spaces || strchr(item->names[i], ' ');
        gpus = gpus && strchr(item->names[i], '/');
    }
    if (spaces) {
        text_init(&t, a);
        for (size_t i = 0; i < item->name_count; i++)
            text_printf(&t, "%s%s", i ? ", " : "", item->names[i]);
        return text_done(&t);
    }
    return gpus ? gpu_names(a, item) : str_ranges(a, item->names, item->name_count);
}
