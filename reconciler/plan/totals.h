/* What a gated plan adds up to. */
#ifndef PLAN_TOTALS_H
#define PLAN_TOTALS_H

#include "plan/plan.h"

/* Gives the changes the gate of their groups; fills totals and capacity. */
void totals_fill(struct arena *a, const struct inputs *in, struct plan *plan);

/* The counts alone: of a saved plan whose groups were judged anew (P12). */
void totals_count(struct arena *a, struct plan *plan);

#endif
