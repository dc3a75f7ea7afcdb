/*
 * The reader of recordings: what it accepts is written, read and written again
 * as the same bytes, and answers what it holds without a crash.
 */
#include "fuzz.h"

#include "base/when.h"
#include "cim/cim_replay.h"
#include "cim/talk.h"

#include <string.h>

static const char *write_talk(struct arena *a, const struct talk *t)
{
    struct text out;

    text_init(&out, a);
    text_add(&out, talk_head(a, t->name ? t->name : "", t->now_ms == WHEN_NONE ? 0 : t->now_ms));
    for (size_t i = 0; i < t->count; i++) {
        struct text line;
        struct json j;

        text_init(&line, a);
        json_init(&j, &line, true);
        talk_write_call(&j, &t->calls[i]);
        text_add(&out, i ? ",\n" : "");
        text_add(&out, text_done(&line));
    }
    text_add(&out, talk_foot);
    return text_done(&out);
}

static bool read_talk(struct arena *a, const char *text, size_t size, struct talk *out)
{
    struct findings found;
    bool ok;

    findings_init(&found, a);
    ok = talk_read(a, "fuzz.json", text, size, out, &found);
    promise_findings(&found, ok);
    return ok;
}

/* Each class is asked for, of the first host that was talked to. */
static void answer(struct arena *a, const char *text, size_t size, const char *host)
{
    struct findings found;
    struct cim_rows rows;
    struct cim_net *net;
    struct cim_eye *eye;
    struct err e;

    findings_init(&found, a);
    PROMISE(cim_replay_open("fuzz.json", text, size, &net, &found, &e));
    for (unsigned space = 0; space < CIM_SPACES; space++) {
        if (!net->ops->connect(net, host, space, &eye, &e))
            continue;
        for (unsigned c = 0; c < CIM_CLASS_NONE; c++)
            if (cim_class_row(c)->space == space)
                (void)!cim_query(eye, a, &(struct cim_query){.class = c}, &rows, &e);
        eye->ops->close(eye);
    }
    net->ops->close(net);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct talk t, again;
    const char *first, *second;
    struct arena a;

    arena_init(&a, FUZZ_ARENA);
    if (read_talk(&a, (const char *)data, size, &t)) {
        first = write_talk(&a, &t);
        PROMISE(read_talk(&a, first, strlen(first), &again));
        second = write_talk(&a, &again);
        PROMISE(strcmp(first, second) == 0);
        answer(&a, first, strlen(first), again.count ? again.calls[0].host : NULL);
    }
    arena_release(&a);
    return 0;
}
