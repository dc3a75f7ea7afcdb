/*
 * The one writer of JSON: keys in the order they are given, no floats,
 * counters that can reach 2^64-1 as decimal strings (json_u64), two spaces of
 * indent, LF.  The same input gives the same bytes.  It is YAML as well.
 */
#ifndef CODEC_JSON_H
#define CODEC_JSON_H

#include "base/num.h"
#include "base/str.h"

struct json {
    struct text *out;
    int depth;
    bool first[64]; /* nothing written yet at this depth */
    bool compact;   /* no spaces, no line ends: for digests and log lines */
    bool after_key;
};

void json_init(struct json *j, struct text *out, bool compact);
void json_map(struct json *j); /* opens */
void json_map_end(struct json *j);
void json_list(struct json *j);
void json_list_end(struct json *j);
void json_key(struct json *j, const char *key);
void json_text(struct json *j, const char *s); /* NULL: null */
void json_int(struct json *j, int64_t n);      /* for what stays within 2^53 */
void json_u64(struct json *j, uint64_t n);     /* a decimal string */
void json_bool(struct json *j, bool b);
void json_null(struct json *j);
/* key and value in one */
void json_put_text(struct json *j, const char *key, const char *s);
void json_put_int(struct json *j, const char *key, int64_t n);
void json_put_u64(struct json *j, const char *key, uint64_t n);
void json_put_bool(struct json *j, const char *key, bool b);

#endif
