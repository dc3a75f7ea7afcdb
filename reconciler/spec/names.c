#include "spec/names.h"

#include "base/str.h"

#include <string.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What no name may have, whatever it is of. */
static bool text_check(struct findings *found, const char *what, const struct doc_scalar *s)
{
    size_t size = strlen(s->text);

    if (s->text[0] == ' ' || s->text[size - 1] == ' ') {
        spec_find(found, CODE_BAD_TEXT, &s->at, "`%s`: \"%s\" begins or ends with a space", what,
                  s->text)
            ->next = "take the space out";
        return false;
    }
    return true;
}

static bool refuse(struct findings *found, enum code code, const char *what,
                   const struct doc_scalar *s, const char *why, const char *next)
{
    spec_find(found, code, &s->at, "`%s`: \"%s\" %s", what, s->text, why)->next = next;
    return false;
}

/* What is neither a name nor a range. */
static bool signs_check(struct findings *found, const char *what, const struct doc_scalar *s)
{
    const char *sign = strpbrk(s->text, "<{}");

    if (!text_check(found, what, s))
        return false;
    if (!sign)
        return true;
    if (*sign == '<')
        return refuse(found, CODE_BAD_NAME, what, s,
                      "has a placeholder that stands for nothing here",
                      "below `spec` <cluster> and <labels.KEY> are replaced, and nothing else");
    return refuse(found, CODE_BAD_NAME, what, s, "has braces in it",
                  "write a range without braces: vdi-0001..0012");
}

bool name_check(struct findings *found, const char *what, const struct doc_scalar *s)
{
    if (!signs_check(found, what, s))
        return false;
    if (str_is_pattern(s->text))
        return refuse(found, CODE_BAD_NAME, what, s, "is a pattern, and one name is meant",
                      "write the name out; for several use `names`");
    if (strstr(s->text, ".."))
        return refuse(found, CODE_BAD_NAME, what, s, "is a range, and one name is meant",
                      "write it as `names`");
    return true;
}

bool pattern_check(struct findings *found, const char *what, const struct doc_scalar *s)
{
    if (!signs_check(found, what, s))
        return false;
    if (str_is_pattern(s->text))
        return true;
    return refuse(found, CODE_BAD_NAME, what, s, "is no pattern: it has neither * nor ?",
                  strstr(s->text, "..") ? "write it as `names`" : "write it as `name`");
}

/* ---- ranges ---- */

struct range {
    size_t prefix; /* bytes before the digits */
    size_t width;  /* digits of the first number */
    size_t widest; /* digits of the last one */
    bool padded;   /* all numbers have that width */
    uint64_t first, last;
};

static bool bad_range(struct findings *found, const struct doc_scalar *s, const char *why,
                      const char *next)
{
    spec_find(found, CODE_BAD_RANGE, &s->at, "\"%s\" is not a range: %s", s->text, why)->next =
        next ? next : "write the first name, two dots and the last number: vdi-0001..0012";
    return false;
}

static bool number(const char *s, size_t size, uint64_t *out)
{
    char digits[20];

    if (size == 0 || size >= sizeof digits)
        return false;
    memcpy(digits, s, size);
    digits[size] = 0;
    return str_u64(digits, out);
}

/* "vdi-0001..0012" with `dots` at the two dots. */
static bool range_parse(struct arena *a, struct findings *found, const struct doc_scalar *s,
                        const char *dots, struct range *out)
{
    const char *begin = dots, *end = dots + 2;
    size_t width = strspn(end, "0123456789");

    while (begin > s->text && is_digit(begin[-1]))
        begin--;
    out->prefix = (size_t)(begin - s->text);
    out->width = (size_t)(dots - begin);
    out->widest = width;
    if (!out->width)
        return bad_range(found, s, "the first name does not end in a number", NULL);
    if (!width && strncmp(end, s->text, out->prefix) == 0 && end[out->prefix])
        return bad_range(
            found, s, "behind the dots stands the last number alone",
            arena_printf(a, "write %.*s..%s", (int)(dots - s->text), s->text, end + out->prefix));
    if (!width || end[width])
        return bad_range(found, s, "behind the dots stands the last number, and nothing more",
                         NULL);
    if (!number(begin, out->width, &out->first) || !number(end, width, &out->last))
        return bad_range(found, s, "a number is too long", NULL);
    out->padded = width == out->width;
    if (width < out->width ||
        (width > out->width && ((*begin == '0' && out->width > 1) || *end == '0')))
        return bad_range(
            found, s, "the two numbers have different widths",
            arena_printf(a, "give both the same number of digits: %.*s%0*llu..%s", (int)out->prefix,
                         s->text, (int)(width > out->width ? width : out->width),
                         (unsigned long long)out->first,
                         width < out->width ? arena_printf(a, "%0*llu", (int)out->width,
                                                           (unsigned long long)out->last)
                                            : end));
    if (out->last < out->first)
        return bad_range(found, s, "it runs backwards", "put the smaller number first");
    return true;
}

static void names_reserve(struct arena *a, struct said_names *out, size_t more)
{
    size_t room = out->room;

    if (out->count + more <= room)
        return;
    while (room < out->count + more)
        room = room ? room * 2 : more > 4 ? more : 4;
    out->names = arena_grow(a, out->names, out->count, room, sizeof *out->names);
    out->places = arena_grow(a, out->places, out->count, room, sizeof *out->places);
    out->room = room;
}

static void push(struct said_names *out, const char *name, const struct span *at)
{
    out->names[out->count] = name;
    out->places[out->count++] = *at;
}

/* Writes `prefix` and a number at `to`; returns the end behind the NUL. */
static char *spell(char *to, const char *prefix, const struct range *r, uint64_t n)
{
    char digits[20];
    size_t size = 0, width;

    for (uint64_t rest = n; rest || !size; rest /= 10)
        digits[size++] = (char)('0' + rest % 10);
    width = r->padded && r->width > size ? r->width : size;
    memcpy(to, prefix, r->prefix);
    to += r->prefix;
    for (size_t i = width; i > size; i--)
        *to++ = '0';
    while (size)
        *to++ = digits[--size];
    *to = 0;
    return to + 1;
}

static bool range_expand(struct arena *a, struct findings *found, const struct doc_scalar *s,
                         const char *dots, struct said_names *out)
{
    struct range r;
    uint64_t count;
    char *to;

    if (!range_parse(a, found, s, dots, &r))
        return false;
    count = r.last - r.first + 1;
    if (count > LIMIT_RANGE) {
        spec_find(found, CODE_RANGE_LARGE, &s->at, "\"%s\" is %llu names; a range has at most %d",
                  s->text, (unsigned long long)count, LIMIT_RANGE)
            ->next = "split it, or look for a digit too many";
        return false;
    }
    names_reserve(a, out, count);
    to = arena_alloc(a, count, r.prefix + r.widest + 1);
    for (uint64_t n = r.first;; n++) {
        push(out, to, &s->at);
        to = spell(to, s->text, &r, n);
        if (n == r.last)
            break;
    }
    return true;
}

bool names_add(struct arena *a, struct findings *found, const char *what,
               const struct doc_scalar *s, bool patterns, struct said_names *out)
{
    const char *dots = strstr(s->text, "..");
    bool sign = str_is_pattern(s->text);

    if (!signs_check(found, what, s))
        return false;
    if (sign && !patterns)
        return refuse(found, CODE_BAD_NAME, what, s, "is a pattern that is not possible here",
                      "write the names out, or as a range: vdi-0001..0012");
    if (dots && !sign)
        return range_expand(a, found, s, dots, out);
    names_reserve(a, out, 1);
    push(out, s->text, &s->at);
    return true;
}

const char *node_short(struct arena *a, const char *name)
{
    size_t size = strcspn(name, ".");

    return size && name[size] ? arena_strndup(a, name, size) : name;
}
