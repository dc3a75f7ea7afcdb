/* The simulated world of the file that WBEM_WORLD names, kept there: one world for all who ask. */
#include "base/limits.h"
#include "cim/cim_sim.h"
#include "codec/facts.h"
#include "host/host.h"
#include "tests/windows/wbem/wbem.h"

#include <stdio.h>
#include <stdlib.h>

bool world_takes_parts(enum cim_class class)
{
    (void)class;
    return true;
}

void world_spoil(const char *name, CIMTYPE *type, VARIANT *value)
{
    (void)name, (void)type, (void)value;
}

struct cim_net *world_net(void)
{
    static struct arena a; /* as long as the process: facts and places point into it */
    const char *path = getenv("WBEM_WORLD");
    struct cim_net *net = NULL;
    struct findings found;
    struct err e = {0};
    char *text = NULL;
    size_t size = 0;

    arena_init(&a, 0);
    findings_init(&found, &a);
    if (!path || !host_read_file(&a, path, LIMIT_DOC_BYTES, &text, &size, &e) ||
        !cim_sim_open(facts_built_in(&a), path, text, size, true, &net, &found, &e)) {
        fprintf(stderr, "WBEM_WORLD %s: %s\n", path ? path : "is not set", e.text);
        abort();
    }
    return net;
}
