/* Examples and golden cases as universes. */
#include "rig.h"

#include "codec/world.h"
#include "host/host.h"
#include "tests/known.h"

enum { LARGEST = 16 << 20 };

static const char *first_error(const struct findings *found)
{
    for (size_t i = 0; i < found->count; i++)
        if (found->rows[i].severity == SEVERITY_ERROR)
            return found->rows[i].text;
    return "is refused without a finding";
}

bool case_read(struct arena *a, const char *folder, struct case_files *out, const char **why)
{
    const char *file = host_join(a, folder, "spec.yaml"), *world;
    struct spec_source source = {.file = file};
    struct findings found;
    struct specs specs;
    struct err e;
    char *text;
    size_t size;

    *out = (struct case_files){.name = folder};
    findings_init(&found, a);
    if (!host_read_file(a, file, LARGEST, &text, &size, &e)) {
        *why = arena_strdup(a, e.text);
        return false;
    }
    source.text = text;
    source.size = size;
    if (!spec_read(a, &source, 1, &specs, &found) || specs.count != 1 ||
        specs.rows[0].connect != CONNECT_SIM) {
        *why = first_error(&found);
        return false;
    }
    out->spec = specs.rows[0];
    world = host_beside(a, file, out->spec.connect_path);
    if (!host_read_file(a, world, LARGEST, &text, &size, &e)) {
        *why = arena_strdup(a, e.text);
        return false;
    }
    if (!world_read(a, known_facts(), world, text, size, &out->world, &found)) {
        *why = first_error(&found);
        return false;
    }
    return true;
}
