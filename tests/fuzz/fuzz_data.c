/*
 * The reader of data that ages: what it accepts has its days and sources, and
 * every list that it does not accept is as it was.
 */
#include "fuzz.h"

#include "codec/facts.h"

#include <string.h>

static void promise_list(const struct listed_rows *list)
{
    for (size_t i = 0; i < list->count; i++) {
        PROMISE(list->rows[i].name && list->rows[i].date && list->rows[i].source);
        PROMISE(strcmp(list->rows[i].date, list->date) <= 0);
        PROMISE(listed_find(list, list->rows[i].name));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct facts none;
    const struct driver_branch *row;
    struct facts facts = none;
    struct findings found;
    struct arena a;
    bool ok;

    arena_init(&a, FUZZ_ARENA);
    findings_init(&found, &a);
    ok = facts_read(&a, "fuzz.yaml", (const char *)data, size, &facts, &found);
    promise_findings(&found, ok);
    PROMISE(ok || memcmp(&facts, &none, sizeof facts) == 0);
    promise_list(&facts.gpus);
    promise_list(&facts.guests);
    for (size_t i = 0; i < facts.card_count; i++)
        PROMISE(facts.cards[i].name && facts.cards[i].date && facts.cards[i].source);
    for (size_t i = 0; i < facts.branch_count; i++)
        PROMISE(facts_branch(&facts, facts.branches[i].vendor, "0.1", &row) !=
                BRANCH_UNKNOWN); /* its vendor has a branch */
    arena_release(&a);
    return 0;
}
