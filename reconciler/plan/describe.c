/* A sentence for each step. */
#include "plan/steps.h"

#include "base/str.h"

static const char *device(struct arena *a, const struct state *have, const struct action *act)
{
    uint32_t node = state_node(have, act->node);
    uint32_t gpu = node == NO_INDEX ? NO_INDEX : state_gpu(have, node, act->subject);

    return gpu == NO_INDEX ? act->subject : gpu_label(a, have, gpu);
}

static uint64_t count_now(const struct state *have, const struct action *act)
{
    uint32_t node = state_node(have, act->node);
    uint32_t gpu = node == NO_INDEX ? NO_INDEX : state_gpu(have, node, act->subject);

    return gpu == NO_INDEX ? 0 : have->gpus[gpu].count.value;
}

static const char *how(const struct action *act)
{
    static const char *const words[] = {"guest shutdown", "forced shutdown", "turned off"};

    return words[act->value[0] <= STOP_TURN_OFF ? act->value[0] : 0];
}

static const char *value_text(struct arena *a, const struct state *have, const struct action *act)
{
    switch (act->verb) {
    case VERB_GPU_COUNT:
        return arena_printf(a, "%llu -> %llu", (unsigned long long)count_now(have, act),
                            (unsigned long long)act->value[0]);
    case VERB_VM_OFFLINE_ACTION:
        return arena_printf(a, "-> %llu", (unsigned long long)act->value[0]);
    case VERB_VM_STOP:
        return arena_printf(a, "%s, %s", how(act), duration_human(a, action_deadline_ms(act)));
    case VERB_VM_MMIO:
        return arena_printf(a, "-> %llu / %llu MiB", (unsigned long long)act->value[0],
                            (unsigned long long)act->value[1]);
    case VERB_VM_MEMORY:
        return act->value[0] ? "dynamic, startup = minimum" : "static";
    case VERB_VM_STOP_ACTION:
        return arena_printf(a, "-> %s", stop_action_words[act->value[0]]);
    case VERB_VM_CHECKPOINTS:
        return arena_printf(a, "-> %s", checkpoints_words[act->value[0]]);
    case VERB_VM_CACHE_TYPES:
        return act->value[0] ? "-> true" : "-> false";
    case VERB_VM_MOVE:
        return arena_printf(a, "%s -> %s, %s", act->node, act->object,
                            act->value[0] == MOVE_LIVE ? "live" : "while it is off");
    case VERB_POOL_JOIN:
    case VERB_POOL_LEAVE:
        return act->object;
    case VERB_REQUEST_ADD:
        return act->object ? arena_printf(a, "from pool %s", act->object) : act->location;
    case VERB_GPU_DISMOUNT:
        return act->value[0] ? "by force, without the mitigation driver" : NULL;
    default:
        return NULL;
    }
}

void steps_describe(struct arena *a, const struct state *have, struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct action *act = &steps[i].action;
        const struct verb_row *row = &verb_rows[act->verb];
        const char *value = value_text(a, have, act);
        const char *name = row->subject == SUBJECT_GPU ? device(a, have, act) : steps[i].name;

        steps[i].text = value ? arena_printf(a, "%s %s  %s", row->text, name, value)
                              : arena_printf(a, "%s %s", row->text, name);
    }
}
