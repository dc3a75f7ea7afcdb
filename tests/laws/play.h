/*
 * The whole pipeline in one process, driven by a page of code instead of the
 * loop: a spec, a simulated world, a ledger in memory.  Who dies when, and
 * which call goes wrong, is an argument.  The laws and the fault sweep stand
 * on it.
 */
#ifndef TESTS_LAWS_PLAY_H
#define TESTS_LAWS_PLAY_H

#include "apply/run.h"
#include "plan/plan.h"
#include "sim/world.h"
#include "spec/spec.h"

struct play {
    struct arena keep; /* spec, world, ledger: lives through deaths */
    struct spec spec;
    struct world world;
    struct ledger ledger; /* what is on disk */
    struct ledger lazy;   /* with what rides with the next commit: lost in a death */
    uint32_t width;
    /* traced over the whole life */
    uint64_t performs, commits, looks, refused, deaths;
    char refusal[200];  /* the last one */
    uint32_t most_off;  /* VMs off at once because of us */
    const char *broken; /* a law that was broken on the way; NULL */
};

/* What goes wrong; zero: nothing. */
struct mishap {
    int64_t die_at_order; /* the n-th order, from 1: the process dies before it is carried out */
    bool die_after;       /* ... after it is carried out, its event is lost */
    int64_t fault_at;     /* the n-th effect, from 1, goes wrong as `fault` says */
    enum fault_kind fault;
    int64_t lose_store_at; /* the n-th commit fails, and all after it */
    uint64_t signals_at;   /* Ctrl-C at the n-th order; twice at the next */
};

enum play_end { PLAY_RESTED, PLAY_DIED, PLAY_ENDLESS };

struct pass_result {
    enum play_end end;
    struct outcome outcome;
    struct plan plan; /* as it was made, in the pass's arena: do not keep */
    size_t orders, effects, commits;
};

/* From texts; false (with a message on stderr) when one is not accepted. */
bool play_open(struct play *p, const char *spec_file, const char *spec, const char *world_file,
               const char *world);
void play_close(struct play *p);
/* A copy that shares nothing. */
void play_copy(const struct play *from, struct play *out);

/* One pass: look, plan, act.  `arena` is reset by the caller. */
void play_pass(struct play *p, struct arena *arena, const struct permission *word,
               const struct mishap *mishap, struct pass_result *out);
/* Looks and plans only. */
void play_plan(struct play *p, struct arena *arena, const struct permission *word,
               struct plan *plan, struct state *have);

#endif
