#include "store/pack.h"

#include <inttypes.h>
#include <string.h>

/*
 * Numbers of enums stand on disk.  Whoever changes one of these changes the
 * meaning of ledgers that exist: raise SCHEMA_VERSION and convert.
 */
_Static_assert(TRI_YES == 2 && GPU_NO_DRIVER == 7 && GPU_DISABLED == 4 && GPU_DISMOUNTED == 5,
               "stored");
_Static_assert(STOP_ACTION_SHUT_DOWN == 3 && CHECKPOINTS_STANDARD == 4, "stored");
_Static_assert(QUOTA_VRAM == 0 && QUOTA_COMPUTE == 3 && QUOTA_KINDS == 4, "stored");
_Static_assert(IMAGE_NODE == 1 << 12 && IMAGE_RESIZED == 1 << 11 && IMAGE_ADAPTERS == 1, "stored");

void pack_u64(struct text *t, uint64_t v)
{
    text_printf(t, "%" PRIu64 " ", v);
}

void pack_num(struct text *t, struct num n)
{
    if (n.known)
        pack_u64(t, n.value);
    else
        text_add(t, "? ");
}

void pack_text(struct text *t, const char *s)
{
    size_t n;

    if (!s) {
        text_add(t, "~ ");
        return;
    }
    n = strlen(s);
    text_printf(t, "%zu:", n);
    text_add_n(t, s, n);
    text_add(t, " ");
}

static void pack_nums(struct text *t, const struct num n[QUOTA_KINDS])
{
    for (int i = 0; i < QUOTA_KINDS; i++)
        pack_num(t, n[i]);
}

void pack_limits(struct text *t, const struct limits *l)
{
    pack_nums(t, l->min);
    pack_nums(t, l->max);
    pack_nums(t, l->optimal);
}

static void pack_settings(struct text *t, const struct vm_settings *s)
{
    pack_u64(t, (uint64_t)s->stop_action);
    pack_u64(t, (uint64_t)s->dynamic_memory);
    pack_num(t, s->memory_startup_mib);
    pack_num(t, s->memory_min_mib);
    pack_num(t, s->memory_max_mib);
    pack_num(t, s->mmio_low_mib);
    pack_num(t, s->mmio_high_mib);
    pack_num(t, s->mmio_base_mib);
    pack_u64(t, (uint64_t)s->cache_types);
    pack_u64(t, (uint64_t)s->checkpoints);
    pack_u64(t, (uint64_t)s->auto_checkpoints);
}

void pack_image(struct text *t, const struct image *i)
{
    pack_u64(t, i->fields);
    pack_u64(t, i->adapter_count);
    for (size_t k = 0; k < i->adapter_count; k++) {
        pack_text(t, i->adapters[k].id);
        pack_text(t, i->adapters[k].pin);
        pack_limits(t, &i->adapters[k].limits);
    }
    pack_u64(t, i->request_count);
    for (size_t k = 0; k < i->request_count; k++) {
        pack_text(t, i->requests[k].id);
        pack_text(t, i->requests[k].pool);
        pack_text(t, i->requests[k].location);
    }
    pack_u64(t, i->offline_action);
    pack_settings(t, &i->settings);
    pack_u64(t, i->count);
    pack_u64(t, (uint64_t)i->place);
    pack_text(t, i->pool);
    pack_u64(t, i->present);
    pack_u64(t, i->force);
    pack_text(t, i->node);
    pack_u64(t, i->live);
}

/* ---- reading ---- */

void unpack_init(struct unpack *u, struct arena *a, const char *s, size_t size)
{
    *u = (struct unpack){.arena = a, .at = s, .end = s + size};
}

static bool take(struct unpack *u, char c)
{
    if (u->bad || u->at == u->end || *u->at != c)
        return false;
    u->at++;
    return true;
}

static uint64_t refuse(struct unpack *u)
{
    u->bad = true;
    return 0;
}

/* Digits as pack_u64() writes them: no sign, no zero in front. */
static uint64_t take_digits(struct unpack *u, uint64_t most)
{
    const char *from = u->at;
    uint64_t v = 0;

    if (u->bad)
        return 0;
    for (; u->at < u->end && *u->at >= '0' && *u->at <= '9'; u->at++) {
        uint64_t d = (uint64_t)(*u->at - '0');

        if (v > (UINT64_MAX - d) / 10)
            return refuse(u);
        v = v * 10 + d;
    }
    if (u->at == from || (*from == '0' && u->at - from > 1) || v > most)
        return refuse(u);
    return v;
}

uint64_t unpack_u64(struct unpack *u, uint64_t most)
{
    uint64_t v = take_digits(u, most);

    return take(u, ' ') ? v : refuse(u);
}

struct num unpack_num(struct unpack *u)
{
    uint64_t v;

    if (take(u, '?')) {
        if (!take(u, ' '))
            refuse(u);
        return NUM_UNKNOWN;
    }
    v = unpack_u64(u, UINT64_MAX);
    return u->bad ? NUM_UNKNOWN : NUM(v);
}

const char *unpack_text(struct unpack *u)
{
    const char *s;
    uint64_t n;

    if (take(u, '~')) {
        if (!take(u, ' '))
            refuse(u);
        return NULL;
    }
    n = take_digits(u, UINT32_MAX);
    if (!take(u, ':') || n > (uint64_t)(u->end - u->at) || memchr(u->at, 0, (size_t)n)) {
        refuse(u);
        return NULL;
    }
    s = arena_strndup(u->arena, u->at, (size_t)n);
    u->at += n;
    if (!take(u, ' '))
        refuse(u);
    return u->bad ? NULL : s;
}

size_t unpack_count(struct unpack *u)
{
    /* A row takes two bytes at least. */
    return (size_t)unpack_u64(u, (uint64_t)(u->end - u->at) / 2);
}

static void unpack_nums(struct unpack *u, struct num n[QUOTA_KINDS])
{
    for (int i = 0; i < QUOTA_KINDS; i++)
        n[i] = unpack_num(u);
}

void unpack_limits(struct unpack *u, struct limits *out)
{
    unpack_nums(u, out->min);
    unpack_nums(u, out->max);
    unpack_nums(u, out->optimal);
}

static void unpack_settings(struct unpack *u, struct vm_settings *s)
{
    s->stop_action = (enum stop_action)unpack_u64(u, STOP_ACTION_SHUT_DOWN);
    s->dynamic_memory = (enum tri)unpack_u64(u, TRI_YES);
    s->memory_startup_mib = unpack_num(u);
    s->memory_min_mib = unpack_num(u);
    s->memory_max_mib = unpack_num(u);
    s->mmio_low_mib = unpack_num(u);
    s->mmio_high_mib = unpack_num(u);
    s->mmio_base_mib = unpack_num(u);
    s->cache_types = (enum tri)unpack_u64(u, TRI_YES);
    s->checkpoints = (enum checkpoints)unpack_u64(u, CHECKPOINTS_STANDARD);
    s->auto_checkpoints = (enum tri)unpack_u64(u, TRI_YES);
}

bool unpack_end(const struct unpack *u)
{
    return !u->bad && u->at == u->end;
}

void unpack_image(struct unpack *u, struct image *out)
{
    *out = (struct image){.fields = (uint32_t)unpack_u64(u, UINT32_MAX)};
    out->adapter_count = unpack_count(u);
    out->adapters = arena_array(u->arena, struct image_adapter, out->adapter_count + 1);
    for (size_t i = 0; i < out->adapter_count && !u->bad; i++) {
        out->adapters[i].id = unpack_text(u);
        out->adapters[i].pin = unpack_text(u);
        unpack_limits(u, &out->adapters[i].limits);
    }
    out->request_count = unpack_count(u);
    out->requests = arena_array(u->arena, struct image_request, out->request_count + 1);
    for (size_t i = 0; i < out->request_count && !u->bad; i++) {
        out->requests[i].id = unpack_text(u);
        out->requests[i].pool = unpack_text(u);
        out->requests[i].location = unpack_text(u);
    }
    out->offline_action = unpack_u64(u, UINT64_MAX);
    unpack_settings(u, &out->settings);
    out->count = unpack_u64(u, UINT64_MAX);
    out->place = (enum gpu_state)unpack_u64(u, GPU_NO_DRIVER);
    out->pool = unpack_text(u);
    out->present = unpack_u64(u, 1) != 0;
    out->force = unpack_u64(u, 1) != 0;
    if (unpack_end(u))
        return; /* written before anything was moved (format 2) */
    out->node = unpack_text(u);
    out->live = unpack_u64(u, 1) != 0;
}
