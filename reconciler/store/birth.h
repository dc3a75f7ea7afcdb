/*
 * A ledger comes into the world whole: made in memory, written beside its
 * place, synced, and renamed.  No death leaves half of one.
 */
#ifndef STORE_BIRTH_H
#define STORE_BIRTH_H

#include "base/err.h"

bool birth_write(const char *path, const char *identity, int64_t now_ms, struct err *e) MUST_CHECK;

#endif
