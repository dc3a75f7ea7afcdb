/* Small worlds for tests, written as people write them. */
#ifndef TESTS_SIM_WORLD_H
#define TESTS_SIM_WORLD_H

#include "base/str.h"
#include "codec/world.h"
#include "tests/known.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define CLUSTER(body)                                                                              \
    "apiVersion: hvgpu/v1\nkind: World\nmetadata: {name: t}\nspec:\n"                              \
    "  now: 2026-11-19T13:00:00Z\n  cluster: {name: c}\n"                                          \
    "  timing: {change: 0s, count: 0s, device: 0s}\n" body
#define HOST(body)                                                                                 \
    "apiVersion: hvgpu/v1\nkind: World\nmetadata: {name: t}\nspec:\n"                              \
    "  now: 2026-11-19T13:00:00Z\n"                                                                \
    "  timing: {change: 0s, count: 0s, device: 0s}\n" body

static inline void must_read(struct arena *a, const char *text, struct world *w)
{
    struct findings found;

    findings_init(&found, a);
    if (!world_read(a, known_facts(), "world.yaml", text, strlen(text), w, &found)) {
        for (size_t i = 0; i < found.count; i++)
            print_error("%u:%u %s\n", found.rows[i].at.line, found.rows[i].at.column,
                        found.rows[i].text);
        fail_msg("the test's own world cannot be read");
    }
}

static inline uint32_t vm_named(const struct world *w, const char *name)
{
    for (uint32_t i = 0; i < w->now.vm_count; i++)
        if (str_same(w->now.vms[i].name, name))
            return i;
    fail_msg("no VM %s", name);
    return 0;
}

static inline struct vm *the_vm(struct world *w, const char *name)
{
    return &w->now.vms[vm_named(w, name)];
}

/* An action as the planner builds it: `on` is a VM's name, NODE/gpuN or a pool. */
static inline struct action act(struct world *w, enum verb verb, const char *node, const char *on)
{
    struct action a = {.verb = verb, .node = node, .subject = on};

    if (verb_rows[verb].subject == SUBJECT_VM) {
        a.subject = the_vm(w, on)->id;
    } else if (verb_rows[verb].subject == SUBJECT_GPU) {
        for (uint32_t i = 0; i < w->now.gpu_count; i++)
            if (str_same(gpu_label(w->arena, &w->now, i), on)) {
                a.subject = w->now.gpus[i].path;
                a.node = w->now.nodes[w->now.gpus[i].node].name;
            }
    }
    return a;
}

#endif
