/*
 * For the tests of store/: random commits over a few keys, so that every row
 * is made, replaced and removed many times; equality of ledgers; a folder that
 * goes away again.
 */
#ifndef TESTS_STORE_GEN_H
#define TESTS_STORE_GEN_H

#include "base/str.h"
#include "model/ledger.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- chance, from a seed that is printed (splitmix64) ---- */

struct chance {
    uint64_t state;
};

static inline uint64_t any64(struct chance *c)
{
    uint64_t z = c->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline uint32_t below(struct chance *c, uint32_t n)
{
    return (uint32_t)(any64(c) % n);
}

static inline bool flip(struct chance *c)
{
    return below(c, 2) != 0;
}

/* Values at the edges, and in between. */
static inline uint64_t some_u64(struct chance *c)
{
    static const uint64_t EDGES[] = {0, 1, UINT64_MAX, INT64_MAX, (uint64_t)INT64_MAX + 1, 16};

    return flip(c) ? EDGES[below(c, 6)] : any64(c);
}

static inline int64_t some_i64(struct chance *c)
{
    static const int64_t EDGES[] = {0, -1, INT64_MAX, INT64_MIN, 1763600000000};

    return flip(c) ? EDGES[below(c, 5)] : (int64_t)any64(c);
}

static inline struct num some_num(struct chance *c)
{
    return flip(c) ? NUM(some_u64(c)) : NUM_UNKNOWN;
}

static inline const char *some_text(struct chance *c)
{
    static const char *const TEXTS[] = {NULL,
                                        "",
                                        "a",
                                        "PCI\\VEN_10DE&DEV_25B6\\4&18416DC3&0&0000",
                                        "it's \"quoted\"; DROP TABLE debt",
                                        "B\xc3\xbc"
                                        "ro ~ ? 5:x ",
                                        "line\nbreak\ttab",
                                        "\xff\xfe no UTF-8",
                                        "PCIROOT(16)#PCI(0200)#PCI(0000)"};

    return TEXTS[below(c, 9)];
}

static inline const char *some_key(struct chance *c)
{
    static const char *const KEYS[] = {"vm-1",        "VM-1", "vm-10", "vm-2",
                                       "B\xc3\xbcro", "",     "~",     "a b"};

    return KEYS[below(c, 8)];
}

static inline const char *some_node(struct chance *c)
{
    static const char *const NODES[] = {"hv1", "HV1", "hv2", "Hv1"};

    return NODES[below(c, 4)];
}

static inline struct limits some_limits(struct chance *c)
{
    struct limits l;

    for (int i = 0; i < QUOTA_KINDS; i++) {
        l.min[i] = some_num(c);
        l.max[i] = some_num(c);
        l.optimal[i] = some_num(c);
    }
    return l;
}

static inline struct vm_settings some_settings(struct chance *c)
{
    return (struct vm_settings){.stop_action = (enum stop_action)below(c, 4),
                                .dynamic_memory = (enum tri)below(c, 3),
                                .memory_startup_mib = some_num(c),
                                .memory_min_mib = some_num(c),
                                .memory_max_mib = some_num(c),
                                .mmio_low_mib = some_num(c),
                                .mmio_high_mib = some_num(c),
                                .mmio_base_mib = some_num(c),
                                .cache_types = (enum tri)below(c, 3),
                                .checkpoints = (enum checkpoints)below(c, 5),
                                .auto_checkpoints = (enum tri)below(c, 3)};
}

static inline struct image some_image(struct chance *c, struct arena *a)
{
    struct image i = {.fields = (uint32_t)any64(c),
                      .adapter_count = below(c, 4),
                      .request_count = below(c, 4),
                      .offline_action = some_u64(c),
                      .settings = some_settings(c),
                      .count = some_u64(c),
                      .place = (enum gpu_state)below(c, 8),
                      .pool = some_text(c),
                      .present = flip(c),
                      .force = flip(c),
                      .node = some_text(c),
                      .live = flip(c)};

    i.adapters = arena_array(a, struct image_adapter, i.adapter_count + 1);
    for (size_t k = 0; k < i.adapter_count; k++)
        i.adapters[k] = (struct image_adapter){some_text(c), some_text(c), some_limits(c)};
    i.requests = arena_array(a, struct image_request, i.request_count + 1);
    for (size_t k = 0; k < i.request_count; k++)
        i.requests[k] = (struct image_request){some_text(c), some_text(c), some_text(c)};
    return i;
}

static inline struct member some_member(struct chance *c, struct arena *a)
{
    return (struct member){.kind = (enum subject_kind)below(c, 5),
                           .node = some_node(c),
                           .id = some_key(c),
                           .name = some_text(c),
                           .marks = (uint32_t)any64(c),
                           .before = some_image(c, a),
                           .target = some_image(c, a),
                           .stop_then = (enum stop_how)below(c, 3),
                           .stop_deadline_ms = some_i64(c),
                           .run_after = flip(c),
                           .off_after = flip(c),
                           .size_bytes = some_u64(c),
                           .waits = some_text(c)};
}

static inline struct group some_group(struct chance *c, struct arena *a)
{
    struct group g = {.id = 1 + below(c, 6),
                      .input = some_text(c),
                      .plan = some_text(c),
                      .direction = (enum direction)below(c, 2),
                      .committed = flip(c),
                      .opened_ms = some_i64(c),
                      .reason = some_text(c),
                      .peak = (uint32_t)any64(c),
                      .member_count = below(c, 4)};

    g.members = arena_array(a, struct member, g.member_count + 1);
    for (size_t i = 0; i < g.member_count; i++)
        g.members[i] = some_member(c, a);
    return g;
}

static inline struct debt some_debt(struct chance *c)
{
    return (struct debt){.vm = some_key(c),
                         .name = some_text(c),
                         .found_running = flip(c),
                         .declared = flip(c),
                         .phase = (enum debt_phase)below(c, 6),
                         .stamp_ms = some_i64(c),
                         .node = some_text(c),
                         .boot_ms = some_i64(c),
                         .since_ms = some_i64(c),
                         .run = some_text(c),
                         .group = some_u64(c),
                         .waits = some_text(c)};
}

static inline struct intent some_intent(struct chance *c, struct arena *a)
{
    struct intent t = {.group = some_u64(c),
                       .action = {.verb = (enum verb)below(c, VERB_NONE),
                                  .node = some_node(c),
                                  .subject = some_key(c),
                                  .object = some_text(c),
                                  .location = some_text(c),
                                  .pin = some_text(c),
                                  .value = {some_u64(c), some_u64(c), some_u64(c)},
                                  .deadline_ms = some_i64(c)},
                       .sent_ms = some_i64(c),
                       .due_ms = some_i64(c),
                       .seen_id_count = below(c, 4)};

    if (flip(c)) {
        struct limits *l = arena_new(a, struct limits);

        *l = some_limits(c);
        t.action.limits = l;
    }
    t.seen_ids = arena_array(a, const char *, t.seen_id_count + 1);
    for (size_t i = 0; i < t.seen_id_count; i++)
        t.seen_ids[i] = some_text(c);
    return t;
}

static inline struct ledger_change some_change(struct chance *c, struct arena *a)
{
    struct ledger_change x = {.op = (enum ledger_op)below(c, LEDGER_PAUSE + 1)};

    switch (x.op) {
    case LEDGER_GROUP:
    case LEDGER_GROUP_GONE:
        x.group = some_group(c, a);
        break;
    case LEDGER_MEMBER_MARKS:
        x.marks.group = 1 + below(c, 6);
        x.marks.member = some_member(c, a);
        break;
    case LEDGER_DEBT:
    case LEDGER_DEBT_GONE:
        x.debt = some_debt(c);
        break;
    case LEDGER_INTENT:
    case LEDGER_INTENT_GONE:
        x.intent = some_intent(c, a);
        break;
    case LEDGER_CLAIM:
    case LEDGER_CLAIM_GONE:
        x.claim = (struct claim){some_key(c), some_key(c), some_num(c)};
        break;
    case LEDGER_PARKED:
    case LEDGER_PARKED_GONE:
        x.parked = (struct parked){some_key(c), some_text(c), some_i64(c)};
        break;
    case LEDGER_EVENT:
        x.event = (struct announced){some_key(c), (int64_t)below(c, 3), some_i64(c), some_i64(c)};
        break;
    case LEDGER_RECOUNT:
        x.recount = (struct recount){some_key(c), some_i64(c)};
        break;
    case LEDGER_PAUSE:
        x.pause = (struct pause){some_key(c), some_text(c), some_text(c), some_i64(c),
                                 some_i64(c), some_i64(c),  some_text(c), some_text(c)};
        break;
    default:
        break;
    }
    return x;
}

static inline struct commit some_commit(struct chance *c, struct arena *a, size_t changes)
{
    struct commit x = {.kind = (enum commit_kind)below(c, COMMIT_NOTE + 1), .sync = flip(c)};

    for (size_t i = 0; i < changes; i++)
        *arena_push(a, x.changes, x.change_count, x.room) = some_change(c, a);
    return x;
}

/* ---- equality, field by field ---- */

static inline bool same_nums(const struct num *a, const struct num *b)
{
    for (int i = 0; i < QUOTA_KINDS; i++)
        if (!num_eq(a[i], b[i]))
            return false;
    return true;
}

static inline bool same_limits(const struct limits *a, const struct limits *b)
{
    if (!a || !b)
        return a == b;
    return same_nums(a->min, b->min) && same_nums(a->max, b->max) &&
           same_nums(a->optimal, b->optimal);
}

static inline bool same_settings(const struct vm_settings *a, const struct vm_settings *b)
{
    return a->stop_action == b->stop_action && a->dynamic_memory == b->dynamic_memory &&
           num_eq(a->memory_startup_mib, b->memory_startup_mib) &&
           num_eq(a->memory_min_mib, b->memory_min_mib) &&
           num_eq(a->memory_max_mib, b->memory_max_mib) &&
           num_eq(a->mmio_low_mib, b->mmio_low_mib) && num_eq(a->mmio_high_mib, b->mmio_high_mib) &&
           num_eq(a->mmio_base_mib, b->mmio_base_mib) && a->cache_types == b->cache_types &&
           a->checkpoints == b->checkpoints && a->auto_checkpoints == b->auto_checkpoints;
}

static inline bool same_image(const struct image *a, const struct image *b)
{
    bool same = a->fields == b->fields && a->adapter_count == b->adapter_count &&
                a->request_count == b->request_count && a->offline_action == b->offline_action &&
                same_settings(&a->settings, &b->settings) && a->count == b->count &&
                a->place == b->place && str_eq(a->pool, b->pool) && a->present == b->present &&
                a->force == b->force && str_eq(a->node, b->node) && a->live == b->live;

    for (size_t i = 0; same && i < a->adapter_count; i++)
        same = str_eq(a->adapters[i].id, b->adapters[i].id) &&
               str_eq(a->adapters[i].pin, b->adapters[i].pin) &&
               same_limits(&a->adapters[i].limits, &b->adapters[i].limits);
    for (size_t i = 0; same && i < a->request_count; i++)
        same = str_eq(a->requests[i].id, b->requests[i].id) &&
               str_eq(a->requests[i].pool, b->requests[i].pool) &&
               str_eq(a->requests[i].location, b->requests[i].location);
    return same;
}

static inline bool same_member(const struct member *a, const struct member *b)
{
    return a->kind == b->kind && str_eq(a->node, b->node) && str_eq(a->id, b->id) &&
           str_eq(a->name, b->name) && a->marks == b->marks && same_image(&a->before, &b->before) &&
           same_image(&a->target, &b->target) && a->stop_then == b->stop_then &&
           a->stop_deadline_ms == b->stop_deadline_ms && a->run_after == b->run_after &&
           a->off_after == b->off_after && a->size_bytes == b->size_bytes &&
           str_eq(a->waits, b->waits);
}

static inline bool same_group(const struct group *a, const struct group *b)
{
    bool same = a->id == b->id && str_eq(a->input, b->input) && str_eq(a->plan, b->plan) &&
                a->direction == b->direction && a->committed == b->committed &&
                a->opened_ms == b->opened_ms && str_eq(a->reason, b->reason) &&
                a->peak == b->peak && a->member_count == b->member_count;

    for (size_t i = 0; same && i < a->member_count; i++)
        same = same_member(&a->members[i], &b->members[i]);
    return same;
}

static inline bool same_debt(const struct debt *a, const struct debt *b)
{
    return str_eq(a->vm, b->vm) && str_eq(a->name, b->name) &&
           a->found_running == b->found_running && a->declared == b->declared &&
           a->phase == b->phase && a->stamp_ms == b->stamp_ms && str_eq(a->node, b->node) &&
           a->boot_ms == b->boot_ms && a->since_ms == b->since_ms && str_eq(a->run, b->run) &&
           a->group == b->group && str_eq(a->waits, b->waits);
}

static inline bool same_intent(const struct intent *a, const struct intent *b)
{
    const struct action *x = &a->action, *y = &b->action;
    bool same = a->group == b->group && x->verb == y->verb && str_eq(x->node, y->node) &&
                str_eq(x->subject, y->subject) && str_eq(x->object, y->object) &&
                str_eq(x->location, y->location) && str_eq(x->pin, y->pin) &&
                memcmp(x->value, y->value, sizeof x->value) == 0 &&
                x->deadline_ms == y->deadline_ms && same_limits(x->limits, y->limits) &&
                a->sent_ms == b->sent_ms && a->due_ms == b->due_ms &&
                a->seen_id_count == b->seen_id_count;

    for (size_t i = 0; same && i < a->seen_id_count; i++)
        same = str_eq(a->seen_ids[i], b->seen_ids[i]);
    return same;
}

/* Everything but store_id and epoch, which belong to the store. */
static inline bool same_ledger(const struct ledger *a, const struct ledger *b)
{
    bool same = a->next_group == b->next_group && a->group_count == b->group_count &&
                a->debt_count == b->debt_count && a->intent_count == b->intent_count &&
                a->claim_count == b->claim_count && a->parked_count == b->parked_count &&
                a->event_count == b->event_count && a->recount_count == b->recount_count &&
                a->pause_count == b->pause_count;

    for (size_t i = 0; same && i < a->group_count; i++)
        same = same_group(&a->groups[i], &b->groups[i]);
    for (size_t i = 0; same && i < a->debt_count; i++)
        same = same_debt(&a->debts[i], &b->debts[i]);
    for (size_t i = 0; same && i < a->intent_count; i++)
        same = same_intent(&a->intents[i], &b->intents[i]);
    for (size_t i = 0; same && i < a->claim_count; i++)
        same = str_eq(a->claims[i].vm, b->claims[i].vm) &&
               str_eq(a->claims[i].object, b->claims[i].object) &&
               num_eq(a->claims[i].former, b->claims[i].former);
    for (size_t i = 0; same && i < a->parked_count; i++)
        same = str_eq(a->parked[i].input, b->parked[i].input) &&
               str_eq(a->parked[i].why, b->parked[i].why) &&
               a->parked[i].since_ms == b->parked[i].since_ms;
    for (size_t i = 0; same && i < a->event_count; i++)
        same = str_eq(a->events[i].id, b->events[i].id) &&
               a->events[i].by_ms == b->events[i].by_ms &&
               a->events[i].since_ms == b->events[i].since_ms &&
               a->events[i].over_ms == b->events[i].over_ms;
    for (size_t i = 0; same && i < a->recount_count; i++)
        same = str_eq(a->recounts[i].node, b->recounts[i].node) &&
               a->recounts[i].at_ms == b->recounts[i].at_ms;
    for (size_t i = 0; same && i < a->pause_count; i++)
        same = str_eq(a->pauses[i].subject, b->pauses[i].subject) &&
               str_eq(a->pauses[i].reason, b->pauses[i].reason) &&
               str_eq(a->pauses[i].by, b->pauses[i].by) &&
               a->pauses[i].since_ms == b->pauses[i].since_ms &&
               a->pauses[i].until_ms == b->pauses[i].until_ms &&
               a->pauses[i].over_ms == b->pauses[i].over_ms &&
               str_eq(a->pauses[i].over_by, b->pauses[i].over_by) &&
               str_eq(a->pauses[i].over_reason, b->pauses[i].over_reason);
    return same;
}

/* ---- a folder of our own ---- */

static inline const char *make_folder(char path[64])
{
    const char *tmp = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

    snprintf(path, 64, "%s/hvgpu-test-XXXXXX", tmp);
    if (!mkdtemp(path)) {
        perror(path);
        abort();
    }
    return path;
}

static inline int remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static inline void remove_folder(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
