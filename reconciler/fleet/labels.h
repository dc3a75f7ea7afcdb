/* Which clusters are meant, by metadata.labels: ring=canary,country!=no */
#ifndef FLEET_LABELS_H
#define FLEET_LABELS_H

#include "spec/spec.h"

struct label_term {
    const char *key;
    const char *value; /* NULL: that there is such a label will do */
    bool is_not;
};

struct label_terms {
    struct label_term *rows; /* all of them must hold */
    size_t count, room;
};

/* Adds the terms of one list; ERR_USAGE. */
bool labels_read(struct arena *a, const char *text, struct label_terms *out,
                 struct err *e) MUST_CHECK;
/* A cluster without the label has another value than any. */
bool labels_fit(const struct label_terms *terms, const struct spec *spec);

#endif
