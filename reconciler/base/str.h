/*
 * Text: our own comparison and folding, so that nothing depends on a locale.
 * Strings are UTF-8 and NUL-terminated; a NUL inside is refused at the door.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* NULL equals only NULL.  Inline: most of what is compared differs in its first byte. */
static inline bool str_eq(const char *a, const char *b)
{
    return a == b || (a && b && *a == *b && strcmp(a, b) == 0);
}
bool str_same(const char *a, const char *b);       /* without case (ASCII), NULL equals only NULL */
int str_cmp(const char *a, const char *b);         /* by bytes; NULL first */
int str_cmp_fold(const char *a, const char *b);    /* without case, then by bytes: a total order */
int str_cmp_natural(const char *a, const char *b); /* vdi-2 before vdi-10; then str_cmp_fold */
bool str_starts(const char *s, const char *prefix);
bool str_starts_fold(const char *s, const char *prefix);
char str_lower(char c);
/* Names as patterns: * stands for any text, the empty one included, ? for one character. */
bool str_is_pattern(const char *s);
bool str_fits(const char *pattern, const char *s); /* all of it; without case */
/* Edit distance, at most `limit`; limit + 1 when it is more.  Without case. */
size_t str_distance(const char *a, const char *b, size_t limit);
/* The candidate nearest to `word`, or NULL when none is near enough to suggest. */
const char *str_nearest(const char *word, const char *const *candidates, size_t count);

/* Decimal digits only, no sign; false on anything else or beyond 2^64-1. */
bool str_u64(const char *s, uint64_t *out);

/* A text that is built piece by piece in an arena. */
struct text {
    struct arena *arena;
    char *data; /* always NUL-terminated once something was added */
    size_t size, room;
};

void text_init(struct text *t, struct arena *a);
void text_add(struct text *t, const char *s);
void text_add_n(struct text *t, const char *s, size_t n);
void text_printf(struct text *t, const char *fmt, ...) PRINTF_LIKE(2, 3);
void text_pad(struct text *t, size_t column); /* spaces up to a column of the current line */
const char *text_done(struct text *t);        /* the text; "" when nothing was added */

/*
 * Names as people write them: "vdi-0001..0012 vdi-0014 cad-01".  `names` is
 * sorted (str_cmp_natural) by the call.
 */
const char *str_ranges(struct arena *a, const char **names, size_t count);
/* In the order of their bytes, and each once. */
const char **str_set(struct arena *a, const char *const *names, size_t count, size_t *kept);

/* A map from text to a number, in an arena.  Folding is chosen at birth. */
struct map {
    struct arena *arena;
    struct map_slot *slots;
    size_t count, room;
    bool fold;
};
#define MAP_NONE UINT32_MAX

void map_init(struct map *m, struct arena *a, size_t expected, bool fold);
/* Keeps the first: returns the value that the key has now. */
uint32_t map_put(struct map *m, const char *key, uint32_t value);
uint32_t map_get(const struct map *m, const char *key); /* MAP_NONE when absent */

#endif
