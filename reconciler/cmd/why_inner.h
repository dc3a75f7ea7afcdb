/* What the files behind why_gather() share.  Nobody else includes this. */
#ifndef CMD_WHY_INNER_H
#define CMD_WHY_INNER_H

#include "cmd/why.h"
#include "model/knowing.h"

/* Which one: an index into have, or NO_INDEX where it is declared and not there. */
struct why_subject {
    enum subject_kind kind;
    const char *name;
    uint32_t index; /* of have.vms, have.gpus or have.nodes; a pool has none */
};

void why_fact(struct why *w, struct why_fact **rows, size_t *count, size_t *room, const char *key,
              const char *text);
#define WHY_SEEN(w, key, text)                                                                     \
    why_fact((w), &(w)->seen, &(w)->seen_count, &(w)->seen_room, (key), (text))
#define WHY_OWED(w, key, text)                                                                     \
    why_fact((w), &(w)->owed, &(w)->owed_count, &(w)->owed_room, (key), (text))

/* Is a thing of this kind, name, id and node the subject, or on it? */
bool why_is_member(const struct why_subject *s, const struct state *have, enum subject_kind kind,
                   const char *id, const char *name, const char *node);

/* What a rule speaks against, whatever is declared. */
void why_knows(struct why *w, const struct why_subject *s, const struct state *have,
               const struct known *known, size_t count);
void why_seen(struct why *w, const struct why_subject *s, const struct state *have);
void why_past(struct why *w, const struct why_subject *s, struct fleet_item *item, size_t limit);

#endif
