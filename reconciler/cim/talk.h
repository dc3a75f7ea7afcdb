/*
 * A conversation over the seam as JSON: what was asked, and what was answered.
 * Recorder and replay share this form; specs/wmi.md has it.
 */
#ifndef CIM_TALK_H
#define CIM_TALK_H

#include "cim/cim.h"
#include "codec/doc.h"
#include "codec/json.h"

enum talk_op {
    TALK_CONNECT,
    TALK_QUERY,
    TALK_GET,
    TALK_ASK,
    TALK_SCHEMA,
    TALK_PUT,
    TALK_INVOKE,
    TALK_OPS
};

struct talk_answer {
    bool ok;
    struct err err;            /* where it is not */
    struct cim_rows rows;      /* of a query */
    struct cim_object *object; /* of get, ask and invoke; NULL: none */
    struct cim_schema schema;
};

struct talk_call {
    const char *host; /* NULL: this machine */
    enum cim_space space;
    enum talk_op op;
    const char *request; /* one text that says all of it: the same request, the same text */
    struct talk_answer answer;
};

struct talk {
    const char *name;
    int64_t now_ms; /* when it began */
    struct talk_call *calls;
    size_t count, room;
};

const char *talk_query_text(struct arena *a, const struct cim_query *query);
const char *talk_call_text(struct arena *a, const struct cim_call *call);
const char *talk_put_text(struct arena *a, const struct cim_object *object);

/* One call as a map; `head` and `foot` make a document of many, with commas between. */
void talk_write_call(struct json *j, const struct talk_call *call);
const char *talk_head(struct arena *a, const char *name, int64_t now_ms);
extern const char talk_foot[];

/* False: findings say why.  Everything lives in `a`. */
bool talk_read(struct arena *a, const char *path, const char *text, size_t size, struct talk *out,
               struct findings *found) MUST_CHECK;

#endif
