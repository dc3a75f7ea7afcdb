/*
 * Which commit a spec is of, and whether it was changed since: asked of git,
 * where there is a repository.  Nothing depends on it but what is told.
 */
#ifndef FLEET_REVISION_H
#define FLEET_REVISION_H

#include "fleet/fleet.h"

/*
 * What `git status --porcelain=v2 --branch` says of some files.  False: it
 * names no commit.  Only the first bytes of it need be there.
 */
bool revision_parse(struct arena *a, const char *text, size_t size, struct revision *out);
/* Of the item's spec and the files beside it; fills item->spec->revision. */
void revision_find(struct fleet_item *item);

/* Who wrote the spec, by git: author and committer of the last commit of each of its files (P12).
 */
void revision_authors(struct fleet_item *item);
/* What `git log --format=%an%n%ae%n%cn%n%ce` says, beside those that are there already. */
void revision_authors_parse(struct arena *a, const char *text, size_t size, struct revision *out);

#endif
