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
