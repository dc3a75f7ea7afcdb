/* What the targets share.  A broken promise ends the process, which a fuzzer and a replay both see.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "base/finding.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A small input may not take more memory than this. */
#define FUZZ_ARENA ((size_t)1 << 30)

#define PROMISE(what)                                                                              \
    ((what) ? (void)0                                                                              \
            : (fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #what), abort()))

/* Findings have a text, a next step and a place; `ok` says whether one of them is an error. */
static inline void promise_findings(const struct findings *found, bool ok)
{
    PROMISE(ok == (found->errors == 0));
    for (size_t i = 0; i < found->count; i++) {
        const struct finding *f = &found->rows[i];

        if (!f->text || !*f->text || !f->code || !f->at.line || !f->at.column)
            fprintf(stderr, "finding %s at %u:%u\n", f->code ? f->code : "?", f->at.line,
                    f->at.column);
        PROMISE(f->code && *f->code && f->text && *f->text);
        PROMISE(f->at.file && f->at.line && f->at.column);
        if (f->severity == SEVERITY_ERROR && !f->next)
            fprintf(stderr, "%s: %s\n", f->code, f->text);
        PROMISE(f->severity != SEVERITY_ERROR || (f->next && *f->next));
    }
}

#endif
