/*
 * One call to a host, as a job of a lane: what it needs and what it answers,
 * in memory of its own, since a call that hangs outlives everything else.
 */
#ifndef APPLY_DRIVE_CALL_H
#define APPLY_DRIVE_CALL_H

#include "provider/provider.h"

enum call_kind { CALL_PERFORM, CALL_LOOK };

struct host_call {
    void *owner; /* for the loop thread; the lane does not touch it */
    enum call_kind kind;
    uint32_t node; /* CALL_LOOK */
    struct eye *eye;
    struct hand *hand;
    struct arena arena; /* of this call: action, seen */
    struct action action;
    struct receipt receipt;
    struct state seen;
    struct err err; /* kind ERR_NONE: it went well */
};

struct host_call *call_perform(struct hand *hand, const struct action *action);
struct host_call *call_look(struct eye *eye, uint32_t node);
/* lane_work: makes the call. */
void call_make(void *call);
/* lane_left, and for who has it back. */
void call_free(void *call);

#endif
