#include "store/store.h"

#include "store/inner.h"

void store_close(struct store *s)
{
    if (s)
        s->ops->close(s);
}

bool store_ledger(struct store *s, struct arena *a, struct ledger *out, struct err *e)
{
    return s->ops->ledger(s, a, out, e);
}

bool store_commit(struct store *s, const struct commit *c, struct err *e)
{
    return s->ops->commit(s, c, e);
}

bool store_reserve(struct store *s, size_t bytes, struct err *e)
{
    return s->ops->reserve(s, bytes, e);
}

bool store_epoch(struct store *s, uint64_t *out, struct err *e)
{
    return s->ops->epoch(s, out, e);
}

const char *store_id(const struct store *s)
{
    return s->id;
}
