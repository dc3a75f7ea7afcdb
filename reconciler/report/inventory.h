/* Parts of an inventory that more than one report shows. */
#ifndef REPORT_INVENTORY_H
#define REPORT_INVENTORY_H

#include "model/knowing.h"
#include "report/holders.h"
#include "report/page.h"

/* The table of GPUs, or the sentence that there is none (E5). */
void page_inventory(struct page *p, const struct holders *h);
/*
 * Of many findings with one code the first few, and how many more, unless `all`.  `why`: the
 * command that tells of a subject; behind the first finding about a VM stands how to see it
 * without us.  NULL: that is not told.
 */
void page_knowing(struct page *p, const struct known *rows, size_t count, bool all,
                  const char *why);

#endif
