/*
 * The cluster's property list in bytes (CLUSPROP_LIST, failover-cluster 7), read
 * as strictly as a cluster reads it.
 */
#ifndef CIM_CIM_SIM_LIST_H
#define CIM_CIM_SIM_LIST_H

#include "base/arena.h"
#include "base/num.h"
#include "cim/value.h"

/* A value is a number (DWORD) or a text (SZ). */
struct sim_list_row {
    const char *name;
    struct num number;
    const char *text; /* NULL: it is a number */
};
struct sim_list {
    struct sim_list_row *rows;
    size_t count;
};

/* False: it is no property list; nothing in it is to be believed. */
bool sim_list_parse(struct arena *a, const uint64_t *bytes, size_t count, struct sim_list *out);
/* UTF-16, little-endian, with its NUL; NULL: it is none. */
const char *sim_utf16(struct arena *a, const uint64_t *bytes, size_t count);
/* NULL: not in the list.  Names compare without case. */
const struct sim_list_row *sim_list_row(const struct sim_list *list, const char *name);

#endif
