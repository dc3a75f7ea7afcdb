#include "report/page.h"

#include <stdarg.h>
#include <string.h>

enum { WHAT_COLUMN = 42, LEAST_ROOM = 20 };

static const char *const signs_paint[256] = {
    ['+'] = PAINT_GREEN, ['-'] = PAINT_RED, ['~'] = PAINT_YELLOW,
    ['>'] = PAINT_BLUE,  ['!'] = PAINT_RED, ['x'] = PAINT_RED,
};

void page_init(struct page *p, struct arena *a, const struct style *style)
{
    size_t width = style && style->width > 0 ? (size_t)style->width : REPORT_WIDTH;

    *p = (struct page){.arena = a, .color = style && style->color};
    p->width = width > REPORT_WIDTH ? REPORT_WIDTH : width < 60 ? 60 : width;
    text_init(&p->out, a);
}

static bool is_mark(unsigned char c)
{
    return c >= 1 && c <= 7;
}

/* Bytes of the character at `s`; a broken one is one byte. */
static size_t char_size(const char *s)
{
    unsigned char c = (unsigned char)*s;
    size_t want = c < 0x80 ? 1 : c < 0xc2 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 1;
    size_t n = 1;

    while (n < want && ((unsigned char)s[n] & 0xc0) == 0x80)
        n++;
    return n == want ? n : 1;
}

static size_t page_columns_of(const char *s, size_t size)
{
    const char *end = s + size;
    size_t columns = 0;

    for (; s < end; s += char_size(s))
        columns += !is_mark((unsigned char)*s);
    return columns;
}

size_t page_columns(const char *s)
{
    return page_columns_of(s, strlen(s));
}

void page_gap(struct page *p)
{
    size_t n = p->out.size;

    if (n >= 2 && p->out.data[n - 1] == '\n' && p->out.data[n - 2] != '\n')
        text_add(&p->out, "\n");
}

static void spaces(struct page *p, size_t n)
{
    while (n--)
        text_add_n(&p->out, " ", 1);
}

/*
 * The end of what fits into `room` columns from `s`: at a space where there is
 * one, else behind a separator of a path, or a hyphen, in the second half of it.
 */
static const char *fitting(const char *s, size_t room)
{
    const char *space = NULL, *joint = NULL, *hyphen = NULL, *q = s;
    size_t columns = 0;

    for (; *q && *q != '\n'; q += char_size(q)) {
        if (*q == ' ' && q != s)
            space = q;
        if (!is_mark((unsigned char)*q) && ++columns > room)
            return space ? space : joint ? joint : hyphen ? hyphen : q;
        if (strchr("#\\/", *q) && columns > room / 2)
            joint = q + 1;
        if (*q == '-' && columns > room / 2)
            hyphen = q + 1;
    }
    return q;
}

void page_wrap(struct page *p, const char *lead, const char *text)
{
    size_t indent = page_columns(lead);
    size_t room = p->width > indent + LEAST_ROOM ? p->width - indent : LEAST_ROOM;

    text_add(&p->out, lead);
    for (bool first = true; first || *text; first = false) {
        const char *end = fitting(text, room), *last = end;

        while (last > text && last[-1] == ' ')
            last--;
        if (!first)
            spaces(p, indent);
        text_add_n(&p->out, text, (size_t)(last - text));
        text_add(&p->out, "\n");
        for (text = end; *text == ' ' || *text == '\n'; text++)
            if (*text == '\n') {
                text++;
                break;
            }
    }
}

void page_printf(struct page *p, const char *lead, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    page_wrap(p, lead, arena_vprintf(p->arena, fmt, ap));
    va_end(ap);
}

void page_heading(struct page *p, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    page_wrap(p, "",
              arena_printf(p->arena, PAINT_BOLD "%s" PAINT_END, arena_vprintf(p->arena, fmt, ap)));
    va_end(ap);
}

void page_ends(struct page *p, const char *left, const char *right)
{
    size_t start = p->out.size, at, used, need = page_columns(right);

    page_wrap(p, "", left);
    if (!need)
        return;
    /* the last line of what was just written, without its line end */
    p->out.data[--p->out.size] = '\0';
    for (at = p->out.size; at > start && p->out.data[at - 1] != '\n'; at--)
        ;
    used = page_columns(p->out.data + at);
    if (used + 2 + need > p->width) {
        text_add(&p->out, "\n");
        used = 0;
    }
    spaces(p, p->width > used + need ? p->width - used - need : 0);
    text_add(&p->out, right);
    text_add(&p->out, "\n");
}

void page_row(struct page *p, char sign, const char *kind, const char *names, const char *what,
              const char *right)
{
    const char *paint = signs_paint[(unsigned char)sign];
    const char *lead =
        arena_printf(p->arena, "  %s%c" PAINT_END " %-4s ", paint ? paint : "", sign, kind);
    size_t used, need = page_columns(right), room = p->width - WHAT_COLUMN;
    const char *end;

    if (page_columns(lead) + page_columns(names) + 2 > WHAT_COLUMN) {
        page_wrap(p, lead, names);
        used = 0;
    } else {
        text_add(&p->out, lead);
        text_add(&p->out, names);
        used = page_columns(lead) + page_columns(names);
    }
    for (bool first = true; first || *what; first = false) {
        if (!first) {
            text_add(&p->out, "\n");
            used = 0;
        }
        end = fitting(what, room);
        spaces(p, WHAT_COLUMN - used);
        text_add_n(&p->out, what, (size_t)(end - what));
        used = WHAT_COLUMN + page_columns(arena_strndup(p->arena, what, (size_t)(end - what)));
        for (what = end; *what == ' '; what++)
            ;
        if (!need || used + 2 + need > p->width)
            continue;
        spaces(p, p->width - used - need);
        text_add(&p->out, right);
        used = p->width;
        need = 0;
    }
    text_add(&p->out, "\n");
    if (need) {
        right = need > p->width ? arena_strndup(p->arena, right, p->width) : right;
        spaces(p, need < p->width ? p->width - need : 0);
        text_add(&p->out, right);
        text_add(&p->out, "\n");
    }
}

static bool is_number(const char *s)
{
    return *s >= '0' && *s <= '9';
}

/* What a cell shows on one line of its row, to its column's width. */
static void cell(struct text *t, const char *s, size_t size, size_t width, bool right)
{
    size_t used = page_columns_of(s, size);
    size_t pad = width > used ? width - used : 0;

    for (size_t i = 0; right && i < pad; i++)
        text_add(t, " ");
    text_add_n(t, s, size);
    for (size_t i = 0; !right && i < pad; i++)
        text_add(t, " ");
}

static size_t longest_word(const char *s)
{
    size_t longest = 0;

    while (*s) {
        size_t n = strcspn(s, " "), columns;

        columns = page_columns_of(s, n);
        longest = columns > longest ? columns : longest;
        s += n;
        s += strspn(s, " ");
    }
    return longest;
}

struct column {
    size_t width, least; /* natural and without a broken word; then as it is written */
    bool right;          /* numbers */
};

static struct column column_of(const char *head, const char *const *cells, size_t step, size_t rows)
{
    struct column c = {page_columns(head), longest_word(head), rows > 0};

    for (size_t r = 0; r < rows; r++) {
        const char *s = cells[r * step];
        size_t width = page_columns(s), word = longest_word(s);

        c.width = width > c.width ? width : c.width;
        c.least = word > c.least ? word : c.least;
        c.right = c.right && is_number(s) && !strchr(s, ' ');
    }
    return c;
}

/*
 * The last column gives way first, then the widest that need not break a word,
 * and with `broken` then the widest.  False: it takes more than that.
 */
static bool fit_columns(struct column *c, size_t count, size_t page, bool broken)
{
    enum { NARROWEST = 8 };
    size_t total = 2 * (count - 1), last = count - 1;
    size_t words = c[last].least > LEAST_ROOM ? c[last].least : LEAST_ROOM;

    for (size_t i = 0; i < count; i++)
        total += c[i].width;
    for (; total > page && c[last].width > words; total--)
        c[last].width--;
    while (total > page) {
        struct column *widest = NULL;

        for (size_t i = 0; i < count; i++)
            if (c[i].width > c[i].least && (!widest || c[i].width > widest->width))
                widest = &c[i];
        for (size_t i = 0; broken && !widest && i < count; i++)
            if (c[i].width > NARROWEST && (!widest || c[i].width > widest->width))
                widest = &c[i];
        if (!widest)
            return false;
        widest->width--;
        total--;
    }
    return true;
}

/* One row: what does not fit goes on below, each in its own column. */
static void table_row(struct page *p, const struct column *c, size_t count, const char *const *row)
{
    const char **rest = arena_array(p->arena, const char *, count);
    bool more = true;

    for (size_t i = 0; i < count; i++)
        rest[i] = row[i];
    while (more) {
        struct text line;
        size_t used;

        text_init(&line, p->arena);
        more = false;
        for (size_t i = 0; i < count; i++) {
            const char *end = fitting(rest[i], c[i].width);

            cell(&line, rest[i], (size_t)(end - rest[i]), c[i].width, c[i].right);
            text_add(&line, i + 1 < count ? "  " : "");
            rest[i] = end + strspn(end, " ");
            more = more || *rest[i];
        }
        for (used = line.size; used && line.data[used - 1] == ' '; used--)
            ;
        text_add_n(&p->out, text_done(&line), used);
        text_add(&p->out, "\n");
    }
}

static struct column *columns_of(struct page *p, const char *const *head, size_t columns,
                                 const char *const *cells, size_t rows)
{
    struct column *c = arena_array(p->arena, struct column, columns);

    for (size_t i = 0; i < columns; i++)
        c[i] = column_of(head[i], cells + i, columns, rows);
    c[columns - 1].right = false;
    return c;
}

void page_table(struct page *p, const char *const *head, size_t columns, const char *const *cells,
                size_t rows)
{
    static const char below[] = "      ";
    struct column *c = columns_of(p, head, columns, cells, rows);
    const char **bold = arena_array(p->arena, const char *, columns);
    bool whole = fit_columns(c, columns, p->width, columns < 3);
    size_t beside = whole ? columns : columns - 1;

    if (!whole) { /* no room for the last column: it stands below its row */
        c = columns_of(p, head, columns, cells, rows);
        (void)fit_columns(c, beside, p->width, true);
    }
    for (size_t i = 0; i < columns; i++)
        bold[i] = head[i];
    bold[0] = arena_printf(p->arena, PAINT_BOLD "%s", head[0]);
    bold[columns - 1] = arena_printf(p->arena, "%s" PAINT_END, head[columns - 1]);
    table_row(p, c, beside, bold);
    if (!whole)
        page_wrap(p, below, bold[columns - 1]);
    for (size_t r = 0; r < rows; r++) {
        const char *const *row = cells + r * columns;

        table_row(p, c, beside, row);
        if (!whole && !str_eq(row[columns - 1], "-"))
            page_wrap(p, below, row[columns - 1]);
    }
}

size_t page_put(struct text *out, const char *s, bool lines)
{
    unsigned char c = (unsigned char)*s, d = c >= 0x80 ? (unsigned char)s[1] : 0;
    size_t n = char_size(s);
    bool bare = (c < 0x20 && !(lines && c == '\n')) || c == 0x7f || (c >= 0x80 && n == 1);
    bool c1 = c == 0xc2 && d < 0xa0;
    /* U+2028..202E and U+2066..2069: line ends and changes of direction */
    bool turns = n == 3 && c == 0xe2 &&
                 ((d == 0x80 && (unsigned char)s[2] >= 0xa8 && (unsigned char)s[2] <= 0xae) ||
                  (d == 0x81 && (unsigned char)s[2] >= 0xa6 && (unsigned char)s[2] <= 0xa9));

    if (bare || c1 || turns)
        text_add(out, c == '\t' ? " " : "?");
    else
        text_add_n(out, s, n);
    return n;
}

const char *page_done(struct page *p)
{
    static const char *const escape[] = {NULL,       "\033[31m", "\033[32m", "\033[33m",
                                         "\033[34m", "\033[1m",  "\033[2m",  "\033[0m"};
    const char *s = text_done(&p->out), *from;
    struct text out;

    text_init(&out, p->arena);
    while (*s) {
        for (from = s; (unsigned char)*s >= 0x20 && (unsigned char)*s < 0x7f; s++)
            ;
        if (s > from)
            text_add_n(&out, from, (size_t)(s - from));
        if (!*s)
            break;
        if (is_mark((unsigned char)*s)) {
            if (p->color)
                text_add(&out, escape[(unsigned char)*s]);
            s++;
        } else {
            s += page_put(&out, s, true);
        }
    }
    return text_done(&out);
}

bool page_is_subject(const char *text)
{
    return *text && *text != '/' && (!str_starts(text, "gpu/") || strstr(text + 4, "/gpu"));
}

const char *page_word(struct arena *a, const char *word)
{
    struct text t;

    if (*word && !strpbrk(word, " \t\n\\\"'`$&|;<>()*?[]#~!{}"))
        return word;
    text_init(&t, a);
    text_add(&t, "'");
    for (; *word; word++)
        if (*word == '\'')
            text_add(&t, "'\\''");
        else
            text_add_n(&t, word, 1);
    text_add(&t, "'");
    return text_done(&t);
}

const char *page_base(const char *path)
{
    const char *base = path;

    for (; *path; path++)
        if (*path == '/' || *path == '\\')
            base = path + 1;
    return base;
}

const char *page_place(struct arena *a, const char *rule, const struct span *at)
{
    const char *place = "";

    if (at && at->file)
        place = at->line ? arena_printf(a, "%s:%u", page_base(at->file), at->line)
                         : page_base(at->file);
    if (!rule || !*rule)
        return place;
    return *place ? arena_printf(a, "%s %s", rule, place) : rule;
}

const char *page_count(struct arena *a, uint64_t n, const char *noun)
{
    return arena_printf(a, "%llu %s%s", (unsigned long long)n, noun, n == 1 ? "" : "s");
}

const char *page_bytes(struct arena *a, struct num n)
{
    if (!n.known)
        return "unknown";
    if (n.value % MIB)
        return arena_printf(a, "%llu B", (unsigned long long)n.value);
    return arena_printf(a, "%llu MiB", (unsigned long long)(n.value / MIB));
}
