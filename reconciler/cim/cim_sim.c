/* The net: who can be reached, sessions that break, and what an eye is told. */
#include "cim/cim_sim.h"

#include "cim/cim_sim_net.h"

#include <stdlib.h>

/* ---- names of hosts ---- */

/* HV-01, hv-01.corp.local: the same node. */
static bool same_host(const char *node, const char *host)
{
    size_t n = strlen(node);

    return str_starts_fold(host, node) && (!host[n] || host[n] == '.');
}

static uint32_t some_node(const struct world *w)
{
    for (uint32_t i = 0; i < w->now.node_count; i++)
        if (world_answers(w, i) && !world_hangs(w, i))
            return i;
    return NO_INDEX;
}

/* This machine, and the cluster by its own name, are some node that answers. */
static uint32_t node_of(const struct world *w, const char *host)
{
    if (!host)
        return some_node(w);
    for (uint32_t i = 0; i < w->now.node_count; i++)
        if (same_host(w->now.nodes[i].name, host))
            return i;
    return !w->now.standalone && w->now.name && same_host(w->now.name, host) ? some_node(w)
                                                                             : NO_INDEX;
}

/* ---- sessions ---- */

static bool unreachable(struct err *e)
{
    return err_set(e, ERR_UNSEEN, 0x800706BA, "the RPC server is unavailable");
}

/* Inside.  False: it has left again. */
static bool holds(struct sim_session *s, uint32_t *at, struct host_turn *turn, struct err *e)
{
    struct lasting *l = s->owner->world;
    const struct world *w = &l->world;

    *at = state_node(&w->now, s->node);
    if (*at != NO_INDEX && world_hangs(w, *at)) {
        host_turn_end(turn);
        return lasting_hang(l, e);
    }
    s->broken |=
        *at == NO_INDEX || !world_answers(w, *at) || w->now.nodes[*at].boot_ms != s->boot_ms;
    if (!s->broken)
        return true;
    host_turn_end(turn);
    lasting_leave(l);
    return err_set(e, ERR_TIMEOUT, 0x800706BE, "the call broke off");
}

static bool begin(struct sim_session *s, uint32_t *at, struct err *e)
{
    lasting_enter(s->owner->world);
    lasting_tick(s->owner->world);
    return holds(s, at, NULL, e);
}

bool sim_begin(struct sim_session *s, uint32_t *at, struct host_turn **turn, struct err *e)
{
    struct lasting *l = s->owner->world;

    lasting_enter(l);
    if (!lasting_turn(l, turn, e)) {
        lasting_leave(l);
        return false;
    }
    lasting_catch_up(l);
    return holds(s, at, *turn, e);
}

struct shown sim_question(struct sim_session *s, struct arena *a, uint32_t at)
{
    const struct world *w = &s->owner->world->world;

    return (struct shown){.arena = a,
                          .world = w,
                          .now = &w->now,
                          .net = s->owner,
                          .at = at,
                          .host = w->now.nodes[at].name};
}

/* ---- the eye ---- */

static bool matches(const struct cim_object *row, const struct cim_query *query)
{
    const struct cim_value *v;

    if (query->test == CIM_ALL)
        return true;
    v = cim_value_of(row, query->property);
    if (!v || v->null || v->array)
        return false;
    if (cim_type_is_number(v->type)) {
        uint64_t number;

        return query->test == CIM_EQUALS && str_u64(query->text, &number) &&
               number == v->numbers[0];
    }
    if (!cim_type_is_text(v->type))
        return false;
    return query->test == CIM_EQUALS ? str_same(v->texts[0], query->text)
                                     : str_starts_fold(v->texts[0], query->text);
}

/*
 * A fault of looking takes the query that begins each look at a node: its VMs.
 * False: `e` says why, or the call hangs; it has left then.
 */
static bool looks(struct sim_session *s, enum cim_class class, struct err *e)
{
    struct lasting *l = s->owner->world;
    const struct fault *fault;

    if (class != CIM_Msvm_ComputerSystem)
        return true;
    l->world.observes++;
    fault = l->world.fault_count ? world_fault(&l->world, FAULT_ON_OBSERVE, s->node, NULL) : NULL;
    if (!fault)
        return true;
    if (fault->kind == FAULT_HANG)
        return lasting_hang(l, e);
    if (fault->kind == FAULT_DIE)
        lasting_die();
    err_set(e, ERR_UNSEEN, fault->answer, "looking failed (a fault of the simulated world)");
    lasting_leave(l);
    return false;
}

/* Rows as the one who asked gets them: in the memory of that one, which may end. */
struct telling {
    struct arena *to;
    const struct cim_rows *rows;
    const struct cim_query *query; /* which of them; NULL: all */
    struct cim_rows out;
};

static void tell_rows(void *context)
{
    struct telling *t = context;

    for (size_t i = 0; i < t->rows->count; i++)
        if (!t->query || matches(&t->rows->rows[i], t->query))
            *arena_push(t->to, t->out.rows, t->out.count, t->out.room) =
                *cim_object_copy(t->to, &t->rows->rows[i]);
}

bool sim_tell(struct arena *a, const struct cim_object *o, struct cim_object **out)
{
    struct cim_object copy = *o;
    const struct cim_rows one = {.rows = &copy, .count = 1};
    struct telling t = {.to = a, .rows = &one};

    if (!arena_guard(a, tell_rows, &t))
        return false;
    *out = t.out.rows;
    return true;
}

static bool sim_query(struct cim_eye *eye, struct arena *a, const struct cim_query *query,
                      struct cim_rows *out, struct err *e)
{
    struct sim_session *s = (struct sim_session *)eye;
    struct telling t = {.to = a, .query = query};
    struct arena scratch;
    struct shown shown;
    uint32_t at;
    bool through;

    if (!begin(s, &at, e) || !looks(s, query->class, e))
        return false;
    arena_init(&scratch, 0);
    shown = sim_question(s, &scratch, at);
    sim_show(&shown, query->class);
    t.rows = &shown.rows;
    through = arena_guard(a, tell_rows, &t);
    arena_release(&scratch);
    lasting_leave(s->owner->world);
    if (!through)
        arena_leave(a);
    *out = t.out;
    return true;
}

/* Absolute paths name their host; others are of this one. */
static bool same_path(const char *row, const char *path)
{
    return str_same(str_starts(path, "\\\\") ? row : strchr(row, ':') + 1, path);
}

const struct cim_object *sim_object(struct shown *s, const char *path)
{
    const char *name = path;
    enum cim_class class;

    if (str_starts(path, "\\\\"))
        name = strchr(path, ':') ? strchr(path, ':') + 1 : "";
    class = cim_class_named(arena_strndup(s->arena, name, strcspn(name, ".=")));
    if (class == CIM_CLASS_NONE)
        return NULL;
    sim_show(s, class);
    for (size_t i = 0; i < s->rows.count; i++)
        if (same_path(s->rows.rows[i].path, path))
            return &s->rows.rows[i];
    return NULL;
}

static bool sim_get(struct cim_eye *eye, struct arena *a, const char *path, struct cim_object **out,
                    struct err *e)
{
    struct sim_session *s = (struct sim_session *)eye;
    const struct cim_object *found;
    struct arena scratch;
    struct shown shown;
    uint32_t at;
    bool through;

    if (!begin(s, &at, e))
        return false;
    arena_init(&scratch, 0);
    shown = sim_question(s, &scratch, at);
    found = sim_object(&shown, path);
    through = !found || sim_tell(a, found, out);
    arena_release(&scratch);
    lasting_leave(s->owner->world);
    if (!through)
        arena_leave(a);
    return found || sim_not_found(e, path);
}

static bool sim_ask_eye(struct cim_eye *eye, struct arena *a, const struct cim_call *call,
                        struct cim_object **out, struct err *e)
{
    struct sim_session *s = (struct sim_session *)eye;
    struct arena scratch;
    struct cim_object *answer;
    struct shown shown;
    uint32_t at;
    bool ok, through;

    if (!begin(s, &at, e))
        return false;
    arena_init(&scratch, 0);
    shown = sim_question(s, &scratch, at);
    answer = cim_object_new(&scratch, "__PARAMETERS", NULL);
    ok = sim_ask(&shown, call, answer, e);
    through = !ok || sim_tell(a, answer, out);
    arena_release(&scratch);
    lasting_leave(s->owner->world);
    if (!through)
        arena_leave(a);
    return ok;
}

/* ---- schemas: the contract, as far as this build has it ---- */

/* A class says "string" of an instance that it takes as text. */
static enum cim_type as_told(enum cim_type type)
{
    return type == CIM_TYPE_INSTANCE ? CIM_TYPE_TEXT : type;
}

static void describe_methods(struct arena *a, enum cim_class class, struct cim_schema *out)
{
    for (unsigned m = 0; m < CIM_METHOD_NONE; m++) {
        const struct cim_method_row *row = cim_method_row((enum cim_method)m);
        const struct cim_parameter_row *parameters;
        struct cim_schema_method *method;
        size_t n;

        if (row->class != class)
            continue;
        out->methods = arena_grow(a, out->methods, out->method_count, out->method_count + 1,
                                  sizeof *out->methods);
        method = &out->methods[out->method_count++];
        parameters = cim_parameters((enum cim_method)m, &n);
        method->name = row->name;
        method->parameters = arena_array(a, struct cim_schema_property, n + 1);
        for (size_t i = 0; i < n; i++)
            method->parameters[method->parameter_count++] = (struct cim_schema_property){
                parameters[i].name, as_told(parameters[i].type), parameters[i].array};
    }
}

static bool sim_schema(struct cim_eye *eye, struct arena *a, enum cim_class class,
                       struct cim_schema *out, struct err *e)
{
    struct sim_session *s = (struct sim_session *)eye;
    const struct cim_property_row *rows;
    struct num build;
    uint32_t at;
    size_t n;

    if (!begin(s, &at, e))
        return false;
    build = s->owner->world->world.now.nodes[at].build;
    lasting_leave(s->owner->world);
    rows = cim_properties(class, &n);
    *out = (struct cim_schema){.properties = arena_array(a, struct cim_schema_property, n + 1)};
    for (size_t i = 0; i < n; i++)
        if (sim_has_property(build, &rows[i]))
            out->properties[out->property_count++] = (struct cim_schema_property){
                rows[i].name, rows[i].type, (rows[i].use & CIM_ARRAY) != 0};
    describe_methods(a, class, out);
    return true;
}

static const struct cim_eye_ops eye_ops = {sim_query,  sim_get,  sim_ask_eye,
                                           sim_schema, sim_hand, sim_close_eye};

/* ---- the net ---- */

void sim_net_leave(struct sim_net *n)
{
    bool last;

    host_mutex_lock(n->mutex);
    last = --n->users == 0;
    host_mutex_unlock(n->mutex);
    if (!last)
        return;
    host_mutex_free(n->mutex);
    free(n);
}

static struct sim_session *new_session(struct sim_net *n, uint32_t at, enum cim_space space)
{
    const struct node *node = &n->world->world.now.nodes[at];
    struct sim_session *s = calloc(1, sizeof *s);

    if (!s)
        abort(); /* the machine has no memory: as the arena */
    *s = (struct sim_session){.eye = {.ops = &eye_ops, .net = &n->net, .space = space},
                              .owner = n,
                              .node = arena_strdup(&n->world->arena, node->name),
                              .boot_ms = node->boot_ms};
    return s;
}

static bool sim_connect(struct cim_net *net, const char *host, enum cim_space space,
                        struct cim_eye **out, struct err *e)
{
    struct sim_net *n = (struct sim_net *)net;
    struct lasting *l = n->world;
    const struct world *w = &l->world;
    struct sim_session *s = NULL;
    uint32_t at;

    lasting_enter(l);
    lasting_tick(l);
    at = node_of(w, host);
    if (at != NO_INDEX && world_hangs(w, at))
        return lasting_hang(l, e);
    if (at == NO_INDEX || !world_answers(w, at)) {
        unreachable(e);
    } else if (space == CIM_SPACE_CLUSTER && w->now.standalone) {
        err_set(e, ERR_UNSUPPORTED, 0x8004100E, "no such namespace");
    } else {
        s = new_session(n, at, space);
    }
    lasting_leave(l);
    if (!s)
        return false;
    host_mutex_lock(n->mutex);
    n->users++;
    host_mutex_unlock(n->mutex);
    *out = &s->eye;
    return true;
}

static int64_t sim_now(struct cim_net *net)
{
    return lasting_now_ms(((struct sim_net *)net)->world);
}

static int64_t sim_wait(struct cim_net *net, int64_t until_ms)
{
    return lasting_wait_ms(((struct sim_net *)net)->world, until_ms);
}

static void sim_close_net(struct cim_net *net)
{
    struct sim_net *n = (struct sim_net *)net;

    host_mutex_lock(n->mutex);
    n->ended = true;
    host_mutex_unlock(n->mutex);
    lasting_close(n->world);
    sim_net_leave(n);
}

static const struct cim_net_ops net_ops = {"sim", sim_connect, sim_now, sim_wait, sim_close_net};

struct world *cim_sim_world(struct cim_net *net)
{
    return &((struct sim_net *)net)->world->world;
}

bool cim_sim_open(const struct facts *facts, const char *path, const char *text, size_t size,
                  bool lasting, struct cim_net **out, struct findings *found, struct err *e)
{
    struct lasting *l;
    struct sim_net *n;

    if (!lasting_open(facts, path, text, size, lasting, &l, found, e))
        return false;
    n = calloc(1, sizeof *n);
    if (!n)
        abort(); /* the machine has no memory: as the arena */
    *n = (struct sim_net){.net.ops = &net_ops, .world = l, .mutex = host_mutex_new(), .users = 1};
    *out = &n->net;
    return true;
}
