/*
 * Another program, run for what it prints.  Its arguments are a vector: no
 * shell reads them.  It has no input, and its errors go nowhere.
 */
#ifndef LOOP_CHILD_H
#define LOOP_CHILD_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

/*
 * At most `room` bytes of what argv[0] (looked up as a shell would) prints; it is ended when it
 * prints more, which is no error, and after `deadline_ms`, which is one (ERR_TIMEOUT).  False
 * also when it could not be started, or ended with another code than 0 (ERR_IO).  `argv` ends
 * in NULL.  May be called from any thread.
 */
bool child_run(const char *const *argv, int64_t deadline_ms, char *out, size_t room, size_t *size,
               struct err *e) MUST_CHECK;

#endif
