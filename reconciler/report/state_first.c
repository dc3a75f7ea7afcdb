/* What somebody sees who runs the program for the first time. */
#include "base/str.h"
#include "report/inventory.h"

enum { SHOWN = 2, CODE = 22 }; /* findings with one code, and the column of their text */

void page_knowing(struct page *p, const struct known *rows, size_t count, bool all, const char *why)
{
    struct arena *a = p->arena;
    const char *below = arena_printf(a, "  %-*s", CODE, "");
    size_t same;

    for (size_t i = 0; i < count; i += same) {
        for (same = 1; i + same < count && rows[i + same].reason == rows[i].reason; same++)
            ;
        for (size_t k = 0; k < same && (all || k < SHOWN); k++) {
            page_printf(p,
                        arena_printf(a, "  %-*s", CODE, k ? "" : reason_rows[rows[i].reason].code),
                        "%s  (%s)", rows[i + k].text, reason_rows[rows[i].reason].rule);
            if (!why || rows[i + k].kind != SUBJECT_VM)
                continue;
            page_printf(p, below, "see it yourself:  %s %s -o powershell", why,
                        page_word(a, rows[i + k].subject));
            why = NULL;
        }
        if (!all && same > SHOWN)
            page_printf(p, below, "and %zu more (--all)", same - SHOWN);
    }
}

/* Whom to ask about: the first finding about something, else the first VM with a GPU. */
static const char *example_of(struct arena *a, const struct state *have, const struct known *rows,
                              size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (rows[i].kind == SUBJECT_VM)
            return rows[i].subject;
    for (size_t i = 0; i < have->vm_count; i++)
        if (vm_adapters(&have->vms[i]) || vm_requests(&have->vms[i]))
            return arena_printf(a, "vm/%s", have->vms[i].name);
    if (have->gpu_count)
        return arena_printf(a, "gpu/%s", gpu_label(a, have, 0));
    return arena_printf(a, "cluster/%s", have->name);
}

const char *report_first_text(struct arena *a, const struct state *have, const char *program,
                              const char *world, const struct style *style)
{
    const char *sim = world ? arena_printf(a, " --sim %s", page_word(a, world)) : "";
    struct holders holders;
    struct known *known;
    struct page p;
    size_t count;

    page_init(&p, a, style);
    holders_of(a, have, &holders);
    knowing_find(a, have, &known, &count);
    page_printf(&p, "", "%s, looking at %s%s: %s. Nothing is changed.", program,
                world              ? world
                : have->standalone ? "this machine"
                                   : "the cluster of this machine",
                world ? " (simulated)" : "", have->name);
    page_inventory(&p, &holders);
    page_gap(&p);
    if (count)
        page_heading(&p, "Worth knowing (%zu)", count);
    else
        page_wrap(&p, "", "Worth knowing: nothing that a rule speaks against.");
    page_knowing(&p, known, count, style->all, arena_printf(a, "hvgpu why%s", sim));
    page_gap(&p);
    page_printf(&p, "Next:  ", "hvgpu export%s --out site.yaml", sim);
    page_printf(&p, "       ", "hvgpu why%s %s", sim, example_of(a, have, known, count));
    page_wrap(&p, "       ", "hvgpu help");
    return page_done(&p);
}
