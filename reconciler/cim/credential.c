#include "cim/credential.h"

#include "host/host.h"

#include <string.h>

static bool fetch_text(const struct credential_ref *ref, struct credential *c, struct err *e)
{
    const char *value;

    switch (ref->from) {
    case CREDENTIAL_FILE:
        return host_read_private(ref->name, c->text, sizeof c->text, e);
    case CREDENTIAL_STORED:
        return host_stored_credential(ref->name, c->text, sizeof c->text, e);
    default:
        break;
    }
    value = host_env(ref->name);
    if (!value)
        return err_set(e, ERR_DENIED, 0, "the environment has no %s", ref->name);
    if (strlen(value) >= sizeof c->text)
        return err_set(e, ERR_INVALID, 0, "%s is too long for a credential", ref->name);
    memcpy(c->text, value, strlen(value) + 1);
    return true;
}

/* One line; the password may have anything but a line end in it. */
static bool split(struct credential *c)
{
    char *colon = strchr(c->text, ':'), *end = c->text + strcspn(c->text, "\r\n");

    if (end[strspn(end, "\r\n")])
        return false;
    *end = '\0';
    if (!colon || colon == c->text || !colon[1])
        return false;
    *colon = '\0';
    c->user = c->text;
    c->password = colon + 1;
    return true;
}

bool credential_fetch(const struct credential_ref *ref, struct credential *out, struct err *e)
{
    *out = (struct credential){.user = NULL};
    if (ref->from == CREDENTIAL_TOKEN)
        return true;
    if (!fetch_text(ref, out, e)) {
        credential_wipe(out);
        return err_wrap(e, "credentials");
    }
    if (split(out))
        return true;
    credential_wipe(out);
    return err_set(e, ERR_INVALID, 0, "credentials: %s is not one line USER:PASSWORD", ref->name);
}

void credential_wipe(struct credential *c)
{
    host_wipe(c, sizeof *c);
}
