/*
 * An action's confirming field as text, for plan files, history and people:
 * what is seen of it in a state, what it shall be, and how a group that is
 * put back undoes it.
 */
#ifndef CODEC_EFFECT_H
#define CODEC_EFFECT_H

#include "model/action.h"

const char *effect_seen(struct arena *a, const struct action *action, const struct state *have);
const char *effect_wanted(struct arena *a, const struct action *action);
const char *effect_undo(struct arena *a, const struct action *action, const struct state *have);

#endif
