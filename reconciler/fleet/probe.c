#include "fleet/probe.h"

#include "base/str.h"
#include "codec/doc.h"

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
