/*
 * Why a subject is as it is: what is declared and by whom, what is seen, what
 * differs, what holds it, what was done to it.  Gathered from one pass
 * (why.c), said as text or JSON (why_doc.c).
 */
#ifndef CMD_WHY_H
#define CMD_WHY_H

#include "codec/json.h"
#include "fleet/fleet.h"

struct why_fact {
    const char *key, *text;
};

/* A difference, or a problem where `want` is NULL. */
struct why_row {
    const char *subject; /* "vm/cam-1" */
    const char *field;   /* or the code of a problem */
    const char *have, *want;
    const char *grade; /* declared, required, advised */
    const char *state; /* "runs now", "held: CODE", "blocked: CODE", "at its next stop" */
    const char *since; /* drift class, where the past is known; or NULL */
    const char *text, *release;
    const char *rule;
    struct span at;
};

struct why_step {
    size_t group; /* from 1, as plan --all counts */
    const char *text, *rule;
};

/* A group of the plan that it is part of. */
struct why_group {
    size_t number;
    enum gate gate;
    const char *code, *rule, *why, *release;
    const char *with; /* who else is in it; "" */
    size_t steps;
    int64_t off_at_most_ms; /* of VMs that it stops; 0: it stops none */
};

struct why {
    struct arena *arena;
    enum subject_kind kind;
    uint32_t index; /* of have.vms, have.gpus or have.nodes; NO_INDEX: it has none there */
    const char *subject, *name;
    const char *cluster, *node; /* node NULL: none */
    int64_t observed_ms;
    const char *declared_note; /* where nothing is declared: why not */
    const struct spec_said *declared;
    size_t declared_count;
    struct span row_at; /* of the row that takes it */
    struct why_fact *seen;
    size_t seen_count, seen_room;
    bool differs_known;       /* there is a plan to tell */
    const char *differs_note; /* of what is told of elsewhere; or NULL */
    struct why_row *rows;
    size_t row_count, row_room;
    struct why_group *groups;
    size_t group_count, group_room;
    struct why_step *steps; /* its own */
    size_t step_count, step_room;
    struct why_fact *owed;
    size_t owed_count, owed_room;
    struct history_step *actions; /* newest first */
    size_t action_count, action_room;
    const char *no_actions; /* why there are none */
};

/* Every subject of the item's cluster that `set` names; `limit` actions of each; `all` defaults. */
void why_gather(struct fleet_item *item, const struct subject_set *set, size_t limit, bool all,
                struct why **out, size_t *count);
const char *why_text(struct arena *a, const struct why *w, const struct style *style);
void why_json(struct json *j, const struct why *w);

#endif
