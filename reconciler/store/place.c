/* Where the ledger of a world lies, and who is at work there. */
#include "store/inner.h"

#include "base/str.h"
#include "base/when.h"
#include "host/host.h"

#include <inttypes.h>
#include <string.h>

enum { READABLE = 48 };

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

/* FNV-1a.  Two identities of one name are told apart by meta.identity, not by this. */
static uint64_t hash_of(const char *s)
{
    uint64_t h = 0xcbf29ce484222325u;

    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 0x100000001b3u;
    return h;
}

/*
 * The hash keeps apart what folding to lower case, replacing and cutting made
 * equal; it also makes sure that the name is none that an operating system
 * reserves ("con", "..").
 */
const char *place_name(struct arena *a, const char *identity)
{
    char readable[READABLE + 1];
    size_t n = 0;

    for (const char *s = identity; *s && n < READABLE; s++) {
        char c = str_lower(*s);

        if (!is_plain(c) || (n == 0 && c == '.'))
            c = '_';
        readable[n++] = c;
    }
    readable[n] = '\0';
    return arena_printf(a, "%s-%016" PRIx64, readable, hash_of(identity));
}

const char *place_note(struct arena *a, int64_t now_ms)
{
    return arena_printf(a, "process %" PRId64 " on %s since %s", host_pid(), host_name(a),
                        when_iso(a, now_ms));
}

bool store_places(struct arena *a, const char *folder, const char ***out, size_t *count,
                  struct err *e)
{
    const char **names;
    size_t n;

    *count = 0;
    if (!host_list_names(a, folder, &names, &n, e))
        return false;
    for (size_t i = 0; i < n; i++)
        if (host_exists(host_join(a, host_join(a, folder, names[i]), "ledger.db")))
            names[(*count)++] = names[i];
    *out = names;
    return true;
}
