/* The plan document as tables: writer, strict reader and schema are these. */
#include "codec/planfile_doc.h"

#define WORDS(name, list, n)                                                                       \
    static const char *name(unsigned i)                                                            \
    {                                                                                              \
        return i < (n) ? (list)[i] : NULL;                                                         \
    }

static const char *const gates[] = {"runs", "held", "blocked"};
static const char *const kinds[] = {"cluster", "node", "gpu", "pool", "vm"};
static const char *const grades[] = {"declared", "required", "advised"};
static const char *const stops[] = {"guest", "forced", "turn-off"};
static const char *const disruptions[] = {"never", "allowed", "window"};
static const char *const asides[] = {"expected", "detect"};
static const char *const homogeneities[] = {"default", "warn", "require"};
static const char *const phases[] = {"found", "stopping", "stopped", "starting", "paid", "stuck"};
static const char *const image_bits[] = {
    "adapters",    "requests",   "offlineAction", "stopAction", "memory",  "mmio", "cacheTypes",
    "checkpoints", "partitions", "place",         "pool",       "resized", "node"};
static const char *const causes[] = {"none", "change", "before"};
static const char *const marks[] = {"stuck", "bare"};

#define COUNT(list) (sizeof(list) / sizeof *(list))
WORDS(word_gate, gates, COUNT(gates))
WORDS(word_kind, kinds, COUNT(kinds))
WORDS(word_grade, grades, COUNT(grades))
WORDS(word_aside, asides, COUNT(asides))
WORDS(word_stop, stops, COUNT(stops))
WORDS(word_disruption, disruptions, COUNT(disruptions))
WORDS(word_homogeneous, homogeneities, COUNT(homogeneities))
WORDS(word_phase, phases, COUNT(phases))
WORDS(word_image, image_bits, COUNT(image_bits))
WORDS(word_cause, causes, COUNT(causes))
WORDS(word_mark, marks, COUNT(marks))
WORDS(word_node_state, node_state_words, NODE_SILENT + 1)
WORDS(word_power, vm_power_words, POWER_CRITICAL + 1)
WORDS(word_gpu_state, gpu_state_words, GPU_NO_DRIVER + 1)
WORDS(word_stop_action, stop_action_words, STOP_ACTION_SHUT_DOWN + 1)
WORDS(word_checkpoints, checkpoints_words, CHECKPOINTS_STANDARD + 1)
WORDS(word_tri, tri_words, TRI_YES + 1)
WORDS(word_field, field_words, FIELDS)

static const char *word_verb(unsigned i)
{
    return i < VERB_NONE ? verb_rows[i].word : NULL;
}

static const char *word_reason(unsigned i)
{
    return i < REASON_NONE ? reason_rows[i].code : i == REASON_NONE ? "none" : NULL;
}

#define AT(type, member) offsetof(struct type, member)
#define TEXT(t, k, m, d)                                                                           \
    {                                                                                              \
        k, SHAPE_TEXT, AT(t, m), .text = d                                                         \
    }
#define BOOL(t, k, m, d)                                                                           \
    {                                                                                              \
        k, SHAPE_BOOL, AT(t, m), .text = d                                                         \
    }
#define U32(t, k, m, d)                                                                            \
    {                                                                                              \
        k, SHAPE_U32, AT(t, m), .text = d                                                          \
    }
#define SIZE(t, k, m, d)                                                                           \
    {                                                                                              \
        k, SHAPE_SIZE, AT(t, m), .text = d                                                         \
    }
#define U64(t, k, m, d)                                                                            \
    {                                                                                              \
        k, SHAPE_U64, AT(t, m), .text = d                                                          \
    }
#define NUMBER(t, k, m, d)                                                                         \
    {                                                                                              \
        k, SHAPE_NUM, AT(t, m), .text = d                                                          \
    }
#define NUMS(t, k, m, n, d)                                                                        \
    {                                                                                              \
        k, SHAPE_NUM, AT(t, m), .repeat = n, .text = d                                             \
    }
#define MS(t, k, m, d)                                                                             \
    {                                                                                              \
        k, SHAPE_MS, AT(t, m), .text = d                                                           \
    }
#define TIME(t, k, m, d)                                                                           \
    {                                                                                              \
        k, SHAPE_TIME, AT(t, m), .text = d                                                         \
    }
#define WORD(t, k, m, w, d)                                                                        \
    {                                                                                              \
        k, SHAPE_WORD, AT(t, m), .words = w, .text = d                                             \
    }
#define FLAGS(t, k, m, w, d)                                                                       \
    {                                                                                              \
        k, SHAPE_FLAGS, AT(t, m), .words = w, .text = d                                            \
    }
#define MAP(t, k, m, s, d)                                                                         \
    {                                                                                              \
        k, SHAPE_MAP, AT(t, m), .shape = s, .text = d                                              \
    }
#define LIST(t, k, how, m, n, s, d)                                                                \
    {                                                                                              \
        k, SHAPE_##how, AT(t, m), .count = AT(t, n), .shape = s, .text = d                         \
    }
#define SHAPE(name, type, fields)                                                                  \
    static const struct shape name = {#type, sizeof(struct type), fields, COUNT(fields)}

static const struct shape_field span_fields[] = {
    TEXT(span, "file", file, NULL),
    U32(span, "line", line, NULL),
    U32(span, "column", column, NULL),
};
SHAPE(span_shape, span, span_fields);

static const struct shape_field limits_fields[] = {
    NUMS(limits, "min", min, QUOTA_KINDS, "vram, encode, decode, compute"),
    NUMS(limits, "max", max, QUOTA_KINDS, NULL),
    NUMS(limits, "optimal", optimal, QUOTA_KINDS, NULL),
};
const struct shape limits_shape = {"limits", sizeof(struct limits), limits_fields,
                                   COUNT(limits_fields)};

static const struct shape_field settings_fields[] = {
    WORD(vm_settings, "automaticStopAction", stop_action, word_stop_action, NULL),
    WORD(vm_settings, "dynamicMemory", dynamic_memory, word_tri, NULL),
    NUMBER(vm_settings, "memoryStartupMiB", memory_startup_mib, NULL),
    NUMBER(vm_settings, "memoryMinMiB", memory_min_mib, NULL),
    NUMBER(vm_settings, "memoryMaxMiB", memory_max_mib, NULL),
    NUMBER(vm_settings, "mmioLowMiB", mmio_low_mib, NULL),
    NUMBER(vm_settings, "mmioHighMiB", mmio_high_mib, NULL),
    NUMBER(vm_settings, "mmioBaseMiB", mmio_base_mib, NULL),
    WORD(vm_settings, "cacheTypes", cache_types, word_tri, NULL),
    WORD(vm_settings, "checkpoints", checkpoints, word_checkpoints, NULL),
    WORD(vm_settings, "automaticCheckpoints", auto_checkpoints, word_tri, NULL),
};
SHAPE(settings_shape, vm_settings, settings_fields);

static const struct shape_field image_adapter_fields[] = {
    TEXT(image_adapter, "id", id, "null in a target: a new one"),
    TEXT(image_adapter, "pin", pin, NULL),
    MAP(image_adapter, "limits", limits, &limits_shape, NULL),
};
SHAPE(image_adapter_shape, image_adapter, image_adapter_fields);

static const struct shape_field image_request_fields[] = {
    TEXT(image_request, "id", id, NULL),
    TEXT(image_request, "pool", pool, NULL),
    TEXT(image_request, "location", location, NULL),
};
SHAPE(image_request_shape, image_request, image_request_fields);

static const struct shape_field image_fields_[] = {
    FLAGS(image, "fields", fields, word_image, "which of the others count"),
    LIST(image, "adapters", MAPS, adapters, adapter_count, &image_adapter_shape, NULL),
    LIST(image, "requests", MAPS, requests, request_count, &image_request_shape, NULL),
    U64(image, "offlineAction", offline_action, NULL),
    MAP(image, "settings", settings, &settings_shape, NULL),
    U64(image, "partitions", count, NULL),
    WORD(image, "place", place, word_gpu_state, NULL),
    TEXT(image, "pool", pool, NULL),
    BOOL(image, "present", present, NULL),
    BOOL(image, "force", force, NULL),
    TEXT(image, "node", node, NULL),
    BOOL(image, "live", live, "it may go there running"),
};
SHAPE(image_shape, image, image_fields_);

static const struct shape_field member_fields[] = {
    WORD(member, "kind", kind, word_kind, NULL),
    TEXT(member, "node", node, "owner node when the plan was made"),
    TEXT(member, "id", id, "VM id, GPU path or pool name"),
    TEXT(member, "name", name, NULL),
    FLAGS(member, "marks", marks, word_mark, NULL),
    MAP(member, "before", before, &image_shape, "as it was: what putting back restores"),
    MAP(member, "target", target, &image_shape, "as it shall be"),
    WORD(member, "stopThen", stop_then, word_stop, "after the stop's deadline"),
    MS(member, "stopDeadlineMs", stop_deadline_ms, NULL),
    BOOL(member, "runAfter", run_after, NULL),
    BOOL(member, "offAfter", off_after, NULL),
    TEXT(member, "waits", waits, "the event that it stays off for (V9)"),
    U64(member, "sizeBytes", size_bytes, "what a partition must turn out to be; 0: anything"),
};
SHAPE(member_shape, member, member_fields);

static const struct shape_field action_fields[] = {
    WORD(action, "verb", verb, word_verb, NULL), TEXT(action, "node", node, NULL),
    TEXT(action, "subject", subject, NULL),      TEXT(action, "object", object, NULL),
    TEXT(action, "location", location, NULL),    TEXT(action, "pin", pin, NULL),
    U64(action, "value", value[0], NULL),        U64(action, "value2", value[1], NULL),
    U64(action, "value3", value[2], NULL),       MS(action, "deadlineMs", deadline_ms, NULL),
};
const struct shape action_shape = {"action", sizeof(struct action), action_fields,
                                   COUNT(action_fields)};

static const struct shape_field step_fields[] = {
    TEXT(doc_step, "id", id, NULL),
    U32(doc_step, "member", member, "index into the group's members"),
    LIST(doc_step, "needs", U32S, needs, need_count, NULL, "indexes of steps of the group"),
    MAP(doc_step, "action", action, &action_shape, NULL),
    MAP(doc_step, "limits", limits, &limits_shape, NULL),
    TEXT(doc_step, "name", name, NULL),
    TEXT(doc_step, "text", text, NULL),
    TEXT(doc_step, "before", before, "the confirming field as it was seen"),
    TEXT(doc_step, "after", after, "what confirms it"),
    TEXT(doc_step, "undo", undo, "what putting the group back does about it"),
    TEXT(doc_step, "why", why, "the rule"),
};
SHAPE(step_shape, doc_step, step_fields);

static const struct shape_field doc_vm_fields[] = {
    TEXT(doc_vm, "id", id, NULL),
    TEXT(doc_vm, "name", name, NULL),
};
SHAPE(doc_vm_shape, doc_vm, doc_vm_fields);

static const struct shape_field node_fields[] = {
    TEXT(node, "name", name, NULL),
    WORD(node, "state", state, word_node_state, NULL),
    BOOL(node, "answered", answered, "false: what it holds is not known"),
};
SHAPE(node_shape, node, node_fields);

static const struct shape_field held_adapter_fields[] = {
    TEXT(adapter, "id", id, NULL),
    TEXT(adapter, "pin", pin, "the GPU that was asked for"),
    TEXT(adapter, "seen", seen, "the GPU that it is on; null: its VM is off or saved, or unknown"),
};
SHAPE(held_adapter_shape, adapter, held_adapter_fields);

static const struct shape_field held_request_fields[] = {
    TEXT(request, "id", id, NULL),
    TEXT(request, "pool", pool, NULL),
    TEXT(request, "location", location, "of the fixed device"),
    TEXT(request, "given", given, "location of the device that it runs with"),
};
SHAPE(held_request_shape, request, held_request_fields);

static const struct shape_field holder_fields[] = {
    TEXT(vm, "id", id, NULL),
    TEXT(vm, "name", name, NULL),
    U32(vm, "node", node, "index into nodes"),
    WORD(vm, "power", power, word_power, NULL),
    LIST(vm, "adapters", MAPS, adapters, adapter_count, &held_adapter_shape, NULL),
    LIST(vm, "requests", MAPS, requests, request_count, &held_request_shape, NULL),
};
SHAPE(holder_shape, vm, holder_fields);

static const struct shape_field doc_gpu_fields[] = {
    TEXT(doc_gpu, "subject", subject, NULL),
    U32(doc_gpu, "node", node, "index into nodes"),
    TEXT(doc_gpu, "path", path, NULL),
    TEXT(doc_gpu, "location", location, NULL),
    TEXT(doc_gpu, "model", model, NULL),
    TEXT(doc_gpu, "pci", pci, NULL),
    TEXT(doc_gpu, "subsystem", subsystem, NULL),
    TEXT(doc_gpu, "pool", pool, "that it is a member of"),
    WORD(doc_gpu, "state", state, word_gpu_state, NULL),
    BOOL(doc_gpu, "isGpu", is_gpu, "false: another assignable device"),
    NUMBER(doc_gpu, "partitions", count, NULL),
    NUMBER(doc_gpu, "sizeBytes", size, "VRAM of a partition at this count"),
};
SHAPE(doc_gpu_shape, doc_gpu, doc_gpu_fields);

static const struct shape_field group_fields[] = {
    TEXT(doc_group, "id", id, NULL),
    TEXT(doc_group, "node", node, "null: several"),
    WORD(doc_group, "gate", gate, word_gate, "runs | held | blocked"),
    WORD(doc_group, "reason", reason, word_reason, "a code of specs/reasons.md, or none"),
    TEXT(doc_group, "why", why, NULL),
    TEXT(doc_group, "release", release, NULL),
    TEXT(doc_group, "input", input, NULL),
    LIST(doc_group, "needs", U32S, needs, need_count, NULL, "groups that come first"),
    MS(doc_group, "offAtMostMs", off_at_most_ms, "how long an interrupted VM is off, at most"),
    TIME(doc_group, "openUntil", open_until_ms,
         "when its maintenance window ends: it is not begun from then on"),
    U32(doc_group, "removals", removals, NULL),
    LIST(doc_group, "asks", U32S, asks, ask_count, NULL, "rules of policy.approvals (P12)"),
    BOOL(doc_group, "approvable", approvable, "it runs, but for approvals"),
    BOOL(doc_group, "unapproved", unapproved, "it lacks approvals"),
    LIST(doc_group, "interrupts", MAPS, interrupts, interrupt_count, &doc_vm_shape, NULL),
    LIST(doc_group, "members", MAPS, members, member_count, &member_shape, NULL),
    LIST(doc_group, "steps", MAPS, steps, step_count, &step_shape, NULL),
};
SHAPE(group_shape, doc_group, group_fields);

static const struct shape_field change_fields[] = {
    TEXT(doc_change, "subject", subject, NULL),
    TEXT(doc_change, "name", name, NULL),
    WORD(doc_change, "kind", kind, word_kind, NULL),
    WORD(doc_change, "field", field, word_field, NULL),
    WORD(doc_change, "grade", grade, word_grade, NULL),
    BOOL(doc_change, "needsOff", needs_off, NULL),
    BOOL(doc_change, "gains", gains, NULL),
    BOOL(doc_change, "loses", loses, NULL),
    BOOL(doc_change, "atNextStop", at_next_stop, "advised, no change now"),
    TEXT(doc_change, "have", have, NULL),
    TEXT(doc_change, "want", want, NULL),
    TEXT(doc_change, "rule", rule, NULL),
    MAP(doc_change, "at", at, &span_shape, NULL),
    U32(doc_change, "group", group, "index into groups; null: in none"),
    WORD(doc_change, "gate", gate, word_gate, NULL),
    WORD(doc_change, "reason", reason, word_reason, NULL),
    WORD(doc_change, "cause", cause, word_cause,
         "with --base: it is the change's, or was there before"),
};
SHAPE(change_shape, doc_change, change_fields);

static const struct shape_field problem_fields[] = {
    TEXT(doc_problem, "subject", subject, NULL),
    WORD(doc_problem, "kind", kind, word_kind, NULL),
    WORD(doc_problem, "code", reason, word_reason, NULL),
    TEXT(doc_problem, "class", class, "blocked | held | warning | note | manual"),
    TEXT(doc_problem, "rule", rule, NULL),
    MAP(doc_problem, "at", at, &span_shape, NULL),
    TEXT(doc_problem, "text", text, NULL),
    TEXT(doc_problem, "release", release, NULL),
    WORD(doc_problem, "cause", cause, word_cause, NULL),
};
SHAPE(problem_shape, doc_problem, problem_fields);

static const struct shape_field aside_fields[] = {
    TEXT(plan_aside, "subject", subject, NULL),
    TEXT(plan_aside, "name", name, NULL),
    WORD(plan_aside, "kind", change.kind, word_kind, NULL),
    WORD(plan_aside, "why", why, word_aside, "expected, or manage: detect"),
    WORD(plan_aside, "field", change.field, word_field, "of a difference"),
    WORD(plan_aside, "grade", change.grade, word_grade, NULL),
    BOOL(plan_aside, "atNextStop", at_next_stop, "advised, would wait for a stop"),
    TEXT(plan_aside, "have", change.have, NULL),
    TEXT(plan_aside, "want", change.want, NULL),
    TEXT(plan_aside, "rule", change.rule, NULL),
    MAP(plan_aside, "at", change.at, &span_shape, NULL),
    WORD(plan_aside, "code", reason, word_reason, "of a problem; none: it is a difference"),
    TEXT(plan_aside, "text", text, "of a problem"),
    TEXT(plan_aside, "because", because, "the reason that `expected` gives"),
    TEXT(plan_aside, "until", until, "as `expected` says it"),
    TIME(plan_aside, "untilTime", until_ms, NULL),
    MAP(plan_aside, "entryAt", entry_at, &span_shape, "of the entry of `expected`"),
    WORD(plan_aside, "cause", cause, word_cause, NULL),
};
SHAPE(aside_shape, plan_aside, aside_fields);

static const struct shape_field debt_fields[] = {
    TEXT(debt, "vm", vm, NULL),
    TEXT(debt, "name", name, NULL),
    BOOL(debt, "foundRunning", found_running, NULL),
    BOOL(debt, "declared", declared, NULL),
    WORD(debt, "phase", phase, word_phase, NULL),
    TIME(debt, "stamp", stamp_ms, NULL),
    TEXT(debt, "node", node, NULL),
    TIME(debt, "boot", boot_ms, NULL),
    TIME(debt, "since", since_ms, NULL),
    TEXT(debt, "run", run, NULL),
    U64(debt, "group", group, NULL),
    TEXT(debt, "waits", waits, "the event that it stays off for (V9)"),
};
SHAPE(debt_shape, debt, debt_fields);

static const struct shape_field leaving_fields[] = {
    TEXT(plan_leaving, "event", id, "the row's name: hvgpu event over EVENT"),
    TEXT(plan_leaving, "reason", reason, NULL),
    TIME(plan_leaving, "by", by_ms, NULL),
    MAP(plan_leaving, "at", at, &span_shape, NULL),
    LIST(plan_leaving, "nodes", TEXTS, nodes, node_count, NULL, "that the row holds"),
    LIST(plan_leaving, "gpus", TEXTS, gpus, gpu_count, NULL, "none: not seen"),
    LIST(plan_leaving, "on", TEXTS, on, on_count, NULL, "VMs that sit on it"),
    LIST(plan_leaving, "near", TEXTS, near, near_count, NULL, "VMs that could land on it"),
};
SHAPE(leaving_shape, plan_leaving, leaving_fields);

static const struct shape_field field_fields[] = {
    TEXT(read_field, "name", name, NULL),
    TEXT(read_field, "value", value, NULL),
};
SHAPE(field_shape, read_field, field_fields);

static const struct shape_field read_fields[] = {
    TEXT(read_object, "subject", subject, NULL),
    TEXT(read_object, "label", label, NULL),
    TEXT(read_object, "digest", digest, NULL),
    LIST(read_object, "fields", MAPS, fields, field_count, &field_shape, NULL),
};
SHAPE(read_shape, read_object, read_fields);

static const struct shape_field revision_fields[] = {
    TEXT(revision, "commit", commit,
         "null: the spec is in no git repository, or git was not there"),
    TEXT(revision, "branch", branch, NULL),
    BOOL(revision, "dirty", dirty, "the spec is not as it is in that commit"),
    LIST(revision, "authors", TEXTS, authors, author_count, NULL,
         "of the last commits of its files; asked where a Policy wants to know (P12)"),
};
SHAPE(revision_shape, revision, revision_fields);

static const struct shape_field head_fields[] = {
    TEXT(plan_head, "cluster", cluster, NULL),
    TEXT(plan_head, "world", world, NULL),
    BOOL(plan_head, "standalone", standalone, NULL),
    TEXT(plan_head, "source", source, NULL),
    LIST(plan_head, "specs", TEXTS, specs, spec_count, NULL,
         "files and folders that were named: read again when it is carried out, if they are there"),
    TEXT(plan_head, "specDigest", spec_digest, NULL),
    MAP(plan_head, "revision", revision, &revision_shape, "of the spec"),
    TEXT(plan_head, "identity", identity, "of the world: a plan fits no other"),
    TIME(plan_head, "observed", observed_ms, NULL),
    TIME(plan_head, "asIf", as_if_ms,
         "the time that was asked for (--at): such a plan is not applied"),
    TEXT(plan_head, "timeZone", time_zone, "of the times that people read; null: UTC"),
    SIZE(plan_head, "nodes", nodes, NULL),
    SIZE(plan_head, "nodesSeen", nodes_seen, NULL),
    SIZE(plan_head, "gpus", gpus, NULL),
    SIZE(plan_head, "vms", vms, NULL),
    SIZE(plan_head, "declaredGpus", declared_gpus, NULL),
    SIZE(plan_head, "declaredVms", declared_vms, NULL),
    SIZE(plan_head, "differVms", differ_vms, NULL),
    SIZE(plan_head, "undeclaredHolders", undeclared_holders, NULL),
    SIZE(plan_head, "undeclaredVms", undeclared_vms, NULL),
    SIZE(plan_head, "ignored", ignored, "differences under manage: ignore"),
    LIST(plan_head, "labels", TEXTS, labels, label_count, NULL, "of the spec: ring=canary"),
};
SHAPE(head_shape, plan_head, head_fields);

static const struct shape_field origin_fields[] = {
    TEXT(plan_origin, "kind", connect, "sim | cluster | hosts | local"),
    TEXT(plan_origin, "path", path,
         "of a simulated world, relative to the spec; or the names of what is connected to"),
    TEXT(plan_origin, "credentials", credentials,
         "where user and password are: env NAME | file PATH | stored TARGET; null: the user who "
         "runs hvgpu"),
};
SHAPE(origin_shape, plan_origin, origin_fields);

static const struct shape_field pool_fields[] = {
    TEXT(pool_capacity, "name", name, NULL),
    U64(pool_capacity, "devices", devices, NULL),
    U64(pool_capacity, "requests", requests, NULL),
    U64(pool_capacity, "leftAfterLoss", left_after_loss, NULL),
};
SHAPE(pool_shape, pool_capacity, pool_fields);

static const struct shape_field capacity_fields[] = {
    U64(capacity, "partitions", partitions, NULL),
    U64(capacity, "usedNow", used_now, NULL),
    U64(capacity, "usedAfter", used_after, NULL),
    U64(capacity, "usedWithBlocked", used_blocked, NULL),
    U64(capacity, "leftAfterLoss", left_after_loss, "least number left when one node is lost"),
    TEXT(capacity, "fullestNode", fullest, NULL),
    U64(capacity, "fullestUsed", fullest_used, NULL),
    U64(capacity, "fullestOf", fullest_of, NULL),
    LIST(capacity, "pools", MAPS, pools, pool_count, &pool_shape, NULL),
};
SHAPE(capacity_shape, capacity, capacity_fields);

static const struct shape_field pause_fields[] = {
    TEXT(pause, "subject", subject, NULL),
    TEXT(pause, "reason", reason, NULL),
    TEXT(pause, "by", by, NULL),
    TIME(pause, "since", since_ms, NULL),
    TIME(pause, "until", until_ms, "null: until it is resumed"),
};
SHAPE(pause_shape, pause, pause_fields);

static const struct shape_field wave_fields[] = {
    TIME(plan_wave, "from", from_ms, NULL),
    TIME(plan_wave, "until", until_ms, "when its window shuts; null: there are no windows"),
    LIST(plan_wave, "nodes", TEXTS, nodes, node_count, NULL, "in their order"),
    LIST(plan_wave, "groups", U32S, groups, group_count, NULL, "indexes, by node"),
    SIZE(plan_wave, "interrupts", interrupts, NULL),
    SIZE(plan_wave, "steps", steps, NULL),
    MS(plan_wave, "atMostMs", at_most_ms, "its nodes, one after the other"),
    U64(plan_wave, "partitions", partitions, "when it is done"),
    U64(plan_wave, "leftAfterLoss", left_after_loss, "least number left when one node is lost"),
};
SHAPE(wave_shape, plan_wave, wave_fields);

static const struct shape_field rollout_fields[] = {
    TEXT(plan_rollout, "reason", reason, "null: there is none, or it is over"),
    MAP(plan_rollout, "at", at, &span_shape, NULL),
    SIZE(plan_rollout, "toGo", to_go, "nodes that are not as declared"),
    SIZE(plan_rollout, "done", done, "nodes that are"),
    MS(plan_rollout, "soakMs", soak_ms, NULL),
    TIME(plan_rollout, "mixedUntil", mixed_until_ms, "different counts are drift from then on"),
    TEXT(plan_rollout, "mixedUntilText", mixed_until, "as the spec says it"),
    U64(plan_rollout, "partitions", partitions, "now"),
    U64(plan_rollout, "leftAfterLoss", left_after_loss, "now, when one node is lost"),
    LIST(plan_rollout, "waves", MAPS, waves, wave_count, &wave_shape,
         "nodes whose turn begins together; none: nothing of it begins"),
};
SHAPE(rollout_shape, plan_rollout, rollout_fields);

static const struct shape_field totals_fields[] = {
    SIZE(plan_totals, "runGroups", run_groups, NULL),
    SIZE(plan_totals, "heldGroups", held_groups, NULL),
    SIZE(plan_totals, "blockedGroups", blocked_groups, NULL),
    SIZE(plan_totals, "runSteps", run_steps, NULL),
    SIZE(plan_totals, "runVms", run_vms, NULL),
    SIZE(plan_totals, "runGpus", run_gpus, NULL),
    SIZE(plan_totals, "runInterrupts", run_interrupts, NULL),
    SIZE(plan_totals, "heldVms", held_vms, NULL),
    SIZE(plan_totals, "heldGpus", held_gpus, NULL),
    SIZE(plan_totals, "heldInterrupts", held_interrupts, NULL),
    SIZE(plan_totals, "blockedVms", blocked_vms, NULL),
    SIZE(plan_totals, "blockedSubjects", blocked_subjects, NULL),
    SIZE(plan_totals, "removals", removals, NULL),
    U32(plan_totals, "stopsNeeded", stops_needed, "what --allow-stops would have to say"),
};
SHAPE(totals_shape, plan_totals, totals_fields);

static const struct shape_field ceiling_fields[] = {
    TEXT(ceiling_by, "name", name, NULL),
    TEXT(ceiling_by, "digest", digest, "of what it says: with another one the plan is stale"),
    MAP(ceiling_by, "at", at, &span_shape, NULL),
};
SHAPE(ceiling_shape, ceiling_by, ceiling_fields);

static const struct shape_field tightened_fields[] = {
    TEXT(tightened, "field", field, NULL),
    TEXT(tightened, "from", from, "null: something more"),
    TEXT(tightened, "to", to, NULL),
    SIZE(tightened, "rows", rows, "whose own value it was; 0: the cluster's"),
    MAP(tightened, "at", at, &span_shape, "in the Policy"),
};
SHAPE(tightened_shape, tightened, tightened_fields);

static const struct shape_field override_fields[] = {
    TEXT(override, "what", what, "null: none"),
    TEXT(override, "reason", reason, NULL),
    TEXT(override, "by", by, NULL),
    TIME(override, "until", until_ms, "the plan is stale from then on"),
};
SHAPE(override_shape, override, override_fields);

static const struct shape_field signer_fields[] = {
    TEXT(signer, "name", name, NULL),
    TEXT(signer, "key", key, "public"),
};
SHAPE(signer_shape, signer, signer_fields);

static const struct shape_field approval_rule_fields[] = {
    NUMBER(approval_rule, "interrupts", interrupts, "it asks beyond so many; null: it does not"),
    NUMBER(approval_rule, "nodes", nodes, NULL),
    NUMBER(approval_rule, "detach", detach, NULL),
    BOOL(approval_rule, "forcedStop", forced_stop, NULL),
    BOOL(approval_rule, "count", count, NULL),
    U32(approval_rule, "need", need, "different people"),
    BOOL(approval_rule, "notAuthor", not_author, NULL),
    MS(approval_rule, "maxAgeMs", max_age_ms, "0: any"),
    LIST(approval_rule, "signers", MAPS, signers, signer_count, &signer_shape, "none: anybody"),
    MAP(approval_rule, "at", at, &span_shape, NULL),
};
SHAPE(approval_rule_shape, approval_rule, approval_rule_fields);

static const struct shape_field approved_fields[] = {
    TEXT(approved, "by", by, "by his or her own word, where there is no key"),
    TEXT(approved, "reason", reason, NULL),
    TEXT(approved, "plan", plan, "id of the plan that was approved"),
    TEXT(approved, "digest", digest, "of the approval"),
    TEXT(approved, "key", key, "whose signature fits; null: not signed"),
    TEXT(approved, "signer", signer, "whose key that is, by the Policy; null: it does not say"),
    TIME(approved, "at", at_ms, NULL),
};
SHAPE(approved_shape, approved, approved_fields);
static const struct shape_field ended_fields[] = {
    TEXT(plan_ended, "subject", subject, NULL),
    TEXT(plan_ended, "what", what, "the field, or the code of what blocked or held it"),
    TEXT(plan_ended, "have", have, NULL),
    TEXT(plan_ended, "want", want, "what was declared"),
    TEXT(plan_ended, "text", text, "of a code"),
};
SHAPE(ended_shape, plan_ended, ended_fields);

static const struct shape_field base_fields[] = {
    TEXT(plan_base, "name", name, "as it was asked for; null: the plan is held against nothing"),
    TEXT(plan_base, "commit", commit, NULL),
    TEXT(plan_base, "why", why, "why nothing of it could be compared"),
    SIZE(plan_base, "byChange", change_count, "differing fields that the change brings"),
    SIZE(plan_base, "before", before_count, "that would be there without it"),
    LIST(plan_base, "ended", MAPS, ended, ended_count, &ended_shape,
         "what would be a difference without the change"),
};
SHAPE(base_shape, plan_base, base_fields);

static const struct shape_field policy_fields[] = {
    WORD(policy, "disruption", disruption, word_disruption, NULL),
    U32(policy, "maxUnavailableVms", max_vms, "0: not said, one group"),
    U32(policy, "maxUnavailableNodes", max_nodes, "0: not said, one node"),
    LIST(policy, "protect", TEXTS, protect, protect_count, NULL, NULL),
    U32(policy, "reserveNodes", reserve_nodes, NULL),
    WORD(policy, "homogeneous", homogeneous, word_homogeneous, NULL),
    BOOL(policy, "partial", partial, NULL),
    U32(policy, "mostUnavailableVms", most_vms, "by a Policy, of the one group; 0: any"),
    U32(policy, "mostUnavailableNodes", most_nodes, "by a Policy, of the one group; 0: any"),
    LIST(policy, "policies", MAPS, ceilings, ceiling_count, &ceiling_shape, "that bind it (P5)"),
    LIST(policy, "tightened", MAPS, tightened, tightened_count, &tightened_shape,
         "what they made stricter"),
    LIST(policy, "approvals", MAPS, approvals, approval_count, &approval_rule_shape,
         "what is done only when somebody approved it (P12)"),
};
SHAPE(policy_shape, policy, policy_fields);

static const struct shape_field plan_fields[] = {
    TEXT(plan_doc, "apiVersion", api, "hvgpu/v1"),
    TEXT(plan_doc, "kind", kind, "Plan"),
    SIZE(plan_doc, "formatVersion", format, "1"),
    TEXT(plan_doc, "id", id, "p- and the first 8 digits of the digest"),
    TEXT(plan_doc, "digest", digest, "BLAKE2b-256 of this document, compact, without both"),
    MAP(plan_doc, "head", head, &head_shape, NULL),
    MAP(plan_doc, "connect", origin, &origin_shape, NULL),
    TEXT(plan_doc, "observationDigest", observation, "of all that `reads` says"),
    LIST(plan_doc, "reads", MAPS, reads, read_count, &read_shape, "what the steps rely on"),
    LIST(plan_doc, "nodes", MAPS, nodes, node_count, &node_shape, "as seen; drawn, not relied on"),
    LIST(plan_doc, "gpus", MAPS, gpus, gpu_count, &doc_gpu_shape, "the same"),
    LIST(plan_doc, "vms", MAPS, vms, vm_count, &holder_shape,
         "that held a partition or device, and those that the plan names; the same"),
    LIST(plan_doc, "debts", MAPS, debts, debt_count, &debt_shape, "paid before anything else"),
    LIST(plan_doc, "leaving", MAPS, leaving, leaving_count, &leaving_shape, "GPUs that leave"),
    LIST(plan_doc, "groups", MAPS, groups, group_count, &group_shape, NULL),
    LIST(plan_doc, "changes", MAPS, changes, change_count, &change_shape, NULL),
    LIST(plan_doc, "problems", MAPS, problems, problem_count, &problem_shape, NULL),
    LIST(plan_doc, "asides", MAPS, asides, aside_count, &aside_shape, "seen, not brought about"),
    LIST(plan_doc, "pauses", MAPS, pauses, pause_count, &pause_shape,
         "that hold (P11), whether or not something waits for them"),
    MAP(plan_doc, "rollout", rollout, &rollout_shape, "counts node by node (P10)"),
    MAP(plan_doc, "capacity", capacity, &capacity_shape, NULL),
    MAP(plan_doc, "totals", totals, &totals_shape, NULL),
    MAP(plan_doc, "policy", policy, &policy_shape, NULL),
    MAP(plan_doc, "override", override, &override_shape, "an operator's, for a while (P6)"),
    LIST(plan_doc, "approved", MAPS, approved, approved_count, &approved_shape,
         "approvals that were given and count for a rule (P12)"),
    MAP(plan_doc, "base", base, &base_shape, "the specs of before, where --base named some"),
};
const struct shape plan_shape = {"plan", sizeof(struct plan_doc), plan_fields, COUNT(plan_fields)};
