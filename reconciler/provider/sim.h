/*
 * The simulated world as a provider: an eye, and a hand once it is claimed.
 *
 * Its file, its clock and its hanging calls are lasting/lasting.h.  Once
 * another store took it over, nothing is written, and every call of the hand
 * is ERR_LOCKED.
 */
#ifndef PROVIDER_SIM_H
#define PROVIDER_SIM_H

#include "base/finding.h"
#include "provider/provider.h"

#include <stddef.h>

struct facts;

/*
 * `path` names the file in places, and is where a lasting world is written.
 * False: findings say why, or `e` does.  close() ends it; a call that hangs in
 * another thread then returns, and the last one leaving frees everything but
 * `facts`, which is the caller's.
 */
bool sim_open(const struct facts *facts, const char *path, const char *text, size_t size,
              bool lasting, struct eye **out, struct findings *found, struct err *e) MUST_CHECK;

/* What FAULT_DIE calls, after the effect is written; NULL: the process ends at once. */
void sim_on_die(void (*hook)(void));

struct world;
/* The world behind an eye of sim_open(), for tests. */
struct world *sim_world(struct eye *eye);

#endif
