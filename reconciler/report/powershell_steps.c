/* Each step of a plan as cmdlets, from the rows of powershell.def. */
#include "report/powershell.h"

const char *const powershell_lines[VERB_NONE + 1] = {
#define POWERSHELL(verb, remark, lines) [VERB_##verb] = lines,
#include "report/powershell.def"
#undef POWERSHELL
};
static const char *const remarks[VERB_NONE + 1] = {
#define POWERSHELL(verb, remark, lines) [VERB_##verb] = remark,
#include "report/powershell.def"
#undef POWERSHELL
};

/* ---- words of the rows ---- */

/* What a row's <words> stand for. */
struct meaning {
    struct script *script;
    const struct action *action;
    const char *name;
};

static const char *string(const struct meaning *m, const char *text)
{
    return script_string(m->script->arena, text ? text : "");
}

static const char *number(const struct meaning *m, uint64_t value)
{
    return arena_printf(m->script->arena, "%llu", (unsigned long long)value);
}

static const char *at(const struct meaning *m)
{
    return script_at(m->script, m->action->node);
}

static const char *node(const struct meaning *m)
{
    return script_node(m->script, m->action->node);
}

static const char *host(const struct meaning *m)
{
    return string(m, m->action->node);
}

static const char *name(const struct meaning *m)
{
    return string(m, m->name);
}

static const char *subject(const struct meaning *m)
{
    return string(m, m->action->subject);
}

static const char *object(const struct meaning *m)
{
    return string(m, m->action->object);
}

static const char *location(const struct meaning *m)
{
    return string(m, m->action->location);
}

static const char *device(const struct meaning *m)
{
    return m->action->location ? arena_printf(m->script->arena, "-LocationPath %s", location(m))
                               : arena_printf(m->script->arena, "-InstancePath %s", subject(m));
}

static const char *value(const struct meaning *m)
{
    return number(m, m->action->value[0]);
}

static const char *value2(const struct meaning *m)
{
    return number(m, m->action->value[1]);
}

static const char *truth(const struct meaning *m)
{
    return m->action->value[0] ? "$true" : "$false";
}

static const char *seconds(const struct meaning *m)
{
    return number(m, (uint64_t)(action_deadline_ms(m->action) + 999) / 1000);
}

static const char *force(const struct meaning *m)
{
    return m->action->value[0] ? " -Force" : "";
}

static const char *stop(const struct meaning *m)
{
    static const char *const words[] = {
        [STOP_GUEST] = "", [STOP_FORCED] = " -Force", [STOP_TURN_OFF] = " -TurnOff -Force"};

    return words[m->action->value[0] <= STOP_TURN_OFF ? m->action->value[0] : STOP_GUEST];
}

static const char *stop_action(const struct meaning *m)
{
    return m->action->value[0] <= STOP_ACTION_SHUT_DOWN ? stop_action_words[m->action->value[0]]
                                                        : stop_action_words[0];
}

static const char *checkpoint_type(const struct meaning *m)
{
    static const char *const words[] = {[CHECKPOINTS_UNKNOWN] = "unknown",
                                        [CHECKPOINTS_DISABLED] = "Disabled",
                                        [CHECKPOINTS_PRODUCTION] = "Production",
                                        [CHECKPOINTS_PRODUCTION_ONLY] = "ProductionOnly",
                                        [CHECKPOINTS_STANDARD] = "Standard"};

    return words[m->action->value[0] <= CHECKPOINTS_STANDARD ? m->action->value[0] : 0];
}

static const char *memory(const struct meaning *m)
{
    struct text t;

    text_init(&t, m->script->arena);
    if (m->action->value[1])
        text_printf(&t, " -StartupBytes %sMB", value2(m));
    if (m->action->value[0] && m->action->value[2])
        text_printf(&t, " -MinimumBytes %sMB", number(m, m->action->value[2]));
    return text_done(&t);
}

static const char *migration(const struct meaning *m)
{
    return m->action->value[0] == MOVE_LIVE ? "Live" : "Shutdown";
}

static const char *arrives(const struct meaning *m)
{
    return m->action->value[0] == MOVE_LIVE ? "'Running'" : "'Off'";
}

static const char *pin(const struct meaning *m)
{
    return m->action->pin ? arena_printf(m->script->arena, " -InstancePath (Get-TheGpu %s%s).Name",
                                         node(m), string(m, m->action->pin))
                          : "";
}

static const char *limits(const struct meaning *m)
{
    static const char *const kinds[] = {[QUOTA_VRAM] = "VRAM",
                                        [QUOTA_ENCODE] = "Encode",
                                        [QUOTA_DECODE] = "Decode",
                                        [QUOTA_COMPUTE] = "Compute"};
    static const char *const edges[] = {"Min", "Max", "Optimal"};
    const struct limits *l = m->action->limits;
    struct text t;

    text_init(&t, m->script->arena);
    for (int k = 0; l && k < QUOTA_KINDS; k++) {
        const struct num *rows[] = {&l->min[k], &l->max[k], &l->optimal[k]};

        for (int i = 0; i < 3; i++)
            if (rows[i]->known)
                text_printf(&t, ".     %sPartition%s = %s\n", edges[i], kinds[k],
                            number(m, rows[i]->value));
    }
    return text_done(&t);
}

static const struct {
    const char *word;
    const char *(*means)(const struct meaning *);
} words[] = {
    {"at", at},
    {"node", node},
    {"host", host},
    {"name", name},
    {"id", subject},
    {"path", subject},
    {"subject", subject},
    {"object", object},
    {"location", location},
    {"device", device},
    {"value", value},
    {"value2", value2},
    {"bool", truth},
    {"seconds", seconds},
    {"force", force},
    {"stop", stop},
    {"stopaction", stop_action},
    {"checkpoints", checkpoint_type},
    {"memory", memory},
    {"migration", migration},
    {"arrives", arrives},
    {"pin", pin},
    {"limits", limits},
};

/* ---- rows ---- */

/* The word at `from` ("<name>"), its end behind it; NULL: there is none. */
static const char *meaning_of(const struct meaning *m, const char *from, const char **end)
{
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i].word);

        if (from[0] == '<' && strncmp(from + 1, words[i].word, n) == 0 && from[n + 1] == '>') {
            *end = from + n + 2;
            return words[i].means(m);
        }
    }
    return NULL;
}

static const char *filled(const struct meaning *m, const char *lines)
{
    struct text t;

    text_init(&t, m->script->arena);
    while (*lines) {
        const char *end, *text = meaning_of(m, lines, &end);

        if (text)
            text_add(&t, text);
        else
            text_add_n(&t, lines, 1);
        lines = text ? end : lines + 1;
    }
    return text_done(&t);
}

static bool is_for(const struct meaning *m, char who)
{
    const bool role = script_is_role(m->script, m->action->subject);

    switch (who) {
    case 'a':
        return m->script->alone;
    case 'n':
        return !m->script->alone;
    case 'r':
        return role;
    case 'v':
        return !role;
    case 'o':
        return role && m->action->value[0] == MOVE_OFF;
    case 'p':
        return m->action->object != NULL;
    case 'd':
        return m->action->object == NULL;
    default:
        return true;
    }
}

static void code(const struct meaning *m, const char *lines)
{
    const char *rest = filled(m, lines);

    while (*rest) {
        const char *end = strchr(rest, '\n');
        size_t n = end ? (size_t)(end - rest) : strlen(rest);

        if (is_for(m, *rest) && n > 2)
            script_code(m->script, arena_strndup(m->script->arena, rest + 2, n - 2));
        rest += end ? n + 1 : n;
    }
}

/* ---- what hvgpu does besides ---- */

/* S8: what a passed deadline means. */
static void passed_deadline(struct script *s, const struct member *m)
{
    static const char *const does[] = {
        [STOP_GUEST] = "nothing is forced, and what was begun is put back (then: hold)",
        [STOP_FORCED] = "the guest is shut down by force (then: forced)",
        [STOP_TURN_OFF] = "the VM is turned off (then: turnOff)"};
    enum stop_how then = m->stop_then <= STOP_TURN_OFF ? m->stop_then : STOP_GUEST;

    script_remark(s,
                  "Asks the guest, and asks you before it does more. Not off by the deadline: this "
                  "script ends; with hvgpu %s.",
                  does[then]);
}

static void size_check(struct script *s, const struct step *step, const struct member *m)
{
    if (!m->size_bytes)
        return;
    script_line(s, "if ((Get-TheGpu %s$path).OptimalPartitionVRAM -ne %llu) {",
                script_node(s, step->action.node), (unsigned long long)m->size_bytes);
    script_line(s, "    throw 'size-wrong (C5): a partition has not the size that is declared'");
    script_line(s, "}");
}

void script_step(struct script *s, const struct plan_group *group, const struct step *step,
                 const char *id)
{
    const struct action *a = &step->action;
    const struct member *member = &group->members[step->member];
    const char *known = script_field(script_read(s, "vm", a->subject), "name");
    const struct meaning m = {s, a, known ? known : step->name};
    const char *remark = remarks[a->verb];

    script_comment(s, arena_printf(s->arena, "%s  ", id),
                   arena_printf(s->arena, "%s%s%s%s", step->text, step->rule ? "  (" : "",
                                step->rule ? step->rule : "", step->rule ? ")" : ""));
    if (remark && *remark && !s->told[a->verb])
        script_comment(s, "", remark);
    s->told[a->verb] = true;
    if (a->verb == VERB_VM_STOP && a->value[0] == STOP_GUEST)
        passed_deadline(s, member);
    if (a->verb == VERB_GPU_DISMOUNT && a->value[0])
        script_remark(s, "-Force: without the vendor's mitigation driver, as the spec says "
                         "(force: true).");
    script_line(s, "Step %s", script_string(s->arena, id));
    code(&m, powershell_lines[a->verb]);
    if (a->verb == VERB_GPU_COUNT)
        size_check(s, step, member);
}
