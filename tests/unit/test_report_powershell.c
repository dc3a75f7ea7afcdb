/* Scripts of cmdlets: strings, comments, every verb, and that nothing runs unasked. */
#include "plan_hand.h"
#include "powershell_tokens.h"
#include "report/powershell.h"

static struct arena arena;

static int setup(void **state)
{
    (void)state;
    arena_init(&arena, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_release(&arena);
    return 0;
}

/* Names that a world can hold, and a script must not be changed by. */
static const char *const hostile[] = {
    "it's",
    "'",
    "''",
    "a'; Stop-VM *; '",
    "$(Stop-Computer)",
    "$env:PATH",
    "`n",
    "back`tick",
    "a\"b",
    "a\nStop-Computer\n",
    "a\r\nb",
    "tab\there",
    "#> Stop-Computer <#",
    "# comment",
    "\xe2\x80\x99; Stop-Computer; \xe2\x80\x99", /* U+2019: a quote to PowerShell */
    "\xe2\x80\x98\xe2\x80\x9a\xe2\x80\x9b",
    "\xe2\x80\x9c$(x)\xe2\x80\x9d",
    "\xe2\x80\xa8line separator",
    "\xc2\xa0nbsp \xe2\x80\x93 dash",
    "caf\xc3\xa9",
    "\xf0\x9f\x98\x80 smile",
    "{0} {1}",
    "@{a = 1}",
    "<name><at>",
    "[a-z]*?",
    "\x01\x02\x1b[31m",
    "} else { Stop-Computer }",
    "-Force",
    "|; & iex",
    "@'\nx\n'@",
};
enum { HOSTILE = sizeof hostile / sizeof *hostile };

static const char *const PLAIN = "qqqplainqqq";

static void assert_ascii(const char *text)
{
    for (; *text; text++)
        if (*text != '\n' && (*text < 0x20 || *text > 0x7e))
            fail_msg("not plain: 0x%02x in %.40s", (unsigned char)*text, text);
}

/* ---- strings and comments ---- */

static void a_string_means_what_was_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < HOSTILE; i++) {
        const char *s = script_string(&arena, hostile[i]);
        struct ps_tokens raw = ps_read(&arena, s), t = ps_sums(&raw);

        assert_ascii(s);
        assert_int_equal(t.count, 1);
        assert_int_equal(t.rows[0].kind, PS_STRING);
        assert_string_equal(t.rows[0].text, hostile[i]);
    }
    assert_string_equal(script_string(&arena, ""), "''");
    assert_string_equal(script_string(&arena, "it's"), "'it''s'");
    assert_string_equal(script_string(&arena, "caf\xc3\xa9 x"), "('caf' + [char]0xE9 + ' x')");
    /* bytes that are no character: it names nothing that is there, and is a string all the same */
    assert_string_equal(script_string(&arena, "\xff"), "('' + [char]0xFFFD)");
    assert_string_equal(script_string(&arena, "\xe2\x80"), "('' + [char]0xFFFD + [char]0xFFFD)");
}

static void a_comment_is_never_left(void **state)
{
    (void)state;
    for (size_t i = 0; i < HOSTILE; i++) {
        struct script s;
        struct ps_tokens t;

        script_init(&s, &arena, true);
        script_comment(&s, "g1.s1  ", hostile[i]);
        script_remark(&s, "Run it on %s: %s", hostile[i], hostile[i]);
        script_comments(&s, arena_printf(&arena, "one %s\n\ntwo\n", hostile[i]));
        assert_ascii(text_done(&s.text));
        t = ps_read(&arena, text_done(&s.text));
        assert_int_equal(t.count, 0);
    }
}

static void long_lines_are_broken_before_a_parameter(void **state)
{
    struct script s;

    (void)state;
    script_init(&s, &arena, true);
    script_line(&s, "    Set-VM -Name '%s' -A 'a string with -Dash and more in it than fits' -B 2",
                "a name that is quite long, -X, and goes on");
    assert_string_equal(text_done(&s.text),
                        "    Set-VM -Name 'a name that is quite long, -X, and goes on' `\n"
                        "        -A 'a string with -Dash and more in it than fits' -B 2\n");
}

/* ---- a plan with a step of every verb ---- */

static struct read_object read_of(const char *subject, const char *label,
                                  const struct read_field *fields, size_t count)
{
    struct read_object o = {.subject = subject, .label = label, .field_count = count};

    o.fields = arena_array(&arena, struct read_field, count);
    memcpy(o.fields, fields, count * sizeof *fields);
    return o;
}

#define READ(subject, label, ...)                                                                  \
    read_of(arena_printf subject, arena_printf label, (const struct read_field[]){__VA_ARGS__},    \
            sizeof((const struct read_field[]){__VA_ARGS__}) / sizeof(struct read_field))

static size_t reads_of(struct read_object *rows, const char *name)
{
    size_t n = 0;

    rows[n++] = READ((&arena, "gpu/%s/%s", name, hand_path), (&arena, "gpu/%s/gpu0", name),
                     {"state", "partitioned"}, {"partitions", "16"}, {"size", "939524096"},
                     {"pool", "none"});
    rows[n++] = READ((&arena, "gpu/%s/PCI\\X", name), (&arena, "gpu/%s/gpu1", name),
                     {"state", "dismounted"}, {"partitions", "unknown"}, {"pool", name});
    rows[n++] =
        READ((&arena, "node/%s", name), (&arena, "node/%s", name), {"state", "up"},
             {"build", "26100"}, {"boot", "2026-11-01T07:00:00Z"}, {"adapters", "2, 0123abcd"});
    rows[n++] = READ((&arena, "pool/%s/p", name), (&arena, "p"), {"present", "true"});
    rows[n++] = READ((&arena, "vm/%s", name), (&arena, "vm/%s", name), {"name", name},
                     {"node", name}, {"power", "running"}, {"adapters", "a b"},
                     {"requests", "r:pool"}, {"clustered", "true"}, {"offlineAction", "1"},
                     {"automaticStopAction", "Save"}, {"checkpoints", "production"});
    return n;
}

static const struct limits some_limits = {.min = {[QUOTA_VRAM] = NUM(1)},
                                          .optimal = {[QUOTA_COMPUTE] = NUM(UINT64_MAX)}};

/* Each verb twice: by pool and by device, kindly and by force. */
static size_t steps_of(struct step *steps, const char *name)
{
    size_t n = 0;

    for (int v = 0; v < VERB_NONE; v++)
        for (int how = 0; how < 2; how++)
            steps[n++] =
                (struct step){.action = {.verb = (enum verb)v,
                                         .node = name,
                                         .subject = name,
                                         .object = how || v != VERB_REQUEST_ADD ? name : NULL,
                                         .location = how ? NULL : name,
                                         .pin = how ? name : NULL,
                                         .value = {(uint64_t)how, 2, 3},
                                         .limits = v == VERB_ADAPTER_LIMITS ? &some_limits : NULL},
                              .name = name,
                              .text = arena_printf(&arena, "%s %s", verb_rows[v].text, name),
                              .rule = verb_rows[v].rule};
    return n;
}

static const char *script_of(const char *name, bool alone, enum gate gate)
{
    struct read_object reads[5];
    struct step steps[2 * VERB_NONE];
    struct member member = {
        .kind = SUBJECT_VM, .node = name, .id = name, .name = name, .size_bytes = 3825205248};
    struct plan_group group = {.members = &member,
                               .member_count = 1,
                               .steps = steps,
                               .step_count = steps_of(steps, name),
                               .node = NO_INDEX,
                               .open_until_ms = 1763557200000,
                               .gate = gate,
                               .reason = gate == GATE_RUNS ? REASON_NONE : REASON_PROTECTED,
                               .why = name,
                               .release = name};
    struct plan plan = {
        .id = "p-00000000",
        .head = {.cluster = name,
                 .world = name,
                 .standalone = alone,
                 .source = name,
                 .observed_ms = 1763557200000},
        .groups = &group,
        .group_count = 1,
        .override = {.what = "disruption", .reason = name, .by = name, .until_ms = 1763557200000}};
    const struct state have = {.name = name, .standalone = alone};

    return report_plan_powershell(&arena, &plan, &have, reads, reads_of(reads, name));
}

static void every_verb_has_its_lines(void **state)
{
    (void)state;
    for (int v = 0; v < VERB_NONE; v++)
        if (!powershell_lines[v] || !*powershell_lines[v])
            fail_msg("no lines for %s", verb_rows[v].word);
}

/* Nothing of the table is left as it stands there. */
static void every_word_of_the_table_is_filled_in(void **state)
{
    (void)state;
    for (int alone = 0; alone < 2; alone++) {
        struct ps_tokens t = ps_read(&arena, script_of(PLAIN, alone, GATE_RUNS));

        for (size_t i = 0; i < t.count; i++)
            if (t.rows[i].kind == PS_WORD && strpbrk(t.rows[i].text, "<>"))
                fail_msg("\"%s\" is left", t.rows[i].text);
    }
}

/* `s` with each PLAIN in it as `name`. */
static const char *renamed(const char *s, const char *name)
{
    struct text t;
    const char *at;

    text_init(&t, &arena);
    for (; (at = strstr(s, PLAIN)); s = at + strlen(PLAIN)) {
        text_add_n(&t, s, (size_t)(at - s));
        text_add(&t, name);
    }
    text_add(&t, s);
    return text_done(&t);
}

/* Whatever a name is, the script is the same but for that string. */
static void a_name_changes_nothing_but_strings(void **state)
{
    (void)state;
    for (int alone = 0; alone < 2; alone++) {
        struct ps_tokens raw = ps_read(&arena, script_of(PLAIN, alone, GATE_RUNS));
        const struct ps_tokens want = ps_sums(&raw);

        ps_balanced(&want);
        for (size_t k = 0; k < HOSTILE; k++) {
            const char *text = script_of(hostile[k], alone, GATE_RUNS);
            struct ps_tokens mine = ps_read(&arena, text), got;

            assert_ascii(text);
            got = ps_sums(&mine);
            assert_int_equal(got.count, want.count);
            for (size_t i = 0; i < got.count; i++) {
                assert_int_equal(got.rows[i].kind, want.rows[i].kind);
                assert_string_equal(got.rows[i].text, want.rows[i].kind == PS_STRING
                                                          ? renamed(want.rows[i].text, hostile[k])
                                                          : want.rows[i].text);
            }
        }
    }
}

/* ---- what is called, and when ---- */

static bool is_cmdlet(const struct ps_token *t)
{
    const char *dash = t->kind == PS_WORD ? strchr(t->text, '-') : NULL;

    return dash && dash > t->text && *t->text >= 'A' && *t->text <= 'Z' && dash[1] >= 'A' &&
           dash[1] <= 'Z' && !strchr(t->text, '.');
}

/* The vendor's reference: which parameters a cmdlet has.  Our own functions have none. */
static const struct {
    const char *cmdlet, *parameters;
} documented[] = {
    {"Add-VMAssignableDevice", "-ComputerName -VMName -LocationPath -ResourcePoolName"},
    {"Add-VMGpuPartitionAdapter", "-ComputerName -VMName -InstancePath"},
    {"Add-VMHostAssignableDevice", "-HostAssignableDevice -ResourcePoolName"},
    {"Disable-PnpDevice", "-InstanceId -Confirm:$false"},
    {"Dismount-VMHostAssignableDevice", "-ComputerName -LocationPath -InstancePath -Force"},
    {"Enable-PnpDevice", "-InstanceId -Confirm:$false"},
    {"ForEach-Object", ""},
    {"Format-List", ""},
    {"Get-CimInstance", "-ClassName -ComputerName"},
    {"Get-ClusterNode", "-Cluster -Name"},
    {"Get-ClusterParameter", "-Name -ErrorAction"},
    {"Get-ClusterResource", "-Cluster"},
    {"Get-Date", ""},
    {"Get-VM", "-ComputerName -Name -Id"},
    {"Get-VMAssignableDevice", "-ComputerName -VMName -VM"},
    {"Get-VMGpuPartitionAdapter", "-ComputerName -VMName -VM"},
    {"Get-VMHost", "-ComputerName"},
    {"Get-VMHostAssignableDevice", "-ComputerName -ResourcePoolName"},
    {"Get-VMHostPartitionableGpu", "-ComputerName"},
    {"Get-VMResourcePool", "-ComputerName -ResourcePoolType -Name"},
    {"Invoke-Command", "-ComputerName -ScriptBlock"},
    {"Mount-VMHostAssignableDevice", "-HostAssignableDevice"},
    {"Move-ClusterVirtualMachineRole", "-Cluster -VMId -Node -MigrationType -Wait"},
    {"New-VMResourcePool", "-ComputerName -ResourcePoolType -Name"},
    {"Remove-VMAssignableDevice", "-VMAssignableDevice"},
    {"Remove-VMGpuPartitionAdapter", "-VMGpuPartitionAdapter"},
    {"Remove-VMHostAssignableDevice", "-HostAssignableDevice -ResourcePoolName"},
    {"Remove-VMResourcePool", "-ComputerName -ResourcePoolType -Name"},
    {"Set-ClusterParameter", "-Name -Value"},
    {"Set-VM", "-ComputerName -Name -AutomaticStopAction -CheckpointType "
               "-GuestControlledCacheTypes -LowMemoryMappedIoSpace -HighMemoryMappedIoSpace"},
    {"Set-VMGpuPartitionAdapter", "-VMGpuPartitionAdapter"},
    {"Set-VMHostPartitionableGpu", "-Name -PartitionCount"},
    {"Set-VMMemory", "-ComputerName -VMName -DynamicMemoryEnabled -StartupBytes -MinimumBytes"},
    {"Start-ClusterResource", "-Wait"},
    {"Start-Sleep", "-Seconds"},
    {"Start-VM", "-ComputerName -Name"},
    {"Stop-VM", "-ComputerName -Name -Force -TurnOff"},
    {"Update-ClusterVirtualMachineConfiguration", "-Cluster -VMId"},
    {"Where-Object", ""},
    {"Write-Host", ""},
    {"Write-Warning", ""},
    {"Assert-Same", ""},
    {"Find-Device", ""},
    {"Find-Pool", ""},
    {"Get-One", ""},
    {"Get-Role", ""},
    {"Get-TheGpu", ""},
    {"Get-TheVM", ""},
    {"Wait-Until", ""},
};

static const char *parameters_of(const char *cmdlet)
{
    for (size_t i = 0; i < sizeof documented / sizeof *documented; i++)
        if (str_eq(documented[i].cmdlet, cmdlet))
            return documented[i].parameters;
    fail_msg("%s is none of the documented cmdlets", cmdlet);
    return "";
}

static bool has_word(const char *list, const char *word)
{
    size_t n = strlen(word);

    for (const char *at = list; (at = strstr(at, word)); at++)
        if ((at == list || at[-1] == ' ') && (at[n] == ' ' || !at[n]))
            return true;
    return false;
}

static void assert_documented(const char *script)
{
    const struct ps_tokens t = ps_read(&arena, script);
    const char *cmdlets[64] = {NULL};
    size_t depth = 0;

    for (size_t i = 0; i < t.count; i++) {
        const struct ps_token *k = &t.rows[i];
        const char *s = k->text;

        if (k->kind == PS_MARK && (*s == '(' || *s == '{'))
            cmdlets[++depth] = NULL;
        else if (k->kind == PS_MARK && (*s == ')' || *s == '}'))
            depth--;
        else if (k->kind == PS_NEWLINE || (k->kind == PS_MARK && (*s == '|' || *s == ';')))
            cmdlets[depth] = NULL;
        else if (is_cmdlet(k) && !(i && ps_is(&t, i - 1, "function")) && !cmdlets[depth])
            parameters_of(cmdlets[depth] = s);
        else if (k->kind == PS_WORD && s[0] == '-' && s[1] >= 'A' && s[1] <= 'Z' &&
                 cmdlets[depth] && !has_word(parameters_of(cmdlets[depth]), s))
            fail_msg("%s has no %s, by the vendor's reference", cmdlets[depth], s);
    }
}

static void only_documented_cmdlets_are_called(void **state)
{
    struct plan_hand hand;

    (void)state;
    assert_documented(script_of(PLAIN, true, GATE_RUNS));
    assert_documented(script_of(PLAIN, false, GATE_RUNS));
    plan_hand_init(&hand);
    for (uint32_t i = 0; i < 2; i++) {
        hand.have.standalone = i;
        hand.vms[0].role.clustered = true;
        assert_documented(report_why_powershell(&arena, &hand.have, SUBJECT_VM, 0, "vdi-1"));
        assert_documented(
            report_why_powershell(&arena, &hand.have, SUBJECT_CLUSTER, NO_INDEX, "cl"));
        assert_documented(report_why_powershell(&arena, &hand.have, SUBJECT_POOL, NO_INDEX, "p"));
        assert_documented(report_why_powershell(&arena, &hand.have, SUBJECT_GPU, 0, "hv-1/gpu0"));
    }
    arena_release(&hand.arena);
}

static bool changes(const struct ps_token *t)
{
    static const char *const verbs[] = {"Set-",    "Add-",    "Remove-", "New-",      "Stop-",
                                        "Start-",  "Move-",   "Mount-",  "Dismount-", "Disable-",
                                        "Enable-", "Update-", "Invoke-"};

    for (size_t i = 0; is_cmdlet(t) && i < sizeof verbs / sizeof *verbs; i++)
        if (str_starts(t->text, verbs[i]))
            return !str_eq(t->text, "Start-Sleep");
    return false;
}

static size_t find(const struct ps_tokens *t, const char *text)
{
    for (size_t i = 0; i < t->count; i++)
        if (ps_is(t, i, text))
            return i;
    fail_msg("no %s", text);
    return 0;
}

static void nothing_is_changed_before_go(void **state)
{
    (void)state;
    for (int alone = 0; alone < 2; alone++) {
        const struct ps_tokens t = ps_read(&arena, script_of(PLAIN, alone, GATE_RUNS));
        size_t go = find(&t, "$Go"), seen = 0;

        while (!ps_is(&t, go, "return"))
            assert_true(++go < t.count);
        for (size_t i = 0; i < t.count; i++) {
            if (i < go && changes(&t.rows[i]))
                fail_msg("%s stands before -Go", t.rows[i].text);
            seen += changes(&t.rows[i]);
        }
        assert_true(seen >= VERB_NONE);
    }
}

static bool calls(const char *script, const char *cmdlet)
{
    const struct ps_tokens t = ps_read(&arena, script);

    for (size_t i = 0; i < t.count; i++)
        if (ps_is(&t, i, cmdlet))
            return true;
    return false;
}

static void what_waits_is_a_comment(void **state)
{
    static const enum gate gates[] = {GATE_HELD, GATE_BLOCKED};
    struct plan_hand hand; /* its first group runs, the others do not */
    const char *script;

    (void)state;
    plan_hand_init(&hand);
    script = report_plan_powershell(&arena, &hand.plan, &hand.have, NULL, 0);
    assert_true(calls(script, "Set-VMHostPartitionableGpu"));
    assert_false(calls(script, "Add-VMGpuPartitionAdapter"));
    assert_non_null(strstr(script, "\n#          released by: resuming the node\n"));
    arena_release(&hand.arena);
    for (int i = 0; i < 2; i++) {
        const struct ps_tokens t = ps_read(&arena, script_of(PLAIN, true, gates[i]));

        for (size_t k = 0; k < t.count; k++)
            if (changes(&t.rows[k]))
                fail_msg("%s of a group that waits", t.rows[k].text);
    }
}

static void assert_says(const char *text, const char *what)
{
    if (!strstr(text, what))
        fail_msg("not said: %s\nin %s", what, text);
}

/* Behind -Go, and before the first step. */
static void what_a_script_cannot_settle_ends_it(void **state)
{
    struct debt debt = {.vm = "id-1", .name = "vdi-2", .found_running = true, .run = "r-1"};
    struct plan_hand hand;
    const char *text;

    (void)state;
    plan_hand_init(&hand);
    text = report_plan_powershell(&arena, &hand.plan, &hand.have, NULL, 0);
    assert_null(strstr(text, "throw 'owed"));
    assert_null(strstr(text, "throw 'made as if"));
    debt.phase = DEBT_STOPPED;
    hand.plan.debts = &debt;
    hand.plan.debt_count = 1;
    hand.plan.head.as_if_ms = 1763557200000;
    text = report_plan_powershell(&arena, &hand.plan, &hand.have, NULL, 0);
    assert_says(text, "# OWED, before anything else");
    assert_says(text, "    return\n}\nthrow 'made as if it were another time (--at): only to look "
                      "at'\nthrow 'owed from an earlier run");
    arena_release(&hand.arena);
    text = script_of("hv", false, GATE_RUNS);
    assert_says(text, "    return\n}\nif ((Get-Date) -ge [DateTime]'2025-11-19T13:00:00Z') {\n"
                      "    throw 'the override it was made under has ended (P6)'\n}\n");
    assert_says(text, "    throw 'g1: its window is shut (P3)'\n}\n# g1.s1  ");
}

/* ---- is everything as planned? ---- */

static void every_object_of_the_read_set_is_compared(void **state)
{
    const char *text = script_of("hv", false, GATE_RUNS);
    struct ps_tokens t;

    (void)state;
    assert_says(text, "Assert-Same 'gpu/hv/gpu0 partitions' '16' $gpu.PartitionCount\n");
    assert_says(text, "Assert-Same 'gpu/hv/gpu0 size' '939524096' $gpu.OptimalPartitionVRAM\n");
    assert_says(text, "$devices = @(Find-Device 'hv' $path 'hv')\n"
                      "Assert-Same 'gpu/hv/gpu1 dismounted, in pool hv' '1' $devices.Count\n");
    assert_says(text, "Assert-Same 'node/hv state' 'Up' $node.State\n");
    assert_says(text, "Assert-Same 'node/hv build' '26100' $os.BuildNumber\n");
    assert_says(text, "[DateTime]'2026-11-01T07:00:00Z').TotalMinutes) -gt 2");
    assert_says(text, "Assert-Same 'node/hv adapters' '2' $adapters.Count\n");
    assert_says(text, "Assert-Same 'pool/p on hv present' '1' $pools.Count\n");
    assert_says(text, "$vm = Get-TheVM 'hv' 'hv' 'hv'\n");
    assert_says(text, "Assert-Same 'vm/hv power' 'Running' $vm.State\n");
    assert_says(text, "Assert-Same 'vm/hv adapters' '2' $adapters.Count\n");
    assert_says(text, "Assert-Same 'vm/hv devices' '1' $devices.Count\n");
    assert_says(text, "Assert-Same 'vm/hv offlineAction' '1' $action.Value\n");
    assert_says(text, "Assert-Same 'vm/hv automaticStopAction' 'Save' $vm.AutomaticStopAction\n");
    assert_says(text, "Assert-Same 'vm/hv checkpoints' 'Production' $vm.CheckpointType\n");
    assert_says(text, "if ($shutdown.Value -eq 1) {");
    assert_null(strstr(text, "this machine"));
    text = script_of("hv", true, GATE_RUNS);
    assert_says(text, "Assert-Same 'this machine' 'hv' ([Net.Dns]::GetHostName())\n");
    t = ps_read(&arena, text);
    for (size_t i = 0; i < t.count; i++)
        if (t.rows[i].kind == PS_WORD &&
            (str_eq(t.rows[i].text, "-ComputerName") || strstr(t.rows[i].text, "Cluster")))
            fail_msg("%s on a standalone host", t.rows[i].text);
}

/* The vendor's snippets that do not work as printed. */
static void the_vendors_snippets_are_set_right(void **state)
{
    const char *text = script_of("hv", false, GATE_RUNS), *remove, *end;

    (void)state;
    assert_says(text, "Where-Object ResourceType -eq 'Virtual Machine' |");
    assert_says(text, "Get-ClusterParameter -Name VmID).Value -eq $id");
    assert_says(text, "Invoke-Command -ComputerName 'hv' -ScriptBlock {\n"
                      "    Set-VMHostPartitionableGpu -Name $using:gpu -PartitionCount 0\n}");
    assert_says(text, "Add-VMAssignableDevice -ComputerName 'hv' -VMName 'hv' "
                      "-ResourcePoolName 'hv'\n");
    remove = strstr(text, "Step 'g1.s15'");
    end = strstr(text, "Step 'g1.s17'");
    assert_non_null(remove);
    assert_non_null(end);
    text = arena_strndup(&arena, remove, (size_t)(end - remove));
    assert_says(text, "Remove-VMAssignableDevice");
    assert_null(strstr(text, "\nAdd-"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_string_means_what_was_written),
        cmocka_unit_test(a_comment_is_never_left),
        cmocka_unit_test(long_lines_are_broken_before_a_parameter),
        cmocka_unit_test(every_verb_has_its_lines),
        cmocka_unit_test(every_word_of_the_table_is_filled_in),
        cmocka_unit_test(a_name_changes_nothing_but_strings),
        cmocka_unit_test(only_documented_cmdlets_are_called),
        cmocka_unit_test(nothing_is_changed_before_go),
        cmocka_unit_test(what_waits_is_a_comment),
        cmocka_unit_test(what_a_script_cannot_settle_ends_it),
        cmocka_unit_test(every_object_of_the_read_set_is_compared),
        cmocka_unit_test(the_vendors_snippets_are_set_right),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
