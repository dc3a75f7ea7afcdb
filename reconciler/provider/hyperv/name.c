/* Names as both sides compare them. */
#include "provider/hyperv/see.h"

const char *hv_guid(struct arena *a, const char *s)
{
    size_t n = strlen(s);
    char *out;

    if (n >= 2 && s[0] == '{' && s[n - 1] == '}') {
        s++;
        n -= 2;
    }
    out = arena_strndup(a, s, n);
    for (char *c = out; *c; c++)
        *c = str_lower(*c);
    return out;
}

static const char maker[] = "Microsoft:";

/* Behind "Microsoft:"; NULL: it does not begin so. */
static const char *behind_maker(const char *id)
{
    return id && str_starts_fold(id, maker) ? id + sizeof maker - 1 : NULL;
}

const char *hv_owner_part(struct arena *a, const char *instance_id)
{
    const char *at = behind_maker(instance_id);

    return at && *at ? hv_guid(a, arena_strndup(a, at, strcspn(at, "\\"))) : NULL;
}

const char *hv_device_part(struct arena *a, const char *instance_id)
{
    const char *at = behind_maker(instance_id);

    at = at ? strchr(at, '\\') : NULL;
    return at && at[1] ? hv_guid(a, arena_strndup(a, at + 1, strcspn(at + 1, "\\"))) : NULL;
}

const char *hv_device_path(struct arena *a, const char *path)
{
    const char *key = NULL;

    if (strstr(path, "=\"")) { /* an object path: the device is in its key */
        key = cim_path_key(a, path, "Name");
        if (!key)
            key = cim_path_key(a, path, "DeviceID");
    }
    return path_normal(a, key ? key : path);
}

/* ---- ids of PCI ---- */

/* `n` hex digits behind `key`, lower case; NULL: they are not there. */
static const char *hex_behind(struct arena *a, const char *path, const char *key, size_t from,
                              size_t n)
{
    const char *at = path;
    char *out;

    while (*at && !str_starts_fold(at, key))
        at++;
    if (!*at)
        return NULL;
    at += strlen(key);
    if (strspn(at, "0123456789abcdefABCDEF") < from + n)
        return NULL;
    out = arena_strndup(a, at + from, n);
    for (char *c = out; *c; c++)
        *c = str_lower(*c);
    return out;
}

static const char *id_pair(struct arena *a, const char *vendor, const char *device)
{
    return vendor && device ? arena_printf(a, "%s:%s", vendor, device) : NULL;
}

const char *hv_pci(struct arena *a, const char *path)
{
    return id_pair(a, hex_behind(a, path, "VEN_", 0, 4), hex_behind(a, path, "DEV_", 0, 4));
}

const char *hv_subsystem(struct arena *a, const char *path)
{
    return id_pair(a, hex_behind(a, path, "SUBSYS_", 4, 4), hex_behind(a, path, "SUBSYS_", 0, 4));
}

const char *hv_device_id(struct arena *a, const char *path)
{
    return path ? cim_path_key(a, path, "DeviceID") : NULL;
}

/* ---- times ---- */

static bool digits(const char *s, size_t n, int64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < n; i++) {
        if (s[i] < '0' || s[i] > '9')
            return false;
        *out = *out * 10 + (s[i] - '0');
    }
    return true;
}

int64_t hv_time(const char *t)
{
    int64_t year, month, day, hour, minute, second, micros, offset;

    if (!t || strlen(t) != 25 || t[14] != '.' || (t[21] != '+' && t[21] != '-'))
        return WHEN_NONE;
    if (!digits(t, 4, &year) || !digits(t + 4, 2, &month) || !digits(t + 6, 2, &day) ||
        !digits(t + 8, 2, &hour) || !digits(t + 10, 2, &minute) || !digits(t + 12, 2, &second) ||
        !digits(t + 15, 6, &micros) || !digits(t + 22, 3, &offset))
        return WHEN_NONE;
    if (year < 1601 || month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
        second > 60)
        return WHEN_NONE;
    if (t[21] == '-')
        offset = -offset;
    return ((day_number(year, (unsigned)month, (unsigned)day) * 24 + hour) * 60 + minute - offset) *
               60000 +
           second * 1000 + micros / 1000;
}
