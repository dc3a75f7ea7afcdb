/*
 * Is every object that the plan relies on as it was?  What the vendor's
 * cmdlets show is compared; specs/output.md says what only `apply` compares.
 */
#include "report/powershell.h"

/* What the cmdlets show for a word of ours; NULL: not compared. */
static const char *as_shown(const char *const *words, const char *const *shown, const char *word)
{
    for (size_t i = 0; words[i]; i++)
        if (str_eq(words[i], word))
            return shown[i];
    return NULL;
}

/* "vm/x power" as planned, and the expression that says it now. */
static void same(struct script *s, const char *label, const char *field, const char *planned,
                 const char *now)
{
    const char *what = arena_printf(s->arena, "%s %s", label, field);

    if (planned)
        script_line(s, "Assert-Same %s %s %s", script_string(s->arena, what),
                    script_string(s->arena, planned), now);
}

/*
 * How many of a list "a b c"; "none" is none.  NULL, not compared: a name in it
 * has a space of its own, as a word without `mark` shows (0: none has).
 */
static const char *counted(struct arena *a, const char *list, char mark)
{
    size_t n = 0;

    for (const char *at = list; at && !str_eq(list, "none"); n++) {
        const char *end = strchr(at, ' '), *found = mark ? strchr(at, mark) : at;

        if (!found || (end && found > end))
            return NULL;
        at = end ? end + 1 : NULL;
    }
    return list ? arena_printf(a, "%zu", n) : NULL;
}

static const char *known(const char *value)
{
    return str_eq(value, "unknown") ? NULL : value;
}

/* ---- VMs ---- */

static bool is_stopped(const struct script *s, const char *id)
{
    for (size_t g = 0; g < s->plan->group_count; g++)
        for (size_t i = 0; i < s->plan->groups[g].step_count; i++)
            if (s->plan->groups[g].gate == GATE_RUNS &&
                s->plan->groups[g].steps[i].action.verb == VERB_VM_STOP &&
                str_same(s->plan->groups[g].steps[i].action.subject, id))
                return true;
    return false;
}

/* S8: where a VM that stops counts as failed, the cluster would start it again at once. */
static void stops_quietly(struct script *s, const char *label)
{
    script_line(s, "$shutdown = $role | Get-ClusterParameter -Name ShutdownAction -ErrorAction "
                   "SilentlyContinue");
    script_line(s, "if ($shutdown.Value -eq 1) {");
    script_line(
        s, "    throw %s",
        script_string(
            s->arena,
            arena_printf(s->arena, "%s: ShutdownAction is 1, a stop would be a failure", label)));
    script_line(s, "}");
}

static void vm_settings(struct script *s, const struct read_object *o)
{
    static const char *const powers[] = {
        [POWER_OFF] = "Off",       [POWER_RUNNING] = "Running",   [POWER_SAVED] = "Saved",
        [POWER_PAUSED] = "Paused", [POWER_STARTING] = "Starting", [POWER_STOPPING] = "Stopping",
        [POWER_CRITICAL] = NULL};
    static const char *const checkpoints[] = {[CHECKPOINTS_DISABLED] = "Disabled",
                                              [CHECKPOINTS_PRODUCTION] = "Production",
                                              [CHECKPOINTS_PRODUCTION_ONLY] = "ProductionOnly",
                                              [CHECKPOINTS_STANDARD] = "Standard"};

    same(s, o->label, "power", as_shown(vm_power_words, powers, script_field(o, "power")),
         "$vm.State");
    script_line(s, "$adapters = @(Get-VMGpuPartitionAdapter -VM $vm)");
    same(s, o->label, "adapters", counted(s->arena, script_field(o, "adapters"), 0),
         "$adapters.Count");
    script_line(s, "$devices = @(Get-VMAssignableDevice -VM $vm)");
    same(s, o->label, "devices", counted(s->arena, script_field(o, "requests"), ':'),
         "$devices.Count");
    same(s, o->label, "automaticStopAction", known(script_field(o, "automaticStopAction")),
         "$vm.AutomaticStopAction");
    same(s, o->label, "checkpoints",
         as_shown(checkpoints_words, checkpoints, script_field(o, "checkpoints")),
         "$vm.CheckpointType");
}

static void vm_check(struct script *s, const struct read_object *o, const char *id)
{
    struct arena *a = s->arena;
    const char *node = script_field(o, "node"), *name = script_field(o, "name");

    script_line(s, "$vm = Get-TheVM %s%s %s", script_node(s, node ? node : ""),
                script_string(a, id), script_string(a, name ? name : ""));
    vm_settings(s, o);
    if (!script_is_role(s, id))
        return;
    script_line(s, "$role = Get-Role %s", script_string(a, id));
    script_line(s, "$action = $role | Get-ClusterParameter -Name OfflineAction");
    same(s, o->label, "offlineAction", known(script_field(o, "offlineAction")), "$action.Value");
    if (is_stopped(s, id))
        stops_quietly(s, o->label);
}

/* ---- GPUs, pools, nodes ---- */

static void gpu_check(struct script *s, const struct read_object *o, const char *node,
                      const char *path)
{
    const char *state = script_field(o, "state"), *pool = script_field(o, "pool");
    const char *quoted = script_string(s->arena, path), *at = script_node(s, node);

    if (str_eq(state, "partitioned")) {
        script_line(s, "$gpu = Get-TheGpu %s%s", at, quoted);
        same(s, o->label, "partitions", known(script_field(o, "partitions")),
             "$gpu.PartitionCount");
        same(s, o->label, "size", known(script_field(o, "size")), "$gpu.OptimalPartitionVRAM");
        return;
    }
    pool = str_eq(pool, "none") ? "" : pool;
    script_line(s, "$path = %s", quoted);
    script_line(s, "$devices = @(Find-Device %s$path %s)", at, script_string(s->arena, pool));
    same(s, o->label, arena_printf(s->arena, "dismounted%s%s", *pool ? ", in pool " : "", pool),
         str_eq(state, "dismounted") ? "1" : "0", "$devices.Count");
}

static void pool_check(struct script *s, const struct read_object *o, const char *node,
                       const char *pool)
{
    script_line(s, "$pools = @(Find-Pool %s%s)", script_node(s, node),
                script_string(s->arena, pool));
    same(s, arena_printf(s->arena, "pool/%s on %s", pool, node), "present",
         str_eq(script_field(o, "present"), "true") ? "1" : "0", "$pools.Count");
}

/* The boot is read off a clock that is set now and then: two minutes are the same boot. */
static void boot_check(struct script *s, const struct read_object *o)
{
    const char *boot = known(script_field(o, "boot"));

    if (!boot)
        return;
    script_line(s, "if ([Math]::Abs(($os.LastBootUpTime - [DateTime]%s).TotalMinutes) -gt 2) {",
                script_string(s->arena, boot));
    script_line(s, "    Assert-Same %s %s $os.LastBootUpTime",
                script_string(s->arena, arena_printf(s->arena, "%s boot", o->label)),
                script_string(s->arena, boot));
    script_line(s, "}");
}

static void node_check(struct script *s, const struct read_object *o, const char *node)
{
    static const char *const states[] = {
        [NODE_UP] = "Up", [NODE_DOWN] = "Down", [NODE_PAUSED] = "Paused", [NODE_SILENT] = NULL};
    const char *adapters = script_field(o, "adapters");
    const char *end = adapters ? strchr(adapters, ',') : NULL;
    struct arena *a = s->arena;

    if (!s->alone) {
        script_line(s, "$node = Get-ClusterNode -Cluster $cluster -Name %s",
                    script_string(a, node));
        same(s, o->label, "state", as_shown(node_state_words, states, script_field(o, "state")),
             "$node.State");
    }
    script_line(s, "$os = Get-CimInstance -ClassName Win32_OperatingSystem%s", script_at(s, node));
    same(s, o->label, "build", known(script_field(o, "build")), "$os.BuildNumber");
    boot_check(s, o);
    if (!end)
        return;
    script_line(s, "$adapters = @(Get-VM%s | Get-VMGpuPartitionAdapter)", script_at(s, node));
    same(s, o->label, "adapters", arena_strndup(a, adapters, (size_t)(end - adapters)),
         "$adapters.Count");
}

/* ---- all of them ---- */

/* "kind/NODE/rest" */
static const char *behind_node(struct arena *a, const char *rest, const char **node)
{
    const char *slash = strchr(rest, '/');

    *node = slash ? arena_strndup(a, rest, (size_t)(slash - rest)) : "";
    return slash ? slash + 1 : rest;
}

void script_checks(struct script *s)
{
    for (size_t i = 0; i < s->read_count; i++) {
        const struct read_object *o = &s->reads[i];
        const char *rest = strchr(o->subject, '/'), *node;

        if (!rest)
            continue;
        rest++;
        if (str_starts(o->subject, "vm/")) {
            vm_check(s, o, rest);
        } else if (str_starts(o->subject, "node/")) {
            node_check(s, o, rest);
        } else {
            const char *name = behind_node(s->arena, rest, &node);

            if (str_starts(o->subject, "gpu/"))
                gpu_check(s, o, node, name);
            else
                pool_check(s, o, node, name);
        }
    }
}
