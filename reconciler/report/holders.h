/* Who holds what, per GPU: what both forms of a world's report need. */
#ifndef REPORT_HOLDERS_H
#define REPORT_HOLDERS_H

#include "base/str.h"
#include "model/state.h"

struct holding {
    uint32_t vm;
    uint32_t adapter; /* index into the VM's adapters */
};

struct holders {
    const struct state *have;
    struct holding *rows; /* by GPU: rows[first[g] .. first[g + 1]) */
    uint32_t *first;
    uint32_t *given_to; /* by GPU: the VM that runs with it as a device, or NO_INDEX */
};

void holders_of(struct arena *a, const struct state *have, struct holders *out);
/* Windows Admin Center's word, or our finer one: "In pool ml-gpus"; whoever holds it. */
const char *gpu_word(struct arena *a, const struct gpu *gpu);
/* The same, or "Assigned to ml-01". */
const char *gpu_status(struct arena *a, const struct holders *h, uint32_t gpu);
/* "16 8 4 2 1", with " ..." when the list was cut off. */
const char *gpu_counts(struct arena *a, const struct gpu *gpu);
/* What a like GPU reports of a partition at this count: the size to expect (C5); or unknown. */
struct num gpu_size_at(const struct state *have, uint32_t gpu, uint64_t count);
/* "1 partition", "2 of pool ml-gpus", "device PCIROOT(..)"; "none". */
const char *vm_holds(struct arena *a, const struct vm *vm);

#endif
