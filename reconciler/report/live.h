/*
 * A run while it goes on: a line that stays for each group, and the block at a
 * terminal that is drawn again and again.  What moves the cursor is
 * fleet/screen.c.
 */
#ifndef REPORT_LIVE_H
#define REPORT_LIVE_H

#include "apply/view.h"
#include "report/report.h"

/* "hv-1/gpu0 count 16 -> 4", "cam-2 partitions 0 -> 1" */
const char *report_group_title(struct arena *a, const struct group_view *v);
/*
 * That a group begins, is put back or has ended.  `cluster`: for a log, where
 * lines of many clusters stand side by side; NULL: for a terminal.
 */
const char *report_group_line(struct arena *a, const struct group_view *v, int64_t now_ms,
                              const char *cluster, const struct style *style);
/* Groups that ended without being begun; "" where there are none. */
const char *report_unbegun(struct arena *a, const struct group_view *groups, size_t count,
                           const char *cluster, const struct style *style);
/*
 * The block: a line for each open group and one for all of them, each with its
 * line end.  No line is wider than `columns` or REPORT_WIDTH, and with the line
 * below them there are at most `rows`; "" where there is no room for any.
 */
const char *report_live(struct arena *a, const struct run_view *v, int64_t now_ms, size_t columns,
                        size_t rows, const struct style *style);

#endif
