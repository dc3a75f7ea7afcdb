/* What a plan relies on, as it was seen: data that codec gathers and keeps, and report renders. */
#ifndef PLAN_READS_H
#define PLAN_READS_H

#include <stddef.h>

/* One field of an object, as text: "power" "running". */
struct read_field {
    const char *name, *value;
};

/* One object that the plan's steps rely on, with what was seen of it. */
struct read_object {
    const char *subject; /* "vm/<id>", "gpu/<node>/<path>", "node/<name>", "pool/<node>/<name>" */
    const char *label;   /* for people */
    const char *digest;  /* of the fields */
    struct read_field *fields;
    size_t field_count;
};

#endif
