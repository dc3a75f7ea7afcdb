#include "model/policy.h"

#include "base/str.h"

uint32_t policy_vms(const struct policy *p)
{
    return p->max_vms ? p->max_vms : p->most_vms;
}

uint32_t policy_nodes(const struct policy *p)
{
    return p->max_nodes ? p->max_nodes : p->most_nodes;
}

bool policy_one_group(const struct policy *p)
{
    return !p->max_vms && !p->max_nodes;
}

int disruption_rank(enum disruption d)
{
    return d == DISRUPTION_NEVER ? 0 : d == DISRUPTION_WINDOW ? 1 : 2;
}

/* Of several in one file the last that begins before it. */
const struct ceiling_by *policy_ceiling_at(const struct policy *p, const struct span *at)
{
    const struct ceiling_by *found = NULL;

    for (size_t i = 0; at->file && i < p->ceiling_count; i++) {
        const struct ceiling_by *c = &p->ceilings[i];

        if (str_eq(c->at.file, at->file) && c->at.line <= at->line &&
            (!found || c->at.line > found->at.line))
            found = c;
    }
    return found;
}

const char *policy_place(struct arena *a, const struct policy *p, const struct span *at)
{
    const struct ceiling_by *by = policy_ceiling_at(p, at);

    return arena_printf(a, "%s:%u (policy %s)", at->file ? at->file : "?", (unsigned)at->line,
                        by ? by->name : "?");
}

const struct tightened *policy_tightened(const struct policy *p, const char *field)
{
    for (size_t i = 0; i < p->tightened_count; i++)
        if (str_eq(p->tightened[i].field, field))
            return &p->tightened[i];
    return NULL;
}

static void beyond(struct text *t, bool *first, struct num n, const char *what)
{
    if (!n.known)
        return;
    text_printf(t, "%s%llu %s%s", *first ? " beyond " : ", ", (unsigned long long)n.value, what,
                n.value == 1 ? "" : "s");
    *first = false;
}

const char *approval_rule_text(struct arena *a, const struct approval_rule *r)
{
    struct text t;
    bool first = true;

    text_init(&t, a);
    text_printf(&t, "%u%s", (unsigned)r->need, r->signer_count ? " signed" : "");
    beyond(&t, &first, r->interrupts, "interruption");
    beyond(&t, &first, r->nodes, "node");
    beyond(&t, &first, r->detach, "removal");
    if (r->forced_stop)
        text_printf(&t, "%s for a forced stop", first ? "" : ",");
    first = first && !r->forced_stop;
    if (r->count)
        text_printf(&t, "%s for a new count", first ? "" : ",");
    return text_done(&t);
}

bool approval_rule_same(const struct approval_rule *a, const struct approval_rule *b)
{
    bool same = num_eq(a->interrupts, b->interrupts) && num_eq(a->nodes, b->nodes) &&
                num_eq(a->detach, b->detach) && a->forced_stop == b->forced_stop &&
                a->count == b->count && a->need == b->need && a->not_author == b->not_author &&
                a->max_age_ms == b->max_age_ms && a->signer_count == b->signer_count;

    for (size_t i = 0; same && i < a->signer_count; i++)
        same = str_eq(a->signers[i].name, b->signers[i].name) &&
               str_eq(a->signers[i].key, b->signers[i].key);
    return same;
}
