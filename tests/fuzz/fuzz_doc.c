/*
 * The document reader: whatever the bytes, it comes to an end, and what it
 * accepts can be written as JSON and read again as the same.
 */
#include "fuzz.h"

#include "base/limits.h"
#include "codec/doc.h"
#include "codec/json.h"

#include <string.h>

/* Bounded by LIMIT_DOC_DEPTH. */
static void copy(struct doc *d, struct json *out)
{
    struct doc_scalar s;

    switch (doc_peek(d, NULL)) {
    case DOC_MAP:
        PROMISE(doc_map(d, "value"));
        json_map(out);
        while (doc_key(d, &s)) {
            json_key(out, s.text);
            copy(d, out);
        }
        json_map_end(out);
        break;
    case DOC_LIST:
        PROMISE(doc_list(d, "value"));
        json_list(out);
        while (doc_item(d))
            copy(d, out);
        json_list_end(out);
        break;
    case DOC_SCALAR:
        if (doc_scalar(d, "value", &s))
            json_text(out, s.null ? NULL : s.text);
        else
            json_null(out);
        break;
    case DOC_NONE:
        doc_skip(d);
        json_null(out);
        break;
    }
}

/* All documents, each as one line of JSON; their number. */
static size_t read_all(struct arena *a, const char *text, size_t size, struct findings *found,
                       const char **lines, size_t most, bool *broken)
{
    struct doc *d = doc_open(a, "fuzz", text, size, found);
    size_t n = 0;

    while (doc_next(d)) {
        struct text t;
        struct json j;

        text_init(&t, a);
        json_init(&j, &t, true);
        copy(d, &j);
        if (n < most)
            lines[n] = text_done(&t);
        n++;
    }
    PROMISE(n <= LIMIT_DOC_DOCUMENTS);
    PROMISE(!doc_next(d));
    *broken = doc_broken(d);
    PROMISE(!*broken || found->errors);
    doc_close(d);
    return n;
}

static const char *const words[] = {"running", "stopped", "none", NULL};

/* One value, read as the type that `pick` says; anything may come, nothing may break. */
static void typed(struct doc *d, unsigned pick)
{
    struct doc_scalar s;
    struct span at = {0};
    const char *pci;
    uint64_t u = 7;
    int64_t i = 7;
    int word = 0;
    struct num num = NUM_UNKNOWN;
    enum tri tri = TRI_NO;
    bool b = false;

    switch (pick % 11) {
    case 0:
        if (doc_text(d, "text", &s))
            PROMISE(*s.text && strlen(s.text) <= LIMIT_NAME && !strpbrk(s.text, "\n\r\t\x1b\x7f"));
        break;
    case 1:
        PROMISE(doc_u64(d, "number", 2, 1000, &u, &at) ? u >= 2 && u <= 1000 : u == 7);
        break;
    case 2:
        PROMISE(doc_bool(d, "bool", &b, &at) || !b);
        break;
    case 3:
        PROMISE(doc_bytes(d, "bytes", &u, &at) || u == 7);
        break;
    case 4:
        PROMISE(doc_duration(d, "duration", &i, &at) ? i >= 0 : i == 7);
        break;
    case 5:
        PROMISE(doc_time(d, "time", &i, &at) || i == 7);
        break;
    case 6:
        PROMISE(doc_word(d, "word", words, &word, &at) ? word >= 0 && word < 3 : word == 0);
        break;
    case 7:
        PROMISE(doc_num_or_unknown(d, "number", &num) || !num.known);
        PROMISE(doc_peek(d, NULL) <= DOC_LIST);
        break;
    case 8:
        PROMISE(doc_tri(d, "tri", &tri) || tri == TRI_NO);
        break;
    case 9:
        if (doc_pci(d, "pci", &pci, &at))
            PROMISE(strlen(pci) == 9);
        break;
    default:
        doc_label(d, "label", &s);
        break;
    }
}

static void visit(struct doc *d, unsigned *pick)
{
    static const char *const known[] = {"name", "partitions", "match", "settings"};
    struct doc_scalar key;

    *pick = *pick * 31 + 7;
    if (*pick % 5 == 0) {
        typed(d, *pick / 5);
        return;
    }
    switch (doc_peek(d, NULL)) {
    case DOC_MAP:
        PROMISE(doc_map(d, "map"));
        while (doc_key(d, &key)) {
            *pick += (unsigned)strlen(key.text);
            if (*pick % 7 == 0)
                continue; /* nobody takes the value */
            if (*pick % 3 == 0)
                doc_unknown_key(d, &key, known, *pick % 5);
            visit(d, pick);
        }
        break;
    case DOC_LIST:
        PROMISE(doc_list(d, "list"));
        while (doc_item(d))
            visit(d, pick);
        break;
    case DOC_SCALAR:
    case DOC_NONE:
        typed(d, *pick);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum { MOST = 8 };
    const char *text = (const char *)data, *lines[MOST], *again[MOST];
    struct findings found, none;
    struct arena a;
    struct doc *d;
    bool broken;
    unsigned pick = (unsigned)size;
    size_t n;

    arena_init(&a, FUZZ_ARENA);
    findings_init(&found, &a);
    n = read_all(&a, text, size, &found, lines, MOST, &broken);
    promise_findings(&found, found.errors == 0);
    for (size_t i = 0; i < n && i < MOST && !found.errors; i++) {
        findings_init(&none, &a);
        PROMISE(read_all(&a, lines[i], strlen(lines[i]), &none, again, 1, &broken) == 1);
        PROMISE(!broken && none.count == 0);
        PROMISE(strcmp(lines[i], again[0]) == 0);
    }

    findings_init(&found, &a);
    d = doc_open(&a, "fuzz", text, size, &found);
    while (doc_next(d))
        visit(d, &pick);
    doc_close(d);
    promise_findings(&found, found.errors == 0);
    findings_sort(&found);
    arena_release(&a);
    return 0;
}
