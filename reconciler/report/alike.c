/* Many clusters of which one says what the others would say. */
#include "report/page.h"

#include <string.h>

/* `text` with every `name` in it, where no letter or digit goes on, as `word`. */
static const char *without(struct arena *a, const char *text, const char *name, const char *word)
{
    static const char more[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t n = strlen(name);
    struct text out;

    if (!n || !strstr(text, name))
        return text;
    text_init(&out, a);
    for (const char *at; (at = strstr(text, name)); text = at + n) {
        bool whole = (at == text || !strchr(more, at[-1])) && (!at[n] || !strchr(more, at[n]));

        text_add_n(&out, text, (size_t)(at - text));
        text_add(&out, whole ? word : name);
    }
    text_add(&out, text);
    return text_done(&out);
}

/* Names of other lengths break lines elsewhere. */
static const char *one_spaced(struct arena *a, const char *text)
{
    struct text out;

    text_init(&out, a);
    for (size_t n; *(text += strspn(text, " \n")); text += n) {
        n = strcspn(text, " \n");
        text_add(&out, out.size ? " " : "");
        text_add_n(&out, text, n);
    }
    return text_done(&out);
}

const char *page_sameness(struct arena *a, const char *text, const char *cluster,
                          const char *source, const struct state *have)
{
    if (source)
        text = without(a, text, page_base(source), "<file>");
    for (size_t i = 0; have && i < have->node_count; i++)
        text = without(a, text, have->nodes[i].name, arena_printf(a, "<node %zu>", i));
    return one_spaced(a, without(a, text, cluster, "<cluster>"));
}

const char *report_same(struct arena *a, const char *what, const char *first, const char **names,
                        size_t count, const struct style *style)
{
    struct page page;

    page_init(&page, a, style);
    page_printf(&page, "", "Same %s as %s in %s more (--all shows each):", what, first,
                page_count(a, count, "cluster"));
    page_wrap(&page, "  ", str_ranges(a, names, count));
    return page_done(&page);
}

const char *report_same_files(struct arena *a, const char *first, const char **names, size_t count,
                              const struct style *style)
{
    struct page page;

    page_init(&page, a, style);
    page_printf(&page, "",
                "The same in the profiles of %s as of %s:", page_count(a, count, "more file"),
                first);
    page_wrap(&page, "  ", str_ranges(a, names, count));
    return page_done(&page);
}
