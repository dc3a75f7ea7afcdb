#include "codec/json.h"

#include <inttypes.h>
#include <string.h>

void json_init(struct json *j, struct text *out, bool compact)
{
    *j = (struct json){.out = out, .compact = compact};
    j->first[0] = true;
}

static void new_line(struct json *j)
{
    static const char spaces[] = "                                                                ";

    if (j->compact)
        return;
    text_add_n(j->out, "\n", 1);
    for (int left = 2 * j->depth; left > 0; left -= 64)
        text_add_n(j->out, spaces, left > 64 ? 64 : (size_t)left);
}

/* What stands between this value or key and what was written before it. */
static void separate(struct json *j)
{
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    if (!j->first[j->depth])
        text_add_n(j->out, j->depth ? "," : "\n", 1);
    j->first[j->depth] = false;
    if (j->depth)
        new_line(j);
}

static void open_nest(struct json *j, const char *bracket)
{
    separate(j);
    text_add_n(j->out, bracket, 1);
    if (j->depth + 1 < (int)(sizeof j->first / sizeof *j->first))
        j->depth++;
    j->first[j->depth] = true;
}

static void close_nest(struct json *j, const char *bracket)
{
    bool empty = j->first[j->depth];

    if (j->depth > 0)
        j->depth--;
    if (!empty)
        new_line(j);
    text_add_n(j->out, bracket, 1);
}

void json_map(struct json *j)
{
    open_nest(j, "{");
}

void json_map_end(struct json *j)
{
    close_nest(j, "}");
}

void json_list(struct json *j)
{
    open_nest(j, "[");
}

void json_list_end(struct json *j)
{
    close_nest(j, "]");
}

/*
 * The length of the UTF-8 character at `s` and its value; 0 when there is
 * none (RFC 3629: no surrogates, no longer form than needed).
 */
static size_t character(const unsigned char *s, uint32_t *out)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = s[0] < 0x80    ? 1
               : s[0] >= 0xf5 ? 0
               : s[0] >= 0xf0 ? 4
               : s[0] >= 0xe0 ? 3
               : s[0] >= 0xc2 ? 2
                              : 0;
    uint32_t c = n == 1 ? s[0] : s[0] & (0x7fu >> n);

    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    if (n == 0 || c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return 0;
    *out = c;
    return n;
}

/* A character that is safe as it is in JSON, in YAML, on a terminal and in HTML's scripts. */
static bool as_it_is(uint32_t c)
{
    if (c < 0xa0)
        return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
    return c != 0x2028 && c != 0x2029 && c != 0xfeff && c != 0xfffe && c != 0xffff;
}

static void escape(struct text *out, uint32_t c)
{
    static const char letters[] = "\b\t\n\f\r\"\\", names[] = "btnfr\"\\";
    const char *p = c && c < 0x80 ? strchr(letters, (int)c) : NULL;

    if (p)
        text_printf(out, "\\%c", names[p - letters]);
    else
        text_printf(out, "\\u%04" PRIx32, c);
}

static void quoted(struct text *out, const char *s)
{
    const unsigned char *p = (const unsigned char *)s, *from = p;
    uint32_t c = 0;
    size_t n;

    text_add_n(out, "\"", 1);
    while (*p) {
        n = character(p, &c);
        if (n && as_it_is(c)) {
            p += n;
            continue;
        }
        if (p > from)
            text_add_n(out, (const char *)from, (size_t)(p - from));
        escape(out, n ? c : 0xfffd);
        p += n ? n : 1;
        from = p;
    }
    if (p > from)
        text_add_n(out, (const char *)from, (size_t)(p - from));
    text_add_n(out, "\"", 1);
}

void json_key(struct json *j, const char *key)
{
    separate(j);
    quoted(j->out, key);
    text_add_n(j->out, ": ", j->compact ? 1 : 2);
    j->after_key = true;
}

void json_text(struct json *j, const char *s)
{
    if (!s) {
        json_null(j);
        return;
    }
    separate(j);
    quoted(j->out, s);
}

void json_int(struct json *j, int64_t n)
{
    separate(j);
    text_printf(j->out, "%" PRId64, n);
}

void json_u64(struct json *j, uint64_t n)
{
    separate(j);
    text_printf(j->out, "\"%" PRIu64 "\"", n);
}

void json_bool(struct json *j, bool b)
{
    separate(j);
    text_add(j->out, b ? "true" : "false");
}

void json_null(struct json *j)
{
    separate(j);
    text_add(j->out, "null");
}

void json_put_text(struct json *j, const char *key, const char *s)
{
    json_key(j, key);
    json_text(j, s);
}

void json_put_int(struct json *j, const char *key, int64_t n)
{
    json_key(j, key);
    json_int(j, n);
}

void json_put_u64(struct json *j, const char *key, uint64_t n)
{
    json_key(j, key);
    json_u64(j, n);
}

void json_put_bool(struct json *j, const char *key, bool b)
{
    json_key(j, key);
    json_bool(j, b);
}
