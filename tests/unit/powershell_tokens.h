/*
 * Reads PowerShell, so far as our scripts use it, by the rules of the Windows PowerShell Language
 * Specification (section 2, lexical structure), and not by those of the writer: typographic quotes
 * are quotes, a backtick before a line end joins lines, # begins a comment where a token begins.
 * What our scripts never hold (expandable strings, here-strings, <# #>) is an error.
 *
 * It is no PowerShell: none is packaged where the tests run.  It tells strings, comments and
 * code apart, which is what a hostile name could change.
 */
#ifndef TESTS_UNIT_POWERSHELL_TOKENS_H
#define TESTS_UNIT_POWERSHELL_TOKENS_H

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum ps_kind { PS_END, PS_NEWLINE, PS_STRING, PS_WORD, PS_MARK };

struct ps_token {
    enum ps_kind kind;
    const char *text; /* of a string what it means */
};

struct ps_tokens {
    struct arena *arena;
    struct ps_token *rows;
    size_t count, room;
};

static inline void ps_add(struct ps_tokens *t, enum ps_kind kind, const char *text)
{
    if (kind == PS_NEWLINE && (!t->count || t->rows[t->count - 1].kind == PS_NEWLINE))
        return;
    *arena_push(t->arena, t->rows, t->count, t->room) = (struct ps_token){kind, text};
}

/* Bytes of a single quote at `s`: ', U+2018 to U+201B; 0: none. */
static inline size_t ps_single(const char *s)
{
    const unsigned char *u = (const unsigned char *)s;

    if (*s == '\'')
        return 1;
    return u[0] == 0xe2 && u[1] == 0x80 && u[2] >= 0x98 && u[2] <= 0x9b ? 3 : 0;
}

static inline bool ps_double(const char *s)
{
    const unsigned char *u = (const unsigned char *)s;

    return *s == '"' || (u[0] == 0xe2 && u[1] == 0x80 && u[2] >= 0x9c && u[2] <= 0x9e);
}

static inline bool ps_line_end(char c)
{
    return c == '\n' || c == '\r';
}

/* A verbatim string: two quotes of any kind are one. */
static inline const char *ps_string(struct ps_tokens *t, const char *s)
{
    struct text value;

    text_init(&value, t->arena);
    for (s += ps_single(s); *s;) {
        size_t quote = ps_single(s), again = quote ? ps_single(s + quote) : 0;

        if (quote && !again) {
            ps_add(t, PS_STRING, text_done(&value));
            return s + quote;
        }
        text_add_n(&value, s, quote ? quote : 1);
        s += quote ? quote + again : 1;
    }
    fail_msg("a string without an end");
    return s;
}

static inline bool ps_ends_word(const char *s)
{
    return !*s || strchr(" \t\r\n{}();,|&`", *s) || ps_single(s) || ps_double(s);
}

static inline struct ps_tokens ps_read(struct arena *a, const char *s)
{
    struct ps_tokens t = {.arena = a};

    while (*s) {
        if (ps_line_end(*s)) {
            ps_add(&t, PS_NEWLINE, "");
            s++;
        } else if (*s == ' ' || *s == '\t') {
            s++;
        } else if (*s == '`') {
            assert_true(ps_line_end(s[1]));
            s += 2;
        } else if (*s == '#') {
            s += strcspn(s, "\r\n");
        } else if (ps_single(s)) {
            s = ps_string(&t, s);
        } else if (ps_double(s) || str_starts(s, "<#") || str_starts(s, "@'")) {
            fail_msg("no script of ours has this: %.20s", s);
        } else if (strchr("{}();,|&", *s)) {
            ps_add(&t, PS_MARK, arena_strndup(a, s++, 1));
        } else {
            const char *from = s;

            while (!ps_ends_word(s))
                s++;
            ps_add(&t, PS_WORD, arena_strndup(a, from, (size_t)(s - from)));
        }
    }
    return t;
}

static inline bool ps_is(const struct ps_tokens *t, size_t i, const char *text)
{
    return i < t->count && t->rows[i].kind != PS_STRING && str_eq(t->rows[i].text, text);
}

static inline void ps_utf8(struct text *t, unsigned long c)
{
    char b[5] = {0};

    if (c < 0x80)
        b[0] = (char)c;
    else if (c < 0x800)
        snprintf(b, sizeof b, "%c%c", (int)(0xc0 | c >> 6), (int)(0x80 | (c & 0x3f)));
    else if (c < 0x10000)
        snprintf(b, sizeof b, "%c%c%c", (int)(0xe0 | c >> 12), (int)(0x80 | (c >> 6 & 0x3f)),
                 (int)(0x80 | (c & 0x3f)));
    else
        snprintf(b, sizeof b, "%c%c%c%c", (int)(0xf0 | c >> 18), (int)(0x80 | (c >> 12 & 0x3f)),
                 (int)(0x80 | (c >> 6 & 0x3f)), (int)(0x80 | (c & 0x3f)));
    text_add(t, b);
}

/* One operand of a sum at `i`, put behind `value`; the place behind it, or 0: it is none. */
static inline size_t ps_operand(const struct ps_tokens *t, size_t i, struct text *value)
{
    if (i < t->count && t->rows[i].kind == PS_STRING) {
        text_add(value, t->rows[i].text);
        return i + 1;
    }
    if (ps_is(t, i, "[char]::ConvertFromUtf32") && ps_is(t, i + 1, "(") && ps_is(t, i + 3, ")")) {
        ps_utf8(value, strtoul(t->rows[i + 2].text, NULL, 0));
        return i + 4;
    }
    if (i < t->count && t->rows[i].kind == PS_WORD && str_starts(t->rows[i].text, "[char]0x")) {
        ps_utf8(value, strtoul(t->rows[i].text + 6, NULL, 0));
        return i + 1;
    }
    return 0;
}

/* ('a' + [char]0x27 + 'b') is one string. */
static inline struct ps_tokens ps_sums(const struct ps_tokens *from)
{
    struct ps_tokens to = {.arena = from->arena};

    for (size_t i = 0; i < from->count;) {
        struct text value;
        size_t at = 0, next;

        text_init(&value, from->arena);
        if (ps_is(from, i, "(") && i + 1 < from->count && from->rows[i + 1].kind == PS_STRING)
            at = ps_operand(from, i + 1, &value);
        while (at && ps_is(from, at, "+")) {
            next = ps_operand(from, at + 1, &value);
            if (!next)
                break;
            at = next;
        }
        if (at && ps_is(from, at, ")")) {
            ps_add(&to, PS_STRING, text_done(&value));
            i = at + 1;
        } else {
            ps_add(&to, from->rows[i].kind, from->rows[i].text);
            i++;
        }
    }
    return to;
}

/* Every bracket has its other one; the depth is 0 in the end. */
static inline void ps_balanced(const struct ps_tokens *t)
{
    char open[64];
    size_t depth = 0;

    for (size_t i = 0; i < t->count; i++) {
        const char *s = t->rows[i].text;

        if (t->rows[i].kind == PS_WORD && (str_eq(s, "@") || s[strlen(s) - 1] == '@'))
            continue; /* @( and @{: the bracket is the next token */
        if (t->rows[i].kind != PS_MARK)
            continue;
        if (*s == '(' || *s == '{') {
            assert_true(depth < sizeof open);
            open[depth++] = *s;
        } else if (*s == ')' || *s == '}') {
            assert_true(depth > 0);
            assert_int_equal(open[--depth], *s == ')' ? '(' : '{');
        }
    }
    assert_int_equal(depth, 0);
}

#endif
