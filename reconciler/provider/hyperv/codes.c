/* The numbers of Hyper-V as words of ours, and back (hyperv-wmi 3.6 and 5.1). */
#include "provider/hyperv/inner.h"

static const struct {
    uint16_t code;
    enum vm_power power;
} powers[] = {
    {2, POWER_RUNNING},      {3, POWER_OFF},          {4, POWER_STOPPING},
    {6, POWER_SAVED},        {9, POWER_PAUSED},       {10, POWER_STARTING},
    {32768, POWER_PAUSED},   {32769, POWER_SAVED},    {32770, POWER_STARTING},
    {32771, POWER_RUNNING}, /* a checkpoint is being made */
    {32773, POWER_STOPPING}, {32774, POWER_STOPPING}, {32776, POWER_STOPPING},
    {32777, POWER_STARTING}, {32779, POWER_SAVED},    {32780, POWER_STOPPING},
};

enum { CRITICAL_FIRST = 32781, CRITICAL_LAST = 32792 };

enum vm_power hv_power(struct num enabled_state)
{
    if (!enabled_state.known)
        return POWER_UNKNOWN;
    if (enabled_state.value >= CRITICAL_FIRST && enabled_state.value <= CRITICAL_LAST)
        return POWER_CRITICAL;
    for (size_t i = 0; i < sizeof powers / sizeof *powers; i++)
        if (powers[i].code == enabled_state.value)
            return powers[i].power;
    return POWER_UNKNOWN;
}

/* Both tables begin with `unknown`, which has no code. */
static const uint16_t stop_actions[] = {0, 2, 3, 4};
static const uint16_t checkpoint_types[] = {0, 2, 3, 4, 5};

static unsigned word_of(const uint16_t *codes, size_t count, struct num n)
{
    for (unsigned i = 1; i < count; i++)
        if (num_is(n, codes[i]))
            return i;
    return 0;
}

enum stop_action hv_stop_action(struct num shutdown_action)
{
    return (enum stop_action)word_of(stop_actions, sizeof stop_actions / sizeof *stop_actions,
                                     shutdown_action);
}

enum checkpoints hv_checkpoints(struct num snapshot_type)
{
    return (enum checkpoints)word_of(
        checkpoint_types, sizeof checkpoint_types / sizeof *checkpoint_types, snapshot_type);
}

struct num hv_stop_action_code(uint64_t word)
{
    return word && word < sizeof stop_actions / sizeof *stop_actions ? NUM(stop_actions[word])
                                                                     : NUM_UNKNOWN;
}

struct num hv_checkpoints_code(uint64_t word)
{
    return word && word < sizeof checkpoint_types / sizeof *checkpoint_types
               ? NUM(checkpoint_types[word])
               : NUM_UNKNOWN;
}
