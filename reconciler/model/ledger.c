#include "model/ledger.h"

#include "base/str.h"

#include <string.h>

/* ---- deep copies: a ledger shares nothing with the commit that made it ---- */

static const char *copy_text(struct arena *a, const char *s)
{
    return s ? arena_strdup(a, s) : NULL;
}

static void copy_image(struct arena *a, const struct image *from, struct image *out)
{
    *out = *from;
    out->pool = copy_text(a, from->pool);
    out->node = copy_text(a, from->node);
    out->adapters = arena_array(a, struct image_adapter, from->adapter_count + 1);
    for (size_t i = 0; i < from->adapter_count; i++) {
        out->adapters[i] = from->adapters[i];
        out->adapters[i].id = copy_text(a, from->adapters[i].id);
        out->adapters[i].pin = copy_text(a, from->adapters[i].pin);
    }
    out->requests = arena_array(a, struct image_request, from->request_count + 1);
    for (size_t i = 0; i < from->request_count; i++)
        out->requests[i] = (struct image_request){copy_text(a, from->requests[i].id),
                                                  copy_text(a, from->requests[i].pool),
                                                  copy_text(a, from->requests[i].location)};
}

static void copy_member(struct arena *a, const struct member *from, struct member *out)
{
    *out = *from;
    out->node = copy_text(a, from->node);
    out->id = copy_text(a, from->id);
    out->name = copy_text(a, from->name);
    out->waits = copy_text(a, from->waits);
    copy_image(a, &from->before, &out->before);
    copy_image(a, &from->target, &out->target);
}

static struct group copy_group(struct arena *a, const struct group *from)
{
    struct group g = *from;

    g.input = copy_text(a, from->input);
    g.plan = copy_text(a, from->plan);
    g.reason = copy_text(a, from->reason);
    g.members = arena_array(a, struct member, from->member_count + 1);
    for (size_t i = 0; i < from->member_count; i++)
        copy_member(a, &from->members[i], &g.members[i]);
    return g;
}

static struct debt copy_debt(struct arena *a, const struct debt *from)
{
    struct debt d = *from;

    d.vm = copy_text(a, from->vm);
    d.name = copy_text(a, from->name);
    d.node = copy_text(a, from->node);
    d.run = copy_text(a, from->run);
    d.waits = copy_text(a, from->waits);
    return d;
}

static struct intent copy_intent(struct arena *a, const struct intent *from)
{
    struct intent t = *from;
    struct action *c = &t.action;

    c->node = copy_text(a, c->node);
    c->subject = copy_text(a, c->subject);
    c->object = copy_text(a, c->object);
    c->location = copy_text(a, c->location);
    c->pin = copy_text(a, c->pin);
    if (c->limits) {
        struct limits *l = arena_new(a, struct limits);

        *l = *c->limits;
        c->limits = l;
    }
    t.seen_ids = arena_array(a, const char *, from->seen_id_count + 1);
    for (size_t i = 0; i < from->seen_id_count; i++)
        t.seen_ids[i] = copy_text(a, from->seen_ids[i]);
    return t;
}

static struct claim copy_claim(struct arena *a, const struct claim *from)
{
    return (struct claim){copy_text(a, from->vm), copy_text(a, from->object), from->former};
}

static struct parked copy_parked(struct arena *a, const struct parked *from)
{
    return (struct parked){copy_text(a, from->input), copy_text(a, from->why), from->since_ms};
}

static struct announced copy_event(struct arena *a, const struct announced *from)
{
    struct announced e = *from;

    e.id = copy_text(a, from->id);
    return e;
}

static struct recount copy_recount(struct arena *a, const struct recount *from)
{
    return (struct recount){copy_text(a, from->node), from->at_ms};
}

static struct pause copy_pause(struct arena *a, const struct pause *from)
{
    struct pause p = *from;

    p.subject = copy_text(a, p.subject);
    p.reason = copy_text(a, p.reason);
    p.by = copy_text(a, p.by);
    p.over_by = copy_text(a, p.over_by);
    p.over_reason = copy_text(a, p.over_reason);
    return p;
}

void ledger_copy(struct arena *a, const struct ledger *from, struct ledger *out)
{
    *out = *from;
    out->store_id = copy_text(a, from->store_id);
    out->groups = arena_array(a, struct group, from->group_count + 1);
    for (size_t i = 0; i < from->group_count; i++)
        out->groups[i] = copy_group(a, &from->groups[i]);
    out->debts = arena_array(a, struct debt, from->debt_count + 1);
    for (size_t i = 0; i < from->debt_count; i++)
        out->debts[i] = copy_debt(a, &from->debts[i]);
    out->intents = arena_array(a, struct intent, from->intent_count + 1);
    for (size_t i = 0; i < from->intent_count; i++)
        out->intents[i] = copy_intent(a, &from->intents[i]);
    out->claims = arena_array(a, struct claim, from->claim_count + 1);
    for (size_t i = 0; i < from->claim_count; i++)
        out->claims[i] = copy_claim(a, &from->claims[i]);
    out->parked = arena_array(a, struct parked, from->parked_count + 1);
    for (size_t i = 0; i < from->parked_count; i++)
        out->parked[i] = copy_parked(a, &from->parked[i]);
    out->events = arena_array(a, struct announced, from->event_count + 1);
    for (size_t i = 0; i < from->event_count; i++)
        out->events[i] = copy_event(a, &from->events[i]);
    out->recounts = arena_array(a, struct recount, from->recount_count + 1);
    for (size_t i = 0; i < from->recount_count; i++)
        out->recounts[i] = copy_recount(a, &from->recounts[i]);
    out->pauses = arena_array(a, struct pause, from->pause_count + 1);
    for (size_t i = 0; i < from->pause_count; i++)
        out->pauses[i] = copy_pause(a, &from->pauses[i]);
}

/* ---- the order of rows, by key ---- */

static int cmp_group(const void *x, const void *y)
{
    const struct group *a = x, *b = y;

    return (a->id > b->id) - (a->id < b->id);
}

static int cmp_debt(const void *x, const void *y)
{
    return str_cmp(((const struct debt *)x)->vm, ((const struct debt *)y)->vm);
}

static int cmp_intent(const void *x, const void *y)
{
    const struct intent *a = x, *b = y;
    int c = str_cmp(a->action.subject, b->action.subject);

    return c ? c : str_cmp_fold(a->action.node, b->action.node);
}

static int cmp_claim(const void *x, const void *y)
{
    const struct claim *a = x, *b = y;
    int c = str_cmp(a->vm, b->vm);

    return c ? c : str_cmp(a->object, b->object);
}

static int cmp_parked(const void *x, const void *y)
{
    return str_cmp(((const struct parked *)x)->input, ((const struct parked *)y)->input);
}

static int cmp_event(const void *x, const void *y)
{
    const struct announced *a = x, *b = y;
    int c = str_cmp(a->id, b->id);

    return c ? c : (a->by_ms > b->by_ms) - (a->by_ms < b->by_ms);
}

static int cmp_recount(const void *x, const void *y)
{
    return str_cmp(((const struct recount *)x)->node, ((const struct recount *)y)->node);
}

static int cmp_pause(const void *x, const void *y)
{
    return str_cmp(((const struct pause *)x)->subject, ((const struct pause *)y)->subject);
}

/* Inserts `row` at its place, or replaces the one with its key.  Returns its place. */
static void *put(struct arena *a, void **rows, size_t *count, size_t size, const void *row,
                 int (*cmp)(const void *, const void *))
{
    char *p = *rows;
    size_t i = *count;
    int c = -1;

    while (i > 0 && (c = cmp(p + (i - 1) * size, row)) > 0)
        i--;
    if (i > 0 && c == 0)
        return memcpy(p + (i - 1) * size, row, size);
    p = arena_alloc(a, *count + 1, size);
    if (i > 0)
        memcpy(p, *rows, i * size);
    memcpy(p + i * size, row, size);
    if (*count > i)
        memcpy(p + (i + 1) * size, (char *)*rows + i * size, (*count - i) * size);
    *rows = p;
    ++*count;
    return p + i * size;
}

static void drop(void *rows, size_t *count, size_t size, const void *key,
                 int (*cmp)(const void *, const void *))
{
    char *p = rows;

    for (size_t i = 0; i < *count; i++)
        if (cmp(p + i * size, key) == 0) {
            memmove(p + i * size, p + (i + 1) * size, (*count - i - 1) * size);
            --*count;
            return;
        }
}

#define PUT(field, count, row, cmp)                                                                \
    do {                                                                                           \
        void *rows_ = l->field;                                                                    \
        put(a, &rows_, &l->count, sizeof *l->field, &(row), cmp);                                  \
        l->field = rows_;                                                                          \
    } while (0)
#define DROP(field, count, key, cmp) drop(l->field, &l->count, sizeof *l->field, &(key), cmp)

/* A group that is known already keeps its members: only its head changes. */
static void put_group(struct arena *a, struct ledger *l, const struct group *g)
{
    struct group row = copy_group(a, g);
    const struct group *old = ledger_group(l, g->id);

    if (old) {
        row.members = old->members;
        row.member_count = old->member_count;
    }
    PUT(groups, group_count, row, cmp_group);
    if (g->id >= l->next_group)
        l->next_group = g->id + 1;
}

static void put_marks(struct ledger *l, uint64_t group, const struct member *m)
{
    const struct group *g = ledger_group(l, group);

    for (size_t i = 0; g && i < g->member_count; i++) {
        struct member *row = &g->members[i];

        if (row->kind == m->kind && str_same(row->node, m->node) && str_eq(row->id, m->id))
            row->marks = m->marks;
    }
}

static void apply_one(struct arena *a, struct ledger *l, const struct ledger_change *c)
{
    switch (c->op) {
    case LEDGER_GROUP:
        put_group(a, l, &c->group);
        break;
    case LEDGER_GROUP_GONE:
        DROP(groups, group_count, c->group, cmp_group);
        break;
    case LEDGER_MEMBER_MARKS:
        put_marks(l, c->marks.group, &c->marks.member);
        break;
    case LEDGER_DEBT:
        PUT(debts, debt_count, (struct debt[]){copy_debt(a, &c->debt)}[0], cmp_debt);
        break;
    case LEDGER_DEBT_GONE:
        DROP(debts, debt_count, c->debt, cmp_debt);
        break;
    case LEDGER_INTENT:
        PUT(intents, intent_count, (struct intent[]){copy_intent(a, &c->intent)}[0], cmp_intent);
        break;
    case LEDGER_INTENT_GONE:
        DROP(intents, intent_count, c->intent, cmp_intent);
        break;
    case LEDGER_CLAIM:
        PUT(claims, claim_count, (struct claim[]){copy_claim(a, &c->claim)}[0], cmp_claim);
        break;
    case LEDGER_CLAIM_GONE:
        DROP(claims, claim_count, c->claim, cmp_claim);
        break;
    case LEDGER_PARKED:
        PUT(parked, parked_count, (struct parked[]){copy_parked(a, &c->parked)}[0], cmp_parked);
        break;
    case LEDGER_PARKED_GONE:
        DROP(parked, parked_count, c->parked, cmp_parked);
        break;
    case LEDGER_EVENT:
        PUT(events, event_count, (struct announced[]){copy_event(a, &c->event)}[0], cmp_event);
        break;
    case LEDGER_RECOUNT:
        PUT(recounts, recount_count, (struct recount[]){copy_recount(a, &c->recount)}[0],
            cmp_recount);
        break;
    case LEDGER_PAUSE:
        PUT(pauses, pause_count, (struct pause[]){copy_pause(a, &c->pause)}[0], cmp_pause);
        break;
    }
}

void ledger_apply(struct arena *a, struct ledger *l, const struct commit *c)
{
    for (size_t i = 0; i < c->change_count; i++)
        apply_one(a, l, &c->changes[i]);
}

/* ---- look-up ---- */

const struct debt *ledger_debt(const struct ledger *l, const char *vm)
{
    for (size_t i = 0; i < l->debt_count; i++)
        if (str_same(l->debts[i].vm, vm))
            return &l->debts[i];
    return NULL;
}

const struct claim *ledger_claims_of(const struct ledger *l, const char *vm, size_t *count)
{
    size_t lo = 0, hi = l->claim_count;

    while (lo < hi) {
        size_t mid = (lo + hi) / 2;

        if (str_cmp(l->claims[mid].vm, vm) < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    for (*count = 0; lo + *count < l->claim_count && str_eq(l->claims[lo + *count].vm, vm);)
        ++*count;
    return &l->claims[lo];
}

static const char match_word[] = "match ";

/* Patterns are compared without case. */
const char *claim_of_match(struct arena *a, const char *pattern)
{
    char *object = arena_printf(a, "%s%s", match_word, pattern);

    for (char *c = object; *c; c++)
        *c = str_lower(*c);
    return object;
}

bool claim_is_match(const struct claim *c)
{
    return str_starts(c->object, match_word);
}

bool ledger_match(const struct ledger *l, const char *vm, const char *pattern)
{
    size_t count;
    const struct claim *c = ledger_claims_of(l, vm, &count);

    for (size_t i = 0; i < count; i++)
        if (claim_is_match(&c[i]) && str_same(c[i].object + sizeof match_word - 1, pattern))
            return true;
    return false;
}

const struct claim *ledger_claim(const struct ledger *l, const char *vm, const char *object)
{
    for (size_t i = 0; i < l->claim_count; i++)
        if (str_same(l->claims[i].vm, vm) && str_same(l->claims[i].object, object))
            return &l->claims[i];
    return NULL;
}

const struct intent *ledger_intent(const struct ledger *l, const char *node, const char *subject)
{
    for (size_t i = 0; i < l->intent_count; i++) {
        const struct action *a = &l->intents[i].action;

        if (str_same(a->subject, subject) &&
            (verb_rows[a->verb].subject == SUBJECT_VM || str_same(a->node, node)))
            return &l->intents[i];
    }
    return NULL;
}

const struct group *ledger_group(const struct ledger *l, uint64_t id)
{
    for (size_t i = 0; i < l->group_count; i++)
        if (l->groups[i].id == id)
            return &l->groups[i];
    return NULL;
}

bool ledger_parked(const struct ledger *l, const char *input)
{
    for (size_t i = 0; i < l->parked_count; i++)
        if (str_eq(l->parked[i].input, input))
            return true;
    return false;
}

const struct announced *ledger_event(const struct ledger *l, const char *id, int64_t by_ms)
{
    for (size_t i = 0; i < l->event_count; i++)
        if (str_eq(l->events[i].id, id) && l->events[i].by_ms == by_ms)
            return &l->events[i];
    return NULL;
}

bool pause_holds(const struct pause *p, int64_t now_ms)
{
    return p->over_ms == WHEN_NONE && (p->until_ms == WHEN_NONE || now_ms < p->until_ms);
}

bool debt_is_off(const struct debt *d)
{
    return d->found_running && !d->declared &&
           (d->phase == DEBT_STOPPED || d->phase == DEBT_STARTING || d->phase == DEBT_STUCK);
}

bool ledger_waits(const struct ledger *l, const struct debt *d)
{
    bool over = false;

    for (size_t i = 0; d->waits && i < l->event_count; i++)
        over |= str_eq(l->events[i].id, d->waits) && l->events[i].over_ms != WHEN_NONE;
    return d->waits && !over;
}

/* ---- what became of an intent ---- */

static bool seen_before(const struct intent *t, const char *id)
{
    for (size_t i = 0; i < t->seen_id_count; i++)
        if (str_same(t->seen_ids[i], id))
            return true;
    return false;
}

const char *intent_made(const struct intent *t, const struct state *have)
{
    uint32_t i = state_vm(have, t->action.subject);
    const struct vm *vm = i == NO_INDEX ? NULL : &have->vms[i];

    for (size_t k = 0; vm && t->action.verb == VERB_ADAPTER_ADD && k < vm->adapter_count; k++)
        if (!vm->adapters[k].of_checkpoint && !seen_before(t, vm->adapters[k].id))
            return vm->adapters[k].id;
    for (size_t k = 0; vm && t->action.verb == VERB_REQUEST_ADD && k < vm->request_count; k++)
        if (!vm->requests[k].of_checkpoint && !seen_before(t, vm->requests[k].id))
            return vm->requests[k].id;
    return NULL;
}

bool intent_holds(const struct intent *t, const struct state *have)
{
    if (t->action.verb == VERB_ADAPTER_ADD || t->action.verb == VERB_REQUEST_ADD)
        return intent_made(t, have) != NULL;
    return action_holds(&t->action, have);
}
