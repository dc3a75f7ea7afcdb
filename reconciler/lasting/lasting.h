/*
 * A simulated world that lasts: its file, its clock, and calls that hang.
 * Whoever shows it to the program (provider/sim, cim/cim_sim) stands on this.
 *
 * A lasting world lives in its file: it is read once, and every effect (also
 * one that lands by itself) is written back whole and atomically, so that
 * another process agrees.  What is written rests on what was read in the same
 * turn with the file.  Looking writes nothing.  A copy in memory has no file.
 * With speed 0 waiting is a jump in time, with speed N the world's clock runs
 * N times as fast as the real one.
 */
#ifndef LASTING_LASTING_H
#define LASTING_LASTING_H

#include "base/finding.h"
#include "host/host.h"
#include "sim/world.h"

struct lasting {
    struct arena arena; /* of the world, and of who shows it; only under the mutex */
    struct world world;
    bool writes; /* somebody may act, so that what lands is written */
    /* Whose record the world must have for that; NULL: no matter. */
    const char *store;
    uint64_t epoch;

    /* its own */
    const struct facts *facts;
    struct host_mutex *mutex;
    const char *path; /* NULL: a copy in memory */
    char *text;       /* the file as it was read or written last */
    size_t size;
    bool reload; /* memory is ahead of the file, which could not be written */
    bool closed;
    unsigned blocked;          /* threads inside a call that hangs */
    int64_t world_ms, real_ms; /* where both clocks stood when this one was set */
};

/*
 * `path` names the file in places, and is where it is written if it `lasts`.
 * False: findings say why, or `e` does.
 */
bool lasting_open(const struct facts *facts, const char *path, const char *text, size_t size,
                  bool lasts, struct lasting **out, struct findings *found,
                  struct err *e) MUST_CHECK;
/* Calls that hang in other threads return; the last one that leaves frees everything but `facts`.
 */
void lasting_close(struct lasting *l);

/* Alone with the world.  Everything below is called so. */
void lasting_enter(struct lasting *l);
void lasting_leave(struct lasting *l);

/* The world as of now; what landed meanwhile is written, if it is ours to write. */
void lasting_tick(struct lasting *l);
int64_t lasting_now_ms(struct lasting *l);                    /* enters and leaves by itself */
int64_t lasting_wait_ms(struct lasting *l, int64_t until_ms); /* so does this */

/*
 * Alone with the file too, and with what stands there, until host_turn_end():
 * what is written rests on it, and nobody's effect is written over.
 */
bool lasting_turn(struct lasting *l, struct host_turn **turn, struct err *e) MUST_CHECK;
/* In a turn: the world as of now; it will be written anyway. */
void lasting_catch_up(struct lasting *l);
/* In a turn: writes it, if somebody may act at all. */
bool lasting_put_out(struct lasting *l, struct err *e) MUST_CHECK;
/* In a turn: what stands in the file is the world. */
bool lasting_take_in(struct lasting *l, struct err *e) MUST_CHECK;
bool lasting_is_ours(const struct lasting *l);

/* Never returns before lasting_close(); it has left then, and `l` may be gone.  False. */
bool lasting_hang(struct lasting *l, struct err *e);

/* FAULT_DIE, after the effect is written: calls the hook, or ends the process at once. */
void lasting_die(void);
void lasting_on_die(void (*hook)(void));

#endif
