/* The data that is compiled in, read once for a whole program of tests. */
#ifndef TESTS_KNOWN_H
#define TESTS_KNOWN_H

#include "codec/facts.h"

static inline const struct facts *known_facts(void)
{
    static struct arena arena;
    static const struct facts *facts;

    if (!facts) {
        arena_init(&arena, 0);
        facts = facts_built_in(&arena);
    }
    return facts;
}

#endif
