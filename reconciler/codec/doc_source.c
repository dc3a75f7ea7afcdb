/* The bytes of a document: encodings, places, and what libyaml complains about. */
#include "codec/doc_inner.h"

#include <string.h>

#define UTF8_MARK "\xEF\xBB\xBF"

static struct span at_byte(const char *file, const char *text, size_t size, size_t byte)
{
    struct span at = {.file = file, .line = 1, .column = 1};

    if (byte > size)
        byte = size;
    for (size_t i = 0; i < byte; i++) {
        unsigned char c = (unsigned char)text[i];
        bool line = c == '\n' || (c == '\r' && !(i + 1 < size && text[i + 1] == '\n'));

        if (line) {
            at.line++;
            at.column = 1;
        } else if ((c & 0xc0) != 0x80 && c != '\r') {
            at.column++;
        }
    }
    return at;
}

struct span doc_place(const struct doc *d, size_t byte)
{
    return at_byte(d->file, d->text, d->size, byte);
}

static bool all_ascii(const char *s, size_t size)
{
    const uint64_t high = 0x8080808080808080u;
    uint64_t w, any = 0;
    size_t i = 0;

    for (; i + 8 <= size; i += 8) {
        memcpy(&w, s + i, 8);
        any |= w;
    }
    for (; i < size; i++)
        any |= (uint64_t)(unsigned char)s[i];
    return !(any & high);
}

size_t doc_byte(struct doc *d, size_t index)
{
    const uint64_t high = 0x8080808080808080u;
    size_t i, n;
    uint64_t w;

    if (d->ascii)
        return index < d->size ? index : d->size;
    if (index < d->sync_index)
        d->sync_index = d->sync_byte = 0;
    i = d->sync_byte;
    n = index - d->sync_index;
    while (n && i < d->size) {
        if (n >= 8 && i + 8 <= d->size) {
            memcpy(&w, d->text + i, 8);
            if (!(w & high)) {
                i += 8;
                n -= 8;
                continue;
            }
        }
        i++;
        while (i < d->size && ((unsigned char)d->text[i] & 0xc0) == 0x80)
            i++;
        n--;
    }
    d->sync_index = index - n;
    d->sync_byte = i;
    return i;
}

const char *doc_written(struct doc *d, size_t from, size_t to)
{
    size_t start = doc_byte(d, from), end = doc_byte(d, to);

    return doc_shown(
        d, arena_strndup(d->found->arena, d->text + start, end > start + 256 ? 256 : end - start));
}

/* ---- what may be shown ---- */

/* Is the character at `s` a control character?  `left` bytes follow. */
static bool is_control(const unsigned char *s, size_t left, bool lines)
{
    if (s[0] < 0x20)
        return !lines || (s[0] != '\t' && s[0] != '\n' && s[0] != '\r');
    if (s[0] == 0x7f)
        return true;
    if (s[0] == 0xc2 && left > 1)
        return s[1] < 0xa0;
    return s[0] == 0xe2 && left > 2 && s[1] == 0x80 && (s[2] == 0xa8 || s[2] == 0xa9);
}

/* Is each of eight bytes from 0x20 to 0x7e? */
static bool printable(const unsigned char *s)
{
    const uint64_t ones = 0x0101010101010101u, high = ones << 7;
    uint64_t w;

    memcpy(&w, s, sizeof w);
    return !((w | (w + ones) | (w - ones * 0x20)) & high);
}

size_t doc_clean(const char *text, size_t size, bool lines)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t i = 0;

    while (i + 8 <= size && printable(s + i))
        i += 8;
    if (size >= 8 && i + 8 > size && printable(s + size - 8))
        return size; /* what is left of eight bytes, with some that were looked at */
    while (i < size) {
        if (i + 8 <= size && printable(s + i)) {
            i += 8;
            continue;
        }
        if ((s[i] < 0x20 || s[i] >= 0x7f) && is_control(s + i, size - i, lines))
            return i;
        i++;
    }
    return size;
}

const char *doc_shown(struct doc *d, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    size_t size = strlen(text), n = 0;
    char out[200];

    for (size_t i = 0; i < size; i++) {
        if (n > 90 && (s[i] & 0xc0) != 0x80) {
            memcpy(out + n, "...", 3);
            n += 3;
            break;
        }
        if (n > 180)
            break;
        if (is_control(s + i, size - i, false)) {
            static const char digits[] = "0123456789abcdef";

            memcpy(out + n, "\\x", 2);
            out[n + 2] = digits[s[i] >> 4];
            out[n + 3] = digits[s[i] & 15];
            n += 4;
            while (s[i] >= 0x80 && i + 1 < size && (s[i + 1] & 0xc0) == 0x80)
                i++;
        } else {
            out[n++] = (char)s[i];
        }
    }
    return arena_strndup(d->found->arena, out, n);
}

/* ---- the text as UTF-8 ---- */

static void unreadable(struct doc *d, const struct span *at, const char *code, const char *text,
                       const char *next)
{
    doc_error(d, at, code, "%s", text)->next = next;
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 63));
        out[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 63));
    out[2] = (char)(0x80 | (c >> 6 & 63));
    out[3] = (char)(0x80 | (c & 63));
    return 4;
}

static uint32_t unit(const unsigned char *s, bool big)
{
    return big ? (uint32_t)(s[0] << 8 | s[1]) : (uint32_t)(s[1] << 8 | s[0]);
}

/* UTF-16 with its mark already taken off. */
static bool from_utf16(struct doc *d, const char *text, size_t size, bool big)
{
    const unsigned char *s = (const unsigned char *)text;
    char *out = arena_alloc(d->arena, size / 2 * 3 + 1, 1);
    size_t n = 0, i = 0;
    struct span at;

    while (i + 1 < size) {
        uint32_t c = unit(s + i, big), low = i + 3 < size ? unit(s + i + 2, big) : 0;

        if (c >= 0xd800 && c < 0xdc00 && low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            i += 2;
        }
        if (c >= 0xd800 && c < 0xe000)
            break;
        i += 2;
        n += put_utf8(out + n, c);
    }
    d->text = out;
    d->size = n;
    if (i == size)
        return true;
    at = at_byte(d->file, out, n, n);
    unreadable(d, &at, "encoding", "not valid UTF-16 from here on",
               "save the file as UTF-8; it may have been cut off");
    return false;
}

/*
 * JSON writes a character beyond U+FFFF as two escapes, \ud83d\ude00, which
 * YAML does not know: they become one, \U0001F600.
 */
static bool surrogates(const char *s, const char *end, uint32_t *out)
{
    uint32_t unit16[2] = {0, 0};

    if (end - s < 12)
        return false;
    for (int k = 0; k < 12; k++) {
        char c = s[k];

        if (k % 6 == 0 ? c != '\\' : k % 6 == 1 ? c != 'u' : false)
            return false;
        if (k % 6 < 2)
            continue;
        if (c >= '0' && c <= '9')
            unit16[k / 6] = unit16[k / 6] * 16 + (uint32_t)(c - '0');
        else if (str_lower(c) >= 'a' && str_lower(c) <= 'f')
            unit16[k / 6] = unit16[k / 6] * 16 + (uint32_t)(str_lower(c) - 'a') + 10;
        else
            return false;
    }
    *out = 0x10000 + ((unit16[0] - 0xd800) << 10) + (unit16[1] - 0xdc00);
    return unit16[0] >= 0xd800 && unit16[0] < 0xdc00 && unit16[1] >= 0xdc00 && unit16[1] < 0xe000;
}

static void join_surrogates(struct doc *d)
{
    const char *s = d->text, *end = s + d->size;
    char *out, *p;
    uint32_t c;

    while (s < end && (*s == ' ' || *s == '\t' || *s == '\r' || *s == '\n'))
        s++;
    if (s == end || (*s != '{' && *s != '['))
        return;
    while ((s = memchr(s, '\\', (size_t)(end - s))) != NULL &&
           (end - s < 2 || s[1] != 'u' || !surrogates(s, end, &c)))
        s++;
    if (!s)
        return;
    out = p = arena_alloc(d->arena, d->size + 1, 1);
    for (s = d->text; s < end; s++) {
        if (*s != '\\') {
            *p++ = *s;
        } else if (surrogates(s, end, &c)) {
            for (int k = 0; k < 10; k++)
                p[k] = k < 2 ? "\\U"[k] : "0123456789ABCDEF"[c >> (4 * (9 - k)) & 15];
            p += 10;
            s += 11;
        } else {
            *p++ = *s;
            if (s + 1 < end)
                *p++ = *++s;
        }
    }
    d->text = out;
    d->size = (size_t)(p - out);
}

/*
 * What occurs in the text at all, found piece by piece: large documents pass
 * through the cache once, and not once for each question.
 */
struct traits {
    const char *nul;     /* the first one */
    bool ascii, percent; /* all is ASCII; % stands somewhere */
    bool unicode;        /* an escape \u, or what looks like one */
    bool odd;            /* an escape \N \_ \L \P, or what looks like one: it makes text longer */
    bool comment;        /* " #" */
};

/* From `p` on; returns where the next one can begin, which may lie behind `stop`. */
static const char *look_at_escapes(const char *p, const char *stop, const char *end,
                                   struct traits *t)
{
    while (p < stop && (p = memchr(p, '\\', (size_t)(stop - p))) != NULL) {
        char c = p + 1 < end ? p[1] : 0;

        t->unicode |= c == 'u';
        t->odd |= c == 'N' || c == '_' || c == 'L' || c == 'P';
        p += 2; /* two of them are one written out */
    }
    return p && p > stop ? p : stop;
}

static void look_over(const struct doc *d, struct traits *t)
{
    enum { PIECE = 16 << 10 };
    const char *text = d->text, *end = text + d->size, *escape = text;

    *t = (struct traits){.ascii = true};
    for (const char *from = text; from < end && !t->nul;) {
        const char *to = end - from > PIECE ? from + PIECE : end;
        size_t size = (size_t)(to - from);

        t->nul = memchr(from, 0, size);
        t->ascii = t->ascii && all_ascii(from, size);
        t->percent = t->percent || memchr(from, '%', size);
        escape = look_at_escapes(escape, to, end, t);
        for (const char *p = from; !t->comment && p < to; p++) {
            p = memchr(p, '#', (size_t)(to - p));
            if (!p)
                break;
            t->comment = p != text && p[-1] == ' ';
        }
        from = to;
    }
}

static bool check_nul(struct doc *d, const char *nul)
{
    struct span at;

    if (!nul)
        return true;
    at = doc_place(d, (size_t)(nul - d->text));
    unreadable(d, &at, "control-character", "a NUL byte",
               nul - d->text < 4 ? "this looks like UTF-16 without a byte order mark: save the "
                                   "file as UTF-8"
                                 : "this is not a text file, or it was damaged: get it again");
    return false;
}

static bool check_marks(struct doc *d)
{
    const char *p = d->text, *end = d->text + d->size;
    struct span at;

    while (!d->ascii && (p = memchr(p, UTF8_MARK[0], (size_t)(end - p))) != NULL &&
           (end - p < 3 || memcmp(p, UTF8_MARK, 3) != 0))
        p++;
    if (d->ascii || !p)
        return true;
    at = doc_place(d, (size_t)(p - d->text));
    unreadable(d, &at, "encoding", "a byte order mark (U+FEFF) in the middle of the file",
               "take it out; it is invisible, and appears when files are joined");
    return false;
}

/* %TAG only serves tags, which are refused; libyaml compares each with all before it. */
static bool check_directives(struct doc *d)
{
    const char *end = d->text + d->size;
    struct span at;

    for (const char *p = d->text; (p = memchr(p, '%', (size_t)(end - p))) != NULL; p++) {
        if ((p != d->text && p[-1] != '\n' && p[-1] != '\r') || end - p < 4 ||
            memcmp(p, "%TAG", 4) != 0)
            continue;
        at = doc_place(d, (size_t)(p - d->text));
        unreadable(d, &at, "directive", "%TAG directives are not supported", "take the line out");
        return false;
    }
    return true;
}

static bool decode(struct doc *d, const char *text, size_t size)
{
    struct span start = {.file = d->file, .line = 1, .column = 1};

    if (size >= 4 &&
        (memcmp(text, "\xFF\xFE\0\0", 4) == 0 || memcmp(text, "\0\0\xFE\xFF", 4) == 0)) {
        unreadable(d, &start, "encoding", "UTF-32 is not read", "save the file as UTF-8");
        return false;
    }
    if (size >= 2 && memcmp(text, "\xFF\xFE", 2) == 0)
        return from_utf16(d, text + 2, size - 2, false);
    if (size >= 2 && memcmp(text, "\xFE\xFF", 2) == 0)
        return from_utf16(d, text + 2, size - 2, true);
    if (size >= 3 && memcmp(text, UTF8_MARK, 3) == 0) {
        text += 3;
        size -= 3;
    }
    d->text = text;
    d->size = size;
    return true;
}

bool doc_source(struct doc *d, const char *text, size_t size)
{
    struct traits traits;
    struct span start = {.file = d->file, .line = 1, .column = 1};

    d->text = "";
    if (size > LIMIT_DOC_BYTES) {
        unreadable(d, &start, "too-large",
                   doc_say(d, "the file is larger than %u MiB", LIMIT_DOC_BYTES >> 20),
                   "split it into several files");
        return false;
    }
    if (size == 0)
        return true;
    if (!decode(d, text, size))
        return false;
    look_over(d, &traits);
    d->ascii = traits.ascii;
    d->odd_escapes = traits.odd;
    d->comments = traits.comment;
    if (!check_nul(d, traits.nul) || !check_marks(d) || (traits.percent && !check_directives(d)))
        return false;
    if (traits.unicode)
        join_surrogates(d);
    return true;
}

/* ---- what libyaml says ---- */

/*
 * The messages of libyaml that people meet, in our words.  `context` and
 * `problem` are parts of its own texts; NULL: any.  The first row that fits.
 */
static const struct {
    const char *context, *problem, *code, *text, *next;
} complaints[] = {
    {NULL, "found unknown escape character", "path-in-double-quotes",
     "\\ begins an escape in double quotes, and this one does not exist",
     "put the text in single quotes, where \\ is only \\"},
    {NULL, "hexdecimal number", "path-in-double-quotes",
     "\\ begins an escape in double quotes, and this one is not complete",
     "put the text in single quotes, where \\ is only \\"},
    {NULL, "invalid Unicode character escape", "control-character", "this escape is no character",
     "write the character itself"},
    {NULL, "mapping values are not allowed", "syntax", "a colon where none can be",
     "quote the text if the colon belongs to it; otherwise check the indentation of this line "
     "and of the one before"},
    {NULL, "block sequence entries are not allowed", "syntax", "a dash where no list can begin",
     "put the list on lines of its own below its key"},
    {NULL, "could not find expected ':'", "syntax", "a key without a colon",
     "write `key: value`, with a space after the colon; quote a text that runs over lines"},
    {"block mapping", "did not find expected key", "syntax",
     "this line does not fit the map that it stands in",
     "check its indentation: the keys of one map begin in the same column"},
    {"block collection", "did not find expected '-'", "syntax",
     "this line does not fit the list that it stands in",
     "check its indentation: the dashes of one list stand in the same column"},
    {"flow mapping", NULL, "syntax", "a { } map that is not closed, or lacks a comma",
     "look for the missing } or comma; quote texts with { } [ ] or commas"},
    {"flow sequence", NULL, "syntax", "a [ ] list that is not closed, or lacks a comma",
     "look for the missing ] or comma; quote texts with { } [ ] or commas"},
    {"quoted scalar", "end of stream", "syntax", "a quote that is not closed",
     "close it; inside single quotes a ' is written twice"},
    {"quoted scalar", "document indicator", "syntax", "a quote that is not closed",
     "close it; inside single quotes a ' is written twice"},
    {NULL, "tab character", "syntax", "a tab in the indentation", "indent with spaces"},
    {NULL, "expected comment or line break", "syntax", "something after | or > on its line",
     "begin the text on the next line"},
    {NULL, "incompatible", "directive", "a YAML version that is not 1.1 or 1.2",
     "take the %YAML line out"},
    {NULL, "directive", "directive", "a line that begins with % is a directive",
     "take it out; indent or quote a text that begins with %"},
    {NULL, "expected <document start>", "syntax", "something after the end of the document",
     "check the indentation of this line; separate documents with a line ---"},
    {NULL, "invalid leading UTF-8", "encoding", "this byte is not UTF-8", "save the file as UTF-8"},
    {NULL, "trailing UTF-8", "encoding", "this byte is not UTF-8", "save the file as UTF-8"},
    {NULL, "UTF-8 octet sequence", "encoding", "the file ends within a character",
     "get the whole file again: it was cut off"},
    {NULL, "UTF-8 sequence", "encoding", "this byte is not UTF-8", "save the file as UTF-8"},
    {NULL, "control characters", "control-character", "a control character",
     "take it out: a document holds text only"},
    {NULL, "invalid Unicode character", "encoding", "this is no character of Unicode",
     "save the file as UTF-8"},
};

static bool holds(const char *text, const char *part)
{
    return !part || (text && strstr(text, part));
}

/* `found character that cannot start any token`, and which one it was. */
static const char *odd_start(char c)
{
    if (c == '\t')
        return "indent with spaces: a tab cannot stand here";
    if (c == '@' || c == '`' || c == '%')
        return "quote a text that begins with @, ` or %";
    return "quote the text";
}

static bool at_end(const struct doc *d, size_t byte)
{
    while (byte < d->size && strchr(" \t\r\n", d->text[byte]))
        byte++;
    return byte >= d->size;
}

/* An unfinished bracket or quote at the very end: most likely the rest is missing. */
static bool cut_off(struct doc *d, const struct span *at)
{
    const char *context = d->parser.context;

    if (!holds(context, "flow ") && !holds(context, "quoted scalar"))
        return false;
    if (!context || !at_end(d, doc_byte(d, d->parser.problem_mark.index)))
        return false;
    doc_error(d, at, "syntax", "the document ends in the middle of what began at %zu:%zu",
              d->parser.context_mark.line + 1, d->parser.context_mark.column + 1)
        ->next = "close it, or get the whole file again if it was cut off";
    return true;
}

/* The word as it was written at a place, for quoting it in the fix. */
static const char *word_at(struct doc *d, const yaml_mark_t *mark)
{
    size_t start = doc_byte(d, mark->index), n = 0;

    while (start + n < d->size && n < 80 && !strchr(" \t\r\n,[]{}\"", d->text[start + n]))
        n++;
    return doc_shown(d, arena_strndup(d->found->arena, d->text + start, n));
}

/* A text that begins with a sign which means something without quotes. */
static bool sign(struct doc *d, const char *context, const char *problem)
{
    static const struct {
        const char *context, *code, *text;
    } rows[] = {
        {"scanning an alias", "alias", "a text that begins with * is an alias without quotes"},
        {"scanning an anchor", "anchor", "a text that begins with & is an anchor without quotes"},
        {"scanning a tag", "tag", "a text that begins with ! is a tag without quotes"},
        {"parsing a tag", "tag", "a text that begins with ! is a tag without quotes"},
        {"parsing a node", "tag", "a text that begins with ! is a tag without quotes"},
    };

    for (size_t i = 0; context && i < sizeof rows / sizeof *rows; i++) {
        const yaml_mark_t *mark = &d->parser.context_mark;
        struct span at = {d->file, (uint32_t)mark->line + 1, (uint32_t)mark->column + 1};

        if (!strstr(context, rows[i].context) ||
            (strstr(context, "node") && !holds(problem, "tag handle")))
            continue;
        doc_error(d, &at, rows[i].code, "%s", rows[i].text)->next =
            doc_say(d, "quote it: \"%s\"", word_at(d, mark));
        return true;
    }
    return false;
}

static void complain(struct doc *d, const struct span *at, const char *context, const char *problem)
{
    for (size_t i = 0; i < sizeof complaints / sizeof *complaints; i++) {
        if (!holds(context, complaints[i].context) || !holds(problem, complaints[i].problem))
            continue;
        if ((complaints[i].context && !context) || (complaints[i].problem && !problem))
            continue;
        if (context && strstr(context, "flow "))
            doc_error(d, at, complaints[i].code, "%s; it begins at %zu:%zu", complaints[i].text,
                      d->parser.context_mark.line + 1, d->parser.context_mark.column + 1)
                ->next = complaints[i].next;
        else
            doc_error(d, at, complaints[i].code, "%s", complaints[i].text)->next =
                complaints[i].next;
        return;
    }
    doc_error(d, at, "syntax", "not YAML: %s%s%s", problem ? problem : "it cannot be read",
              context ? " " : "", context ? context : "")
        ->next = "check quotes, brackets and indentation here and on the line before";
}

void doc_syntax(struct doc *d)
{
    const yaml_parser_t *p = &d->parser;
    struct span at = {.file = d->file,
                      .line = (uint32_t)p->problem_mark.line + 1,
                      .column = (uint32_t)p->problem_mark.column + 1};
    size_t byte;

    if (d->starved) {
        at.line = (uint32_t)d->event_end.line + 1;
        at.column = (uint32_t)d->event_end.column + 1;
        unreadable(d, &at, "too-long", "more than 16 MiB without a value",
                   "shorten the text or the comment");
        return;
    }
    if (p->error == YAML_MEMORY_ERROR) {
        unreadable(d, &at, "syntax", "there is no memory to read this document", NULL);
        return;
    }
    if (p->error == YAML_READER_ERROR) {
        at = doc_place(d, p->problem_offset);
        complain(d, &at, NULL, p->problem);
        return;
    }
    if (cut_off(d, &at) || sign(d, p->context, p->problem))
        return;
    byte = doc_byte(d, p->problem_mark.index);
    if (holds(p->problem, "cannot start any token") && byte < d->size) {
        doc_error(d, &at, "syntax", "a text cannot begin with this character")->next =
            odd_start(d->text[byte]);
        return;
    }
    complain(d, &at, p->context, p->problem);
}
