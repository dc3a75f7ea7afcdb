#include "report/plan_items.h"

#include <string.h>

struct build {
    struct arena *arena;
    const struct plan *plan;
    const struct state *have; /* or NULL */
    bool all;
    struct plan_items *out;
    struct map problems; /* "subject|reason" of problems, to their index */
    bool *told;          /* problems that a change already tells */
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

static void add(struct build *b, enum section_kind where, const struct item *like,
                const char *name)
{
    struct section *s = &b->out->sections[where];
    struct item *item = NULL;

    if (may_fold(b, where, like->sign)) {
        const char *key = arena_printf(b->arena, "%c|%s|%s|%s|%s|%s", like->sign, like->kind,
                                       like->what, like->right, like->below ? like->below : "",
                                       like->release ? like->release : "");
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
    s->interrupts += like->sign == '!';
    count_subject(s, like->kind, name);
}

static const char *reason_line(struct build *b, enum reason reason, const char *why)
{
    const struct reason_row *row;

    if (reason == REASON_NONE)
        return why;
    row = &reason_rows[reason];
    return arena_printf(b->arena, "%s (%s): %s", row->code, row->rule, why && *why ? why : row->text);
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
    const struct gpu *gpu;
    uint64_t want;

    if (c->field != FIELD_GPU_COUNT || !b->have || c->gpu >= b->have->gpu_count ||
        !str_u64(c->want, &want))
        return NULL;
    gpu = &b->have->gpus[c->gpu];
    for (size_t i = 0; i < b->have->gpu_count; i++) {
        const struct gpu *other = &b->have->gpus[i];

        if (num_is(other->count, want) && str_eq(other->pci, gpu->pci) &&
            str_eq(other->subsystem, gpu->subsystem) && other->state == GPU_PARTITIONED &&
            other->optimal[QUOTA_VRAM].known)
            return arena_printf(b->arena, "%s -> %s expected, read back afterwards (C5)",
                                page_bytes(b->arena, gpu->optimal[QUOTA_VRAM]),
                                page_bytes(b->arena, other->optimal[QUOTA_VRAM]));
    }
    return arena_printf(b->arena, "%s now; the new size is known after the change (C5)",
                        page_bytes(b->arena, gpu->optimal[QUOTA_VRAM]));
}

static char sign_of(const struct change *c, enum gate gate)
{
    if (gate == GATE_BLOCKED)
        return 'x';
    if (c->gains != c->loses)
        return c->gains ? '+' : '-';
    return '~';
}

static struct item item_of_change(struct build *b, const struct plan_change *pc, enum gate gate)
{
    const struct change *c = &pc->change;
    struct item item = {.sign = sign_of(c, gate)};

    split(b->arena, pc->subject, &item.kind);
    item.what = arena_printf(b->arena, "%s  %s -> %s", field_words[c->field],
                             c->have ? c->have : "none", c->want ? c->want : "none");
    item.right = page_place(b->arena, c->rule, &c->at);
    return item;
}

static const char *vm_name(const struct build *b, uint32_t vm)
{
    return b->have && vm < b->have->vm_count ? b->have->vms[vm].name : "?";
}

static enum section_kind section_of(const struct plan_group *g)
{
    static const enum section_kind by_gate[] = {[GATE_RUNS] = SECTION_QUIET,
                                                [GATE_HELD] = SECTION_HELD,
                                                [GATE_BLOCKED] = SECTION_BLOCKED};

    return g->gate == GATE_RUNS && g->interrupt_count ? SECTION_INTERRUPT : by_gate[g->gate];
}

static void add_group(struct build *b, uint32_t index)
{
    const struct plan_group *g = &b->plan->groups[index];
    enum section_kind where = section_of(g);
    bool waits = g->gate != GATE_RUNS;
    const char *below = waits ? reason_line(b, g->reason, g->why) : NULL;
    const char *release = waits ? release_line(g->reason, g->release) : NULL;
    struct item stop = {.sign = '!', .kind = "vm", .right = "", .below = below, .release = release};

    stop.what = arena_printf(b->arena, "off once, at most %s",
                             duration_human(b->arena, g->off_at_most_ms));
    for (size_t i = 0; i < g->interrupt_count; i++)
        add(b, where, &stop, vm_name(b, g->interrupts[i]));
    for (uint32_t i = b->first[index]; i < b->first[index + 1]; i++) {
        const struct plan_change *pc = &b->plan->changes[b->of_group[i]];
        struct item item = item_of_change(b, pc, g->gate);

        if (pc->at_next_stop)
            continue;
        item.below = waits ? below : size_line(b, &pc->change);
        item.release = release;
        add(b, where, &item, pc->name);
    }
}

/* A change that no group carries: its reason, told by the problem of its subject if there is one. */
static void add_loose(struct build *b, const struct plan_change *pc)
{
    enum section_kind where = pc->gate == GATE_BLOCKED ? SECTION_BLOCKED
                              : pc->gate == GATE_HELD  ? SECTION_HELD
                                                       : SECTION_QUIET;
    const struct problem *p = NULL;
    struct item item = item_of_change(b, pc, pc->gate);

    if (pc->reason != REASON_NONE) {
        uint32_t at = map_get(&b->problems,
                              arena_printf(b->arena, "%s|%d", pc->subject, (int)pc->reason));

        if (at != MAP_NONE) {
            p = &b->plan->problems[at];
            b->told[at] = true;
        }
    }
    item.below = reason_line(b, pc->reason, p ? p->text : NULL);
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

    item.what = row->code;
    item.right = page_place(b->arena, row->rule, &p->at);
    item.below = p->text && *p->text ? p->text : row->text;
    item.release = release_line(p->reason, p->release);
    if (row->class != CLASS_BLOCKED && row->class != CLASS_HELD)
        item.sign = ' ';
    add(b, by_class[row->class], &item, name);
}

static void add_debts(struct build *b)
{
    for (size_t i = 0; i < b->plan->debt_count; i++) {
        const struct debt *d = &b->plan->debts[i];
        struct item item = {.sign = '~', .kind = "vm", .right = "V10"};

        item.what = d->phase == DEBT_STUCK  ? "owed: could not be started"
                    : d->found_running      ? "owed: was running, is started"
                                            : "owed: power as found";
        item.below = arena_printf(b->arena, "stopped by run %s, since %s", d->run ? d->run : "?",
                                  when_human(b->arena, d->since_ms));
        add(b, SECTION_OWED, &item, d->name);
    }
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
    fill = arena_grow(b->arena, b->first, plan->group_count + 1, plan->group_count + 1,
                      sizeof *fill);
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
}

const char *item_names(struct arena *a, const struct item *item)
{
    if (item->name_count == 1)
        return item->names[0];
    return str_ranges(a, item->names, item->name_count);
}
