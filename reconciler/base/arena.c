#include "base/arena.h"

#include "base/limits.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
    struct arena_block *next;
    size_t size, used;
    size_t touched; /* bytes from here on are zero, as the machine gave them */
    max_align_t data[];
};

/*
 * Blocks stay small, so that they fit where other memory was given back: pages
 * that were touched before cost far less than new ones.  A block from FRESH on
 * is for one large thing; calloc() gives it pages from the kernel, which are
 * zero, and to clear them again would touch what may never be needed.
 */
enum { FIRST_BLOCK = 64 << 10, LARGEST_STEP = 256 << 10, FRESH = 4 << 20 };

void arena_init(struct arena *a, size_t limit)
{
    *a = (struct arena){.limit = limit ? limit : LIMIT_ARENA};
}

void arena_on_release(struct arena *a, void (*done)(void *thing), void *thing)
{
    struct arena_duty *duty = arena_new(a, struct arena_duty);

    *duty = (struct arena_duty){done, thing, a->duties};
    a->duties = duty;
}

static void do_duties(struct arena *a)
{
    for (struct arena_duty *d = a->duties; d; d = d->next)
        d->done(d->thing);
    a->duties = NULL;
}

void arena_release(struct arena *a)
{
    do_duties(a);
    for (struct arena_block *b = a->head, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    arena_init(a, a->limit);
}

void arena_reset(struct arena *a)
{
    struct arena_block *keep = a->head;

    do_duties(a);
    if (!keep)
        return;
    for (struct arena_block *b = keep->next, *next; b; b = next) {
        next = b->next;
        free(b);
    }
    keep->next = NULL;
    keep->used = 0;
    a->used = 0;
    a->held = keep->size;
}

static _Noreturn void refuse(struct arena *a, const char *why)
{
    if (a->escape)
        longjmp(*a->escape, 1);
    fprintf(stderr, "hvgpu: out of memory (%s)\n", why);
    abort();
}

bool arena_guard(struct arena *a, void (*work)(void *context), void *context)
{
    jmp_buf *const outer = a->escape;
    jmp_buf inner;

    a->escape = &inner;
    if (setjmp(inner) != 0) {
        a->escape = outer;
        return false;
    }
    work(context);
    a->escape = outer;
    return true;
}

_Noreturn void arena_leave(struct arena *a)
{
    refuse(a, "the pass exceeds its ceiling");
}

static void add_block(struct arena *a, size_t need)
{
    size_t size = a->head ? a->head->size * 2 : FIRST_BLOCK;
    struct arena_block *b;

    if (size > LARGEST_STEP)
        size = LARGEST_STEP;
    if (size < need)
        size = need;
    if (size > a->limit - a->held)
        refuse(a, "the pass exceeds its ceiling");
    b = size >= FRESH ? calloc(1, sizeof *b + size) : malloc(sizeof *b + size);
    if (!b)
        refuse(a, "the machine has no more");
    *b = (struct arena_block){.next = a->head, .size = size, .touched = size >= FRESH ? 0 : size};
    a->head = b;
    a->held += size;
}

static size_t room_for(struct arena *a, size_t count, size_t size)
{
    const size_t align = _Alignof(max_align_t);
    size_t need;

    if (size && count > (SIZE_MAX / 2) / size)
        refuse(a, "one allocation is too large");
    need = (count * size + align - 1) / align * align;
    if (!a->head || need > a->head->size - a->head->used)
        add_block(a, need);
    a->used += need;
    return need;
}

void *arena_raw(struct arena *a, size_t count, size_t size)
{
    size_t need = room_for(a, count, size);
    struct arena_block *b = a->head;
    void *p = (char *)b->data + b->used;

    b->used += need;
    if (b->used > b->touched)
        b->touched = b->used;
    return p;
}

void *arena_alloc(struct arena *a, size_t count, size_t size)
{
    size_t need = room_for(a, count, size);
    struct arena_block *b = a->head;
    void *p = (char *)b->data + b->used;
    size_t stale = b->touched > b->used ? b->touched - b->used : 0;

    b->used += need;
    if (b->used > b->touched)
        b->touched = b->used;
    return stale ? memset(p, 0, stale < need ? stale : need) : p;
}

void *arena_grow(struct arena *a, const void *old, size_t count, size_t new_count, size_t size)
{
    void *p = arena_alloc(a, new_count, size);

    if (count)
        memcpy(p, old, count * size);
    return p;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
    char *p = arena_raw(a, n + 1, 1);

    memcpy(p, s, n);
    p[n] = 0;
    return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
    return arena_strndup(a, s, strlen(s));
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
    va_list again;
    int n;
    char *p;

    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, again);
    va_end(again);
    if (n < 0)
        refuse(a, "a text could not be formatted");
    p = arena_raw(a, (size_t)n + 1, 1);
    vsnprintf(p, (size_t)n + 1, fmt, ap);
    return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    va_list ap;
    char *p;

    va_start(ap, fmt);
    p = arena_vprintf(a, fmt, ap);
    va_end(ap);
    return p;
}
