/* A small plan written by hand: two nodes, two GPUs, four VMs, a group for each gate. */
#ifndef TESTS_UNIT_PLAN_HAND_H
#define TESTS_UNIT_PLAN_HAND_H

#include "base/str.h"
#include "plan/plan.h"

struct plan_hand {
    struct arena arena;
    struct node nodes[2];
    struct gpu gpus[2];
    struct vm vms[4];
    struct adapter adapters[2];
    struct state have;
    struct member members[4];
    struct step steps[6];
    uint32_t need_one[1], interrupts[1];
    struct plan_group groups[3];
    struct plan_change changes[6];
    struct problem problems[3];
    struct plan plan;
};

static const char *const hand_path =
    "PCI\\VEN_10DE&DEV_25B6&SUBSYS_157E10DE&REV_A1\\4&18416DC3&0&0000";

static inline void plan_hand_world(struct plan_hand *h)
{
    static const char *const names[] = {"vdi-1", "vdi-2", "vdi-3", "cad"};
    static uint16_t valid[] = {16, 8, 4, 2, 1};

    for (int i = 0; i < 2; i++) {
        h->nodes[i] = (struct node){.name = i ? "hv-2" : "hv-1",
                                    .state = NODE_UP,
                                    .build = NUM(25398),
                                    .boot_ms = 1000,
                                    .iov = TRI_YES,
                                    .answered = true};
        h->gpus[i] = (struct gpu){.node = (uint32_t)i,
                                  .path = hand_path,
                                  .model = "NVIDIA A2",
                                  .pci = "10de:25b6",
                                  .is_gpu = true,
                                  .state = GPU_PARTITIONED,
                                  .count = NUM(i ? 4 : 16),
                                  .valid = valid,
                                  .valid_count = 5,
                                  .valid_complete = true};
        h->gpus[i].optimal[QUOTA_VRAM] = NUM(i ? 3648 * MIB : 896 * MIB);
    }
    h->adapters[0] = (struct adapter){.id = "a-1", .seen = hand_path, .partition = NUM(0)};
    for (int i = 0; i < 4; i++)
        h->vms[i] = (struct vm){.id = arena_printf(&h->arena, "id-%d", i),
                                .name = names[i],
                                .node = i == 3,
                                .generation = NUM(2),
                                .power = i ? POWER_OFF : POWER_RUNNING,
                                .stamp_ms = WHEN_NONE};
    h->vms[0].adapters = &h->adapters[0];
    h->vms[0].adapter_count = 1;
    h->have = (struct state){.name = "cl",
                             .identity = "sim:cl",
                             .observed_ms = 1763557200000,
                             .nodes = h->nodes,
                             .node_count = 2,
                             .gpus = h->gpus,
                             .gpu_count = 2,
                             .vms = h->vms,
                             .vm_count = 4};
}

static inline struct plan_change plan_hand_change(enum subject_kind kind, uint32_t at,
                                                  const char *name, enum field field,
                                                  const char *have, const char *want,
                                                  uint32_t group, enum gate gate)
{
    static const char *const subjects[][2] = {{"vdi-1", "vm/vdi-1"},
                                              {"vdi-2", "vm/vdi-2"},
                                              {"vdi-3", "vm/vdi-3"},
                                              {"cad", "vm/cad"},
                                              {"hv-1/gpu0", "gpu/hv-1/gpu0"}};
    struct plan_change c = {.change = {.kind = kind,
                                       .gpu = kind == SUBJECT_GPU ? at : NO_INDEX,
                                       .vm = kind == SUBJECT_VM ? at : NO_INDEX,
                                       .pool = NO_INDEX,
                                       .field = field,
                                       .have = have,
                                       .want = want,
                                       .rule = "C2",
                                       .at = {"specs/vdi.yaml", 12, 7}},
                            .name = name,
                            .group = group,
                            .gate = gate,
                            .reason = REASON_NONE};

    for (size_t i = 0; i < 5; i++)
        if (str_eq(subjects[i][0], name))
            c.subject = subjects[i][1];
    return c;
}

static inline struct member plan_hand_member(enum subject_kind kind, const char *node,
                                             const char *id, const char *name)
{
    struct member m = {
        .kind = kind, .node = node, .id = id, .name = name, .stop_deadline_ms = 600000};

    m.before.fields = m.target.fields = kind == SUBJECT_GPU ? IMAGE_COUNT : IMAGE_ADAPTERS;
    m.before.count = 16;
    m.target.count = 4;
    return m;
}

static inline void plan_hand_groups(struct plan_hand *h)
{
    h->members[0] = plan_hand_member(SUBJECT_GPU, "hv-1", hand_path, "hv-1/gpu0");
    h->members[1] = plan_hand_member(SUBJECT_VM, "hv-1", "id-0", "vdi-1");
    h->members[2] = plan_hand_member(SUBJECT_VM, "hv-1", "id-1", "vdi-2");
    h->members[3] = plan_hand_member(SUBJECT_VM, "hv-2", "id-3", "cad");
    h->steps[0] = (struct step){.action = {.verb = VERB_VM_STOP, .node = "hv-1", .subject = "id-0"},
                                .member = 1,
                                .name = "vdi-1",
                                .text = "stop vdi-1  guest shutdown, 10 min",
                                .rule = "S8"};
    h->steps[1] = (struct step){
        .action = {.verb = VERB_GPU_COUNT, .node = "hv-1", .subject = hand_path, .value = {4}},
        .member = 0,
        .needs = h->need_one,
        .need_count = 1,
        .name = "hv-1/gpu0",
        .text = "set partition count of hv-1/gpu0  16 -> 4",
        .rule = "C4"};
    h->steps[2] =
        (struct step){.action = {.verb = VERB_ADAPTER_ADD, .node = "hv-1", .subject = "id-1"},
                      .member = 0,
                      .name = "vdi-2",
                      .text = "attach a partition to vdi-2",
                      .rule = "V3"};
    h->groups[0] = (struct plan_group){.members = h->members,
                                       .member_count = 2,
                                       .steps = h->steps,
                                       .step_count = 2,
                                       .node = 0,
                                       .input = "in-0",
                                       .interrupts = h->interrupts,
                                       .interrupt_count = 1,
                                       .off_at_most_ms = 540000,
                                       .reason = REASON_NONE};
    h->groups[1] = (struct plan_group){.members = h->members + 2,
                                       .member_count = 1,
                                       .steps = h->steps + 2,
                                       .step_count = 1,
                                       .node = 0,
                                       .input = "in-1",
                                       .gate = GATE_HELD,
                                       .reason = REASON_NODE_PAUSED,
                                       .why = "hv-1 is paused"};
    h->groups[2] = (struct plan_group){.members = h->members + 3,
                                       .member_count = 1,
                                       .node = 1,
                                       .input = "in-2",
                                       .gate = GATE_BLOCKED,
                                       .reason = REASON_PROTECTED,
                                       .why = "cad is protected and runs"};
}

static inline void plan_hand_init(struct plan_hand *h)
{
    *h = (struct plan_hand){0};
    arena_init(&h->arena, 0);
    plan_hand_world(h);
    plan_hand_groups(h);
    h->changes[0] =
        plan_hand_change(SUBJECT_GPU, 0, "hv-1/gpu0", FIELD_GPU_COUNT, "16", "4", 0, GATE_RUNS);
    h->changes[1] =
        plan_hand_change(SUBJECT_VM, 1, "vdi-2", FIELD_VM_GPU, "none", "1 partition", 1, GATE_HELD);
    h->changes[1].change.gains = true;
    h->changes[2] =
        plan_hand_change(SUBJECT_VM, 1, "vdi-2", FIELD_VM_OFFLINE_ACTION, "1", "3", 1, GATE_HELD);
    h->changes[2].change.grade = GRADE_REQUIRED;
    h->changes[3] = plan_hand_change(SUBJECT_VM, 3, "cad", FIELD_VM_GPU, "1 partition", "none", 2,
                                     GATE_BLOCKED);
    h->changes[3].change.loses = true;
    h->changes[4] = plan_hand_change(SUBJECT_VM, 2, "vdi-3", FIELD_VM_CHECKPOINTS, "production",
                                     "disabled", NO_INDEX, GATE_RUNS);
    h->changes[4].at_next_stop = true;
    h->problems[0] = (struct problem){.reason = REASON_VM_MISSING,
                                      .kind = SUBJECT_VM,
                                      .gpu = NO_INDEX,
                                      .vm = NO_INDEX,
                                      .row = NO_INDEX,
                                      .subject = "vm/vdi-9",
                                      .at = {"specs/vdi.yaml", 14, 3},
                                      .text = "on no node, not hidden"};
    h->problems[1] = (struct problem){.reason = REASON_NOTE_MMIO,
                                      .kind = SUBJECT_CLUSTER,
                                      .gpu = NO_INDEX,
                                      .vm = NO_INDEX,
                                      .row = NO_INDEX,
                                      .subject = "cluster/cl",
                                      .text = "a fallback"};
    h->plan = (struct plan){.head = {.cluster = "vdi",
                                     .world = "cl",
                                     .source = "specs/vdi.yaml",
                                     .spec_digest = "d1",
                                     .identity = "sim:cl",
                                     .observed_ms = 1763557200000,
                                     .nodes = 2,
                                     .nodes_seen = 2,
                                     .gpus = 2,
                                     .vms = 4,
                                     .declared_gpus = 2,
                                     .declared_vms = 4,
                                     .differ_vms = 3},
                            .groups = h->groups,
                            .group_count = 3,
                            .changes = h->changes,
                            .change_count = 5,
                            .problems = h->problems,
                            .problem_count = 2,
                            .capacity = {.partitions = 20, .used_now = 1, .used_after = 1}};
}

#endif
