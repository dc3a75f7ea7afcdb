/* A plan as a script of the vendor's cmdlets, which runs nothing unless it is told to. */
#include "report/plan_items.h"
#include "report/powershell.h"

/* ---- what is said before anything ---- */

static void who_and_when(struct script *s)
{
    const struct plan_head *h = &s->plan->head;
    const struct revision *r = &h->revision;

    script_remark(s, "hvgpu plan %s%sfor %s, observed %s.", s->plan->id ? s->plan->id : "",
                  s->plan->id ? " " : "", h->cluster, report_time(s->arena, h, h->observed_ms));
    if (h->source)
        script_remark(s, "Made of %s%s%.7s%s.", h->source, r->commit ? ", commit " : "",
                      r->commit ? r->commit : "", r->commit && r->dirty ? ", with changes" : "");
    script_remark(s, "Looks first, and throws where the world is not as planned. Changes nothing "
                     "unless -Go is given.");
    if (s->alone)
        script_remark(s, "Run it on %s itself, as an administrator.", h->world);
    else
        script_remark(s, "Run it as an administrator where the modules Hyper-V and "
                         "FailoverClusters are, and the nodes answer (WinRM): on a node, say.");
    script_remark(s, "It is not hvgpu: it keeps no record, and puts nothing back. After an error, "
                     "and at any time, hvgpu apply goes on from what is there; not both at once.");
}

static void requirements(struct script *s)
{
    script_line(s, "#Requires -Version 5.1");
    script_line(s, "#Requires -RunAsAdministrator");
    script_line(s, s->alone ? "#Requires -Modules Hyper-V"
                            : "#Requires -Modules Hyper-V, FailoverClusters");
    script_line(s, "param([switch]$Go)");
    script_line(s, "$ErrorActionPreference = 'Stop'");
    if (!s->alone)
        script_line(s, "$cluster = %s", script_string(s->arena, s->plan->head.world));
}

/* Told wherever the script ends early: which step, and whom it leaves off. */
static void last_words(struct script *s)
{
    script_gap(s);
    script_line(s, "$step = ''");
    script_line(s, "$off = @()");
    script_line(s, "trap {");
    script_line(s, "    if ($step) {");
    script_line(s, "        Write-Warning ('Ended at step {0}. Stopped by this script and not "
                   "started again: {1}.' -f");
    script_line(s, "            $step, $(if ($off) { $off -join ', ' } else { 'none' }))");
    script_line(s, "    }");
    script_line(s, "    break");
    script_line(s, "}");
}

/* ---- what runs ---- */

static size_t running_steps(const struct plan *plan)
{
    size_t n = 0;

    for (size_t g = 0; g < plan->group_count; g++)
        if (plan->groups[g].gate == GATE_RUNS)
            n += plan->groups[g].step_count;
    return n;
}

/* Whom it would stop, one line each. */
static void stopped_vms(struct script *s)
{
    for (size_t g = 0; g < s->plan->group_count; g++) {
        const struct plan_group *group = &s->plan->groups[g];

        for (size_t i = 0; i < group->step_count; i++)
            if (group->gate == GATE_RUNS && group->steps[i].action.verb == VERB_VM_STOP)
                script_line(s, "    Write-Host %s",
                            script_string(s->arena, arena_printf(s->arena, "Would stop %s.",
                                                                 group->steps[i].name)));
    }
}

/* A time behind which it is too late: a window that shuts (P3), an override that ends (P6). */
static void not_after(struct script *s, int64_t ms, const char *what)
{
    script_line(s, "if ((Get-Date) -ge [DateTime]'%s') {", when_iso(s->arena, ms));
    script_line(s, "    throw %s", script_string(s->arena, what));
    script_line(s, "}");
}

/* Only what a person can settle keeps it from going on. */
static void refusals(struct script *s)
{
    const struct plan *plan = s->plan;
    const int64_t as_if = plan->head.as_if_ms;

    if (as_if && as_if != WHEN_NONE)
        script_line(s, "throw 'made as if it were another time (--at): only to look at'");
    if (plan_debts_due(plan))
        script_line(s, "throw 'owed from an earlier run, see above: hvgpu apply pays that first'");
    if (plan->override.what && plan->override.until_ms)
        not_after(s, plan->override.until_ms, "the override it was made under has ended (P6)");
}

static void go(struct script *s)
{
    script_gap(s);
    script_line(s, "if (-not $Go) {");
    script_line(s, "    Write-Host 'As planned: %s. Nothing was changed; again with -Go.'",
                page_count(s->arena, running_steps(s->plan), "step"));
    stopped_vms(s);
    script_line(s, "    return");
    script_line(s, "}");
    refusals(s);
}

static void steps(struct script *s)
{
    for (size_t g = 0; g < s->plan->group_count; g++) {
        const struct plan_group *group = &s->plan->groups[g];

        if (group->gate != GATE_RUNS)
            continue;
        script_gap(s);
        if (group->open_until_ms)
            not_after(s, group->open_until_ms,
                      arena_printf(s->arena, "g%zu: its window is shut (P3)", g + 1));
        for (size_t i = 0; i < group->step_count; i++)
            script_step(s, group, &group->steps[i],
                        arena_printf(s->arena, "g%zu.s%zu", g + 1, i + 1));
    }
    script_gap(s);
    script_line(s, "Write-Host 'Done. hvgpu drift, and hvgpu plan, say whether all is as "
                   "declared.'");
}

/* ---- what does not ---- */

static void others(struct script *s, const struct state *have)
{
    static const struct {
        enum section_kind kind;
        const char *title, *released;
    } rows[] = {{SECTION_OWED, "OWED, before anything else: hvgpu apply does it", "released by"},
                {SECTION_HELD, "HELD, not part of this script", "released by"},
                {SECTION_ROLLOUT, "HELD by the rollout, node by node, not part of this script",
                 "released by"},
                {SECTION_BLOCKED, "BLOCKED, somebody must change something", "released by"},
                {SECTION_BY_HAND, "BY HAND", "goes on after"}};
    struct plan_items items;

    plan_items(s->arena, s->plan, have, false, &items);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct page page;

        if (!items.sections[rows[i].kind].count)
            continue;
        page_init(&page, s->arena, &(struct style){.width = REPORT_WIDTH - 2});
        page_heading(&page, "%s", rows[i].title);
        plan_section_rows(&page, &items.sections[rows[i].kind], rows[i].released);
        script_gap(s);
        script_comments(s, page_done(&page));
    }
}

static const char *body_of(const struct script *head, const struct state *have)
{
    struct script s = *head;

    text_init(&s.text, s.arena);
    others(&s, have);
    if (!running_steps(s.plan)) {
        script_gap(&s);
        script_line(&s, "Write-Host 'Nothing of this plan runs now; the comments say why.'");
        return text_done(&s.text);
    }
    script_gap(&s);
    script_remark(&s, "Is the world as planned?");
    if (s.alone)
        script_line(&s, "Assert-Same 'this machine' %s ([Net.Dns]::GetHostName())",
                    script_string(s.arena, s.plan->head.world));
    script_checks(&s);
    go(&s);
    steps(&s);
    return text_done(&s.text);
}

const char *report_plan_powershell(struct arena *a, const struct plan *plan,
                                   const struct state *have, const struct read_object *reads,
                                   size_t read_count)
{
    struct script s;
    const char *body;

    script_init(&s, a, plan->head.standalone);
    s.plan = plan;
    s.reads = reads;
    s.read_count = read_count;
    body = body_of(&s, have);
    who_and_when(&s);
    requirements(&s);
    if (running_steps(plan)) {
        script_functions(&s, body);
        last_words(&s);
    }
    text_add(&s.text, body);
    return text_done(&s.text);
}
