/*
 * Data that ages ("facts"): known cards, what the vendors list as supported,
 * the branches of their drivers.  Every row has a date and a source; what is
 * compiled in is reconciler/data/, and a file of the user's replaces list by list
 * (specs/data.md).  Nothing here decides: the host's truth wins (E4).
 */
#ifndef MODEL_FACTS_H
#define MODEL_FACTS_H

#include "base/limits.h"
#include "model/state.h"

struct card_count { /* what a partition gets at one count */
    uint16_t count;
    struct num quota[QUOTA_KINDS];
    bool synthetic; /* not public: made up, and said to be */
};

struct card {
    const char *name; /* "NVIDIA A2" */
    const char *pci, *subsystem;
    bool is_gpu;
    bool paravirtual;
    struct num total[QUOTA_KINDS];
    bool total_synthetic;
    struct card_count counts[LIMIT_COUNTS]; /* falling */
    size_t count_count;
    struct num mmio_low_mib, mmio_high_mib;
    enum tri mitigation_driver;
    const char *date, *source; /* when and where the values were read */
};

enum listed_use { LISTED_PARTITION, LISTED_DEVICE, LISTED_USES };

struct listed {
    const char *name; /* a GPU's model or a guest system; what begins with it is meant too */
    enum tri use[LISTED_USES];
    const char *date, *source;
};

/* One list with the date of its newest row; NULL when it is empty. */
struct listed_rows {
    const struct listed *rows;
    size_t count;
    const char *date;
};

struct driver_branch {
    const char *vendor; /* "10de" */
    uint32_t number;    /* the first number of its first version: 580 */
    const char *name;   /* "R580, vGPU 19" */
    const char *date, *source;
};

struct facts {
    const struct card *cards;
    size_t card_count;
    struct listed_rows gpus, guests;
    const struct driver_branch *branches; /* by vendor, then number */
    size_t branch_count;
    const char *branch_date; /* of the newest row */
};

/* The row whose name `name` is, or begins with; the longest such one, or NULL. */
const struct listed *listed_find(const struct listed_rows *list, const char *name);
/* Does the list name anything at all for this use?  One that does not is silent about it. */
bool listed_covers(const struct listed_rows *list, enum listed_use use);
/* The card of these ids, or NULL; and what it is called. */
const struct card *facts_card(const struct facts *f, const char *pci, const char *subsystem);
const char *facts_card_name(const struct facts *f, const char *pci, const char *subsystem);

enum { BRANCH_UNKNOWN = -2, BRANCH_BEFORE_FIRST = -1 };
/* The place of a driver's branch among those of its vendor ("10de:25b6" or "10de"). */
int facts_branch(const struct facts *f, const char *vendor, const char *version,
                 const struct driver_branch **row);

#endif
