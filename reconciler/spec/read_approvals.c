/* `approvals` of a Policy (P12): rows to rules, and what cannot be right about them. */
#include "spec/read_ceiling.h"

#include "codec/json.h"
#include "codec/sign.h"

static struct num number(const struct spec_num *n)
{
    return said(&n->at) ? NUM(n->value) : NUM_UNKNOWN;
}

static void take_signer(struct reader *r, const struct raw_signer *row, struct approval_rule *out)
{
    if (!SAID(row->name) || !SAID(row->key))
        return;
    if (!sign_key_valid(row->key.value)) {
        spec_find(r->found, CODE_BAD_KEY, &row->key.at, "`key` is no public key: \"%s\"",
                  row->key.value)
            ->next = "write what hvgpu approve --new-key FILE printed: ed25519: and 44 characters";
        return;
    }
    for (size_t i = 0; i < out->signer_count; i++)
        if (str_eq(out->signers[i].key, row->key.value)) {
            spec_find(r->found, CODE_DUPLICATE_NAME, &row->key.at,
                      "the key of %s is the key of %s as well", row->name.value,
                      out->signers[i].name)
                ->next = "a key is one person's: take one of them out";
            return;
        }
    out->signers[out->signer_count++] = (struct signer){row->name.value, row->key.value};
}

/* How many different people sign: one may have several keys. */
static size_t people(const struct approval_rule *rule)
{
    size_t n = 0;

    for (size_t i = 0; i < rule->signer_count; i++) {
        bool known = false;

        for (size_t k = 0; k < i && !known; k++)
            known = str_same(rule->signers[k].name, rule->signers[i].name);
        n += !known;
    }
    return n;
}

static void take_signers(struct reader *r, const struct said_rows *rows, struct approval_rule *out)
{
    if (!rows->count) {
        spec_find(r->found, CODE_BAD_KEY, &rows->at, "`signers` names nobody")->next =
            "leave it out where anybody may approve";
        return;
    }
    if (ceiling_too_many(r, &rows->at, rows->count, LIMIT_SIGNERS, "signers"))
        return;
    out->signers = arena_array(r->arena, struct signer, rows->count);
    for (size_t i = 0; i < rows->count; i++)
        take_signer(r, ROW_AT(signer, *rows, i), out);
}

static void take_rule(struct reader *r, const struct raw_approval *row, struct approval_rule *out)
{
    const struct raw_approval_when *when = ROW(approval_when, row->when);
    size_t errors = r->found->errors;

    *out = (struct approval_rule){.need = SAID(row->need) ? (uint32_t)row->need.value : 1,
                                  .not_author = row->notAuthor.value,
                                  .max_age_ms = row->maxAge.ms,
                                  .at = row->head.at};
    if (when) {
        out->interrupts = number(&when->interrupts);
        out->nodes = number(&when->nodes);
        out->detach = number(&when->detach);
        out->forced_stop = when->forcedStop.value;
        out->count = when->count.value;
    }
    if (!SAID(row->signers))
        return;
    take_signers(r, &row->signers, out);
    if (r->found->errors == errors && people(out) < out->need)
        spec_find(r->found, CODE_OUT_OF_RANGE, SAID(row->need) ? &row->need.at : &row->head.at,
                  "`need` is %u, and %zu may sign", (unsigned)out->need, people(out))
            ->next = "no plan could ever be approved: name more signers, or need fewer";
}

void read_approvals(struct reader *r, const struct said_rows *rows, struct ceiling_bounds *out)
{
    if (!SAID(*rows) || ceiling_too_many(r, &rows->at, rows->count, LIMIT_APPROVALS, "approvals"))
        return;
    out->approvals = arena_array(r->arena, struct approval_rule, rows->count + 1);
    for (size_t i = 0; i < rows->count; i++)
        take_rule(r, ROW_AT(approval, *rows, i), &out->approvals[out->approval_count++]);
}

static const char *num_text(struct arena *a, struct num n)
{
    return n.known ? arena_printf(a, "%llu", (unsigned long long)n.value) : "-";
}

const char *approval_digest_text(struct arena *a, const struct approval_rule *r)
{
    const char **keys = arena_array(a, const char *, r->signer_count + 1);
    struct text t;

    text_init(&t, a);
    text_printf(&t, "%s %s %s %d %d need %u %d %lld", num_text(a, r->interrupts),
                num_text(a, r->nodes), num_text(a, r->detach), r->forced_stop, r->count,
                (unsigned)r->need, r->not_author, (long long)r->max_age_ms);
    for (size_t i = 0; i < r->signer_count; i++)
        keys[i] = arena_printf(a, "%s %s", r->signers[i].key, r->signers[i].name);
    ceiling_sort(keys, r->signer_count);
    for (size_t i = 0; i < r->signer_count; i++)
        text_printf(&t, " %s", keys[i]);
    return text_done(&t);
}
