/* A run of the history as text and as a document (kind: Run) that `show` reads again. */
#ifndef CMD_RUN_DOC_H
#define CMD_RUN_DOC_H

#include "base/finding.h"
#include "report/report.h"
#include "store/history.h"

const char *run_list_text(struct arena *a, const struct history_run *runs, size_t count);
const char *run_list_json(struct arena *a, const struct history_run *runs, size_t count);
const char *run_text(struct arena *a, const struct history_run *run,
                     const struct history_step *steps, size_t count);
const char *run_json(struct arena *a, const struct history_run *run,
                     const struct history_step *steps, size_t count);
bool run_read(struct arena *a, const char *file, const char *text, size_t size,
              struct history_run *run, struct history_step **steps, size_t *count,
              struct findings *found) MUST_CHECK;

#endif
