/* Building the commits of protocol.md section 3. */
#include "apply/machine.h"

#include "base/str.h"

/* The kinds by what they must wait for: the strictest names the commit. */
static bool needs_sync(enum commit_kind kind)
{
    return kind != COMMIT_SETTLE && kind != COMMIT_NOTE;
}

struct ledger_change *change_add(struct run *r, struct commit *c, enum commit_kind kind,
                                 enum ledger_op op)
{
    struct ledger_change *row = arena_push(r->arena, c->changes, c->change_count, c->room);

    if (c->change_count == 1 || (needs_sync(kind) && !c->sync))
        c->kind = kind;
    c->sync |= needs_sync(kind);
    row->op = op;
    return row;
}

void put_debt(struct run *r, struct commit *c, enum commit_kind kind, const struct debt *d)
{
    change_add(r, c, kind, LEDGER_DEBT)->debt = *d;
}

void put_marks(struct run *r, struct commit *c, const struct group *g, const struct member *m,
               uint32_t marks)
{
    struct ledger_change *row = change_add(r, c, COMMIT_SETTLE, LEDGER_MEMBER_MARKS);

    row->marks.group = g->id;
    row->marks.member = *m;
    row->marks.member.marks = m->marks | marks;
}

void stamp_debt(const struct run *r, const struct vm *vm, struct debt *d)
{
    d->stamp_ms = vm->stamp_ms;
    if (vm->node < r->have->node_count) {
        d->node = r->have->nodes[vm->node].name;
        d->boot_ms = r->have->nodes[vm->node].boot_ms;
    }
}
