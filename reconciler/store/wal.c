#include "store/wal.h"

#include <string.h>

static uint32_t big(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t little(const unsigned char *p)
{
    return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* Section 4.2: over 32-bit words in the byte order that the magic number names. */
static void checksum(uint32_t sum[2], bool big_words, const unsigned char *p, size_t size)
{
    for (size_t i = 0; i < size; i += 8) {
        sum[0] += (big_words ? big(p + i) : little(p + i)) + sum[1];
        sum[1] += (big_words ? big(p + i + 4) : little(p + i + 4)) + sum[0];
    }
}

static bool page_size_ok(uint32_t n)
{
    return n >= 512 && n <= 65536 && (n & (n - 1)) == 0;
}

void wal_read(struct wal *w, const void *bytes, size_t size)
{
    const unsigned char *head = bytes, *at;
    uint32_t sum[2] = {0, 0};
    bool big_words;
    size_t step;

    *w = (struct wal){.bytes = bytes};
    if (size < WAL_HEADER || (big(head) & ~1u) != 0x377f0682 || big(head + 4) != 3007000 ||
        !page_size_ok(big(head + 8)))
        return;
    big_words = big(head) & 1;
    checksum(sum, big_words, head, 24);
    if (sum[0] != big(head + 24) || sum[1] != big(head + 28))
        return;
    w->page = big(head + 8);
    step = w->page + WAL_FRAME_HEADER;
    for (size_t i = 0; size - WAL_HEADER >= (i + 1) * step; i++) {
        at = head + WAL_HEADER + i * step;
        checksum(sum, big_words, at, 8);
        checksum(sum, big_words, at + WAL_FRAME_HEADER, w->page);
        if (big(at) == 0 || memcmp(at + 8, head + 16, 8) != 0 || sum[0] != big(at + 16) ||
            sum[1] != big(at + 20))
            return;
        if (big(at + 4) != 0) {
            w->frames = i + 1;
            w->pages = big(at + 4);
        }
    }
}

uint32_t wal_page(const struct wal *w, size_t i, const unsigned char **bytes)
{
    const unsigned char *at = w->bytes + WAL_HEADER + i * (w->page + WAL_FRAME_HEADER);

    *bytes = at + WAL_FRAME_HEADER;
    return big(at);
}
