/* The walk over the cases, their calls and what can go wrong there. */
#include "sweep.h"

#include "rig.h"
#include "rig_wmi.h"

#include "host/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool telling;

struct sums {
    size_t universes, deaths, put_back, parked, performed, broke_off;
};

/* How many calls of a recovery are tried for a second mishap: every n-th; 0: none. */
static size_t stride_of_effort(void)
{
    const char *effort = host_env("HVGPU_EFFORT");

    if (effort && strcmp(effort, "soak") == 0)
        return 1;
    return effort && strcmp(effort, "full") == 0 ? 61 : 0;
}

/* In a large estate every n-th call: all of them in `make soak`. */
static size_t stride_of_size(const struct case_files *files)
{
    return stride_of_effort() == 1 ? 1 : 1 + files->world.now.vm_count / 20;
}

static void add(struct sums *s, const struct rig *r)
{
    s->universes++;
    s->deaths += r->deaths;
    s->put_back += r->put_back;
    s->parked += r->parked;
    s->performed += r->performed;
    s->broke_off += r->broke_off;
}

/* What went wrong, for people and for a debugger. */
static void tell(const struct rig *r, const char *what)
{
    printf("# %s: %s", r->files->name, what);
    for (size_t i = 0; i < r->mishap_count; i++)
        printf("%s call %zu: %s", i ? ", then" : " after", r->mishaps[i].at,
               mishap_words[r->mishaps[i].kind]);
    printf("\n");
}

/* One universe with these mishaps; true when every law held. */
static bool universe(const struct case_files *files, const struct rig *clean,
                     const struct mishap *mishaps, size_t count, struct sums *sums,
                     enum call_kind **calls, size_t *call_count)
{
    struct arena a;
    struct rig r;
    const char *where = NULL;
    bool well;

    arena_init(&a, 0);
    rig_open(&a, files, mishaps, count, &r);
    r.tell = telling;
    rig_run(&r);
    add(sums, &r);
    /* Law 6.  Whoever puts back says so; everybody else arrives where the clean run did.  Where
       something is broken for good (a guest that hangs), the ends may differ; and a window ends
       for whoever comes later (P3). */
    if (!r.broken && !r.parked && clean && !clean->parked &&
        !files->spec.policy.calendar.allow_count && !rig_same_end(&r, clean, &where))
        r.broken = arena_printf(&a, "%s ends otherwise than undisturbed", where);
    /* Law 15.  Two failures of one effect are as many as it has tries. */
    if (!r.broken && clean && !clean->parked && !r.hopeless && count < 2 && (r.stuck || r.degraded))
        r.broken = "ends degraded though nothing is broken for good";
    well = r.broken == NULL;
    if (!well)
        tell(&r, r.broken);
    if (calls) {
        *calls = malloc(r.call_count * sizeof **calls + 1);
        if (!*calls)
            abort();
        memcpy(*calls, r.calls, r.call_count * sizeof **calls);
        *call_count = r.call_count;
    }
    arena_release(&a);
    return well;
}

/* Every mishap at every call of the recovery from `first`, in strides. */
static size_t sweep_again(const struct case_files *files, const struct rig *clean,
                          struct mishap first, const enum call_kind *calls, size_t count,
                          struct sums *sums)
{
    size_t stride = stride_of_effort() * stride_of_size(files), bad = 0;

    if (!stride)
        return 0;
    for (size_t at = first.at + 1 + (size_t)first.kind % stride; at < count; at += stride)
        for (int k = MISHAP_NONE + 1; k < MISHAP_KINDS && bad < 3; k++) {
            struct mishap both[2] = {first, {(enum mishap_kind)k, at}};

            if (mishap_call(both[1].kind) == calls[at])
                bad += !universe(files, clean, both, 2, sums, NULL, NULL);
        }
    return bad;
}

static bool sweep_case(const struct case_files *files, struct sums *sums)
{
    struct arena a;
    struct rig clean;
    size_t bad = 0;

    arena_init(&a, 0);
    rig_open(&a, files, NULL, 0, &clean);
    rig_run(&clean);
    add(sums, &clean);
    if (clean.broken) {
        tell(&clean, clean.broken);
        arena_release(&a);
        return false;
    }
    for (size_t at = 0; at < clean.call_count; at += stride_of_size(files))
        for (int k = MISHAP_NONE + 1; k < MISHAP_KINDS && bad < 5; k++) {
            struct mishap one = {(enum mishap_kind)k, at};
            enum call_kind *calls;
            size_t count;

            if (mishap_call(one.kind) != clean.calls[at])
                continue;
            bad += !universe(files, &clean, &one, 1, sums, &calls, &count);
            bad += sweep_again(files, &clean, one, calls, count, sums);
            free(calls);
        }
    arena_release(&a);
    return bad == 0;
}

static bool sweep_folder(const char *folder, size_t number, struct sums *sums)
{
    struct case_files files;
    struct arena a;
    const char *why;
    bool ok;

    arena_init(&a, 0);
    if (case_read(&a, folder, &files, &why)) {
        ok = sweep_case(&files, sums);
        printf("%s %zu - %s\n", ok ? "ok" : "not ok", number, folder);
    } else {
        /* A spec or world that is refused is a case of tests/golden, and none of ours; a case that
           is not there is a slip of who named it. */
        ok = host_exists(host_join(&a, folder, "spec.yaml"));
        printf("%s %zu - %s is refused: %s\n", ok ? "ok" : "not ok", number, folder, why);
    }
    fflush(stdout);
    arena_release(&a);
    return ok;
}

static bool sweep_below(const char *top, size_t *number, struct sums *sums)
{
    const char **names = NULL;
    struct arena a;
    size_t count = 0;
    struct err e;
    bool ok;

    arena_init(&a, 0);
    ok = host_list_names(&a, top, &names, &count, &e);
    for (size_t i = 0; i < count; i++) {
        const char *folder = host_join(&a, top, names[i]);

        if (host_exists(host_join(&a, folder, "spec.yaml")))
            ok = sweep_folder(folder, ++*number, sums) && ok;
    }
    arena_release(&a);
    return ok;
}

/* The arguments of a line that tell() printed, to look at it closely. */
static int tell_one(int argc, char **argv)
{
    struct mishap mishaps[2];
    size_t count = 0;
    struct case_files files;
    struct sums sums = {0};
    struct arena a;
    const char *why;
    bool ok;

    arena_init(&a, 0);
    for (int i = 1; i + 1 < argc && count < 2; i += 2)
        for (int k = MISHAP_NONE + 1; k < MISHAP_KINDS; k++)
            if (strcmp(mishap_words[k], argv[i + 1]) == 0)
                mishaps[count++] =
                    (struct mishap){(enum mishap_kind)k, (size_t)strtoul(argv[i], NULL, 10)};
    if (!case_read(&a, argv[0], &files, &why)) {
        fprintf(stderr, "%s: %s\n", argv[0], why);
        return 65;
    }
    telling = true;
    ok = universe(&files, NULL, mishaps, count, &sums, NULL, NULL);
    arena_release(&a);
    return ok ? 0 : 1;
}

int sweep(int argc, char **argv)
{
    struct sums sums = {0};
    size_t number = 0;
    bool ok = true;

    host_tune_memory(); /* as the program does: half of a universe's time goes into fresh pages else
                         */
    if (argc > 1 && strcmp(argv[1], "-w") == 0) {
        rig_through_wmi = true;
        argc--;
        argv++;
    }
    if (argc > 2 && strcmp(argv[1], "-t") == 0)
        return tell_one(argc - 2, argv + 2);

    for (int i = 1; i < argc; i++)
        ok = sweep_folder(argv[i], ++number, &sums) && ok;
    if (argc == 1) {
        ok = sweep_below("examples", &number, &sums);
        ok = sweep_below("tests/golden", &number, &sums) && ok;
        ok = sweep_below("tests/laws/worlds", &number, &sums) && ok;
    }
    printf("1..%zu\n", number);
    printf("# figure: %zu universes, %zu deaths, %zu effects, %zu groups put back\n",
           sums.universes, sums.deaths, sums.performed, sums.put_back);
    if (rig_through_wmi)
        printf("# figure: %zu calls that act broke off without an answer\n", sums.broke_off);
    return ok && number ? 0 : 1;
}
