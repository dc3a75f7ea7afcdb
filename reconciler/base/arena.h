/*
 * A region of memory that is released all at once.
 *
 * Everything that a pass computes lives in one arena; nothing in it is freed
 * on its own, and the core has no free().  Allocation never returns NULL: a
 * pass that exceeds its limit leaves through `escape` (set by the edge that
 * owns the pass; the pass fails, the process lives); without one, or when the
 * machine itself has no memory, the process ends, and the next pass starts
 * from what it observes.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/printf_like.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena_block;

/* What has to be given back with the arena: a library's own memory. */
struct arena_duty {
    void (*done)(void *thing);
    void *thing;
    struct arena_duty *next;
};

struct arena {
    struct arena_block *head;
    size_t used;               /* bytes handed out */
    size_t held;               /* bytes taken from the machine */
    size_t limit;              /* bytes; 0: LIMIT_ARENA */
    struct arena_duty *duties; /* the newest first */
    jmp_buf *escape;
};

void arena_init(struct arena *a, size_t limit);
void arena_release(struct arena *a);
/* Forgets everything, keeps one block for the next use. */
void arena_reset(struct arena *a);
/* Calls done(thing) before the memory goes, also when the pass left through `escape`. */
void arena_on_release(struct arena *a, void (*done)(void *thing), void *thing);

/*
 * Does work(context).  False: the memory of `a` ran out in the middle of it.
 * Then what was begun is given back, and arena_leave() goes on to whoever is
 * above.  So nobody may hold a lock where memory is taken.
 */
bool arena_guard(struct arena *a, void (*work)(void *context), void *context);
_Noreturn void arena_leave(struct arena *a);

/* Zeroed, aligned for any type. */
void *arena_alloc(struct arena *a, size_t count, size_t size);
/* The same, not zeroed: for what is written whole before it is read. */
void *arena_raw(struct arena *a, size_t count, size_t size);
/* A larger copy of `old` (count elements); the tail is zeroed. */
void *arena_grow(struct arena *a, const void *old, size_t count, size_t new_count, size_t size);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

#define arena_new(a, type)      ((type *)arena_alloc((a), 1, sizeof(type)))
#define arena_array(a, type, n) ((type *)arena_alloc((a), (n), sizeof(type)))

/*
 * One more element at the end of a growing array: `v` is the array, `n` its
 * length, `cap` its room.  Evaluates to the zeroed new element.
 */
#define arena_push(a, v, n, cap)                                                                   \
    (((n) == (cap) ? (void)((v) = arena_grow((a), (v), (n), (cap) ? (cap)*2 : 8, sizeof *(v)),     \
                            (cap) = (cap) ? (cap)*2 : 8)                                           \
                   : (void)0),                                                                     \
     &(v)[(n)++])

#endif
