/*
 * One pass on one screen: look, then act.  Start reading at reconcile.c.
 *
 * reconcile_look() computes and changes nothing; reconcile_act() carries out
 * the plan that was shown.  plan, drift and assert stop after the first; apply
 * and the service go on to the second.  There is no dry-run flag, because
 * there is nothing to switch off.
 */
#ifndef RECONCILE_H
#define RECONCILE_H

#include "apply/drive.h"
#include "provider/provider.h"
#include "spec/spec.h"
#include "store/store.h"

struct pass {
    struct arena *arena; /* everything below lives and dies with it */
    const struct spec *spec;
    const char **specs; /* where it was read, as named: for the head of the plan */
    size_t spec_count;
    const struct facts *facts; /* data that ages; NULL: none */
    struct eye *eye;
    struct store *store;
    const struct state *past; /* after the last good apply; NULL: not known */
    bool seen;                /* `have` is fresh: do not look again */
    struct state have;
    struct ledger owed;
    struct paused *paused; /* of `owed`, not over (P11) */
    size_t paused_count;
    struct target want;
    struct diff diff;
    struct asides asides;
    struct plan plan;       /* built and gated */
    struct outcome outcome; /* after reconcile_act() */
};

/* Looks at the world, and nothing else. */
bool reconcile_see(struct pass *p, struct err *e) MUST_CHECK;
/* Fills `paused` from `owed`. */
bool pass_paused(struct pass *p, struct err *e) MUST_CHECK;
bool reconcile_look(struct pass *p, const struct permission *word, struct err *e) MUST_CHECK;
bool reconcile_act(struct pass *p, struct hand *hand, const struct drive_options *options,
                   struct err *e) MUST_CHECK;
/*
 * Finishes the groups that a run which died left open, in their stored
 * direction to their stored image, before anything is planned (protocol.md 4).
 * Nothing is open: does nothing, and says so in outcome.resumed.
 */
bool reconcile_recover(struct pass *p, struct hand *hand, const struct drive_options *options,
                       struct err *e) MUST_CHECK;
/* The plan that another declaration makes of the same look; after reconcile_look(). */
void reconcile_before(const struct pass *p, const struct spec *spec, const struct permission *word,
                      struct plan *plan);
/*
 * The same declaration held against another state, with nothing owed but the
 * claims of `owed` (NULL: none): what would have to be done there.  For drift,
 * and for what export may say.
 */
void reconcile_against(struct arena *a, const struct spec *spec, const struct facts *facts,
                       const struct state *have, const struct ledger *owed, struct target *want,
                       struct plan *plan);

#endif
