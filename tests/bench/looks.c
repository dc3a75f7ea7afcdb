/*
 * How often a plan looks at the world: it must not depend on the VMs.
 *
 *   looks SPEC WORLD
 *   vms 320 looks 1 changes 0
 */
#include "codec/facts.h"
#include "host/host.h"
#include "provider/sim.h"
#include "reconcile.h"
#include "sim/world.h"

#include <stdio.h>
#include <stdlib.h>

static struct arena arena;

static const char *text_of(const char *path, size_t *size)
{
    struct err e;
    char *text;

    if (host_read_file(&arena, path, LIMIT_DOC_BYTES, &text, size, &e))
        return text;
    fprintf(stderr, "looks: %s\n", e.text);
    exit(1);
}

int main(int argc, char **argv)
{
    static const struct permission none;
    struct spec_source source;
    struct findings found;
    struct specs specs;
    struct pass pass = {.arena = &arena};
    const char *world;
    size_t size;
    struct err e;

    if (argc != 3) {
        fprintf(stderr, "usage: looks SPEC WORLD\n");
        return 64;
    }
    arena_init(&arena, 0);
    findings_init(&found, &arena);
    source.file = argv[1];
    source.text = text_of(argv[1], &source.size);
    world = text_of(argv[2], &size);
    if (!spec_read(&arena, &source, 1, &specs, &found) || specs.count != 1 ||
        !sim_open(facts_built_in(&arena), argv[2], world, size, false, &pass.eye, &found, &e)) {
        fprintf(stderr, "looks: these cannot be read\n");
        return 65;
    }
    pass.spec = &specs.rows[0];
    store_open_memory(NULL, &pass.store);
    if (!reconcile_look(&pass, &none, &e)) {
        fprintf(stderr, "looks: %s\n", e.text);
        return 1;
    }
    printf("vms %zu looks %llu changes %zu\n", pass.have.vm_count,
           (unsigned long long)sim_world(pass.eye)->observes, pass.diff.change_count);
    store_close(pass.store);
    pass.eye->ops->close(pass.eye);
    arena_release(&arena);
    return 0;
}
