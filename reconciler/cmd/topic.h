/*
 * What the tables say of a name: a key of the spec, a reason or finding code, a
 * drift class, a rule, an exit code, a verb of the plan.  One name can be
 * several things (`not-homogeneous` is three).
 */
#ifndef CMD_TOPIC_H
#define CMD_TOPIC_H

#include "report/report.h"

#include <stdbool.h>
#include <stddef.h>

struct fact {
    const char *key, *text;
};

struct topic {
    const char *kind; /* "reason code" */
    const char *name, *title;
    struct fact facts[12];
    size_t count;
};

struct topics {
    struct arena *arena;
    struct topic *rows;
    size_t count, room;
    const char **near; /* what could have been meant when there is none */
    size_t near_count, near_room;
};

void topics_init(struct topics *t, struct arena *a);
/* Adds what is called so; false: nothing is, and `near` says what could be meant. */
bool topics_find(struct topics *t, const char *name);
const char *topics_text(struct arena *a, const struct topics *t, const struct style *style);
const char *topics_json(struct arena *a, const struct topics *t);

#endif
