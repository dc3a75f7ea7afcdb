/*
 * Who signs in to a host: the current token, or a user and password that are
 * *referred to* and fetched when a connection is made.  They are in no spec,
 * log, plan, recording or history: this struct is all that ever holds them.
 */
#ifndef CIM_CREDENTIAL_H
#define CIM_CREDENTIAL_H

#include "base/err.h"

#include <stddef.h>

enum credential_from {
    CREDENTIAL_TOKEN,  /* the user who runs this */
    CREDENTIAL_ENV,    /* an environment variable */
    CREDENTIAL_FILE,   /* a file that only its owner can read */
    CREDENTIAL_STORED, /* the Windows Credential Manager, a generic credential */
};

struct credential_ref {
    enum credential_from from;
    const char *name; /* of the variable, file or target */
};

enum { CREDENTIAL_ROOM = 2048 }; /* bytes of user and password with what is between */

/* "USER:PASSWORD", cut at the first colon: no user name of Windows has one. */
struct credential {
    char text[CREDENTIAL_ROOM];
    const char *user, *password; /* in `text`; both NULL: the current token */
};

/* What is wrong is said without anything of what was read. */
bool credential_fetch(const struct credential_ref *ref, struct credential *out,
                      struct err *e) MUST_CHECK;
void credential_wipe(struct credential *c);

#endif
