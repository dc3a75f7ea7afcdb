/* What the *_posix.c files share; nobody else includes it. */
#ifndef HOST_INNER_POSIX_H
#define HOST_INNER_POSIX_H

#include "base/err.h"

#include <stddef.h>

/*
 * "cannot <what> <path>: <why>; <what to do>", kind ERR_IO, native = the
 * errno.  Always false, so that `return posix_fail(...)` reads well.
 */
bool posix_fail(struct err *e, int number, const char *what, const char *path);

/* All of it, over EINTR and short writes; false with errno set. */
bool posix_write_all(int fd, const char *data, size_t size);

#endif
