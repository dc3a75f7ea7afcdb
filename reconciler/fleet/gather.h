/*
 * Parts for a document about all clusters of a run: copied out of a pass when
 * its turn comes, so that they stand in the order of the specs.
 */
#ifndef FLEET_GATHER_H
#define FLEET_GATHER_H

#include "fleet/fleet.h"

/* What the verb left of this cluster, or why it left nothing; `second`: another one has its name.
 */
void gather_item(const struct fleet_item *item, const char *second, enum exit_code exit,
                 struct fleet_totals *totals);
/* A file whose reading had something to say; `part` NULL: it had not. */
void gather_file(const struct fleet_options *options, const struct cluster_part *part,
                 struct fleet_totals *totals);

#endif
