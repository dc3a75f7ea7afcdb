#include "cim/cim_sim_list.h"

#include "base/str.h"

enum { SYNTAX_NAME = 0x00040003, SYNTAX_DWORD = 0x00010002, SYNTAX_SZ = 0x00010003 };
enum { MOST = 256 }; /* properties of one list */

/* ---- bytes ---- */

struct bytes {
    const uint64_t *at;
    size_t left;
};

static bool take_dword(struct bytes *b, uint32_t *out)
{
    if (b->left < 4)
        return false;
    *out = 0;
    for (unsigned i = 0; i < 4; i++)
        *out |= (uint32_t)(b->at[i] & 0xff) << 8 * i;
    b->at += 4;
    b->left -= 4;
    return true;
}

/* So many bytes, and what fills them up to four. */
static bool take_bytes(struct bytes *b, uint32_t size, const uint64_t **out)
{
    size_t filled = ((size_t)size + 3) & ~(size_t)3;

    if (filled > b->left)
        return false;
    *out = b->at;
    b->at += filled;
    b->left -= filled;
    return true;
}

/* ---- texts ---- */

static void add_character(struct text *t, uint32_t c)
{
    char utf8[4];
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char first[] = {0, 0x00, 0xc0, 0xe0, 0xf0};

    for (size_t i = n; i-- > 1; c >>= 6)
        utf8[i] = (char)(0x80 | (c & 0x3f));
    utf8[0] = (char)(first[n] | c);
    text_add_n(t, utf8, n);
}

static uint32_t unit_at(const uint64_t *bytes, size_t i)
{
    return (uint32_t)((bytes[2 * i] & 0xff) | (bytes[2 * i + 1] & 0xff) << 8);
}

const char *sim_utf16(struct arena *a, const uint64_t *bytes, size_t count)
{
    size_t units = count / 2;
    struct text t;

    if (count % 2 || !units || unit_at(bytes, units - 1) != 0)
        return NULL;
    text_init(&t, a);
    for (size_t i = 0; i + 1 < units; i++) {
        uint32_t c = unit_at(bytes, i);

        if (!c || (c >= 0xdc00 && c <= 0xdfff))
            return NULL;
        if (c >= 0xd800 && c <= 0xdbff) {
            uint32_t low = unit_at(bytes, ++i);

            if (low < 0xdc00 || low > 0xdfff)
                return NULL;
            c = 0x10000 + (c - 0xd800) * 0x400 + (low - 0xdc00);
        }
        add_character(&t, c);
    }
    return text_done(&t);
}

/* ---- the list ---- */

static bool take_value(struct arena *a, struct bytes *b, struct sim_list_row *row)
{
    uint32_t syntax, size, number;
    const uint64_t *at;

    if (!take_dword(b, &syntax) || !take_dword(b, &size))
        return false;
    if (syntax == SYNTAX_DWORD) {
        if (size != 4 || !take_dword(b, &number))
            return false;
        row->number = NUM(number);
        return true;
    }
    if (syntax != SYNTAX_SZ || !take_bytes(b, size, &at))
        return false;
    row->text = sim_utf16(a, at, size);
    return row->text != NULL;
}

static bool take_property(struct arena *a, struct bytes *b, struct sim_list_row *row)
{
    uint32_t syntax, size, end;
    const uint64_t *at;

    if (!take_dword(b, &syntax) || syntax != SYNTAX_NAME || !take_dword(b, &size) ||
        !take_bytes(b, size, &at))
        return false;
    row->name = sim_utf16(a, at, size);
    return row->name && *row->name && take_value(a, b, row) && take_dword(b, &end) && end == 0;
}

bool sim_list_parse(struct arena *a, const uint64_t *bytes, size_t count, struct sim_list *out)
{
    struct bytes b = {bytes, count};
    uint32_t properties;

    *out = (struct sim_list){0};
    if (!take_dword(&b, &properties) || !properties || properties > MOST)
        return false;
    out->rows = arena_array(a, struct sim_list_row, properties);
    while (out->count < properties)
        if (!take_property(a, &b, &out->rows[out->count++]))
            return false;
    return b.left == 0;
}

const struct sim_list_row *sim_list_row(const struct sim_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_same(list->rows[i].name, name))
            return &list->rows[i];
    return NULL;
}
