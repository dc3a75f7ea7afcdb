/* Strings, comments and lines of a PowerShell script. */
#include "report/powershell.h"

#include <stdarg.h>

enum { INDENT = 4, LEAST_ROOM = 20 };

void script_init(struct script *s, struct arena *a, bool alone)
{
    *s = (struct script){.arena = a, .alone = alone};
    text_init(&s->text, a);
}

/* ---- what comes from outside ---- */

/* The character at *s, which is passed; a byte that begins none is U+FFFD. */
static uint32_t next_char(const char **s)
{
    const unsigned char *p = (const unsigned char *)*s;
    int more = *p < 0x80 ? 0 : *p < 0xc2 ? -1 : *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : *p < 0xf5 ? 3 : -1;
    uint32_t c = more <= 0 ? *p : *p & (0x3fu >> more);

    for (int i = 1; i <= more; i++) {
        if ((p[i] & 0xc0) != 0x80)
            more = -1;
        else
            c = c << 6 | (p[i] & 0x3f);
    }
    *s += more < 0 ? 1 : more + 1;
    return more < 0 ? 0xfffd : c;
}

static bool is_printable(uint32_t c)
{
    return c >= 0x20 && c < 0x7f;
}

static void add_run(struct text *t, const char *from, const char *end)
{
    text_add(t, t->size ? " + '" : "'");
    for (; from < end; from++)
        text_add_n(t, *from == '\'' ? "''" : from, *from == '\'' ? 2 : 1);
    text_add(t, "'");
}

static void add_number(struct text *t, uint32_t c)
{
    if (!t->size) /* the sum is one of texts, not of characters */
        text_add(t, "''");
    if (c < 0x10000)
        text_printf(t, " + [char]0x%X", (unsigned)c);
    else
        text_printf(t, " + [char]::ConvertFromUtf32(0x%X)", (unsigned)c);
}

const char *script_string(struct arena *a, const char *text)
{
    struct text t;
    bool sum = false;

    text_init(&t, a);
    while (*text) {
        const char *run = text, *at = text;
        uint32_t c = 0;

        while (*text && is_printable(c = next_char(&text)))
            at = text;
        if (at > run)
            add_run(&t, run, at);
        if (text > at) {
            add_number(&t, c);
            sum = true;
        }
    }
    if (!t.size)
        return "''";
    return sum ? arena_printf(a, "(%s)", text_done(&t)) : text_done(&t);
}

const char *script_plain(struct arena *a, const char *text)
{
    struct text t;

    text_init(&t, a);
    while (*text) {
        const char *at = text;
        uint32_t c = next_char(&text);

        if (is_printable(c))
            text_add_n(&t, at, 1);
        else
            text_printf(&t, "<U+%04X>", (unsigned)c);
    }
    return text_done(&t);
}

/* ---- comments ---- */

/* The end of what fits: at a space where there is one. */
static size_t fitting(const char *s, size_t room)
{
    size_t n = strlen(s), space = 0;

    if (n <= room)
        return n;
    for (size_t i = 1; i <= room; i++)
        if (s[i] == ' ')
            space = i;
    return space ? space : room;
}

void script_comment(struct script *s, const char *lead, const char *text)
{
    const char *rest = script_plain(s->arena, text);
    const size_t indent = strlen(lead);
    const size_t used = indent + 2;
    const size_t room = REPORT_WIDTH > used + LEAST_ROOM ? REPORT_WIDTH - used : LEAST_ROOM;

    text_printf(&s->text, "# %s", lead);
    for (;;) {
        size_t n = fitting(rest, room);

        text_add_n(&s->text, rest, n);
        text_add(&s->text, "\n");
        for (rest += n; *rest == ' ';)
            rest++;
        if (!*rest)
            return;
        text_printf(&s->text, "# %*s", (int)indent, "");
    }
}

void script_remark(struct script *s, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    script_comment(s, "", arena_vprintf(s->arena, fmt, ap));
    va_end(ap);
}

void script_comments(struct script *s, const char *lines)
{
    while (*lines) {
        const char *end = strchr(lines, '\n');
        size_t n = end ? (size_t)(end - lines) : strlen(lines);
        const char *plain = script_plain(s->arena, arena_strndup(s->arena, lines, n));

        text_printf(&s->text, *plain ? "# %s\n" : "#%s\n", plain);
        lines += end ? n + 1 : n;
    }
}

/* ---- code ---- */

/* The last place before `room` where a parameter begins, outside of strings; 0: none. */
static size_t breaking(const char *line, size_t room)
{
    size_t at = 0;
    bool quoted = false;

    for (size_t i = 0; line[i] && i < room; i++) {
        quoted ^= line[i] == '\'';
        if (!quoted && line[i] == ' ' && line[i + 1] == '-' && i && line[i - 1] != ' ')
            at = i;
    }
    return at;
}

void script_code(struct script *s, const char *line)
{
    const size_t indent = strspn(line, " ");
    size_t used = 0;

    while (strlen(line) + used > REPORT_WIDTH) {
        size_t n = breaking(line, REPORT_WIDTH - used - 2);

        if (!n)
            break;
        text_add_n(&s->text, line, n);
        text_printf(&s->text, " `\n%*s", (int)(indent + INDENT), "");
        line += n + 1;
        used = indent + INDENT;
    }
    text_add(&s->text, line);
    text_add(&s->text, "\n");
}

void script_line(struct script *s, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    script_code(s, arena_vprintf(s->arena, fmt, ap));
    va_end(ap);
}

void script_gap(struct script *s)
{
    text_add(&s->text, "\n");
}

/* ---- what the plan knows ---- */

const char *script_at(const struct script *s, const char *node)
{
    return s->alone ? ""
                    : arena_printf(s->arena, " -ComputerName %s", script_string(s->arena, node));
}

const char *script_node(const struct script *s, const char *node)
{
    return s->alone ? "" : arena_printf(s->arena, "%s ", script_string(s->arena, node));
}

const struct read_object *script_read(const struct script *s, const char *kind, const char *id)
{
    const char *subject = arena_printf(s->arena, "%s/%s", kind, id);

    for (size_t i = 0; i < s->read_count; i++)
        if (str_same(s->reads[i].subject, subject))
            return &s->reads[i];
    return NULL;
}

const char *script_field(const struct read_object *o, const char *name)
{
    for (size_t i = 0; o && i < o->field_count; i++)
        if (str_eq(o->fields[i].name, name))
            return o->fields[i].value;
    return NULL;
}

bool script_is_role(const struct script *s, const char *vm)
{
    return !s->alone && !str_eq(script_field(script_read(s, "vm", vm), "clustered"), "false");
}
