/*
 * Values that may be unknown.  Unknown is never a default: a null from WMI,
 * `unknown` in a document and a property that an old build lacks all end here.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stdint.h>

enum tri { TRI_UNKNOWN, TRI_NO, TRI_YES };

/* 64-bit unsigned, the maximum included (rule C9). */
struct num {
    uint64_t value;
    bool known;
};

#define NUM(v)      ((struct num){(v), true})
#define NUM_UNKNOWN ((struct num){0, false})

static inline bool num_is(struct num n, uint64_t v)
{
    return n.known && n.value == v;
}

/* Equal only when both are known or both unknown. */
static inline bool num_eq(struct num a, struct num b)
{
    return a.known == b.known && (!a.known || a.value == b.value);
}

#define MIB ((uint64_t)1 << 20)
#define GIB ((uint64_t)1 << 30)

#endif
