/*
 * The settings that a GPU implies (S0 to S6).  A declared value is compared
 * exactly; an implied one only where it is known to be wrong, or where the VM
 * gets a GPU now and it is not known at all.
 */
#include "diff/differ.h"

static bool has_wish(const struct vm_case *c)
{
    return c->partition || c->device;
}

/* S0: what an assignment advises; false: it is left as found. */
static bool advised_grade(const struct vm_case *c, enum grade *grade)
{
    *grade = c->target->wish->advised == ADVISED_STRICT ? GRADE_DECLARED : GRADE_ADVISED;
    return c->target->wish->advised != ADVISED_AS_FOUND;
}

/* ---- S1 ---- */

static const char *action_text(struct differ *d, struct num n)
{
    return n.known ? arena_printf(d->arena, "%llu", (unsigned long long)n.value) : "unknown";
}

/* The value that we overwrote, by our own record. */
static struct num former_action(const struct ledger *owed, const char *id)
{
    size_t count;
    const struct claim *c = ledger_claims_of(owed, id, &count);

    for (size_t i = 0; i < count; i++)
        if (str_eq(c[i].object, "offlineAction"))
            return c[i].former;
    return NUM_UNKNOWN;
}

/* Restored once the last GPU is gone: only from our record, and only while it is still 3. */
static struct num restored_action(const struct differ *d, const struct vm_case *c)
{
    struct num former = NUM_UNKNOWN;

    if (c->target->wish->use == VM_NONE && num_is(c->vm->role.offline_action, OFFLINE_FORCED))
        former = former_action(d->owed, c->vm->id);
    return former;
}

static void diff_offline_action(struct differ *d, struct vm_case *c)
{
    const struct vm_wish *w = c->target->wish;
    struct num have = c->vm->role.offline_action, want = w->offline_action;
    enum grade grade = want.known ? GRADE_DECLARED : GRADE_REQUIRED;

    if (!d->clustered || !c->vm->role.clustered)
        return;
    if (!want.known)
        want = has_wish(c) ? NUM(OFFLINE_FORCED) : restored_action(d, c);
    if (!want.known || num_eq(want, have) || (!have.known && !c->gains))
        return;
    c->image->fields |= IMAGE_OFFLINE_ACTION;
    c->image->offline_action = want.value;
    diff_vm_change(d, c, FIELD_VM_OFFLINE_ACTION, grade, action_text(d, have), action_text(d, want),
                   "S1", grade == GRADE_DECLARED ? &w->settings_at : &w->use_at);
}

/* ---- S2 ---- */

static void diff_stop_action(struct differ *d, struct vm_case *c)
{
    const struct vm_wish *w = c->target->wish;
    enum stop_action have = c->vm->settings.stop_action, want = w->settings.stop_action;
    enum grade grade = GRADE_DECLARED;

    if (want == STOP_ACTION_UNKNOWN) {
        if (c->device)
            grade = GRADE_REQUIRED;
        else if (!c->partition || !advised_grade(c, &grade))
            return;
        if (have != STOP_ACTION_SAVE && !(have == STOP_ACTION_UNKNOWN && c->device && c->gains))
            return;
        want = STOP_ACTION_TURN_OFF;
    }
    if (want == have)
        return;
    c->image->fields |= IMAGE_STOP_ACTION;
    c->image->settings.stop_action = want;
    diff_vm_change(d, c, FIELD_VM_STOP_ACTION, grade, stop_action_words[have],
                   stop_action_words[want], "S2", &w->settings_at);
}

/* ---- S3 ---- */

struct memory {
    enum tri dynamic;
    struct num startup, minimum;
};

static const char *mib_text(struct differ *d, struct num n)
{
    return n.known ? arena_printf(d->arena, "%llu MiB", (unsigned long long)n.value) : "unknown";
}

static const char *memory_text(struct differ *d, const struct memory *m)
{
    if (m->dynamic == TRI_YES)
        return arena_printf(d->arena, "dynamic, startup %s, minimum %s", mib_text(d, m->startup),
                            mib_text(d, m->minimum));
    return arena_printf(d->arena, "%s, %s", m->dynamic == TRI_NO ? "static" : "unknown",
                        mib_text(d, m->startup));
}

static bool num_differs(struct num want, struct num have)
{
    return want.known && !num_eq(want, have);
}

/* What is declared, then what the GPU allows: static, or startup = minimum for a partition. */
static struct memory wanted_memory(const struct vm_case *c, bool *required)
{
    const struct vm_settings *s = &c->target->wish->settings, *have = &c->vm->settings;
    struct memory m = {s->dynamic_memory == TRI_UNKNOWN ? have->dynamic_memory : s->dynamic_memory,
                       s->memory_startup_mib.known ? s->memory_startup_mib
                                                   : have->memory_startup_mib,
                       s->memory_min_mib.known ? s->memory_min_mib : have->memory_min_mib};

    if (c->device && (m.dynamic == TRI_YES || (m.dynamic == TRI_UNKNOWN && c->gains))) {
        m.dynamic = TRI_NO;
        *required = true;
    }
    if (c->partition && m.dynamic == TRI_YES &&
        !(m.startup.known && num_eq(m.startup, m.minimum))) {
        if (m.startup.known)
            m.minimum = m.startup;
        else
            m.dynamic = TRI_NO;
        *required = true;
    }
    return m;
}

static void diff_memory(struct differ *d, struct vm_case *c)
{
    const struct vm_wish *w = c->target->wish;
    const struct vm_settings *s = &w->settings, *have = &c->vm->settings;
    struct memory now = {have->dynamic_memory, have->memory_startup_mib, have->memory_min_mib};
    bool required = false, declared;
    struct memory want = wanted_memory(c, &required);

    declared = (s->dynamic_memory != TRI_UNKNOWN && want.dynamic != now.dynamic) ||
               num_differs(s->memory_startup_mib, now.startup) ||
               (want.dynamic == TRI_YES && num_differs(s->memory_min_mib, now.minimum));
    required &= want.dynamic != now.dynamic ||
                (want.dynamic == TRI_YES && !num_eq(want.minimum, now.minimum));
    if (!required && !declared)
        return;
    c->image->fields |= IMAGE_MEMORY;
    c->image->settings.dynamic_memory = want.dynamic;
    c->image->settings.memory_startup_mib = want.startup;
    /* The minimum means nothing for static memory: it is not touched then. */
    if (want.dynamic == TRI_YES)
        c->image->settings.memory_min_mib = want.minimum;
    diff_vm_change(d, c, FIELD_VM_MEMORY, declared ? GRADE_DECLARED : GRADE_REQUIRED,
                   memory_text(d, &now), memory_text(d, &want), "S3",
                   declared ? &w->settings_at : &w->use_at);
}

/* ---- S4, S6 ---- */

static void diff_checkpoints(struct differ *d, struct vm_case *c)
{
    const struct vm_wish *w = c->target->wish;
    enum checkpoints have = c->vm->settings.checkpoints, want = w->settings.checkpoints;
    enum grade grade = GRADE_DECLARED;

    if (want == CHECKPOINTS_UNKNOWN) {
        if (!has_wish(c) || have == CHECKPOINTS_UNKNOWN || !advised_grade(c, &grade))
            return;
        want = CHECKPOINTS_DISABLED;
    }
    if (want == have)
        return;
    c->image->fields |= IMAGE_CHECKPOINTS;
    c->image->settings.checkpoints = want;
    diff_vm_change(d, c, FIELD_VM_CHECKPOINTS, grade, checkpoints_words[have],
                   checkpoints_words[want], "S4", &w->settings_at);
}

static void diff_cache_types(struct differ *d, struct vm_case *c)
{
    const struct vm_wish *w = c->target->wish;
    enum tri have = c->vm->settings.cache_types, want = w->settings.cache_types;
    enum grade grade = GRADE_DECLARED;

    if (want == TRI_UNKNOWN) {
        if (!has_wish(c) || have == TRI_UNKNOWN || !advised_grade(c, &grade))
            return;
        want = TRI_YES;
    }
    if (want == have)
        return;
    c->image->fields |= IMAGE_CACHE_TYPES;
    c->image->settings.cache_types = want;
    diff_vm_change(d, c, FIELD_VM_CACHE_TYPES, grade, tri_words[have], tri_words[want], "S6",
                   &w->settings_at);
}

/* In the order of the fields. */
void diff_settings(struct differ *d, struct vm_case *c)
{
    const struct vm_settings *s = &c->target->wish->settings;
    enum grade grade = GRADE_REQUIRED;

    diff_offline_action(d, c);
    diff_stop_action(d, c);
    diff_memory(d, c);
    if (s->mmio_low_mib.known || s->mmio_high_mib.known)
        diff_mmio(d, c, GRADE_DECLARED);
    else if (c->device || (c->partition && advised_grade(c, &grade)))
        diff_mmio(d, c, grade);
    diff_cache_types(d, c);
    diff_checkpoints(d, c);
}
