/*
 * The rules of the domain as specs/rules.md has them, for `explain`.  The page
 * is their home; the table is made of it (contrib/rules.awk, decision 030).
 */
#ifndef MODEL_RULE_H
#define MODEL_RULE_H

#include <stdbool.h>
#include <stddef.h>

struct rule_row {
    const char *id;     /* "C5" */
    const char *title;  /* "Size is read, not computed" */
    const char *text;   /* facts and policy */
    const char *source; /* where the fact comes from; "" for a policy */
    const char *violation;
    bool kept; /* false: known, numbered, and not built yet */
};
extern const struct rule_row rule_rows[];
extern const size_t rule_row_count;

#endif
