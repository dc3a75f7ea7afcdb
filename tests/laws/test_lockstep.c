/*
 * The real machine against the model, move for move.
 *
 * For every state that the model reaches (deaths at any instant, transient and
 * permanent faults, late effects, a person, an edited spec), the same state is
 * built for the product: what is seen, the ledger, what is on the wire.  The
 * machine must then order what the model moves: the same commit, the same
 * effect, the same waiting, the same rest.  So everything that was checked of
 * the model (no VM left off, groups whole, nobody interrupted twice, every run
 * comes to rest) holds for the machine.
 */
#include "apply/machine.h"
#include "base/str.h"

#include "model.h"

#include <cmocka.h>
#include <setjmp.h>
#include <stdarg.h>

enum { BOOT_MS = 1000, NOW_MS = 10000000, FAR_MS = NOW_MS + 100000000 };

static const char *const vm_ids[V] = {"vm-0", "vm-1", "vm-2"};
static const char *const gpu_ids[G] = {"GPU-0", "GPU-1"};
static const char *const orig_ids[V][G] = {
    {"vm-0-orig-0", "vm-0-orig-1"}, {"vm-1-orig-0", "vm-1-orig-1"}, {"vm-2-orig-0", "vm-2-orig-1"}};
static const char *const our_ids[V][G] = {
    {"vm-0-ours-0", "vm-0-ours-1"}, {"vm-1-ours-0", "vm-1-ours-1"}, {"vm-2-ours-0", "vm-2-ours-1"}};
static const char *const person_ids[V][G] = {{"vm-0-person-0", "vm-0-person-1"},
                                             {"vm-1-person-0", "vm-1-person-1"},
                                             {"vm-2-person-0", "vm-2-person-1"}};

static struct arena arena;
static unsigned long compared, skipped, ahead;

static const char *adapter_id(int v, uint8_t ad, uint8_t tag)
{
    if (!ad)
        return NULL;
    return tag == T_ORIG   ? orig_ids[v][ad - 1]
           : tag == T_OURS ? our_ids[v][ad - 1]
                           : person_ids[v][ad - 1];
}

/* ---- the model's state as the product's ---- */

static struct state *seen_of(const struct world *w, int64_t now_ms)
{
    struct state *s = arena_new(&arena, struct state);

    *s = (struct state){.name = "host",
                        .standalone = true,
                        .identity = "host",
                        .observed_ms = now_ms,
                        .node_count = 1,
                        .gpu_count = G,
                        .vm_count = V};
    s->nodes = arena_new(&arena, struct node);
    *s->nodes =
        (struct node){.name = "host", .state = NODE_UP, .boot_ms = BOOT_MS, .answered = true};
    s->gpus = arena_array(&arena, struct gpu, G);
    s->vms = arena_array(&arena, struct vm, V);
    for (int g = 0; g < G; g++)
        s->gpus[g] = (struct gpu){.path = gpu_ids[g],
                                  .is_gpu = true,
                                  .state = GPU_PARTITIONED,
                                  .ordinal = (uint32_t)g,
                                  .count = NUM(w->count[g])};
    for (int v = 0; v < V; v++) {
        struct vm *vm = &s->vms[v];

        *vm = (struct vm){.id = vm_ids[v],
                          .name = vm_ids[v],
                          .generation = NUM(2),
                          .power = w->on[v] ? POWER_RUNNING : POWER_OFF,
                          .stamp_ms = 1000 + w->stamp[v]};
        if (!w->ad[v])
            continue;
        vm->adapters = arena_new(&arena, struct adapter);
        vm->adapter_count = 1;
        vm->adapters[0] = (struct adapter){.id = adapter_id(v, w->ad[v], w->tag[v]),
                                           .pin = gpu_ids[w->ad[v] - 1],
                                           .seen = w->on[v] ? gpu_ids[w->ad[v] - 1] : NULL};
    }
    return s;
}

static struct action action_of(const struct act *a)
{
    struct action out = {.node = "host",
                         .subject = a->verb == A_COUNT ? gpu_ids[a->who] : vm_ids[a->who]};

    switch (a->verb) {
    case A_STOP:
        out.verb = VERB_VM_STOP;
        break;
    case A_START:
        out.verb = VERB_VM_START;
        break;
    case A_REMOVE:
        out.verb = VERB_ADAPTER_REMOVE;
        out.object = adapter_id(a->who, a->val & 7, a->val >> 3);
        break;
    case A_ADD:
        out.verb = VERB_ADAPTER_ADD;
        out.value[0] = 1;
        out.pin = gpu_ids[a->val - 1];
        break;
    case A_COUNT:
        out.verb = VERB_GPU_COUNT;
        out.value[0] = a->val;
        break;
    default:
        out.verb = VERB_NONE;
        break;
    }
    return out;
}

static struct image vm_image(int v, uint8_t ad, bool known)
{
    struct image im = {.fields = IMAGE_ADAPTERS, .adapter_count = ad ? 1 : 0};

    im.adapters = arena_new(&arena, struct image_adapter);
    if (ad)
        im.adapters[0] = (struct image_adapter){.id = known ? orig_ids[v][ad - 1] : NULL,
                                                .pin = gpu_ids[ad - 1]};
    return im;
}

static struct group *group_of(const struct store *s)
{
    struct group *g = arena_new(&arena, struct group);

    *g = (struct group){.id = 1,
                        .input = "input",
                        .plan = "p",
                        .peak = 1,
                        .direction = s->dir == BACKWARD ? 1 : 0,
                        .committed = s->committed};
    g->members = arena_array(&arena, struct member, G + V);
    for (int i = 0; i < G; i++)
        if (s->gpus >> i & 1)
            g->members[g->member_count++] =
                (struct member){.kind = SUBJECT_GPU,
                                .node = "host",
                                .id = gpu_ids[i],
                                .name = gpu_ids[i],
                                .marks = s->stuck_g >> i & 1 ? MARK_STUCK : 0,
                                .before = {.fields = IMAGE_COUNT, .count = s->count0[i]},
                                .target = {.fields = IMAGE_COUNT, .count = s->count1[i]}};
    for (int v = 0; v < V; v++)
        if (s->vms >> v & 1)
            g->members[g->member_count++] =
                (struct member){.kind = SUBJECT_VM,
                                .node = "host",
                                .id = vm_ids[v],
                                .name = vm_ids[v],
                                .marks = (uint32_t)((s->stuck_v >> v & 1 ? MARK_STUCK : 0) |
                                                    (s->bare[v] ? MARK_BARE : 0)),
                                .before = vm_image(v, s->ad0[v], true),
                                .target = vm_image(v, s->ad1[v], s->ad1[v] == s->ad0[v]),
                                .waits = s->waits >> v & 1 ? "event" : NULL};
    return g;
}

static const enum debt_phase phases[] = {DEBT_FOUND,    DEBT_STOPPING, DEBT_STOPPED,
                                         DEBT_STARTING, DEBT_PAID,     DEBT_STUCK};

/* A debt that is there after its group. */
static bool outlives(const struct store *s, int v)
{
    return s->phase[v] == P_STUCK || (s->waits >> v & 1);
}

static void add_debt(struct ledger *l, const struct store *s, int v, uint64_t group)
{
    l->debts[l->debt_count++] = (struct debt){.vm = vm_ids[v],
                                              .name = vm_ids[v],
                                              .found_running = s->found[v],
                                              .phase = phases[s->phase[v]],
                                              .stamp_ms = 1000 + s->known[v],
                                              .node = "host",
                                              .boot_ms = BOOT_MS,
                                              .group = group,
                                              .waits = group               ? NULL
                                                       : s->waits >> v & 1 ? "event"
                                                                           : NULL};
}

static struct ledger *ledger_of(const struct st *x)
{
    const struct store *s = &x->s;
    struct ledger *l = arena_new(&arena, struct ledger);

    l->next_group = 2;
    l->debts = arena_array(&arena, struct debt, V);
    l->claims = arena_array(&arena, struct claim, V * G);
    for (int v = 0; v < V; v++) {
        for (int g = 0; g < G && s->ours[v]; g++)
            l->claims[l->claim_count++] = (struct claim){vm_ids[v], our_ids[v][g], NUM_UNKNOWN};
        if (s->dir == CLOSED ? outlives(s, v) : s->vms >> v & 1)
            add_debt(l, s, v, s->dir != CLOSED);
    }
    if (s->dir == CLOSED)
        return l;
    l->groups = group_of(s);
    l->group_count = 1;
    if (s->intent.verb) {
        l->intents = arena_new(&arena, struct intent);
        l->intents[0] = (struct intent){.group = 1,
                                        .action = action_of(&s->intent),
                                        .sent_ms = NOW_MS,
                                        .due_ms = NOW_MS + 1000};
        l->intent_count = 1;
    }
    return l;
}

/* ---- failed tries ---- */

static void add_tried(struct run *r, struct action a, uint8_t times)
{
    if (times)
        *tries(r, 1, &a) = times;
}

static void set_tries(struct run *r, const struct store *s)
{
    for (uint8_t v = 0; v < V; v++) {
        add_tried(r, action_of(&(struct act){A_STOP, v, 0}), s->f_stop[v]);
        add_tried(r, action_of(&(struct act){A_START, v, 0}), s->f_start[v]);
        add_tried(r, action_of(&(struct act){A_REMOVE, v, 1}), s->f_rem[v]);
        for (uint8_t g = 0; g < G; g++)
            add_tried(r, action_of(&(struct act){A_ADD, v, (uint8_t)(g + 1)}), s->f_add[v][g]);
    }
    for (uint8_t g = 0; g < G; g++)
        for (uint8_t c = 0; c < 3; c++)
            add_tried(r, action_of(&(struct act){A_COUNT, g, c}), s->f_cnt[g][c]);
}

static uint32_t times_of(struct run *r, struct act a)
{
    struct action act = action_of(&a);

    return *tries(r, 1, &act);
}

/* ---- comparing ---- */

static void differ(const char *what, const struct st *x, const struct move *m,
                   const struct order *o)
{
    show = true;
    printf("# differs: %s; model: kind %d act %d/%d/%d dir %d; machine: order %d verb %d %s\n",
           what, m->kind, m->act.verb, m->act.who, m->act.val, m->s.dir, o->kind,
           o->kind == ORDER_PERFORM ? (int)o->action.verb : -1,
           o->kind == ORDER_PERFORM ? o->action.subject : "");
    for (size_t i = 0; o->kind == ORDER_RECORD && i < o->commit.change_count; i++)
        printf("#   change op %d\n", o->commit.changes[i].op);
    printf("#   result %d call %d\n", x->r.result, x->r.call.verb);
    dump(x, "state", curW);
    if (m->kind == TXN) {
        struct st y = *x;

        y.s = m->s;
        dump(&y, "model wants", curW);
    }
    fail_msg("the machine and the model differ: %s", what);
}

static bool same_debt(const struct ledger *l, const struct store *s, int v)
{
    const struct debt *d = ledger_debt(l, vm_ids[v]);

    return d && d->phase == phases[s->phase[v]] && d->found_running == (s->found[v] != 0) &&
           d->stamp_ms == 1000 + s->known[v];
}

static bool same_marks(const struct group *g, const struct store *s)
{
    for (size_t i = 0; i < g->member_count; i++) {
        const struct member *m = &g->members[i];

        for (int k = 0; k < G; k++)
            if (m->id == gpu_ids[k] || str_eq(m->id, gpu_ids[k]))
                if (((m->marks & MARK_STUCK) != 0) != (s->stuck_g >> k & 1))
                    return false;
        for (int v = 0; v < V; v++)
            if (str_eq(m->id, vm_ids[v]))
                if (((m->marks & MARK_STUCK) != 0) != (s->stuck_v >> v & 1) ||
                    ((m->marks & MARK_BARE) != 0) != (s->bare[v] != 0))
                    return false;
    }
    return true;
}

static bool same_tries(struct run *r, const struct store *s)
{
    for (uint8_t v = 0; v < V; v++) {
        if (times_of(r, (struct act){A_STOP, v, 0}) != s->f_stop[v] ||
            times_of(r, (struct act){A_START, v, 0}) != s->f_start[v] ||
            times_of(r, (struct act){A_REMOVE, v, 1}) != s->f_rem[v])
            return false;
        for (uint8_t g = 0; g < G; g++)
            if (times_of(r, (struct act){A_ADD, v, (uint8_t)(g + 1)}) != s->f_add[v][g])
                return false;
    }
    return true;
}

static bool has_change(const struct commit *c, enum ledger_op op)
{
    for (size_t i = 0; i < c->change_count; i++)
        if (c->changes[i].op == op)
            return true;
    return false;
}

/* Of members only: the model also looks at the marks of VMs of groups that ended before. */
static bool should_park(const struct store *s)
{
    bool left = s->dir == BACKWARD || s->stuck_v || s->stuck_g;

    for (int v = 0; v < V; v++)
        left |= (s->vms >> v & 1) && (s->bare[v] || s->phase[v] == P_STUCK);
    return left;
}

static const char *compare_close(const struct ledger *l, const struct st *x, const struct move *m,
                                 const struct commit *c)
{
    if (l->group_count || l->intent_count)
        return "the group is not closed";
    /* with an edited spec the model does not park; the product parks the key of the old input */
    if (has_change(c, LEDGER_PARKED) != should_park(&x->s))
        return "parking";
    for (int v = 0; v < V; v++)
        if ((x->s.vms >> v & 1) && (ledger_debt(l, vm_ids[v]) != NULL) != outlives(&m->s, v))
            return "a debt outlives its group, or does not";
    return NULL;
}

static const char *compare_txn(struct run *r, const struct st *x, const struct move *m,
                               const struct commit *c)
{
    struct ledger l;
    const struct group *g;

    ledger_copy(&arena, run_ledger(r), &l);
    ledger_apply(&arena, &l, c);
    if (m->s.dir == CLOSED)
        return compare_close(&l, x, m, c);
    g = l.group_count ? &l.groups[0] : NULL;
    if (!g)
        return "no group is open";
    if ((g->direction == 1) != (m->s.dir == BACKWARD))
        return "direction";
    if (m->s.dir == FWD && g->committed != (m->s.committed != 0))
        return "committed";
    if (!same_marks(g, &m->s))
        return "marks";
    for (int v = 0; v < V; v++) {
        bool ours = ledger_claim(&l, vm_ids[v], our_ids[v][0]) ||
                    ledger_claim(&l, vm_ids[v], our_ids[v][1]);

        if ((m->s.vms >> v & 1) && !same_debt(&l, &m->s, v))
            return "debts";
        /* a claim ends with its adapter; the model keeps the flag, which then means nothing */
        if (x->w.ad[v] && x->w.tag[v] == T_OURS && ours != (m->s.ours[v] != 0))
            return "claims";
    }
    if ((l.intent_count != 0) != (m->s.intent.verb != 0))
        return "intent";
    if (l.intent_count) {
        struct action a = action_of(&m->s.intent);

        if (!action_same(&a, &l.intents[0].action))
            return "another intent";
    }
    if (x->s.dir != CLOSED && !same_tries(r, &m->s))
        return "failed tries";
    return NULL;
}

/* ---- a plan of one group, where the model opens one ---- */

static void plan_of(const struct st *x, const struct move *m, struct plan *plan,
                    struct plan_group *pg)
{
    struct store s = m->s;
    struct group *g = group_of(&s);
    struct steps steps;
    struct ledger owed = {0};
    struct state *have = seen_of(&x->w, NOW_MS);

    for (size_t i = 0; i < g->member_count; i++)
        for (int v = 0; v < V;
             v++) /* what is there at the opening is the before, whoever made it */
            if (str_eq(g->members[i].id, vm_ids[v]) && x->w.ad[v]) {
                g->members[i].before.adapters[0].id = adapter_id(v, x->w.ad[v], x->w.tag[v]);
                if (s.ad1[v] == s.ad0[v])
                    g->members[i].target.adapters[0].id = g->members[i].before.adapters[0].id;
            }
    steps_build(&arena, g, have, &owed, &steps);
    *pg = (struct plan_group){.members = g->members,
                              .member_count = g->member_count,
                              .steps = steps.rows,
                              .step_count = steps.count,
                              .input = "input",
                              .reason = REASON_NONE};
    *plan = (struct plan){.id = "p", .groups = pg, .group_count = 1};
}

/* The plan of an edited spec: everything back as it was, under another name. */
static void another_plan(const struct st *x, struct plan *plan, struct plan_group *pg)
{
    struct group *g = group_of(&x->s);

    for (size_t i = 0; i < g->member_count; i++)
        g->members[i].target = g->members[i].before;
    *pg = (struct plan_group){.members = g->members,
                              .member_count = g->member_count,
                              .input = "another input",
                              .reason = REASON_NONE};
    *plan = (struct plan){.id = "p-other", .groups = pg, .group_count = 1};
}

/* ---- one state ---- */

static struct run *run_of(const struct st *x, const struct plan *plan, int64_t *now)
{
    static const struct run_options options = {
        .run_id = "r", .width = 1, .margin_ms = 1000, .tries = K};
    struct state *have = seen_of(&x->w, NOW_MS);
    struct run *r = run_open(&arena, plan, ledger_of(x), have, &options);

    r->old_debts_read = true;
    set_tries(r, &x->s);
    *now = NOW_MS;
    if (!r->call_count)
        return r;
    struct call *call = &r->calls[0];

    call->looked = true;
    if (x->r.dirty) {
        call->boot = x->r.result == R_NONE || x->r.result == R_BOOT;
    } else if (x->r.result == R_BOOT || x->r.result == R_UNKNOWN) {
        call->boot = x->r.result == R_BOOT;
        *now = FAR_MS; /* the quarantine is over */
    } else if (x->r.result == R_OK || x->r.result == R_FAIL) {
        call->state = CALL_ANSWERED;
        call->done = true;
        call->failed = x->r.result == R_FAIL;
        call->boot = false;
    } else {
        call->state = CALL_READY;
    }
    for (size_t i = 0; i <= r->node_count; i++)
        r->looks[i].last_ms = *now;
    return r;
}

/* The next order that is not a look: looks show the same world. */
static void order_of(struct run *r, const struct st *x, int64_t now, struct order *o)
{
    for (int i = 0; i < 4; i++) {
        struct event e = {.kind = EVENT_SEEN};

        run_next(r, now, o);
        if (o->kind != ORDER_LOOK)
            return;
        e.node = o->node;
        e.seen = seen_of(&x->w, now);
        run_event(r, now, &e);
    }
}

static bool effect_is_seen(const struct st *x)
{
    return x->s.intent.verb && holds(&x->w, x->s.intent);
}

/* A debt that waits for an intent which is no more: the model's, never the machine's. */
static bool left_dangling(const struct store *s)
{
    for (int v = 0; v < V; v++)
        if (s->dir != CLOSED && (s->vms >> v & 1) &&
            (s->phase[v] == P_STOPPING || s->phase[v] == P_STARTING) &&
            !((s->intent.verb == A_STOP || s->intent.verb == A_START) && s->intent.who == v))
            return true;
    return false;
}

/* A person's adapter on a VM that is no member: the model turns, the machine only if it is in the
 * way. */
static bool beside(const struct st *x)
{
    for (int v = 0; v < V; v++)
        if (x->s.dir != CLOSED && !(x->s.vms >> v & 1) && x->w.ad[v] && x->w.tag[v] == T_PERSON)
            return true;
    return false;
}

/* A VM that is left as it is, on a GPU that is still to be cut: the model takes its adapter away
   and leaves the VM without one; the machine leaves the GPU as it is too.  Only after a person's
   act. */
static bool more_careful(const struct st *x)
{
    for (int v = 0; v < V; v++) {
        int g = x->w.ad[v] - 1;

        if (x->s.dir != CLOSED && (x->s.stuck_v >> v & 1) && g >= 0 && (x->s.gpus >> g & 1) &&
            !(x->s.stuck_g >> g & 1) &&
            x->w.count[g] != (x->s.dir == BACKWARD ? x->s.count0[g] : x->s.count1[g]))
            return true;
    }
    return false;
}

static void compare(const struct st *x, const struct wish *W, const struct move *m)
{
    struct plan plan = {.id = "p"};
    struct plan_group pg;
    struct order o;
    struct run *r;
    const char *what;
    int64_t now;

    (void)W;
    arena_reset(&arena);
    if (left_dangling(&x->s)) {
        skipped++; /* a person acted between intent and call: the model thought again, the machine
                      calls */
        return;
    }
    if (beside(x) || (x->person && more_careful(x))) {
        skipped++;
        return;
    }
    if (x->s.intent.verb == A_ADD && x->w.ad[x->s.intent.who] &&
        x->w.tag[x->s.intent.who] == T_PERSON) {
        skipped++; /* a person attached one in the instant of our own: only the model can tell */
        return;
    }
    if (x->s.dir == CLOSED && m->kind == TXN)
        plan_of(x, m, &plan, &pg);
    if (x->s.dir != CLOSED)
        another_plan(x, &plan, &pg); /* the spec was edited: an open group does not mind */
    r = run_of(x, &plan, &now);
    order_of(r, x, now, &o);
    run_close(r);
    compared++;
    switch (m->kind) {
    case IDLE:
        if (o.kind != ORDER_DONE)
            differ("the model is at rest", x, m, &o);
        break;
    case WAIT:
        /* quarantine: until the effect is seen, or due + margin */
        if (o.kind == ORDER_RECORD && !has_change(&o.commit, LEDGER_INTENT_GONE))
            ahead++; /* only the subject of the open intent is in quarantine; the model lets all
                        wait */
        else if (effect_is_seen(x) ? o.kind != ORDER_RECORD : o.kind != ORDER_WAIT)
            differ("the model waits", x, m, &o);
        break;
    case TXN:
        if (r->call_count && r->calls[0].state == CALL_SENT) {
            compared--;
            skipped++; /* a person acted between intent and call: the machine calls, the model
                          thinks again */
            break;
        }
        if (o.kind != ORDER_RECORD)
            differ("the model records", x, m, &o);
        what = compare_txn(r, x, m, &o.commit);
        if (what)
            differ(what, x, m, &o);
        break;
    case PERFORM: {
        struct action a = action_of(&m->act);

        if (o.kind != ORDER_PERFORM || !action_same(&a, &o.action))
            differ("the model performs", x, m, &o);
        break;
    }
    }
}

/* ---- each decision once ---- */

/* Fault sets, spent faults and ghosts change neither what the model decides nor what is compared:
 * the same decision in the same world with the same wish is compared once.  A cache, not a set:
 * when it is half full it starts anew. */
enum { CACHE_ROOM = 1 << 20 };
static uint64_t cache[CACHE_ROOM];
static size_t cache_count;
static unsigned long again;

static uint64_t mix_bytes(uint64_t h, const void *bytes, size_t size)
{
    const unsigned char *p = bytes;

    for (size_t i = 0; i < size; i++)
        h = (h ^ p[i]) * 1099511628211u;
    return h;
}

static bool was_compared(const struct st *x, const struct wish *W)
{
    const unsigned char person = x->person != 0;
    uint64_t h = mix_bytes(14695981039346656037u, &x->w, sizeof x->w);

    h = mix_bytes(mix_bytes(h, &x->s, sizeof x->s), &x->r, sizeof x->r);
    h = mix_bytes(mix_bytes(h, W, sizeof *W), &person, 1);
    if (x->wi)
        h = mix_bytes(h, W2, sizeof *W2);
    h = (h ^ h >> 31) | 1;
    if (cache_count > CACHE_ROOM / 2) {
        memset(cache, 0, sizeof cache);
        cache_count = 0;
    }
    for (size_t at = h % CACHE_ROOM;; at = (at + 1) % CACHE_ROOM) {
        if (cache[at] == h)
            return true;
        if (!cache[at]) {
            cache[at] = h;
            cache_count++;
            return false;
        }
    }
}

static void compare_once(const struct st *x, const struct wish *W, const struct move *m)
{
    if (was_compared(x, W))
        again++;
    else
        compare(x, W, m);
}

/* ---- walks ---- */

static int stride_for(int small, int full)
{
    const char *effort = getenv("HVGPU_EFFORT");

    if (effort && strcmp(effort, "soak") == 0)
        return full < 20 ? 1 : full / 20; /* as the table of protocol.md: all, and every tenth */
    if (effort && strcmp(effort, "mutant") == 0)
        return small * 8 < 4000 ? small * 8 : 4000; /* two worlds at the least */
    return effort && strcmp(effort, "full") == 0 ? full : small;
}

static void hold(const char *name, int faults, int persons, int wishes, int stride)
{
    arena_init(&arena, 0);
    compared = skipped = ahead = again = 0;
    on_decision = compare_once;
    walk(M_NONE, faults, persons, stride, wishes);
    printf(
        "# figure: %s: %lu universes (every %d. world of 8512, x 28 permanent faults), %lu states, "
        "%lu deaths, %lu decisions the same, %lu met again, %lu ahead, %lu in a person's instant\n",
        name, T.configs, stride, T.states, T.crashes, compared, again, ahead, skipped);
    assert_true(compared > 1000);
    assert_int_equal(T.refused + T.half, 0);
    assert_int_equal(T.foreign, 0);  /* law 5 */
    assert_int_equal(T.twice, 0);    /* law 13 */
    assert_int_equal(T.livelock, 0); /* law 14 */
    assert_int_equal(T.unjust, 0);   /* law 15 */
    if (!persons)
        assert_int_equal(T.power + skipped, 0); /* law 7 */
    arena_release(&arena);
}

/* Permanent faults, at most one transient one, any number of deaths: with full effort all. */
static void faults_and_deaths(void **state)
{
    (void)state;
    hold("faults and any number of deaths", 1, 0, 0, stride_for(200, 1));
}

static void the_spec_is_edited(void **state)
{
    (void)state;
    hold("and the spec is edited at any instant", 1, 0, 1, stride_for(1600, 200));
}

static void a_person_acts(void **state)
{
    (void)state;
    hold("and a person acts at any instant", 0, 1, 0, stride_for(1600, 200));
}

/* V9: a VM that lets go of a GPU that leaves stays off with its debt open; then it may want it
 * back. */
static void a_gpu_leaves(void **state)
{
    (void)state;
    lets_go = true;
    hold("and who shall hold none stays off, the spec is edited at any instant", 1, 0, 1,
         stride_for(1600, 200));
    lets_go = false;
}

/* test_lockstep [PATTERN]: only the tests whose names match */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faults_and_deaths),
        cmocka_unit_test(the_spec_is_edited),
        cmocka_unit_test(a_person_acts),
        cmocka_unit_test(a_gpu_leaves),
    };

    if (argc > 1)
        cmocka_set_test_filter(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
