/* The read set of a plan: the objects that its running steps rely on. */
#ifndef CODEC_PLANFILE_READS_H
#define CODEC_PLANFILE_READS_H

#include "codec/planfile.h"

struct reads {
    struct read_object *rows;
    size_t count, room;
};

/* By subject.  Only groups that run now count, or would once they are approved (P12): nothing else
 * is carried out. */
void reads_of_plan(struct arena *a, const struct plan *plan, const struct state *have,
                   struct reads *out);
/* The fields of the object `subject` as they are now; false when it is not there. */
struct reads_look; /* what is the same for all objects of one state */
struct reads_look *reads_look(struct arena *a, const struct state *have);
bool reads_object(struct reads_look *look, const char *subject, struct read_object *out);
const char *reads_digest(struct arena *a, const struct read_object *o);

#endif
