#include "report/md.h"

static size_t longest_ticks(const char *s, size_t n)
{
    size_t longest = 0, run = 0;

    for (size_t i = 0; i < n; i++) {
        run = s[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static void put_ticks(struct text *t, size_t n)
{
    while (n--)
        text_add(t, "`");
}

/* No control character, and no line end: a name stays on its line. */
static void put_clean(struct text *t, const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];

        text_add_n(t, c < 0x20 || c == 0x7f ? "?" : &s[i], 1);
    }
}

/* A space at each end is taken off again, so where the text has one itself it gets another. */
static void put_span(struct text *t, const char *s, size_t n)
{
    bool blank = strspn(s, " ") >= n;
    bool pad = !blank && (s[0] == '`' || s[0] == ' ' || s[n - 1] == '`' || s[n - 1] == ' ');
    size_t ticks = longest_ticks(s, n) + 1;

    put_ticks(t, ticks);
    text_add(t, pad ? " " : "");
    put_clean(t, s, n);
    text_add(t, pad ? " " : "");
    put_ticks(t, ticks);
}

/*
 * What ends a cell, and what begins a tag where a renderer does not read
 * Markdown inside of HTML, stand between the spans, as entities.
 */
static void put_code(struct text *t, const char *s, size_t n)
{
    for (size_t i = 0, k; i < n; i += k) {
        for (k = 0; i + k < n && s[i + k] != '|' && s[i + k] != '<'; k++)
            ;
        if (k) {
            put_span(t, s + i, k);
        } else {
            text_add(t, s[i] == '|' ? "&#124;" : "&lt;");
            k = 1;
        }
    }
}

void md_code(struct text *t, const char *name)
{
    put_code(t, name, strlen(name));
}

static bool all_of(const char *s, size_t n, const char *set)
{
    for (size_t i = 0; i < n; i++)
        if (!strchr(set, s[i]))
            return false;
    return true;
}

static bool has(const char *s, size_t n, const char *what)
{
    size_t size = strlen(what);

    for (size_t i = 0; i + size <= n; i++)
        if (strncmp(s + i, what, size) == 0)
            return true;
    return false;
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* "VDI-7", as trackers number what they track; "gh-7" as well. */
static bool is_tracked(const char *s, size_t n)
{
    if (n > 3 && str_lower(s[0]) == 'g' && str_lower(s[1]) == 'h' && s[2] == '-')
        return true;
    for (size_t i = 2; i + 1 < n; i++)
        if (s[i] == '-' && is_upper(s[i - 1]) && is_upper(s[i - 2]) && s[i + 1] >= '0' &&
            s[i + 1] <= '9')
            return true;
    return false;
}

/* Two colons: the name of a picture may stand between them. */
static bool is_pictured(const char *s, size_t n)
{
    const char *first = memchr(s, ':', n);

    return first && memchr(first + 1, ':', n - (size_t)(first + 1 - s));
}

/* No platform makes anything of it: no mark-up, mention, picture, issue, commit or address. */
static bool is_plain(const char *s, size_t n)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                ".,;:()'+/-";
    static const char hex[] = "0123456789abcdefABCDEF";
    size_t core = n;

    while (core && strchr(".,;:)", s[core - 1]))
        core--;
    if (!all_of(s, n, plain) || has(s, n, "://") || has(s, n, "www.") || has(s, n, "WWW."))
        return false;
    return !(core >= 7 && all_of(s, core, hex)) && !is_tracked(s, n) && !is_pictured(s, n);
}

/* "`maxUnavailable: 2`" in our own sentences is code as it stands; the bytes of it, or 0. */
static size_t own_code(const char *s)
{
    size_t n = *s == '`' ? strcspn(s + 1, "`") : 0;

    return n && s[n + 1] == '`' && (!s[n + 2] || strchr(" .,;:)", s[n + 2])) ? n + 2 : 0;
}

void md_words(struct text *t, const char *sentence)
{
    for (size_t n; *sentence; sentence += n) {
        n = own_code(sentence);
        if (n) {
            put_code(t, sentence + 1, n - 2);
            continue;
        }
        n = strspn(sentence, " ");
        if (n) {
            text_add(t, " ");
            continue;
        }
        n = strcspn(sentence, " ");
        if (n == 2 && strncmp(sentence, "->", 2) == 0)
            text_add(t, "\xe2\x86\x92"); /* an arrow */
        else if (is_plain(sentence, n))
            text_add_n(t, sentence, n);
        else
            put_code(t, sentence, n);
    }
}

void md_html(struct text *t, const char *s)
{
    for (; *s; s++) {
        if (*s == '&')
            text_add(t, "&amp;");
        else if (*s == '<')
            text_add(t, "&lt;");
        else if (*s == '>')
            text_add(t, "&gt;");
        else if (*s == '"')
            text_add(t, "&quot;");
        else
            put_clean(t, s, 1);
    }
}

void md_fence(struct text *t, const char *language, const char *block)
{
    size_t n = strlen(block), ticks = longest_ticks(block, n) + 1;

    ticks = ticks < 3 ? 3 : ticks;
    put_ticks(t, ticks);
    text_printf(t, "%s\n", language);
    for (size_t i = 0; i < n; i++)
        if (block[i] == '\n')
            text_add(t, "\n");
        else
            put_clean(t, &block[i], 1);
    if (n && block[n - 1] != '\n')
        text_add(t, "\n");
    put_ticks(t, ticks);
    text_add(t, "\n");
}
