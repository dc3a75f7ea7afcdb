/*
 * How a function says that it failed: it returns false and fills the caller's
 * `struct err`, which is untouched on success.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/printf_like.h"

#include <stdbool.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))

/* What the caller can do about it; the only thing that code may branch on. */
enum err_kind {
    ERR_NONE,
    ERR_USAGE,       /* the command line: exit 64 */
    ERR_INVALID,     /* a document is wrong; a person must edit it: exit 65 */
    ERR_UNSEEN,      /* too much of the world could not be seen: exit 69 */
    ERR_STALE,       /* the world moved, or a plan was used: exit 6 */
    ERR_LOCKED,      /* somebody else is at work: exit 10 */
    ERR_DENIED,      /* not permitted */
    ERR_UNSUPPORTED, /* this host or provider cannot */
    ERR_REFUSED,     /* the platform said no; nothing was done */
    ERR_BUSY,        /* try the same again, later */
    ERR_TIMEOUT,     /* outcome unknown: look before anything else */
    ERR_IO,          /* our own files, store or pipe */
    ERR_BUG          /* ours: exit 1 */
};

/*
 * Owned by the caller, no allocation.  `text` reads from the outside in:
 * "attach a partition to build-07: AddResourceSettings: access denied".
 */
struct err {
    enum err_kind kind;
    int64_t native; /* HRESULT, WMI ReturnValue, errno or sqlite code; 0: none */
    char text[480];
};

/* Both return false, so that `return err_set(...)` reads well. */
bool err_set(struct err *e, enum err_kind kind, int64_t native, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
/* Puts "prefix: " before what is there. */
bool err_wrap(struct err *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
