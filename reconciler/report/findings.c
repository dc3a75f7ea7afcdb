#include "codec/json.h"
#include "report/page.h"

#include <string.h>

static const char *const severity_words[] = {
    [SEVERITY_ERROR] = "error", [SEVERITY_WARNING] = "warning", [SEVERITY_NOTE] = "note"};
static const char *const severity_paint[] = {
    [SEVERITY_ERROR] = PAINT_RED, [SEVERITY_WARNING] = PAINT_YELLOW, [SEVERITY_NOTE] = PAINT_BLUE};

enum { SHOWN = 88 }; /* columns of a source line that are shown */

/* The line `number` of a text, cut, with tabs as one space; NULL when there is none. */
static const char *source_line(struct arena *a, const struct source_text *source, uint32_t number)
{
    const char *s = source->text, *end = s + source->size, *q;
    char *line;

    for (uint32_t n = 1; n < number; n++) {
        s = memchr(s, '\n', (size_t)(end - s));
        if (!s)
            return NULL;
        s++;
    }
    q = memchr(s, '\n', (size_t)(end - s));
    q = q ? q : end;
    if (q > s && q[-1] == '\r')
        q--;
    if (memchr(s, '\0', (size_t)(q - s))) /* UTF-16, or worse: nothing to show */
        return NULL;
    line = arena_strndup(a, s, (size_t)(q - s));
    for (char *c = line; *c; c++)
        if ((unsigned char)*c < 0x20)
            *c = ' ';
    return line;
}

static const char *cut(struct arena *a, const char *s, size_t columns)
{
    struct text t;
    size_t n = 0;

    text_init(&t, a);
    for (; *s && n < columns; n++) {
        const char *next = s + 1;

        while (((unsigned char)*next & 0xc0) == 0x80)
            next++;
        text_add_n(&t, s, (size_t)(next - s));
        s = next;
    }
    return text_done(&t);
}

static void quote(struct page *p, const struct finding *f, const struct source_text *sources,
                  size_t count)
{
    const struct source_text *source = NULL;
    const char *line;
    char gutter[16];

    for (size_t i = 0; i < count && !source; i++)
        if (str_eq(sources[i].file, f->at.file))
            source = &sources[i];
    line = source && f->at.line ? source_line(p->arena, source, f->at.line) : NULL;
    if (!line)
        return;
    line = cut(p->arena, line, SHOWN);
    text_printf(&p->out, PAINT_DIM "%5u |" PAINT_END " %s\n", f->at.line, line);
    if (!f->at.column || f->at.column > page_columns(line) + 1)
        return;
    memset(gutter, ' ', sizeof gutter);
    text_add_n(&p->out, gutter, 5);
    text_add(&p->out, PAINT_DIM " |" PAINT_END " ");
    for (uint32_t c = 1; c < f->at.column; c++)
        text_add(&p->out, " ");
    text_printf(&p->out, "%s^" PAINT_END "\n", severity_paint[f->severity]);
}

const char *report_findings(struct arena *a, const struct findings *f,
                            const struct source_text *sources, size_t source_count,
                            const struct style *style)
{
    struct page page;
    size_t warnings = 0;

    page_init(&page, a, style);
    for (size_t i = 0; i < f->count; i++) {
        const struct finding *row = &f->rows[i];
        const char *place = "";

        if (row->at.file)
            place = row->at.line
                        ? arena_printf(a, "%s:%u:%u: ", row->at.file, row->at.line, row->at.column)
                        : arena_printf(a, "%s: ", row->at.file);
        page_printf(&page, "", "%s%s%s" PAINT_END ": %s%s: %s", place,
                    severity_paint[row->severity], severity_words[row->severity], row->code,
                    row->rule ? arena_printf(a, " (%s)", row->rule) : "", row->text);
        quote(&page, row, sources, source_count);
        if (row->next && *row->next)
            page_wrap(&page, "        ", row->next);
        warnings += row->severity == SEVERITY_WARNING;
    }
    if (f->dropped)
        page_printf(&page, "", "and %zu more that are not shown", f->dropped);
    if (f->count)
        page_printf(&page, "", "%s, %s", page_count(a, f->errors, "error"),
                    page_count(a, warnings, "warning"));
    return page_done(&page);
}

void report_problems(const struct problems *problems, struct findings *out)
{
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *p = &problems->rows[i];
        const struct reason_row *reason = &reason_rows[p->reason];
        const char *slash = strchr(p->subject, '/'), *name = slash ? slash + 1 : p->subject;
        bool named = str_starts(p->text, name); /* the text begins with it already */
        struct finding *f;

        if (reason->class != CLASS_BLOCKED && reason->class != CLASS_WARNING)
            continue;
        f = findings_add(out, reason->class == CLASS_BLOCKED ? SEVERITY_ERROR : SEVERITY_WARNING,
                         reason->code, &p->at, "%s%s%s", named ? "" : p->subject, named ? "" : ": ",
                         p->text);
        f->rule = reason->rule;
        f->next =
            arena_printf(out->arena, "released by: %s", p->release ? p->release : reason->release);
    }
    findings_sort(out);
}

const char *report_error(struct arena *a, const char *who, const char *text)
{
    static const char joint[] = "; ";
    bool fits = page_columns(who) + 2 + page_columns(text) <= REPORT_WIDTH;
    struct text out;

    text_init(&out, a);
    text_printf(&out, "%s: ", who);
    for (const char *end; !fits && (end = strstr(text, joint)); text = end + strlen(joint)) {
        text_add_n(&out, text, (size_t)(end - text));
        text_add(&out, "\n        ");
    }
    text_printf(&out, "%s\n", text);
    return text_done(&out);
}

const char *report_findings_json(struct arena *a, const struct findings *f)
{
    struct text t;
    struct json j;

    text_init(&t, a);
    json_init(&j, &t, false);
    json_map(&j);
    json_put_text(&j, "apiVersion", "hvgpu/v1");
    json_put_text(&j, "kind", "Findings");
    json_put_int(&j, "errors", (int64_t)f->errors);
    json_put_int(&j, "notShown", (int64_t)f->dropped);
    json_key(&j, "findings");
    json_list(&j);
    for (size_t i = 0; i < f->count; i++) {
        const struct finding *row = &f->rows[i];

        json_map(&j);
        json_put_text(&j, "severity", severity_words[row->severity]);
        json_put_text(&j, "code", row->code);
        json_put_text(&j, "rule", row->rule);
        json_put_text(&j, "file", row->at.file);
        json_put_int(&j, "line", row->at.line);
        json_put_int(&j, "column", row->at.column);
        json_put_text(&j, "text", row->text);
        json_put_text(&j, "next", row->next);
        json_map_end(&j);
    }
    json_list_end(&j);
    json_map_end(&j);
    text_add(&t, "\n");
    return text_done(&t);
}
