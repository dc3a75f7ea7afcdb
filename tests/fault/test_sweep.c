/*
 * What if the power goes here?  Every example and golden case is run through
 * the pipeline once; then again and again, dying at every order (before it and
 * after it, and once more in the recovery), with every effect going wrong in
 * every way, with the store lost at every commit, with Ctrl-C at every order.
 * After each the next runs must come to rest with every VM as it was found:
 * running what ran, undeclared ones untouched, nothing refused that was not
 * made to be.
 */
#include "tests/laws/play.h"

#include "base/str.h"
#include "host/host.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST_PASSES = 6 };

static const char *case_name;
static bool told_stuck; /* a run ended with exit code 8: somebody must look now */
static struct {
    unsigned long cases, passes, deaths, faults, left_listed, stuck_listed;
} sum;

static bool tells(const struct play *now, const struct play *start, const char *what,
                  const char *who)
{
    (void)now;
    (void)start;
    printf("# %s: %s%s%s\n", case_name, what, who ? ": " : "", who ? who : "");
    return false;
}

/* ---- what must be true whenever it has come to rest ---- */

static bool was_running(const struct play *start, const char *id)
{
    uint32_t at = state_vm(&start->world.now, id);

    return at != NO_INDEX && start->world.now.vms[at].power == POWER_RUNNING;
}

static bool wished_off(const struct play *p, const struct vm *vm)
{
    for (size_t i = 0; i < p->spec.vm_count; i++)
        if (str_same(p->spec.vms[i].name, vm->name))
            return p->spec.vms[i].wish.power == POWER_WISH_STOPPED;
    return false;
}

static bool declared(const struct play *p, const struct vm *vm)
{
    for (size_t i = 0; i < p->spec.vm_count; i++)
        if (str_same(p->spec.vms[i].name, vm->name) || str_same(p->spec.vms[i].id, vm->id))
            return true;
    return false;
}

static bool listed(const struct play *p, const char *vm)
{
    const struct debt *d = ledger_debt(&p->ledger, vm);

    return d && d->phase == DEBT_STUCK;
}

static bool same_rows(const struct vm *a, const struct vm *b)
{
    if (a->node != b->node || a->power != b->power || a->adapter_count != b->adapter_count ||
        a->request_count != b->request_count || a->stamp_ms != b->stamp_ms ||
        !num_eq(a->role.offline_action, b->role.offline_action))
        return false;
    for (size_t i = 0; i < a->adapter_count; i++)
        if (!str_eq(a->adapters[i].id, b->adapters[i].id))
            return false;
    return memcmp(&a->settings, &b->settings, sizeof a->settings) == 0;
}

/* Does this world start VMs as it should?  Then nothing justifies one that is off. */
static bool starts_can_fail(const struct play *start, const struct vm *vm)
{
    uint32_t at = state_vm(&start->world.now, vm->id);

    if (start->world.fault_count)
        return true;
    return at != NO_INDEX && start->world.sim && start->world.sim[at].never_starts;
}

static bool judge(const struct play *p, const struct play *start, bool strict)
{
    if (p->broken)
        return tells(p, start, p->broken, NULL);
    for (size_t i = 0; i < p->world.now.vm_count; i++) {
        const struct vm *vm = &p->world.now.vms[i];
        uint32_t was = state_vm(&start->world.now, vm->id);

        if (was_running(start, vm->id) && vm->power != POWER_RUNNING && !wished_off(p, vm)) {
            if (!listed(p, vm->id) && !(told_stuck && starts_can_fail(start, vm)))
                return tells(p, start, "ran, is off, and nobody says so", vm->name);
            if (strict && !starts_can_fail(start, vm))
                return tells(p, start, "ran, and could be started", vm->name);
            sum.stuck_listed++;
        }
        if (!declared(p, vm) && was != NO_INDEX && !same_rows(vm, &start->world.now.vms[was]))
            return tells(p, start, "has no row and was touched", vm->name);
    }
    if (p->ledger.group_count || p->ledger.intent_count)
        return tells(p, start, "something is still open in the ledger", NULL);
    return true;
}

/* ---- quiet runs until nothing runs any more ---- */

static const struct permission all_words = {.allow_stops = 1000, .allow_removals = 1000};

static bool recover(struct play *p, const struct play *start, struct arena *arena, bool strict)
{
    struct pass_result r;

    for (int i = 0; i < MOST_PASSES; i++) {
        arena_reset(arena);
        play_pass(p, arena, &all_words, NULL, &r);
        sum.passes++;
        if (r.end != PLAY_RESTED)
            return tells(p, start, "a quiet run does not come to rest", NULL);
        if (!r.effects && !r.commits)
            return judge(p, start, strict);
    }
    return tells(p, start, "quiet runs go on and on", NULL);
}

static bool one(const struct play *start, struct arena *arena, const struct mishap *m1,
                const struct mishap *m2, bool strict)
{
    struct play p;
    struct pass_result r;
    bool ok;

    play_copy(start, &p);
    arena_reset(arena);
    play_pass(&p, arena, &all_words, m1, &r);
    told_stuck = r.outcome.stuck > 0;
    sum.passes++;
    if (m2) {
        arena_reset(arena);
        play_pass(&p, arena, &all_words, m2, &r);
        sum.passes++;
    }
    ok = r.end == PLAY_ENDLESS ? tells(&p, start, "a run does not come to rest", NULL)
                               : recover(&p, start, arena, strict);
    if (ok && strict && p.refused && !m1->fault_at)
        ok = tells(&p, start, "the platform refused a step", p.refusal);
    if (!ok)
        printf("# with die_at %lld/%d fault_at %lld kind %d store %lld signal %llu%s\n",
               (long long)m1->die_at_order, m1->die_after, (long long)m1->fault_at, m1->fault,
               (long long)m1->lose_store_at, (unsigned long long)m1->signals_at,
               m2 ? " and again in the recovery" : "");
    sum.deaths += p.deaths;
    play_close(&p);
    return ok;
}

static int64_t step_of(int64_t n, int64_t most)
{
    return n > most ? (n + most - 1) / most : 1;
}

static bool sweep(const struct play *start, struct arena *arena, size_t orders, size_t effects,
                  size_t commits, bool strict)
{
    const char *effort = getenv("HVGPU_EFFORT");
    int64_t most = effort && strcmp(effort, "soak") == 0 ? 100000 : 60;

    for (int64_t k = 1; k <= (int64_t)orders; k += step_of((int64_t)orders, most))
        for (int after = 0; after < 2; after++) {
            struct mishap m = {.die_at_order = k, .die_after = after};
            struct mishap again = {.die_at_order = k / 2 + 1, .die_after = !after};

            if (!one(start, arena, &m, NULL, strict) || !one(start, arena, &m, &again, strict))
                return false;
        }
    for (int64_t k = 1; k <= (int64_t)effects; k += step_of((int64_t)effects, most))
        for (int kind = FAULT_REFUSE; kind <= FAULT_DIE; kind++) {
            struct mishap m = {.fault_at = k, .fault = (enum fault_kind)kind};

            sum.faults++;
            if (!one(start, arena, &m, NULL, strict))
                return false;
        }
    for (int64_t k = 1; k <= (int64_t)commits; k += step_of((int64_t)commits, most)) {
        struct mishap m = {.lose_store_at = k};

        sum.faults++;
        if (!one(start, arena, &m, NULL, strict))
            return false;
    }
    for (int64_t k = 1; k <= (int64_t)orders; k += step_of((int64_t)orders, most)) {
        struct mishap m = {.signals_at = (uint64_t)k};

        sum.faults++;
        if (!one(start, arena, &m, NULL, strict))
            return false;
    }
    return true;
}

/* ---- cases ---- */

static bool run_case(const char *folder)
{
    struct arena text, arena;
    struct pass_result r;
    struct play start, p;
    struct err e = {0};
    char *spec, *world;
    size_t n;
    bool ok = true, strict;

    arena_init(&text, 0);
    arena_init(&arena, 0);
    case_name = folder;
    if (!host_read_file(&text, host_join(&text, folder, "spec.yaml"), 1 << 20, &spec, &n, &e) ||
        !host_read_file(&text, host_join(&text, folder, "world.yaml"), 1 << 20, &world, &n, &e)) {
        arena_release(&text);
        return true; /* not a case of this kind */
    }
    if (!play_open(&start, "spec.yaml", spec, "world.yaml", world)) {
        play_close(&start);
        arena_release(&text);
        return true; /* refused on purpose: the golden test has it */
    }
    sum.cases++;
    play_copy(&start, &p);
    play_pass(&p, &arena, &all_words, NULL, &r);
    strict = !start.world.fault_count && r.outcome.steps_failed == 0;
    if (r.end != PLAY_RESTED)
        ok = tells(&p, &start, "does not come to rest", NULL);
    if (ok && strict && p.refused)
        ok = tells(&p, &start, "the platform refused a step", p.refusal);
    play_close(&p);
    ok = ok && sweep(&start, &arena, r.orders, r.effects, r.commits, strict);
    play_close(&start);
    arena_release(&arena);
    arena_release(&text);
    return ok;
}

static int by_text(const void *x, const void *y)
{
    return strcmp(*(char *const *)x, *(char *const *)y);
}

static void folders_of(const char *top)
{
    char *names[512];
    size_t n = 0, bad = 0;
    DIR *d = opendir(top);

    assert_non_null(d);
    for (struct dirent *e; (e = readdir(d)) && n < 512;)
        if (e->d_name[0] != '.') {
            char *path = malloc(strlen(top) + strlen(e->d_name) + 2);

            sprintf(path, "%s/%s", top, e->d_name);
            names[n++] = path;
        }
    closedir(d);
    qsort(names, n, sizeof *names, by_text);
    for (size_t i = 0; i < n; i++) {
        bad += !run_case(names[i]);
        free(names[i]);
    }
    printf(
        "# figure: %s: %lu cases, %lu runs, %lu deaths, %lu faults, %lu times a VM listed as not "
        "startable\n",
        top, sum.cases, sum.passes, sum.deaths, sum.faults, sum.stuck_listed);
    assert_true(sum.cases > 0);
    assert_int_equal(bad, 0);
    memset(&sum, 0, sizeof sum);
}

static void examples(void **state)
{
    (void)state;
    folders_of("examples");
}

static void golden(void **state)
{
    (void)state;
    folders_of("tests/golden");
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(examples), cmocka_unit_test(golden)};

    if (argc > 1)
        return !run_case(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
