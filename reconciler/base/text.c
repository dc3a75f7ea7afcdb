/* Texts that are built piece by piece, and names as people write them. */
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void text_init(struct text *t, struct arena *a)
{
    *t = (struct text){.arena = a};
}

static void make_room(struct text *t, size_t more)
{
    size_t room = t->room ? t->room : 256;

    while (room - t->size < more + 1)
        room *= 2;
    if (room == t->room)
        return;
    t->data = arena_grow(t->arena, t->data, t->size, room, 1);
    t->room = room;
}

void text_add_n(struct text *t, const char *s, size_t n)
{
    make_room(t, n);
    memcpy(t->data + t->size, s, n);
    t->size += n;
    t->data[t->size] = 0;
}

void text_add(struct text *t, const char *s)
{
    text_add_n(t, s, strlen(s));
}

void text_printf(struct text *t, const char *fmt, ...)
{
    va_list ap, again;
    int n;

    va_start(ap, fmt);
    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (n > 0) {
        make_room(t, (size_t)n);
        vsnprintf(t->data + t->size, (size_t)n + 1, fmt, ap);
        t->size += (size_t)n;
    }
    va_end(ap);
}

/* Columns of the last line: bytes that begin a UTF-8 character. */
static size_t column_of(const struct text *t)
{
    size_t n = 0;

    for (size_t i = t->size; i > 0 && t->data[i - 1] != '\n'; i--)
        n += ((unsigned char)t->data[i - 1] & 0xc0) != 0x80;
    return n;
}

void text_pad(struct text *t, size_t column)
{
    for (size_t at = column_of(t); at < column; at++)
        text_add_n(t, " ", 1);
}

const char *text_done(struct text *t)
{
    return t->data ? t->data : "";
}

static int by_name(const void *x, const void *y)
{
    return str_cmp_natural(*(const char *const *)x, *(const char *const *)y);
}

/* The length of the part before a name's last digits; SIZE_MAX when it ends in none. */
static size_t stem_of(const char *s, uint64_t *number)
{
    size_t n = strlen(s), i = n;

    while (i > 0 && s[i - 1] >= '0' && s[i - 1] <= '9' && n - i < 18)
        i--;
    return i < n && str_u64(s + i, number) ? i : SIZE_MAX;
}

/* How many names from `i` on follow each other by one, written with the same width. */
static size_t run_of(const char **names, size_t i, size_t count)
{
    uint64_t first, next;
    size_t stem = stem_of(names[i], &first), n = 1;

    if (stem == SIZE_MAX)
        return 1;
    for (; i + n < count; n++) {
        const char *name = names[i + n];
        bool padded = names[i][stem] == '0';

        if (stem_of(name, &next) != stem || next != first + n || strncmp(name, names[i], stem) != 0)
            break;
        if (strlen(name) != strlen(names[i + n - 1]) && (padded || name[stem] == '0'))
            break;
    }
    return n;
}

const char *str_ranges(struct arena *a, const char **names, size_t count)
{
    struct text t;

    text_init(&t, a);
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0, n; i < count; i += n) {
        uint64_t number;

        n = run_of(names, i, count);
        if (n == 2)
            n = 1;
        if (i)
            text_add(&t, " ");
        text_add(&t, names[i]);
        if (n > 1)
            text_printf(&t, "..%s", names[i + n - 1] + stem_of(names[i + n - 1], &number));
    }
    return text_done(&t);
}

static int by_bytes(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

const char **str_set(struct arena *a, const char *const *names, size_t count, size_t *kept)
{
    const char **out = arena_array(a, const char *, count + 1);

    *kept = 0;
    if (count) {
        memcpy(out, names, count * sizeof *out);
        qsort(out, count, sizeof *out, by_bytes);
    }
    for (size_t i = 0; i < count; i++)
        if (!*kept || !str_eq(out[*kept - 1], out[i]))
            out[(*kept)++] = out[i];
    return out;
}
