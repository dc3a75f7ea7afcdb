/* Profiles, and a cluster's document laid over them: compose.c.  Private to spec/. */
#ifndef SPEC_COMPOSE_H
#define SPEC_COMPOSE_H

#include "spec/fill.h"
#include "spec/layer.h"

struct profile {
    const char *name; /* NULL: it has none, and is bad */
    struct span at;
    const struct raw_spec *spec; /* NULL: it is bad */
    uint64_t priority;
    bool bad; /* something is wrong in it */
};

struct profiles {
    struct profile *rows; /* by priority, the lowest first; then by name and place */
    size_t count, room;
    struct span lost; /* a file with profiles that cannot be read to its end; file NULL: none */
};

/* So that it does not matter where they were found. */
void profiles_sort(struct profiles *all);
/* `skip: true` with anything beside it; once for each document. */
void check_skips(struct reader *r, const struct raw_spec *spec);
/*
 * What the profiles that apply say, with `own` over it, and every placeholder
 * filled in.  NULL with a finding: a profile is not valid.  Which apply is
 * noted in `applied` (by profile; or NULL) and in `out`.
 */
const struct raw_spec *compose(struct reader *r, const struct profiles *all,
                               const struct raw_document *whose, const struct raw_spec *own,
                               bool *applied, struct spec *out);

/* host_part.c: of what a profile says what a standalone server has. */
const struct raw_spec *host_part(struct reader *r, const struct raw_spec *spec);

/* The rows of `gpus`, `vms`, `pools` and `classes`, which have names. */
struct named_rows {
    enum shape shape;
    const struct said_rows *rows;
    const struct spec_text *names; /* of a table; or NULL */
};
/* False: it is no such field. */
bool named_rows_of(const struct field_row *f, const void *value, struct named_rows *out);
/* What a row is called, compared letter for letter; NULL: it cannot be laid over another. */
const char *name_of_row(struct arena *a, const struct named_rows *rows, size_t i);

/* agree.c: what two profiles of one priority say differently; `second` is the later one. */
void check_agreement(struct reader *r, const struct raw_spec *first, const struct profile *second,
                     const struct raw_spec *spec);

#endif
