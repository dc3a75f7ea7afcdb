/* Names as both sides compare them. */
#include "provider/hyperv/inner.h"

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

/* A name up to its DNS suffix. */
static bool same_host(const char *host, const char *node)
{
    size_t n = strcspn(host, ".");

    return strlen(node) == n && str_starts_fold(host, node);
}

const char *hv_host_of(struct hyperv *h, struct arena *a, const char *node)
{
    const struct hyperv_target *t = &h->target;

    for (size_t i = 0; i < t->host_count; i++)
        if (same_host(t->hosts[i], node))
            return t->hosts[i];
    return !t->cluster && !t->host_count && same_host(host_name(a), node) ? NULL : node;
}

const char *hv_owner_text(struct arena *a, const struct owner *owner)
{
    return owner_text(a, owner);
}

bool hv_owner_parse(struct arena *a, const char *text, struct owner *out)
{
    return owner_parse(a, text, out);
}
