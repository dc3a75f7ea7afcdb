/* What two plans differ in, as a document: `plan diff -o json`, `plan covers -o json`. */
#ifndef CODEC_DELTAFILE_H
#define CODEC_DELTAFILE_H

#include "plan/delta.h"

const char *delta_write(struct arena *a, const struct delta *delta);
const char *delta_schema(struct arena *a);

#endif
