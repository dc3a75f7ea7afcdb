/*
 * A text of at most so many columns: wrapping, rows with a right-hand end,
 * colour.  Colour is written as one of the marks below and becomes an escape
 * sequence, or nothing, in page_done(); every other control character there
 * came from outside and becomes "?".
 */
#ifndef REPORT_PAGE_H
#define REPORT_PAGE_H

#include "base/str.h"
#include "report/report.h"

#define PAINT_RED    "\001"
#define PAINT_GREEN  "\002"
#define PAINT_YELLOW "\003"
#define PAINT_BLUE   "\004"
#define PAINT_BOLD   "\005"
#define PAINT_DIM    "\006"
#define PAINT_END    "\007"

struct page {
    struct text out;
    struct arena *arena;
    size_t width;
    bool color;
};

void page_init(struct page *p, struct arena *a, const struct style *style);
/* Columns that a text takes; marks take none. */
size_t page_columns(const char *s);
void page_gap(struct page *p); /* an empty line, never two */
/* `lead` as it is, then `text` wrapped beside it. */
void page_wrap(struct page *p, const char *lead, const char *text);
void page_printf(struct page *p, const char *lead, const char *fmt, ...) PRINTF_LIKE(3, 4);
void page_heading(struct page *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* `left`, and `right` flush with the right edge; below it when there is no room. */
void page_ends(struct page *p, const char *left, const char *right);
/* "  ~ gpu  names    what        right"; what does not fit goes on below, in its column. */
void page_row(struct page *p, char sign, const char *kind, const char *names, const char *what,
              const char *right);
/*
 * `rows` rows of `columns` cells under a head; numbers stand to the right.  What is too wide
 * wraps within its column, the last one first; where words would break, the last stands below.
 */
void page_table(struct page *p, const char *const *head, size_t columns, const char *const *cells,
                size_t rows);
const char *page_done(struct page *p);
/*
 * One character, as it may be shown; gives its size.  C0 (but LF, with `lines`),
 * DEL, C1 and changes of direction never reach a screen.
 */
size_t page_put(struct text *out, const char *s, bool lines);

/* alike.c: a text without what is each cluster's own: its name, nodes and file. */
const char *page_sameness(struct arena *a, const char *text, const char *cluster,
                          const char *source, const struct state *have);

/* "C2 vdi.yaml:12"; either may be missing. */
const char *page_place(struct arena *a, const char *rule, const struct span *at);
/* "1 VM", "3 VMs", "0 VMs" */
const char *page_count(struct arena *a, uint64_t n, const char *noun);
/* 3648 MiB, or bytes when it is no whole MiB. */
const char *page_bytes(struct arena *a, struct num n);
/* Does `why` take it?  A row of the spec ("gpu/a2") is no subject, nor is what has no kind. */
bool page_is_subject(const char *text);
/* A word of a command that is shown, as a shell takes it. */
const char *page_word(struct arena *a, const char *word);
/* The part of a path behind the last slash. */
const char *page_base(const char *path);

#endif
