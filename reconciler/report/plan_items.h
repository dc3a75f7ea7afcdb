/*
 * A plan as lines: which subject stands in which section, with what.  The same
 * change on many subjects becomes one item; the text is made of these items,
 * and the totals below it are counted from them.
 */
#ifndef REPORT_PLAN_ITEMS_H
#define REPORT_PLAN_ITEMS_H

#include "report/page.h"

enum section_kind {
    SECTION_OWED,      /* debts, before anything else */
    SECTION_QUIET,     /* runs now, interrupts nothing */
    SECTION_INTERRUPT, /* runs now, stops running VMs */
    SECTION_HELD,
    SECTION_ROLLOUT, /* held by a rollout: told with the times of its nodes (rollout_text.c) */
    SECTION_BLOCKED,
    SECTION_DETECT, /* seen only: manage: detect */
    SECTION_BY_HAND,
    SECTION_EXPECTED, /* known, until a date */
    SECTION_WARNING,
    SECTION_NOTE,
    SECTIONS
};

struct item {
    char sign;
    const char *kind; /* "vm", "gpu", "pool", "node", "" */
    const char **names;
    size_t name_count, name_room;
    const char *what; /* "partitions  16 -> 4" */
    const char *rule; /* with `at`: the right-hand end; NULL: nothing stands there */
    struct span at;
    uint32_t last_line, lines; /* where names of several rows of the spec are folded; 0: one */
    const char *detail;        /* under it: a size, what comes with it; NULL */
    const char *below;         /* sentences shared by equal neighbours; NULL */
    const char *release;
    bool before; /* it would be there without the change that the plan is held against (--base) */
    const char *code, *why; /* why it waits or is blocked, apart: `below` is both; NULL */
    int64_t off_at_most_ms; /* of `!`; 0: until an event is over, or not said */
};

struct section {
    struct item *rows;
    size_t count, room;
    struct map index;             /* of what can be folded */
    struct map vms, gpus, others; /* distinct subjects that its lines name */
    size_t interrupts;            /* names on `!` lines */
    size_t moves;                 /* names on `>` lines */
    size_t before;                /* rows, at the end, that would be there without the change */
};

struct plan_items {
    struct section sections[SECTIONS];
    const char **next_stop; /* VMs with advised settings that wait for a stop */
    size_t next_stop_count, next_stop_room;
};

void plan_items(struct arena *a, const struct plan *plan, const struct state *have, bool all,
                struct plan_items *out);
/* "C2 spec.yaml:12", "V3 spec.yaml:10..25". */
const char *item_right(struct arena *a, const struct item *item);
/* The event that a VM of the group stays off for (V9), or NULL. */
const char *item_waits_for(const struct plan_group *g, const char *vm);
/* Its lines; below what waits stands what releases it, behind `released`. */
void plan_section_rows(struct page *p, const struct section *s, const char *released);
/* + - ~ > x, as a line of a plan has it. */
char plan_change_sign(const struct change *c, enum gate gate);
/* The names of an item: ranges, at most in natural order. */
const char *item_names(struct arena *a, const struct item *item);

/* leaving_text.c: GPUs that leave (V9), above the sections; and what holds when they have run. */
void leaving_head(struct page *p, const struct plan *plan);
void leaving_after(struct page *p, const struct plan *plan);

/* rollout_text.c (P10): behind the cluster's name, " in 3 windows" or ""; and below the sections.
 */
const char *rollout_title(struct arena *a, const struct plan *plan);
/* When the next of those that are held begins; WHEN_NONE: none is. */
int64_t rollout_next(const struct plan *plan);
void rollout_text(struct page *p, const struct plan *plan, const struct section *held, bool all);

#endif
