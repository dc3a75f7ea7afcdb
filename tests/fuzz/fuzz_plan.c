/*
 * The reader of plan files: an edited file is refused; one that is accepted is
 * written and read again as the same, and can be held against a world.
 *
 * The digest in a plan file keeps accidents out, not malice: anybody can
 * compute it.  So every input is read a second time under a digest that fits.
 */
#include "fuzz.h"

#include "base/str.h"
#include "codec/digest.h"
#include "codec/json.h"
#include "codec/planfile_doc.h"
#include "plan/approvals.h"
#include "plan/delta.h"

#include <string.h>

static bool read_plan(struct arena *a, const char *text, size_t size, struct plan_file *out)
{
    struct findings found;
    bool ok;

    findings_init(&found, a);
    *out = (struct plan_file){0};
    ok = plan_read(a, "fuzz.json", text, size, out, &found);
    promise_findings(&found, ok);
    return ok;
}

static void use(struct arena *a, const char *text, size_t size)
{
    const struct state empty = {0};
    const struct ledger owed = {0};
    struct plan_file file, again;
    struct delta delta;
    struct err e = {0};
    const char *first;

    if (!read_plan(a, text, size, &file))
        return;
    PROMISE(file.plan.id && *file.plan.id);
    first = plan_file_write(a, &file);
    PROMISE(read_plan(a, first, strlen(first), &again));
    PROMISE(strcmp(first, plan_file_write(a, &again)) == 0);
    if (!plan_fresh(a, &file, &empty, &owed, false, &e))
        PROMISE(e.kind == ERR_STALE && *e.text);
    delta_of(a, DELTA_DIFF, &(struct delta_plan){&file.plan, &file.seen, file.digest},
             &(struct delta_plan){&again.plan, &again.seen, again.digest}, &delta);
    PROMISE(delta.holds || !file.plan.head.spec_digest);
    delta_of(a, DELTA_COVERS, &(struct delta_plan){&file.plan, &file.seen, file.digest},
             &(struct delta_plan){&again.plan, &again.seen, again.digest}, &delta);
    approvals_of_file(a, NULL, &file.seen, &file.plan);
    plan_bind(&file, &file.seen);
    plan_bind(&again, &empty);
}

/* The document under a digest of its own; NULL when it is none. */
static const char *sealed(struct arena *a, const char *text, size_t size)
{
    struct findings found;
    struct plan_doc *doc = arena_new(a, struct plan_doc);
    struct doc *d;
    struct text t;
    struct json j;
    bool ok;

    findings_init(&found, a);
    d = doc_open(a, "fuzz.json", text, size, &found);
    ok = doc_next(d) && shape_read(d, &plan_shape, doc);
    doc_close(d);
    if (!ok)
        return NULL;
    doc->id = doc->digest = NULL;
    text_init(&t, a);
    json_init(&j, &t, true);
    shape_write(&j, &plan_shape, doc);
    doc->digest = digest_text(a, text_done(&t));
    doc->id = arena_printf(a, "p-%.8s", doc->digest);
    text_init(&t, a);
    json_init(&j, &t, true);
    shape_write(&j, &plan_shape, doc);
    return text_done(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text;
    struct arena a;

    arena_init(&a, FUZZ_ARENA);
    use(&a, (const char *)data, size);
    text = sealed(&a, (const char *)data, size);
    if (text)
        use(&a, text, strlen(text));
    arena_release(&a);
    return 0;
}
