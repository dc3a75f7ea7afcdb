#include "fleet/screen.h"

#include "base/str.h"
#include "fleet/fleet.h"
#include "host/host.h"

size_t screen_columns(void)
{
    int n = host_terminal_width();

    /* behind a line that fills the last column some terminals begin a line, others do not */
    return n > 1 ? (size_t)n - 1 : 0;
}

size_t screen_rows(void)
{
    int n = host_terminal_height();

    return n < 0 ? 0 : n > SCREEN_LINES ? SCREEN_LINES : (size_t)n;
}

/*
 * Rows that the block takes now: in a window that became narrower most
 * terminals break its lines.
 */
static size_t rows_of(const struct screen *s)
{
    int width = host_terminal_width();
    size_t rows = 0;

    for (size_t i = 0; i < s->lines; i++)
        rows += width > 0 && s->bytes[i] > (size_t)width
                    ? (s->bytes[i] + (size_t)width - 1) / (size_t)width
                    : 1;
    return rows;
}

/* To the first column of the block's first row, and nothing below it. */
static void take_away(struct screen *s, struct text *t)
{
    if (s->lines)
        text_printf(t, "\033[%zuF\033[J", rows_of(s));
    s->lines = 0;
}

void screen_draw(struct fleet_item *item, const char *text)
{
    struct screen *s = &item->screen;
    struct arena a;
    struct text t;

    arena_init(&a, 0);
    text_init(&t, &a);
    take_away(s, &t);
    text_add(&t, text);
    for (const char *end; (end = strchr(text, '\n')) && s->lines < SCREEN_LINES; text = end + 1)
        s->bytes[s->lines++] = (size_t)(end - text);
    item->options->log(text_done(&t));
    arena_release(&a);
}

void screen_clear(struct fleet_item *item)
{
    if (item->screen.lines)
        screen_draw(item, "");
}
