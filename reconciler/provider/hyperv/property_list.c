/*
 * The cluster's property list (CLUSPROP_LIST; failover-cluster 7): how many,
 * then for each its name, its value and an end mark; little-endian, UTF-16,
 * each part filled up to four bytes.
 */
#include "provider/hyperv/act.h"

enum { SYNTAX_NAME = 0x00040003, SYNTAX_DWORD = 0x00010002, SYNTAX_SZ = 0x00010003 };

static void add_byte(struct hv_list *l, uint32_t byte)
{
    *arena_push(l->arena, l->bytes, l->count, l->room) = byte & 0xff;
}

static void add_dword(struct hv_list *l, uint32_t n)
{
    for (unsigned shift = 0; shift < 32; shift += 8)
        add_byte(l, n >> shift);
}

static void add_unit(struct hv_list *l, uint32_t unit)
{
    add_byte(l, unit);
    add_byte(l, unit >> 8);
}

static void set_dword(struct hv_list *l, size_t at, uint32_t n)
{
    for (unsigned i = 0; i < 4; i++)
        l->bytes[at + i] = n >> 8 * i & 0xff;
}

/* The next character of UTF-8; a byte that begins none counts as itself. */
static uint32_t next_character(const char **at)
{
    const unsigned char *p = (const unsigned char *)*at;
    unsigned more = *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : *p >= 0xc0 ? 1 : 0;
    uint32_t c = more ? *p & (0x3fu >> more) : *p;

    for (p++; more && (*p & 0xc0) == 0x80; more--)
        c = c << 6 | (*p++ & 0x3f);
    *at = (const char *)p;
    return c;
}

/* A text with its syntax and size, filled up. */
static void add_text(struct hv_list *l, uint32_t syntax, const char *s)
{
    size_t size_at, from;

    add_dword(l, syntax);
    size_at = l->count;
    add_dword(l, 0);
    from = l->count;
    while (*s) {
        uint32_t c = next_character(&s);

        if (c > 0xffff) {
            add_unit(l, 0xd800 + (c - 0x10000) / 0x400);
            add_unit(l, 0xdc00 + (c - 0x10000) % 0x400);
        } else {
            add_unit(l, c);
        }
    }
    add_unit(l, 0);
    set_dword(l, size_at, (uint32_t)(l->count - from));
    while (l->count % 4)
        add_byte(l, 0);
}

void hv_list_init(struct hv_list *l, struct arena *a)
{
    *l = (struct hv_list){.arena = a};
    add_dword(l, 0);
}

void hv_list_number(struct hv_list *l, const char *name, uint32_t value)
{
    add_text(l, SYNTAX_NAME, name);
    add_dword(l, SYNTAX_DWORD);
    add_dword(l, 4);
    add_dword(l, value);
    add_dword(l, 0);
    set_dword(l, 0, ++l->properties);
}

void hv_list_text(struct hv_list *l, const char *name, const char *value)
{
    add_text(l, SYNTAX_NAME, name);
    add_text(l, SYNTAX_SZ, value);
    add_dword(l, 0);
    set_dword(l, 0, ++l->properties);
}
