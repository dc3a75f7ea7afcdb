#include "base/str.h"

#include <stdio.h>
#include <string.h>

char str_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

int str_cmp(const char *a, const char *b)
{
    if (!a || !b)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

static int fold_cmp(const char *a, const char *b)
{
    while (*a == *b && *a) { /* paths of devices differ in their last signs */
        a++;
        b++;
    }
    for (;; a++, b++) {
        unsigned char x = (unsigned char)str_lower(*a), y = (unsigned char)str_lower(*b);

        if (x != y)
            return x < y ? -1 : 1;
        if (!x)
            return 0;
    }
}

bool str_same(const char *a, const char *b)
{
    return a == b || (a && b && (strcmp(a, b) == 0 || fold_cmp(a, b) == 0));
}

int str_cmp_fold(const char *a, const char *b)
{
    int c;

    if (!a || !b)
        return (a != NULL) - (b != NULL);
    c = fold_cmp(a, b);
    return c ? c : strcmp(a, b);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Compares two runs of digits by value; moves both behind them. */
static int digits_cmp(const char **a, const char **b)
{
    const char *x = *a, *y = *b;
    size_t nx, ny;
    int c;

    while (*x == '0')
        x++;
    while (*y == '0')
        y++;
    for (nx = 0; is_digit(x[nx]);)
        nx++;
    for (ny = 0; is_digit(y[ny]);)
        ny++;
    *a = x + nx;
    *b = y + ny;
    if (nx != ny)
        return nx < ny ? -1 : 1;
    c = strncmp(x, y, nx);
    return c < 0 ? -1 : c > 0;
}

int str_cmp_natural(const char *a, const char *b)
{
    const char *x = a, *y = b;

    if (!a || !b)
        return (a != NULL) - (b != NULL);
    while (*x && *y) {
        unsigned char cx, cy;

        if (is_digit(*x) && is_digit(*y)) {
            int c = digits_cmp(&x, &y);

            if (c)
                return c;
            continue;
        }
        cx = (unsigned char)str_lower(*x++);
        cy = (unsigned char)str_lower(*y++);
        if (cx != cy)
            return cx < cy ? -1 : 1;
    }
    if (*x || *y)
        return *x ? 1 : -1;
    return str_cmp_fold(a, b);
}

bool str_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool str_starts_fold(const char *s, const char *prefix)
{
    for (; *prefix; s++, prefix++)
        if (str_lower(*s) != str_lower(*prefix))
            return false;
    return true;
}

bool str_is_pattern(const char *s)
{
    return strpbrk(s, "*?") != NULL;
}

/* Behind the character at `s`, which is not the end. */
static const char *next_character(const char *s)
{
    for (s++; ((unsigned char)*s & 0xc0) == 0x80;)
        s++;
    return s;
}

/* Only the last * is ever tried again: no more than one comparison for each pair of bytes. */
bool str_fits(const char *pattern, const char *s)
{
    const char *star = NULL, *again = NULL;

    while (*s) {
        if (*pattern == '*') {
            star = ++pattern;
            again = s;
        } else if (*pattern == '?') {
            pattern++;
            s = next_character(s);
        } else if (str_lower(*pattern) == str_lower(*s)) {
            pattern++;
            s++;
        } else if (star) {
            pattern = star;
            s = again = next_character(again);
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

size_t str_distance(const char *a, const char *b, size_t limit)
{
    enum { LONGEST = 63 };
    size_t na = strlen(a), nb = strlen(b), row[LONGEST + 1];

    if (na > LONGEST || nb > LONGEST || (na > nb ? na - nb : nb - na) > limit)
        return limit + 1;
    for (size_t j = 0; j <= nb; j++)
        row[j] = j;
    for (size_t i = 1; i <= na; i++) {
        size_t diagonal = row[0], least = row[0] = i;

        for (size_t j = 1; j <= nb; j++) {
            size_t above = row[j];
            size_t best = diagonal + (str_lower(a[i - 1]) != str_lower(b[j - 1]));

            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            diagonal = above;
            row[j] = best;
            if (best < least)
                least = best;
        }
        if (least > limit)
            return limit + 1;
    }
    return row[nb] > limit ? limit + 1 : row[nb];
}

/* As a person looks for it: "vdi-0311-old" is nearer to "vdi-0311" than "vdi-0312" is. */
static size_t distance_to(const char *word, const char *candidate, size_t limit)
{
    size_t d = str_distance(word, candidate, limit), size = strlen(word);

    if (d > 1 && size > 3 && str_starts_fold(candidate, word) && strchr("-_. ", candidate[size]))
        return 1;
    return d;
}

const char *str_nearest(const char *word, const char *const *candidates, size_t count)
{
    size_t limit = strlen(word) < 4 ? 1 : strlen(word) < 9 ? 2 : 3, nearest = limit + 1;
    const char *best = NULL;

    for (size_t i = 0; i < count; i++) {
        size_t d = distance_to(word, candidates[i], nearest - 1);

        if (d >= nearest)
            continue;
        nearest = d;
        best = candidates[i];
        if (!nearest)
            break;
    }
    return best;
}

bool str_u64(const char *s, uint64_t *out)
{
    uint64_t n = 0;

    if (!*s)
        return false;
    for (; *s; s++) {
        uint64_t d = (uint64_t)(*s - '0');

        if (!is_digit(*s) || n > (UINT64_MAX - d) / 10)
            return false;
        n = n * 10 + d;
    }
    *out = n;
    return true;
}
