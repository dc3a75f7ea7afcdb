/*
 * Can these hosts be managed?  Every class, property and method that the
 * provider relies on, read from the class schemas and held against the same
 * table; what the account may do; and the hosts' clocks.  Hosts side by side, as a look sees them:
 * one that hangs costs its deadline and nothing else.  Nothing is changed.
 */
#include "base/when.h"
#include "cim/check.h"
#include "provider/hyperv/see.h"

enum { CLOCK_SKEW_MS = 5 * 60 * 1000 }; /* what Kerberos takes, by default */

/* ---- one host, on a thread of its own ---- */

static void tell(struct hv_job *x, enum health_class class, const char *what, const char *found,
                 const char *prevents, const char *source)
{
    health_add(
        &x->arena, &x->health,
        (struct health_row){
            .class = class, .what = what, .found = found, .prevents = prevents, .source = source});
}

static void tell_lacks(struct hv_job *x, const struct cim_lack *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool broken = *rows[i].without && !rows[i].excused;

        tell(x, broken ? HEALTH_BROKEN : HEALTH_NOTE, rows[i].name,
             rows[i].excused
                 ? arena_printf(&x->arena, "%s: this build does not have it", rows[i].found)
                 : rows[i].found,
             *rows[i].without ? rows[i].without : NULL, rows[i].source);
    }
}

static bool is_missing(const struct err *e)
{
    int64_t code = e->native & 0xFFFFFFFF; /* an HRESULT, with or without its sign */

    return code == 0x80041010 || code == 0x80041002;
}

/* False: the connection is of no more use. */
static bool examine_class(struct hv_job *x, struct cim_eye *eye, enum cim_class class)
{
    struct cim_schema schema;
    struct cim_lack *lacks;
    struct err e = {0};
    bool there = cim_schema(eye, &x->arena, class, &schema, &e);

    if (!there && !is_missing(&e)) {
        tell(x, HEALTH_BROKEN, cim_class_row(class)->name,
             arena_printf(&x->arena, "cannot be read: %s", e.text), cim_class_row(class)->without,
             cim_class_row(class)->source);
        if (e.kind == ERR_DENIED || e.kind == ERR_REFUSED)
            return true;
        hv_job_lost(x, eye->space, &e);
        return false;
    }
    tell_lacks(
        x, lacks,
        cim_check(&x->arena, class, there ? &schema : NULL, x->build, &lacks, &x->health.checks));
    return true;
}

/* ---- what the account may do (decision 066) ---- */

enum { EXECUTE_METHODS = 2, PROVIDER_WRITE = 0x10, REMOTE_ENABLE = 0x20 }; /* hyperv-wmi 6 */

static const struct {
    enum cim_space space;
    unsigned bit;
    const char *name; /* as the WMI Control calls it */
    enum health_class class;
    const char *prevents;
} rights[] = {
    {CIM_SPACE_VIRT, EXECUTE_METHODS, "Execute Methods", HEALTH_BROKEN,
     "every change of VMs, devices and pools; and guest systems are unknown"},
    {CIM_SPACE_VIRT, PROVIDER_WRITE, "Provider Write", HEALTH_BROKEN,
     "setting how many partitions a GPU has"},
    {CIM_SPACE_CLUSTER, EXECUTE_METHODS, "Execute Methods", HEALTH_BROKEN,
     "every change there: the cluster cannot be claimed, and no role stopped or started"},
    {CIM_SPACE_CLUSTER, PROVIDER_WRITE, "Provider Write", HEALTH_WARNING,
     "the second way to set OfflineAction, where the first is refused"},
    {CIM_SPACE_CIMV2, EXECUTE_METHODS, "Execute Methods", HEALTH_BROKEN,
     "taking devices from the host, their location paths, the policy keys, and the claim of a host "
     "by itself"},
    {CIM_SPACE_ANY, REMOTE_ENABLE, "Remote Enable", HEALTH_NOTE,
     "managing it from another machine"},
};

static void tell_rights(struct hv_job *x, enum cim_space space, uint64_t has)
{
    for (size_t i = 0; i < sizeof rights / sizeof *rights; i++) {
        x->health.checks += rights[i].space == space || rights[i].space == CIM_SPACE_ANY;
        if ((rights[i].space != space && rights[i].space != CIM_SPACE_ANY) || has & rights[i].bit)
            continue;
        tell(x, rights[i].class, cim_space_paths[space],
             arena_printf(&x->arena, "the account has not got the right %s", rights[i].name),
             rights[i].prevents, "hyperv-wmi 6");
        x->health.rows[x->health.count - 1].release = "that right in the namespace's security";
    }
}

/* A number that is not known says nothing of rights that lack. */
static void examine_rights(struct hv_job *x, enum cim_space space)
{
    const struct cim_call call = {.method = CIM___SystemSecurity_GetCallerAccessRights,
                                  .path = "__SystemSecurity=@"};
    struct hv_session *session = x->sessions[space];
    struct cim_object *out;
    struct err e = {0};
    struct num has;

    if (!session)
        return;
    if (!cim_ask(session->eye, &x->arena, &call, &out, &e)) {
        tell(x, HEALTH_NOTE, cim_space_paths[space],
             arena_printf(&x->arena, "what the account may do is not told: %s", e.text), NULL,
             "hyperv-wmi 6");
        if (e.kind == ERR_TIMEOUT || e.kind == ERR_UNSEEN)
            hv_job_lost(x, space, &e);
        return;
    }
    has = cim_number(out, "rights");
    if (has.known && num_is(cim_number(out, "ReturnValue"), 0))
        tell_rights(x, space, has.value);
    else
        tell(x, HEALTH_NOTE, cim_space_paths[space], "what the account may do is not told", NULL,
             "hyperv-wmi 6");
}

/* ---- namespaces and their classes ---- */

/* A host that cannot be reached is so in each namespace, and that is said once. */
static bool examine_connection(struct hv_job *x, enum cim_space space)
{
    if (x->err.kind == ERR_UNSEEN || x->err.kind == ERR_TIMEOUT)
        return false;
    x->health.checks++;
    if (hv_job_session(x, space))
        return true;
    tell(x, HEALTH_BROKEN, "connection", arena_strdup(&x->arena, x->err.text),
         "everything that needs it", "hyperv-wmi 6");
    x->health.unexamined++;
    return false;
}

static void examine_classes(struct hv_job *x, enum cim_space space)
{
    bool good = true;

    if (!examine_connection(x, space))
        return;
    for (unsigned c = 0; c < CIM_CLASS_NONE && good; c++)
        if (cim_class_in(c, space))
            good = examine_class(x, x->sessions[space]->eye, c);
    x->health.unexamined += !good;
}

static void examine_space(struct hv_job *x, enum cim_space space)
{
    examine_classes(x, space);
    examine_rights(x, space);
}

/* The rows of a class; without a connection that was said already, with its classes. */
static bool rows_of(struct hv_job *x, enum cim_class class, struct cim_rows *out)
{
    const struct cim_query query = {.class = class};
    enum cim_space space = cim_class_row(class)->space;
    struct hv_session *session = x->sessions[space];
    struct err e = {0};

    *out = (struct cim_rows){0};
    if (!session)
        return false;
    if (cim_query(session->eye, &x->arena, &query, out, &e))
        return true;
    if (e.kind == ERR_TIMEOUT || e.kind == ERR_UNSEEN)
        hv_job_lost(x, space, &e);
    return false;
}

static void examine_clock(struct hv_job *x)
{
    const int64_t now_ms = x->h->net->ops->now_ms(x->h->net);
    struct cim_rows rows;
    int64_t there = WHEN_NONE;

    x->health.checks++;
    if (!x->sessions[CIM_SPACE_CIMV2])
        return; /* said by the namespace */
    if (rows_of(x, CIM_Win32_OperatingSystem, &rows) && rows.count)
        there = hv_time(cim_text(&rows.rows[0], "LocalDateTime"));
    if (there == WHEN_NONE) {
        tell(x, HEALTH_WARNING, "clock", "the host does not tell its time", NULL, "hyperv-wmi 6");
        return;
    }
    if (there - now_ms > CLOCK_SKEW_MS || now_ms - there > CLOCK_SKEW_MS)
        tell(x, HEALTH_WARNING, "clock",
             arena_printf(&x->arena, "its clock says %s, ours %s", when_human(&x->arena, there),
                          when_human(&x->arena, now_ms)),
             "signing in to it from elsewhere", "hyperv-wmi 6");
}

static const char *states_text(struct arena *a, const struct cim_object *row, const char *name)
{
    const uint64_t *states;
    size_t count = cim_numbers(row, name, &states);
    struct text t;

    text_init(&t, a);
    for (size_t i = 0; i < count; i++)
        text_printf(&t, "%s%s", t.size ? ", " : "",
                    states[i] == 2   ? "running"
                    : states[i] == 3 ? "off"
                                     : arena_printf(a, "%llu", (unsigned long long)states[i]));
    return count ? text_done(&t) : NULL;
}

/* It names states, and off is none of them.  What is not told speaks against nobody. */
static bool not_while_off(const char *states)
{
    return states && !strstr(states, "off");
}

/* What of the host's own word is not what hvgpu does: it adds and removes while the VM is off. */
static void examine_states(struct hv_job *x)
{
    struct cim_rows rows;

    if (!rows_of(x, CIM_Msvm_AllocationCapabilities, &rows))
        return;
    for (size_t i = 0; i < rows.count; i++) {
        const char *kind = cim_text(&rows.rows[i], "ResourceSubType");
        const char *add = states_text(&x->arena, &rows.rows[i], "SupportedAddStates");
        const char *remove = states_text(&x->arena, &rows.rows[i], "SupportedRemoveStates");

        if (!str_same(kind, HV_SUBTYPE_GPU) && !str_same(kind, HV_SUBTYPE_PCIE))
            continue;
        x->health.checks += 2;
        if (not_while_off(add) || not_while_off(remove))
            tell(x, HEALTH_WARNING, kind,
                 arena_printf(&x->arena, "the host adds it while a VM is: %s; removes it: %s",
                              add ? add : "not told", remove ? remove : "not told"),
                 "attaching and detaching while the VM is off, if the host means it",
                 "hyperv-wmi 2.2");
    }
}

/* A host always has a row of its own: none at all is no empty host. */
static void examine_sight(struct hv_job *x)
{
    struct cim_rows rows;

    x->health.checks++;
    if (!rows_of(x, CIM_Msvm_ComputerSystem, &rows) || rows.count)
        return;
    tell(x, HEALTH_BROKEN, cim_space_paths[CIM_SPACE_VIRT], hv_blind,
         "everything there: what it shows is not believed, and the host counts as silent",
         "hyperv-wmi 6");
    x->health.rows[x->health.count - 1].release =
        "the host's group Administrators, or Hyper-V Administrators; or its service vmms running";
}

static void examine_host(struct hv_job *job)
{
    const struct hv_place *place = hv_place_now(job->h);

    examine_space(job, CIM_SPACE_VIRT);
    examine_space(job, CIM_SPACE_CIMV2);
    /* Its classes are read once, through who answers; each node is asked to change its own. */
    if (place && !place->standalone && examine_connection(job, CIM_SPACE_CLUSTER))
        examine_rights(job, CIM_SPACE_CLUSTER);
    examine_sight(job);
    examine_states(job);
    examine_clock(job);
    job->ok = true;
}

/* What the account may do there is told of each node. */
static void examine_cluster(struct hv_job *job)
{
    examine_classes(job, CIM_SPACE_CLUSTER);
    job->ok = true;
}

/* ---- all of them ---- */

struct examination {
    struct hyperv *h;
    struct arena *arena;
    const struct state *have;
    struct health *out;
    struct hv_job **jobs; /* of the cluster, then of each node; NULL: none, or given up */
    struct err *said;     /* of each that was given up */
};

/* One that should and did not is asked once more: why is what the doctor is there for. */
static bool may_answer(const struct node *n)
{
    return n->answered || n->state == NODE_SILENT;
}

/* Nothing is taken of the pass's memory while they are under way. */
static void examine_all(struct examination *x, const struct hv_place *place)
{
    const size_t count = x->have->node_count;
    const char **hosts = arena_array(x->arena, const char *, count + 1);
    struct hv_job **jobs = arena_array(x->arena, struct hv_job *, count + 1);
    int64_t until;

    x->said = arena_array(x->arena, struct err, count + 1);
    for (size_t i = 0; i < count; i++)
        hosts[i + 1] = hv_host_of(x->h, x->arena, x->have->nodes[i].name);
    x->jobs = jobs;
    until = host_tick_ms() + x->h->target.node_ms;
    if (place && !place->standalone)
        jobs[0] =
            hv_job_start(x->h, x->arena,
                         &(struct hv_task){place->host, examine_cluster, NUM_UNKNOWN}, &x->said[0]);
    for (size_t i = 0; i < count; i++) {
        const struct hv_task task = {hosts[i + 1], examine_host, x->have->nodes[i].build};

        if (may_answer(&x->have->nodes[i]))
            jobs[i + 1] = hv_job_start(x->h, x->arena, &task, &x->said[i + 1]);
    }
    for (size_t i = 0; i <= count; i++)
        if (jobs[i] && !hv_job_end(jobs[i], until, &x->said[i]))
            jobs[i] = NULL;
}

static const char *keep(struct arena *a, const char *s)
{
    return s ? arena_strdup(a, s) : NULL;
}

/* What one of them found, under the name of the node; NULL: the cluster. */
static void take(struct examination *x, size_t at, const char *node)
{
    const struct hv_job *job = x->jobs[at];
    struct arena *a = x->arena;

    if (!job) {
        health_add(a, x->out,
                   (struct health_row){.class = HEALTH_BROKEN,
                                       .node = node,
                                       .what = "connection",
                                       .found = keep(a, x->said[at].text),
                                       .prevents = "everything that needs it",
                                       .source = "hyperv-wmi 6"});
        x->out->unexamined++;
        return;
    }
    x->out->checks += job->health.checks;
    x->out->unexamined += job->health.unexamined;
    for (size_t i = 0; i < job->health.count; i++) {
        const struct health_row *row = &job->health.rows[i];

        health_add(a, x->out,
                   (struct health_row){row->class, node, keep(a, row->what), keep(a, row->found),
                                       keep(a, row->prevents), keep(a, row->release), row->source});
    }
}

static void examine_now(void *context)
{
    struct examination *x = context;
    const struct hv_place *place = hv_place_now(x->h);

    x->out->examined = true;
    examine_all(x, place);
    if (place && !place->standalone)
        take(x, 0, NULL);
    for (size_t i = 0; i < x->have->node_count; i++) {
        if (may_answer(&x->have->nodes[i]))
            take(x, i + 1, x->have->nodes[i].name);
        else
            x->out->unexamined++;
    }
}

bool hv_examine(struct eye *eye, struct arena *a, const struct state *have, struct health *out,
                struct err *e)
{
    struct examination x = {.h = (struct hyperv *)eye, .arena = a, .have = have, .out = out};
    bool through;

    if (!hv_enter(x.h))
        return err_set(e, ERR_BUG, 0, "the provider is closed");
    through = arena_guard(a, examine_now, &x);
    for (size_t i = 0; x.jobs && i <= have->node_count; i++)
        hv_job_free(x.jobs[i]);
    hv_leave(x.h);
    if (!through)
        arena_leave(a);
    return true;
}
