/* Who signs in, where it is another user than the one who runs this. */
#include "cim/cim_com_windows.h"

#include "host/host.h"

#include <stdlib.h>
#include <wchar.h>

static bool wide(const char *s, wchar_t *out, int room)
{
    return MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, s, -1, out, room) > 0;
}

/* DOMAIN\user in two parts; user@domain is a user whose name tells its domain. */
static void split(struct com_identity *i)
{
    wchar_t *slash = wcschr(i->whole, L'\\');

    if (slash && slash - i->whole < (ptrdiff_t)(sizeof i->domain / sizeof *i->domain) - 1) {
        wmemcpy(i->domain, i->whole, (size_t)(slash - i->whole));
        wcsncpy(i->user, slash + 1, sizeof i->user / sizeof *i->user - 1);
    } else {
        wcsncpy(i->user, i->whole, sizeof i->user / sizeof *i->user - 1);
    }
}

static void fill(COAUTHIDENTITY *auth, struct com_identity *i)
{
    *auth = (COAUTHIDENTITY){.User = (USHORT *)i->user,
                             .UserLength = (ULONG)wcslen(i->user),
                             .Domain = (USHORT *)i->domain,
                             .DomainLength = (ULONG)wcslen(i->domain),
                             .Password = (USHORT *)i->password,
                             .PasswordLength = (ULONG)wcslen(i->password),
                             .Flags = SEC_WINNT_AUTH_IDENTITY_UNICODE};
}

bool com_identity_fetch(const struct credential_ref *ref, struct com_identity **out, struct err *e)
{
    struct credential found;
    struct com_identity *i;
    bool good;

    *out = NULL;
    if (!credential_fetch(ref, &found, e))
        return false;
    if (!found.user)
        return true;
    i = calloc(1, sizeof *i);
    if (!i)
        abort(); /* the machine has no memory: as the arena */
    good = wide(found.user, i->whole, sizeof i->whole / sizeof *i->whole) &&
           wide(found.password, i->password, sizeof i->password / sizeof *i->password);
    credential_wipe(&found);
    if (!good) {
        com_identity_free(i);
        return err_set(e, ERR_INVALID, 0,
                       "credentials: user or password are too long, or not "
                       "UTF-8");
    }
    split(i);
    fill(&i->auth, i);
    *out = i;
    return true;
}

void com_identity_free(struct com_identity *identity)
{
    if (!identity)
        return;
    host_wipe(identity, sizeof *identity);
    free(identity);
}
