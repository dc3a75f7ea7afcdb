/*
 * The words of enums in the ledger's columns, by value.  Words, so that a row
 * can be read by a person, and so that a new row of verbs.def changes nothing.
 */
#ifndef STORE_WORDS_H
#define STORE_WORDS_H

#include "model/ledger.h"

static const char *const KIND_WORDS[] = {"cluster", "node", "gpu", "pool", "vm"};
static const char *const DIRECTION_WORDS[] = {"forward", "back"};
static const char *const STOP_WORDS[] = {"guest", "forced", "turnOff"};
static const char *const PHASE_WORDS[] = {"found",    "stopping", "stopped",
                                          "starting", "paid",     "stuck"};

enum {
    KINDS = SUBJECT_VM + 1,
    DIRECTIONS = BACK + 1,
    STOPS = STOP_TURN_OFF + 1,
    PHASES = DEBT_STUCK + 1
};

_Static_assert(sizeof KIND_WORDS / sizeof *KIND_WORDS == KINDS, "a word for each");
_Static_assert(sizeof DIRECTION_WORDS / sizeof *DIRECTION_WORDS == DIRECTIONS, "a word for each");
_Static_assert(sizeof STOP_WORDS / sizeof *STOP_WORDS == STOPS, "a word for each");
_Static_assert(sizeof PHASE_WORDS / sizeof *PHASE_WORDS == PHASES, "a word for each");

#endif
