/* Every verb, in each form in which it sends something else, and the scene that it is made in. */
#ifndef TESTS_HYPERV_VERBS_H
#define TESTS_HYPERV_VERBS_H

#include "tests/unit/hyperv_scene.h"

enum with { WITH_NOTHING, WITH_DEVICES, WITH_DISABLED, WITH_PENDING };

static const struct limits limits = {.max = {[QUOTA_VRAM] = NUM(9)}};

#define GPU_CUT    "PCI\\VEN_10DE\\4&2"
#define GPU_POOLED "PCI\\VEN_10DE\\4&9"

static const struct effect {
    const char *what;
    struct action action;
    uint64_t state; /* EnabledState */
    enum with with;
    bool alone; /* what is sent to a standalone host differs by more than the refresh */
} effects[] = {
    {"set-offline-action", {VERB_VM_OFFLINE_ACTION, .value = {3}}, 2, WITH_NOTHING, false},
    {"set-checkpoints", {VERB_VM_CHECKPOINTS, .value = {CHECKPOINTS_DISABLED}}, 2, 0, false},
    {"disable", {VERB_GPU_DISABLE}, 3, WITH_NOTHING, false},
    {"dismount", {VERB_GPU_DISMOUNT, .location = SLOT}, 3, WITH_NOTHING, false},
    {"dismount, forced",
     {VERB_GPU_DISMOUNT, .location = SLOT, .value = {1}},
     3,
     WITH_NOTHING,
     false},
    {"create-pool", {VERB_POOL_CREATE, .subject = "new"}, 3, WITH_NOTHING, false},
    {"join-pool", {VERB_POOL_JOIN, .object = "p"}, 3, WITH_DEVICES, false},
    {"stop", {VERB_VM_STOP, .value = {STOP_GUEST}}, 2, WITH_NOTHING, true},
    {"stop, forced", {VERB_VM_STOP, .value = {STOP_FORCED}}, 2, WITH_NOTHING, true},
    {"stop, turned off", {VERB_VM_STOP, .value = {STOP_TURN_OFF}}, 2, WITH_NOTHING, true},
    {"detach-device", {VERB_REQUEST_REMOVE, .object = "request"}, 3, WITH_DEVICES, false},
    {"detach", {VERB_ADAPTER_REMOVE, .object = "adapter"}, 3, WITH_NOTHING, false},
    {"set-memory", {VERB_VM_MEMORY, .value = {0, 4096, 512}}, 3, WITH_NOTHING, false},
    {"set-stop-action", {VERB_VM_STOP_ACTION, .value = {STOP_ACTION_TURN_OFF}}, 3, 0, false},
    {"set-mmio", {VERB_VM_MMIO, .value = {128, 33280}}, 3, WITH_NOTHING, false},
    {"set-cache-types", {VERB_VM_CACHE_TYPES, .value = {0}}, 3, WITH_NOTHING, false},
    {"set-count", {VERB_GPU_COUNT, .subject = GPU_CUT, .value = {4}}, 3, WITH_NOTHING, false},
    {"move, live", {VERB_VM_MOVE, .object = "hv-2", .value = {MOVE_LIVE}}, 2, 0, false},
    {"move, off", {VERB_VM_MOVE, .object = "hv-2", .value = {MOVE_OFF}}, 3, 0, false},
    {"attach", {VERB_ADAPTER_ADD, .value = {2}}, 3, WITH_NOTHING, false},
    {"attach, pinned", {VERB_ADAPTER_ADD, .value = {2}, .pin = GPU_CUT}, 3, WITH_NOTHING, false},
    {"set-limits", {VERB_ADAPTER_LIMITS, .object = "adapter", .limits = &limits}, 3, 0, false},
    {"attach-device, fixed", {VERB_REQUEST_ADD, .location = SLOT}, 3, WITH_DEVICES, false},
    {"attach-device, from a pool",
     {VERB_REQUEST_ADD, .object = "p", .value = {1}},
     3,
     WITH_DEVICES,
     false},
    {"start", {VERB_VM_START}, 3, WITH_NOTHING, true},
    {"cancel-start", {VERB_VM_CANCEL_START}, 10, WITH_PENDING, true},
    {"leave-pool", {VERB_POOL_LEAVE, .subject = GPU_POOLED, .object = "p"}, 3, WITH_DEVICES, false},
    {"mount", {VERB_GPU_MOUNT, .location = SLOT}, 3, WITH_DEVICES, false},
    {"enable", {VERB_GPU_ENABLE}, 3, WITH_DISABLED, false},
    {"delete-pool", {VERB_POOL_DELETE, .subject = "p"}, 3, WITH_DEVICES, false},
};
enum { EFFECTS = sizeof effects / sizeof *effects };

static inline void set_the_scene(struct scene *s, const struct effect *row, bool standalone)
{
    scene_open(s, standalone);
    fake_number(&s->fake, s->vm, "EnabledState", row->state);
    if (row->with == WITH_DEVICES)
        device_rows(s);
    if (row->with == WITH_DISABLED)
        fake_number(&s->fake, s->pnp, "ConfigManagerErrorCode", 22);
    if (row->with == WITH_PENDING && !standalone)
        fake_number(&s->fake, s->resource, "State", 129);
}

#endif
