/* Calls that were accepted, as jobs that can be read while they run and some time after. */
#include "cim/cim_sim_act.h"

enum { JOB_RUNS = 4, JOB_COMPLETED = 7, JOB_FAILED = 10 }; /* hyperv-wmi 5.3 */
enum { KEPT_MS = 300000 };                                 /* TimeBeforeRemoval */

/* The effect of this call is under way in the world. */
static const struct job *under_way(const struct world *w, const struct action *a)
{
    for (size_t i = 0; i < w->job_count; i++)
        if (w->jobs[i].phase == JOB_EFFECT && w->jobs[i].action.verb == a->verb &&
            str_same(w->jobs[i].action.subject, a->subject) &&
            str_same(w->jobs[i].action.node, a->node))
            return &w->jobs[i];
    return NULL;
}

static bool in_transit(const struct world *w, const struct action *a)
{
    uint32_t vm =
        verb_rows[a->verb].subject == SUBJECT_VM ? state_vm(&w->now, a->subject) : NO_INDEX;
    enum vm_power power = vm == NO_INDEX ? POWER_OFF : w->now.vms[vm].power;

    return (a->verb == VERB_VM_START && power == POWER_STARTING) ||
           (a->verb == VERB_VM_STOP && power == POWER_STOPPING);
}

static const char *text_of(struct arena *a, const char *s)
{
    return s ? arena_strdup(a, s) : NULL;
}

static const char *job_id(struct arena *a, const struct sim_job *job)
{
    return sim_guid(a, "job", job->host, job->number);
}

/* One more than there were: what an effect of "one more" is judged by when it is over. */
static void count_them(const struct world *w, struct action *a)
{
    uint32_t vm = state_vm(&w->now, a->subject);

    if (a->value[0] || vm == NO_INDEX)
        return;
    if (a->verb == VERB_ADAPTER_ADD)
        a->value[0] = vm_adapters(&w->now.vms[vm]) + 1;
    for (size_t i = 0; a->verb == VERB_REQUEST_ADD && i < w->now.vms[vm].request_count; i++)
        a->value[0] += !w->now.vms[vm].requests[i].of_checkpoint &&
                       str_eq(w->now.vms[vm].requests[i].pool, a->object);
    a->value[0] += a->verb == VERB_REQUEST_ADD;
}

const char *sim_make_job(struct sim_act *t, const struct action *a)
{
    const struct job *job = under_way(t->world, a);
    struct arena *keep = &t->net->world->arena;
    struct sim_job *row;

    if (!job && !in_transit(t->world, a))
        return NULL;
    row = arena_push(keep, t->net->jobs, t->net->job_count, t->net->job_room);
    *row = (struct sim_job){.number = ++t->net->jobs_made,
                            .host = arena_strdup(keep, t->node),
                            .effect = *a,
                            .lands_ms = job ? job->lands_ms : WHEN_NONE,
                            .over_ms = WHEN_NONE,
                            .state = JOB_RUNS};
    count_them(t->world, &row->effect);
    row->effect.node = text_of(keep, a->node);
    row->effect.subject = text_of(keep, a->subject);
    row->effect.object = text_of(keep, a->object);
    row->effect.location = text_of(keep, a->location);
    row->effect.pin = text_of(keep, a->pin);
    if (a->limits) {
        struct limits *limits = arena_new(keep, struct limits);

        *limits = *a->limits;
        row->effect.limits = limits;
    }
    return sim_path(t->arena, t->node, CIM_Msvm_ConcreteJob, "InstanceID", job_id(t->arena, row));
}

/* Is it over, and how did it end? */
static void look_at(const struct world *w, struct sim_job *job)
{
    const struct job *now = under_way(w, &job->effect);
    bool runs = job->lands_ms == WHEN_NONE ? in_transit(w, &job->effect)
                                           : now && now->lands_ms == job->lands_ms;

    if (job->over_ms != WHEN_NONE || runs)
        return;
    job->over_ms = w->now.observed_ms;
    job->state = action_holds(&job->effect, &w->now) ? JOB_COMPLETED : JOB_FAILED;
}

void sim_show_jobs(struct shown *s)
{
    enum { FAILED = 32768 };

    for (size_t i = 0; i < s->net->job_count; i++) {
        struct sim_job *job = &s->net->jobs[i];
        struct cim_object *o;
        const char *id;

        look_at(s->world, job);
        if (!str_same(job->host, s->host) ||
            (job->over_ms != WHEN_NONE && s->now->observed_ms - job->over_ms > KEPT_MS))
            continue;
        id = job_id(s->arena, job);
        o = show_row(s, sim_path(s->arena, s->host, s->class, "InstanceID", id));
        show_text(s, o, "InstanceID", id);
        show_num(s, o, "JobState", NUM(job->state));
        show_num(s, o, "ErrorCode", NUM(job->state == JOB_FAILED ? FAILED : 0));
        show_text(s, o, "ErrorDescription", job->state == JOB_FAILED ? "failed" : "");
    }
}
