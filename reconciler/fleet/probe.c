#include "fleet/probe.h"

#include "base/limits.h"
#include "base/str.h"
#include "codec/doc.h"
#include "host/host.h"

const char *probe_kind(struct arena *a, const char *text, size_t size)
{
    struct findings ignored;
    struct doc_scalar key, value;
    const char *kind = NULL;
    struct doc *d;

    findings_init(&ignored, a);
    d = doc_open(a, "", text, size, &ignored);
    if (doc_next(d) && doc_peek(d, &key.at) == DOC_MAP && doc_map(d, "document"))
        while (!kind && doc_key(d, &key)) {
            if (!str_eq(key.text, "kind"))
                doc_skip(d);
            else if (doc_scalar(d, "kind", &value) && !value.null)
                kind = value.text;
            else
                break;
        }
    doc_close(d);
    return kind;
}

/* The text of a key, where it is one; consumed either way. */
static const char *text_of(struct doc *d, const char *key)
{
    struct doc_scalar value;

    if (doc_peek(d, &value.at) != DOC_SCALAR) {
        doc_skip(d);
        return NULL;
    }
    return doc_scalar(d, key, &value) && !value.null ? value.text : NULL;
}

/* One key of a map within the document. */
static const char *inner(struct doc *d, const char *wanted)
{
    struct doc_scalar key;
    const char *found = NULL;

    if (doc_peek(d, &key.at) != DOC_MAP) {
        doc_skip(d);
        return NULL;
    }
    if (!doc_map(d, ""))
        return NULL;
    while (doc_key(d, &key))
        if (str_eq(key.text, wanted))
            found = text_of(d, wanted);
        else
            doc_skip(d);
    return found;
}

bool probe_documents(struct arena *a, const char *text, size_t size, struct probe_document **out,
                     size_t *count)
{
    struct findings ignored;
    size_t room = 0;
    struct doc *d;
    bool whole;

    findings_init(&ignored, a);
    *out = NULL;
    *count = 0;
    d = doc_open(a, "", text, size, &ignored);
    while (doc_next(d)) {
        struct doc_scalar key;
        struct probe_document *row = arena_push(a, *out, *count, room);

        *row = (struct probe_document){0};
        if (doc_peek(d, &key.at) != DOC_MAP || !doc_map(d, "")) {
            doc_skip(d);
            continue;
        }
        while (doc_key(d, &key))
            if (str_eq(key.text, "kind"))
                row->kind = text_of(d, "kind");
            else if (str_eq(key.text, "metadata"))
                row->name = inner(d, "name");
            else if (str_eq(key.text, "spec"))
                row->cluster = inner(d, "cluster");
            else
                doc_skip(d);
    }
    whole = !doc_broken(d);
    doc_close(d);
    return whole;
}

const char *probe_file(struct arena *a, const char *path)
{
    enum { HEAD = 64 << 10 };
    struct err ignored;
    const char *kind;
    char *text;
    size_t size, whole;

    if (!host_read_head(a, path, HEAD, &text, &size, &ignored))
        return NULL;
    whole = size;
    if (size == HEAD) /* not in the middle of a word */
        while (whole && text[whole - 1] != '\n')
            whole--;
    kind = probe_kind(a, text, whole);
    if (kind || size < HEAD || !host_read_file(a, path, LIMIT_DOC_BYTES, &text, &size, &ignored))
        return kind;
    return probe_kind(a, text, size);
}
