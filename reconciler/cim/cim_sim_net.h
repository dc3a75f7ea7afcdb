/* The net and its sessions, as cim_sim.c and the calls share them. */
#ifndef CIM_CIM_SIM_NET_H
#define CIM_CIM_SIM_NET_H

#include "cim/cim_sim_inner.h"

/* A call that was accepted: Msvm_ConcreteJob. */
struct sim_job {
    uint32_t number;
    const char *host;
    struct action effect;
    int64_t lands_ms; /* of its job in the world; WHEN_NONE: power, which takes its own time */
    int64_t over_ms;  /* when it was seen to be over; WHEN_NONE: it goes on */
    uint16_t state;   /* JobState, as of the last look */
};

struct sim_net {
    struct cim_net net;
    struct lasting *world;
    unsigned hands;
    /* An eye whose call hangs may be closed after the net: the last of them frees this. */
    struct host_mutex *mutex; /* of the two below; taken before the world's */
    bool ended;
    unsigned users; /* the net itself, and each eye */
    struct sim_job *jobs;
    size_t job_count, job_room;
    uint32_t jobs_made;
};

/* A connection with one node and namespace; it does not outlive the node's boot. */
struct sim_session {
    struct cim_eye eye;
    struct cim_hand hand;
    struct sim_net *owner;
    const char *node;
    int64_t boot_ms;
    bool broken, acts;
};

/* Alone with the world and its file, as of now.  False: it has left again. */
bool sim_begin(struct sim_session *s, uint32_t *at, struct host_turn **turn,
               struct err *e) MUST_CHECK;
struct shown sim_question(struct sim_session *s, struct arena *a, uint32_t at);

/* A copy for who asked; false: the memory of `a` ended.  Whoever is inside leaves first, then goes
 * on with arena_leave(). */
bool sim_tell(struct arena *a, const struct cim_object *o, struct cim_object **out) MUST_CHECK;

void sim_net_leave(struct sim_net *n);

/* cim_sim_call.c */
bool sim_hand(struct cim_eye *eye, struct cim_hand **out, struct err *e);
void sim_close_eye(struct cim_eye *eye);

#endif
