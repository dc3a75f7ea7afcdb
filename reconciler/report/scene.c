/* What is said of whom; who sits where is scene_places.c, and scene_fold.c makes a picture of it.
 */
#include "report/scene_inner.h"

#include "report/page.h"
#include "report/plan_items.h"

#include <string.h>

const char *scene_word(const struct scene *s, char sign)
{
    static const struct {
        char sign;
        const char *word;
    } words[] = {{'+', "gains a GPU"}, {'-', "loses it"},   {'~', "changes"},
                 {'>', "moves"},       {'!', "stops once"}, {'x', "blocked"}};

    if (s->drift)
        return "drifted";
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].sign == sign)
            return words[i].word;
    return "";
}

/* ---- what the plan says about whom ---- */

/* Two changes of one subject: x beats everything; gained and lost at once is a change. */
static char both_signs(char one, char two)
{
    static const char order[] = "x+->~";

    if (!one || !two)
        return one ? one : two;
    if ((one == '+' && two == '-') || (one == '-' && two == '+'))
        return '~';
    return strchr(order, one) < strchr(order, two) ? one : two;
}

static struct note *note_of(struct look *l, const char *subject)
{
    uint32_t at = map_put(&l->index, subject, (uint32_t)l->note_count);

    if (at == l->note_count)
        arena_push(l->arena, l->notes, l->note_count, l->note_room)->subject = subject;
    return &l->notes[at];
}

const struct note *look_note(const struct look *l, const char *kind, const char *name)
{
    uint32_t at = map_get(&l->index, arena_printf(l->arena, "%s/%s", kind, name));

    return at == MAP_NONE ? NULL : &l->notes[at];
}

/* Settings are told in the lines of the plan; the picture is about GPUs, and who starts on them. */
static bool is_drawn(enum field field)
{
    return field == FIELD_GPU_COUNT || field == FIELD_GPU_PLACE || field == FIELD_GPU_POOL ||
           field == FIELD_VM_NODE || field == FIELD_VM_GPU || field == FIELD_VM_LIMITS ||
           field == FIELD_VM_POWER;
}

static void note_change(struct look *l, const struct plan_change *pc)
{
    const struct change *c = &pc->change;
    struct note *note;
    const char *what;

    if (pc->at_next_stop || c->kind == SUBJECT_POOL ||
        (!is_drawn(c->field) && pc->gate != GATE_BLOCKED))
        return;
    note = note_of(l, pc->subject);
    note->sign = both_signs(note->sign, plan_change_sign(c, pc->gate));
    note->held = note->held || pc->gate == GATE_HELD;
    what = arena_printf(l->arena, "%s %s -> %s", field_words[c->field], c->have ? c->have : "none",
                        c->want ? c->want : "none");
    note->what = note->what ? arena_printf(l->arena, "%s, %s", note->what, what) : what;
}

/* V9: "lyo-hv3/gpu0  NVIDIA A2  PCIROOT(..)": the GPU, and who says that it goes. */
static void note_leaving(struct look *l, const struct plan_leaving *leaving)
{
    for (size_t i = 0; i < leaving->gpu_count; i++) {
        const char *text = leaving->gpus[i], *end = strstr(text, "  ");
        size_t size = end ? (size_t)(end - text) : strlen(text);
        struct note *note =
            note_of(l, arena_printf(l->arena, "gpu/%s", arena_strndup(l->arena, text, size)));

        note->sign = both_signs(note->sign, '~');
        note->what =
            arena_printf(l->arena, "leaves, empty by %s (%s)",
                         report_time(l->arena, &l->plan->head, leaving->by_ms), leaving->reason);
    }
}

static void note_plan(struct look *l)
{
    const struct plan *plan = l->plan;

    for (size_t i = 0; i < plan->change_count; i++)
        note_change(l, &plan->changes[i]);
    for (size_t i = 0; i < plan->problem_count; i++) {
        const struct problem *p = &plan->problems[i];

        if (reason_rows[p->reason].class == CLASS_BLOCKED &&
            (p->kind == SUBJECT_VM || p->kind == SUBJECT_GPU))
            note_of(l, p->subject)->sign = 'x';
    }
    for (size_t i = 0; i < plan->leaving_count; i++)
        note_leaving(l, &plan->leaving[i]);
    for (size_t g = 0; g < plan->group_count; g++)
        for (size_t i = 0; i < plan->groups[g].interrupt_count; i++) {
            uint32_t vm = plan->groups[g].interrupts[i];
            struct note *note;

            if (vm >= l->have->vm_count || plan->groups[g].gate == GATE_BLOCKED)
                continue;
            note = note_of(l, arena_printf(l->arena, "vm/%s", l->have->vms[vm].name));
            note->stops = true;
            note->held = note->held || plan->groups[g].gate == GATE_HELD;
        }
}

static void note_drift(struct look *l, const struct drift *drift)
{
    for (size_t i = 0; i < drift->count; i++) {
        const struct drift_item *item = &drift->items[i];
        struct note *note = item->counts ? note_of(l, item->subject) : NULL;
        const char *what;

        if (!note)
            continue;
        what = item->field ? arena_printf(l->arena, "%s %s -> %s", item->field,
                                          item->declared ? item->declared : "none",
                                          item->now ? item->now : "none")
                           : drift_rows[item->class].word;
        note->sign = '~';
        note->what = note->what ? arena_printf(l->arena, "%s, %s", note->what, what) : what;
    }
}

void scene_of(struct arena *a, const struct plan *plan, const struct drift *drift,
              const struct state *have, struct scene *out)
{
    struct look l = {.arena = a, .plan = plan, .have = have};

    *out = (struct scene){.nodes = have->node_count,
                          .gpus = have->gpu_count,
                          .plan = plan != NULL,
                          .drift = drift != NULL};
    map_init(&l.index, a, 64, true);
    if (plan)
        note_plan(&l);
    if (drift)
        note_drift(&l, drift);
    scene_places(&l);
    scene_fold(&l, out);
}
