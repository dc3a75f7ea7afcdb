#include "codec/doc_inner.h"

#include <stdlib.h>
#include <string.h>

/*
 * The reader must cost little beside libyaml: an event is looked at once, a
 * text is copied once (packed, without the padding of arena_alloc), a key that
 * was seen before is not copied at all, and keys are compared within their
 * map, by hash only when the map is large.
 */
enum {
    POOL = 16 << 10,     /* bytes of one piece of the text pool */
    POOL_LARGEST = 1024, /* a longer text gets its own place */
    SMALL_MAP = 16,      /* keys that are compared one by one */
    GAP = 16 << 20       /* bytes between two events: comments, or one endless scalar */
};

/* ---- findings ---- */

static struct finding *add(struct doc *d, enum severity severity, const struct span *at,
                           const char *code, const char *fmt, va_list ap) PRINTF_LIKE(5, 0);

static struct span place(const struct doc *d, const yaml_mark_t *mark)
{
    return (struct span){
        .file = d->file, .line = (uint32_t)mark->line + 1, .column = (uint32_t)mark->column + 1};
}

static const char *next_of(const char *code)
{
    static const struct {
        const char *code, *next;
    } rows[] = {
#define CODE(name, code, severity, rule, text, next) {code, next},
#include "codec/codes.def"
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(code, rows[i].code) == 0)
            return rows[i].next;
    return NULL;
}

/* Without a place it is where the reader is. */
static struct finding *add(struct doc *d, enum severity severity, const struct span *at,
                           const char *code, const char *fmt, va_list ap)
{
    struct span now = place(d, &d->event_end);
    struct finding *f = findings_add(d->found, severity, code, at && at->line ? at : &now, "%s",
                                     arena_vprintf(d->found->arena, fmt, ap));

    f->next = next_of(code);
    return f;
}

struct finding *doc_error(struct doc *d, const struct span *at, const char *code, const char *fmt,
                          ...)
{
    struct finding *f;
    va_list ap;

    va_start(ap, fmt);
    f = add(d, SEVERITY_ERROR, at, code, fmt, ap);
    va_end(ap);
    return f;
}

struct finding *doc_warn(struct doc *d, const struct span *at, const char *code, const char *fmt,
                         ...)
{
    struct finding *f;
    va_list ap;

    va_start(ap, fmt);
    f = add(d, SEVERITY_WARNING, at, code, fmt, ap);
    va_end(ap);
    return f;
}

const char *doc_say(struct doc *d, const char *fmt, ...)
{
    const char *s;
    va_list ap;

    va_start(ap, fmt);
    s = arena_vprintf(d->found->arena, fmt, ap);
    va_end(ap);
    return s;
}

struct arena *doc_arena(struct doc *d)
{
    return d->arena;
}

/* ---- open, close ---- */

static int feed(void *data, unsigned char *buffer, size_t size, size_t *got)
{
    struct doc *d = data;
    size_t left = d->size - d->fed;

    if (d->fed - d->fed_at_event > GAP) {
        d->starved = true;
        return 0;
    }
    if (size > left)
        size = left;
    memcpy(buffer, d->text + d->fed, size);
    d->fed += size;
    *got = size;
    return 1;
}

static void stop(struct doc *d)
{
    d->broken = true;
    d->ended = true;
}

static void close_late(void *doc)
{
    doc_close(doc);
}

struct doc *doc_open(struct arena *a, const char *file, const char *text, size_t size,
                     struct findings *found)
{
    struct doc *d = arena_new(a, struct doc);

    arena_on_release(a, close_late, d);
    d->arena = a;
    d->found = found;
    d->file = file ? arena_strdup(a, file) : NULL;
    if (!doc_source(d, text, size)) {
        stop(d);
        return d;
    }
    if (!yaml_parser_initialize(&d->parser)) {
        doc_error(d, &(struct span){.file = d->file, .line = 1, .column = 1}, "syntax",
                  "there is no memory to read this document");
        stop(d);
        return d;
    }
    d->parser_live = true;
    yaml_parser_set_encoding(&d->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input(&d->parser, feed, d);
    return d;
}

void doc_close(struct doc *d)
{
    if (d->look != LOOK_NOTHING)
        yaml_event_delete(&d->event);
    d->look = LOOK_NOTHING;
    if (d->parser_live)
        yaml_parser_delete(&d->parser);
    d->parser_live = false;
    d->ended = true;
}

bool doc_broken(const struct doc *d)
{
    return d->broken;
}

/* ---- events ---- */

static struct span here(const struct doc *d)
{
    return place(d, &d->event.start_mark);
}

static void refuse_anchor(struct doc *d, const yaml_char_t *anchor)
{
    struct span at = here(d);

    doc_error(d, &at, "anchor", "anchors are not supported: `&%s`",
              doc_shown(d, (const char *)anchor))
        ->next = "take it out and write the value in each place, or use a class; quote a text "
                 "that begins with &";
}

/* The tags that say what we would take the value for anyway. */
static bool default_tag(const char *tag, enum look kind)
{
    static const char prefix[] = "tag:yaml.org,2002:";
    static const struct {
        const char *name;
        enum look kind;
    } rows[] = {
        {"str", LOOK_SCALAR},   {"int", LOOK_SCALAR}, {"bool", LOOK_SCALAR}, {"null", LOOK_SCALAR},
        {"float", LOOK_SCALAR}, {"map", LOOK_MAP},    {"seq", LOOK_LIST},
    };

    if (strcmp(tag, "!") == 0)
        return kind == LOOK_SCALAR;
    if (strncmp(tag, prefix, sizeof prefix - 1) != 0)
        return false;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].kind == kind && strcmp(rows[i].name, tag + sizeof prefix - 1) == 0)
            return true;
    return false;
}

static void check_tag(struct doc *d, const yaml_char_t *tag, enum look kind)
{
    struct span at = here(d);

    if (default_tag((const char *)tag, kind))
        return;
    doc_error(d, &at, "tag", "tags are not supported: `%s`", doc_shown(d, (const char *)tag))
        ->next = "take it out; quote a text that begins with !";
}

static enum look open_scalar(struct doc *d)
{
    struct span at;

    if (d->event.data.scalar.anchor)
        refuse_anchor(d, d->event.data.scalar.anchor);
    if (d->event.data.scalar.tag)
        check_tag(d, d->event.data.scalar.tag, LOOK_SCALAR);
    if (d->event.data.scalar.length <= LIMIT_DOC_SCALAR)
        return LOOK_SCALAR;
    at = here(d);
    doc_error(d, &at, "too-long", "a text of %zu bytes: at most %u are read",
              d->event.data.scalar.length, LIMIT_DOC_SCALAR)
        ->next = "shorten it";
    return LOOK_REFUSED;
}

static enum look open_nest(struct doc *d, enum look kind, const yaml_char_t *anchor,
                           const yaml_char_t *tag)
{
    struct span at;

    if (anchor)
        refuse_anchor(d, anchor);
    if (tag)
        check_tag(d, tag, kind);
    if (++d->nest <= LIMIT_DOC_DEPTH)
        return kind;
    at = here(d);
    doc_error(d, &at, "too-deep", "maps and lists are nested deeper than %d", LIMIT_DOC_DEPTH)
        ->next = "no document of hvgpu is that deep; look for brackets that do not close";
    stop(d);
    return LOOK_END;
}

static enum look open_alias(struct doc *d)
{
    struct span at = here(d);
    const char *name = doc_shown(d, (const char *)d->event.data.alias.anchor);

    doc_error(d, &at, "alias",
              "`*%s` without quotes is an alias to another place, which is not "
              "supported",
              name)
        ->next = doc_say(d, "quote it: \"*%s\"", name);
    return LOOK_REFUSED;
}

static enum look classify(struct doc *d)
{
    const yaml_event_t *e = &d->event;

    if (e->type == YAML_SCALAR_EVENT) /* most are */
        return open_scalar(d);
    switch (e->type) {
    case YAML_SCALAR_EVENT:
        break;
    case YAML_MAPPING_START_EVENT:
        return open_nest(d, LOOK_MAP, e->data.mapping_start.anchor, e->data.mapping_start.tag);
    case YAML_SEQUENCE_START_EVENT:
        return open_nest(d, LOOK_LIST, e->data.sequence_start.anchor, e->data.sequence_start.tag);
    case YAML_MAPPING_END_EVENT:
        d->nest--;
        return LOOK_MAP_END;
    case YAML_SEQUENCE_END_EVENT:
        d->nest--;
        return LOOK_LIST_END;
    case YAML_ALIAS_EVENT:
        return open_alias(d);
    case YAML_DOCUMENT_START_EVENT:
        return LOOK_DOCUMENT;
    case YAML_DOCUMENT_END_EVENT:
        return LOOK_DOCUMENT_END;
    case YAML_STREAM_START_EVENT:
        return LOOK_NOTHING;
    case YAML_STREAM_END_EVENT:
    case YAML_NO_EVENT:
        break;
    }
    d->ended = true;
    return LOOK_END;
}

static void take(struct doc *d)
{
    /* The end of a map or list holds nothing to be released. */
    if (d->look != LOOK_MAP_END && d->look != LOOK_LIST_END)
        yaml_event_delete(&d->event);
    d->look = LOOK_NOTHING;
}

static enum look pull_next(struct doc *d)
{
    while (d->look == LOOK_NOTHING) {
        if (d->ended)
            return LOOK_END;
        if (!yaml_parser_parse(&d->parser, &d->event)) {
            doc_syntax(d);
            stop(d);
            return LOOK_END;
        }
        d->fed_at_event = d->fed;
        d->event_end = d->event.end_mark;
        d->look = classify(d);
        if (d->look == LOOK_NOTHING || d->look == LOOK_END)
            take(d);
    }
    return d->look;
}

static inline enum look pull(struct doc *d)
{
    return d->look != LOOK_NOTHING ? d->look : pull_next(d);
}

/* ---- texts ---- */

static char *pool_take(struct doc *d, size_t size)
{
    char *p;

    if (size > d->pool_left) {
        if (size > POOL_LARGEST)
            return arena_raw(d->arena, size, 1);
        d->pool = arena_raw(d->arena, POOL, 1);
        d->pool_left = POOL;
    }
    p = d->pool;
    d->pool += size;
    d->pool_left -= size;
    return p;
}

static const char *keep(struct doc *d, const char *text, size_t size)
{
    char *p = pool_take(d, size + 1);

    memcpy(p, text, size);
    p[size] = 0;
    return p;
}

static uint64_t head_of(const char *text, size_t size)
{
    const unsigned char *s = (const unsigned char *)text;
    uint64_t head = 0;
    uint32_t first, last;

    if (size >= sizeof head) {
        memcpy(&head, text, sizeof head);
    } else if (size >= sizeof first) {
        memcpy(&first, text, sizeof first);
        memcpy(&last, text + size - sizeof last, sizeof last);
        head = (uint64_t)last << 32 | first;
    } else if (size) {
        head = (uint64_t)s[0] << 16 | (uint64_t)s[size / 2] << 8 | s[size - 1];
    }
    return head;
}

static bool same_name(const struct doc_name *a, const struct doc_name *b)
{
    return a->head == b->head && a->size == b->size &&
           (a->size <= sizeof a->head || a->text == b->text ||
            memcmp(a->text, b->text, a->size) == 0);
}

static struct doc_name keep_name(struct doc *d, struct doc_name *cache, const char *text,
                                 size_t size)
{
    struct doc_name name = {text, head_of(text, size), (uint32_t)size};
    struct doc_name *at = &cache[((name.head * 0x9e3779b97f4a7c15u) >> 32 ^ size) % DOC_CACHE];

    if (!at->text || !same_name(at, &name)) {
        name.text = keep(d, text, size);
        *at = name;
    }
    return *at;
}

static bool is_null(const char *text, size_t size)
{
    return size == 0 || (size == 1 && text[0] == '~') ||
           (size == 4 && memcmp(text, "null", 4) == 0);
}

/*
 * The escapes of double quotes can make what no document may hold; and the
 * line separators of Unicode, which nobody sees, may stand in any text.
 */
static bool check_controls(struct doc *d, const char *text, size_t size, const struct doc_scalar *s)
{
    size_t clean = doc_clean(text, size, true);

    if (clean == size)
        return true;
    if (s->double_quoted)
        doc_error(d, &s->at, "control-character",
                  "in double quotes %s holds a control character: \\ begins an escape there",
                  doc_written(d, d->last_start, d->last_end))
            ->next = "put it in single quotes, where \\ is only \\";
    else
        doc_error(d, &s->at, "control-character", "an invisible line end (U+2028 or U+2029)")
            ->next = "take it out, or write a line end";
    return false;
}

/*
 * Is the text between double quotes as it is written?  Escapes and line ends
 * make it shorter, but for a few, which no document of ours has.
 */
static bool is_literal(const struct doc *d, size_t size)
{
    return !d->odd_escapes && d->last_end - d->last_start == size + 2;
}

/* Fills `out` but for its text from the scalar that is looked at. */
static bool open_text(struct doc *d, struct doc_scalar *out)
{
    const char *text = (const char *)d->event.data.scalar.value;
    size_t size = d->event.data.scalar.length;
    yaml_scalar_style_t style = d->event.data.scalar.style;
    const char *tag = (const char *)d->event.data.scalar.tag;

    d->last_start = d->event.start_mark.index;
    d->last_end = d->event.end_mark.index;
    out->at = here(d);
    out->plain = style == YAML_PLAIN_SCALAR_STYLE;
    out->double_quoted = style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
    if (tag && (strcmp(tag, "!") == 0 || strcmp(tag, YAML_STR_TAG) == 0))
        out->plain = false;
    out->null = out->plain && is_null(text, size);
    if (d->ascii && (!out->double_quoted || is_literal(d, size)))
        return true;
    return check_controls(d, text, size, out);
}

/* ---- values ---- */

static void consumed(struct doc *d)
{
    d->frames[d->depth].pending = false;
}

/* Reads over one value, whatever it is. */
static void pass_over(struct doc *d)
{
    uint32_t open = 0;

    do {
        enum look look = pull(d);

        if (look == LOOK_END)
            return;
        if (look == LOOK_MAP || look == LOOK_LIST)
            open++;
        else if (look == LOOK_MAP_END || look == LOOK_LIST_END) {
            if (!open)
                return; /* not at a value */
            open--;
        } else if (look != LOOK_SCALAR && look != LOOK_REFUSED)
            return;
        take(d);
    } while (open);
}

void doc_skip(struct doc *d)
{
    pass_over(d);
    consumed(d);
}

enum doc_kind doc_peek(struct doc *d, struct span *at)
{
    enum look look = pull(d);

    if (at)
        *at = look == LOOK_END ? place(d, &d->event_end) : here(d);
    if (look == LOOK_MAP)
        return DOC_MAP;
    if (look == LOOK_LIST)
        return DOC_LIST;
    return look == LOOK_SCALAR || look == LOOK_REFUSED ? DOC_SCALAR : DOC_NONE;
}

bool doc_ahead(struct doc *d, const char *text)
{
    size_t size = strlen(text);

    return pull(d) == LOOK_SCALAR && d->event.data.scalar.length == size &&
           memcmp(d->event.data.scalar.value, text, size) == 0;
}

const char *doc_ahead_text(struct doc *d)
{
    return pull(d) == LOOK_SCALAR ? (const char *)d->event.data.scalar.value : NULL;
}

static bool null_ahead(const struct doc *d)
{
    return d->look == LOOK_SCALAR && d->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           is_null((const char *)d->event.data.scalar.value, d->event.data.scalar.length);
}

/* A finding about a value of the wrong kind, which is read over. */
static bool wrong_kind(struct doc *d, const char *what, enum look want)
{
    enum look look = pull(d);
    struct span at;
    const char *wanted = want == LOOK_MAP ? "a map" : want == LOOK_LIST ? "a list" : "a text";

    if (look == LOOK_SCALAR || look == LOOK_MAP || look == LOOK_LIST) {
        at = here(d);
        if (null_ahead(d))
            doc_error(d, &at, "empty", "`%s` is empty: expected %s", what, wanted)->next =
                want == LOOK_LIST ? "leave the key out, or write []"
                                  : "leave the key out, or fill it";
        else
            doc_error(d, &at, "wrong-type", "`%s`: expected %s, found %s", what, wanted,
                      look == LOOK_MAP    ? "a map"
                      : look == LOOK_LIST ? "a list"
                                          : "a text")
                ->next = want == LOOK_LIST  ? "write each entry on a line with a dash, or in [ ]"
                         : want == LOOK_MAP ? "write it as key: value pairs"
                         : look == LOOK_MAP ? "write one text; quote it if it begins with {"
                                            : "write one text; quote it if it begins with [ or -";
    }
    doc_skip(d);
    return false;
}

bool doc_scalar(struct doc *d, const char *what, struct doc_scalar *out)
{
    struct doc_scalar got;
    bool ok;

    if (pull(d) != LOOK_SCALAR)
        return wrong_kind(d, what, LOOK_SCALAR);
    consumed(d);
    ok = open_text(d, &got);
    if (ok) {
        got.text = keep_name(d, d->values, (const char *)d->event.data.scalar.value,
                             d->event.data.scalar.length)
                       .text;
        *out = got;
    }
    take(d);
    return ok;
}

static bool enter(struct doc *d, const char *what, enum look kind)
{
    struct doc_frame *frame;

    if (pull(d) != kind)
        return wrong_kind(d, what, kind);
    take(d);
    consumed(d);
    frame = &d->frames[++d->depth];
    frame->kind = kind;
    frame->pending = false;
    frame->base = (uint32_t)d->seen_count;
    frame->met = 0;
    frame->size = 0;
    return true;
}

bool doc_map(struct doc *d, const char *what)
{
    return enter(d, what, LOOK_MAP);
}

bool doc_list(struct doc *d, const char *what)
{
    return enter(d, what, LOOK_LIST);
}

/* At the end of the map or list that was entered last? */
static bool leave(struct doc *d, enum look end)
{
    struct doc_frame *frame = &d->frames[d->depth];

    if (frame->pending)
        doc_skip(d);
    if (pull(d) == LOOK_END)
        return true;
    if (d->look != end)
        return false;
    take(d);
    d->seen_count = frame->base;
    d->depth--;
    return true;
}

bool doc_item(struct doc *d)
{
    if (d->frames[d->depth].kind != LOOK_LIST || leave(d, LOOK_LIST_END))
        return false;
    d->frames[d->depth].pending = true;
    return true;
}

/* ---- keys ---- */

/* A keyed hash: a hostile document cannot make all keys meet in one slot. */
static uint64_t hash(struct doc *d, const struct doc_name *name)
{
    unsigned char out[crypto_shorthash_BYTES];
    uint64_t h;

    if (!d->hash_ready)
        crypto_shorthash_keygen(d->hash_key);
    d->hash_ready = true;
    crypto_shorthash(out, (const unsigned char *)name->text, name->size, d->hash_key);
    memcpy(&h, out, sizeof h);
    return h;
}

/* The slot of a key, or the free one where it belongs. */
static uint32_t *slot_of(struct doc *d, struct doc_frame *frame, const struct doc_name *name)
{
    uint32_t mask = frame->size - 1;
    uint32_t i = (uint32_t)hash(d, name) & mask;

    while (frame->slots[i] && !same_name(&d->seen[frame->base + frame->slots[i] - 1].name, name))
        i = (i + 1) & mask;
    return &frame->slots[i];
}

static void rehash(struct doc *d, struct doc_frame *frame, uint32_t count)
{
    frame->size = count * 4;
    while (frame->size & (frame->size - 1))
        frame->size &= frame->size - 1;
    if (frame->size > frame->room) {
        frame->slots = arena_array(d->arena, uint32_t, frame->size);
        frame->room = frame->size;
    }
    memset(frame->slots, 0, frame->size * sizeof *frame->slots);
    for (uint32_t i = 0; i < count; i++)
        *slot_of(d, frame, &d->seen[frame->base + i].name) = i + 1;
}

/* The same key earlier in this map, or NULL after having noted this one. */
static const struct doc_seen *seen_before(struct doc *d, const struct doc_name *name,
                                          const struct span *at)
{
    struct doc_frame *frame = &d->frames[d->depth];
    uint32_t count = (uint32_t)d->seen_count - frame->base;
    uint32_t *slot;

    if (count < SMALL_MAP) {
        uint64_t bit = (uint64_t)1 << ((name->head * 0x9e3779b97f4a7c15u) >> 58);

        for (uint32_t i = 0; frame->met & bit && i < count; i++)
            if (same_name(&d->seen[frame->base + i].name, name))
                return &d->seen[frame->base + i];
        frame->met |= bit;
    } else {
        if (count * 2 > frame->size)
            rehash(d, frame, count);
        slot = slot_of(d, frame, name);
        if (*slot)
            return &d->seen[frame->base + *slot - 1];
        *slot = count + 1;
    }
    *arena_push(d->arena, d->seen, d->seen_count, d->seen_room) =
        (struct doc_seen){*name, at->line, at->column};
    return NULL;
}

/* Consumes the scalar that is looked at as a key. */
static bool take_key(struct doc *d, struct doc_scalar *key)
{
    const struct doc_seen *first;
    struct doc_name name;
    bool ok = open_text(d, key);

    if (ok)
        name = keep_name(d, d->keys, (const char *)d->event.data.scalar.value,
                         d->event.data.scalar.length);
    take(d);
    if (!ok)
        return false;
    key->text = name.text;
    if (key->null) {
        doc_error(d, &key->at, "empty-key", "a key is empty")->next =
            "write a name before the colon";
        return false;
    }
    if (name.size > LIMIT_NAME) {
        doc_error(d, &key->at, "too-long", "a key of %u bytes: at most %d are read", name.size,
                  LIMIT_NAME)
            ->next = "no key of hvgpu is that long; look for a missing quote or colon";
        return false;
    }
    if (key->plain && strcmp(key->text, "<<") == 0) {
        doc_error(d, &key->at, "merge-key", "merge keys (<<) are not supported")->next =
            "write the keys in each place, or use a class";
        return false;
    }
    first = seen_before(d, &name, &key->at);
    if (!first)
        return true;
    doc_error(d, &key->at, "duplicate-key",
              "the key `%s` is given twice; the first is at %s%s%u:%u", doc_shown(d, key->text),
              d->file ? d->file : "", d->file ? ":" : "", first->line, first->column)
        ->next = "keep one of the two";
    return false;
}

bool doc_key(struct doc *d, struct doc_scalar *out)
{
    struct doc_scalar key;
    struct span at;
    enum look look;

    while (d->frames[d->depth].kind == LOOK_MAP && !leave(d, LOOK_MAP_END)) {
        look = d->look;
        d->frames[d->depth].pending = true;
        if (look == LOOK_SCALAR) {
            if (!take_key(d, &key))
                continue;
            *out = key;
            return true;
        }
        if (look == LOOK_MAP || look == LOOK_LIST) {
            at = here(d);
            doc_error(d, &at, "complex-key", "%s stands where a key is expected",
                      look == LOOK_MAP ? "a map" : "a list")
                ->next = "a key is one text; quote a value that begins with { or [";
        }
        pass_over(d); /* the key; its value is skipped as one that nobody took */
    }
    return false;
}

/* ---- documents ---- */

bool doc_next(struct doc *d)
{
    while (d->started && pull(d) != LOOK_END && d->look != LOOK_DOCUMENT_END)
        take(d);
    if (d->look == LOOK_DOCUMENT_END)
        take(d);
    d->started = false;
    d->depth = 0;
    d->seen_count = 0;
    d->frames[0] = (struct doc_frame){.pending = true};
    if (pull(d) != LOOK_DOCUMENT)
        return false;
    if (++d->documents > LIMIT_DOC_DOCUMENTS) {
        struct span at = here(d);

        doc_error(d, &at, "too-many-documents", "more than %d documents in one file",
                  LIMIT_DOC_DOCUMENTS)
            ->next = "spread them over several files";
        take(d);
        stop(d);
        return false;
    }
    take(d);
    d->started = true;
    return true;
}

/* ---- scalars that were read already ---- */

struct doc *doc_open_empty(struct arena *a, struct findings *found)
{
    struct doc *d = arena_new(a, struct doc);

    arena_on_release(a, close_late, d);
    d->arena = a;
    d->found = found;
    d->text = "";
    d->ended = true;
    return d;
}

void doc_give(struct doc *d, const struct doc_scalar *s)
{
    yaml_mark_t at = {0, s->at.line - 1, s->at.column - 1};
    size_t size = strlen(s->text);
    yaml_scalar_style_t style = s->plain           ? YAML_PLAIN_SCALAR_STYLE
                                : s->double_quoted ? YAML_DOUBLE_QUOTED_SCALAR_STYLE
                                                   : YAML_SINGLE_QUOTED_SCALAR_STYLE;

    if (d->look != LOOK_NOTHING)
        take(d);
    d->file = s->at.file;
    d->text = s->text; /* what a finding quotes */
    d->size = size;
    d->sync_index = d->sync_byte = 0;
    d->depth = 0;
    d->frames[0] = (struct doc_frame){.pending = true};
    if (!yaml_scalar_event_initialize(&d->event, NULL, NULL,
                                      (const yaml_char_t *)(uintptr_t)s->text, (int)size, 1, 1,
                                      style)) {
        doc_error(d, &s->at, "encoding", "a text that cannot be read again");
        return;
    }
    d->event.start_mark = d->event.end_mark = d->event_end = at;
    d->event.end_mark.index = size;
    d->look = LOOK_SCALAR;
}

const char *doc_library(void)
{
    return yaml_get_version_string();
}
