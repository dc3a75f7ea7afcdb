/* Typed values: one scalar, and what is wrong with it. */
#include "codec/doc_inner.h"

#include "base/when.h"

#include <inttypes.h>
#include <string.h>

static bool digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

static void set_at(struct span *at, const struct doc_scalar *s)
{
    if (at)
        *at = s->at;
}

/* A scalar that says something. */
static bool filled(struct doc *d, const char *what, struct doc_scalar *s, const char *example)
{
    if (!doc_scalar(d, what, s))
        return false;
    if (!s->null && s->text[0])
        return true;
    doc_error(d, &s->at, "empty", "`%s` is empty", what)->next =
        doc_say(d, "write %s, or leave the key out", example);
    return false;
}

/* ---- texts ---- */

/*
 * `name: GPU #3` is GPU.  A comment as people write them has a blank after
 * its #, or more than one before it; what looks like neither is worth a word.
 */
static void check_comment(struct doc *d, const struct doc_scalar *s)
{
    size_t start, end, stop;
    const char *p;

    if (!d->comments || !s->plain)
        return;
    start = doc_byte(d, d->last_start);
    end = doc_byte(d, d->last_end);
    p = d->text + end;
    if (end <= start || d->size - end < 3 || p[0] != ' ' || p[1] != '#' || p[2] == '#' ||
        p[2] == '!' || blank(p[2]) || p[2] == '\r' || p[2] == '\n')
        return;
    for (stop = end; stop < d->size && d->text[stop] != '\n' && d->text[stop] != '\r';)
        stop++;
    while (stop > end && blank(d->text[stop - 1]))
        stop--;
    p = doc_shown(d, arena_strndup(d->found->arena, d->text + end + 1,
                                   stop - end > 64 ? 64 : stop - end - 1));
    doc_warn(d, &s->at, "comment-cut", "this is read as `%s`: `%s` after a blank is a comment",
             doc_shown(d, s->text), p)
        ->next = doc_say(d,
                         "quote it if it belongs to the text: \"%s %s\"; if not, put a blank "
                         "after the #",
                         doc_shown(d, s->text), p);
}

static bool check_name(struct doc *d, const char *what, const struct doc_scalar *s)
{
    size_t size = strlen(s->text);
    bool clean = doc_clean(s->text, size, false) == size;

    if (!clean && s->double_quoted) {
        doc_error(d, &s->at, "path-in-double-quotes",
                  "`%s`: in double quotes \\ begins an escape, and %s holds a control character",
                  what, doc_written(d, d->last_start, d->last_end))
            ->next = "put it in single quotes, where \\ is only \\";
        return false;
    }
    if (!clean) {
        doc_error(d, &s->at, "control-character", "`%s` holds a line end or a control character",
                  what)
            ->next = "write it on one line";
        return false;
    }
    if (size > LIMIT_NAME) {
        doc_error(d, &s->at, "too-long", "`%s` has %zu bytes: at most %d are allowed", what, size,
                  LIMIT_NAME)
            ->next = "shorten it";
        return false;
    }
    return true;
}

bool doc_text(struct doc *d, const char *what, struct doc_scalar *out)
{
    struct doc_scalar s;

    if (!filled(d, what, &s, "a text") || !check_name(d, what, &s))
        return false;
    check_comment(d, &s);
    *out = s;
    return true;
}

/* What a reader of YAML 1.1 or 1.2 takes for something else than a text. */
static const char *taken_for(const char *s)
{
    static const char *const words[] = {"true", "false", "yes", "no", "on", "off", "y", "n"};
    const char *p = s;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_same(s, words[i]))
            return "a boolean";
    if (str_same(s, "null"))
        return "nothing";
    if (*p == '+' || *p == '-')
        p++;
    if (!digit(*p) && !(*p == '.' && digit(p[1])))
        return str_same(p, ".inf") || str_same(p, ".nan") ? "a number" : NULL;
    if (p[0] == '0' && (p[1] == 'x' || p[1] == 'o' || p[1] == 'b'))
        return "a number";
    while (digit(*p) || *p == '_')
        p++;
    if (*p == '-' && p - s == 4 && digit(p[1]))
        return "a date";
    if (*p == ':' && digit(p[1]))
        return "a number";
    if (*p == '.')
        for (p++; digit(*p) || *p == '_';)
            p++;
    if (*p == 'e' || *p == 'E') {
        p += p[1] == '+' || p[1] == '-' ? 2 : 1;
        if (!digit(*p))
            return NULL;
        while (digit(*p))
            p++;
    }
    return *p ? NULL : "a number";
}

bool doc_label(struct doc *d, const char *what, struct doc_scalar *out)
{
    const char *other;

    if (!doc_text(d, what, out))
        return false;
    other = out->plain ? taken_for(out->text) : NULL;
    if (other)
        doc_warn(d, &out->at, "other-reader", "`%s`: other readers of YAML take `%s` for %s", what,
                 doc_shown(d, out->text), other)
            ->next = doc_say(d, "quote it: \"%s\"", doc_shown(d, out->text));
    return true;
}

/* ---- numbers ---- */

/* The digits of a text without anything else, for the fix; NULL when it is no number. */
static const char *only_digits(struct doc *d, const char *s, const char *drop)
{
    char out[24];
    size_t n = 0;

    for (; *s; s++) {
        if (strchr(drop, *s))
            continue;
        if (!digit(*s) || n + 1 >= sizeof out)
            return NULL;
        if (n == 1 && out[0] == '0')
            n = 0;
        out[n++] = *s;
    }
    return n ? arena_strndup(d->found->arena, out, n) : NULL;
}

static const char *in_base(struct doc *d, const char *s)
{
    unsigned base = s[1] == 'x' || s[1] == 'X' ? 16 : s[1] == 'o' || s[1] == 'O' ? 8 : 2;
    uint64_t n = 0;

    for (s += 2; *s; s++) {
        unsigned v = digit(*s) ? (unsigned)(*s - '0') : (unsigned)(str_lower(*s) - 'a') + 10;

        if (v >= base || n > (UINT64_MAX - v) / base)
            return NULL;
        n = n * base + v;
    }
    return doc_say(d, "%" PRIu64, n);
}

/* What is wrong with a text that should be a whole number, and what it may mean. */
static const char *number_fault(struct doc *d, const char *s, const char **fix)
{
    size_t digits = strspn(s, "0123456789");

    *fix = NULL;
    if (s[0] == '-')
        return "it cannot be negative";
    if (s[0] == '+') {
        *fix = only_digits(d, s + 1, "");
        return "a sign is not allowed";
    }
    if (s[0] == '0' && s[1] && strchr("xXoObB", s[1])) {
        *fix = in_base(d, s);
        return "only decimal digits are read";
    }
    if (!s[digits] && s[0] == '0' && s[1]) {
        *fix = only_digits(d, s, "");
        return "a leading zero makes other readers take it for octal";
    }
    if (!s[digits])
        return "it is too large";
    *fix = only_digits(d, s, "_,' ");
    if (digits && *fix)
        return "digits are written without separators";
    if (digits && (s[digits] == '.' || s[digits] == 'e' || s[digits] == 'E')) {
        const char *zeros = s + digits + 1;

        if (s[digits] == '.' && *zeros && zeros[strspn(zeros, "0")] == 0)
            *fix = only_digits(d, arena_strndup(d->found->arena, s, digits), "");
        return "only whole numbers are read";
    }
    return digits ? "a plain number has no unit" : NULL;
}

static bool whole_number(const char *s, uint64_t *out)
{
    return (s[0] != '0' || !s[1]) && str_u64(s, out);
}

static void bad_number(struct doc *d, const char *what, const struct doc_scalar *s)
{
    const char *fix, *fault = number_fault(d, s->text, &fix);

    doc_error(d, &s->at, "not-a-number", "`%s` must be a whole number, found `%s`%s%s", what,
              doc_shown(d, s->text), fault ? ": " : "", fault ? fault : "")
        ->next = fix ? doc_say(d, "write %s", fix) : "write decimal digits only";
}

static bool scalar_u64(struct doc *d, const char *what, const struct doc_scalar *s, uint64_t *out)
{
    if (whole_number(s->text, out))
        return true;
    bad_number(d, what, s);
    return false;
}

bool doc_u64(struct doc *d, const char *what, uint64_t min, uint64_t max, uint64_t *out,
             struct span *at)
{
    struct doc_scalar s;
    uint64_t n;

    if (!filled(d, what, &s, "a number") || !scalar_u64(d, what, &s, &n))
        return false;
    if (n < min || n > max) {
        doc_error(d, &s.at, "out-of-range",
                  "`%s` is %" PRIu64 ": it must be from %" PRIu64 " to %" PRIu64, what, n, min, max)
            ->next = doc_say(d, "write a number from %" PRIu64 " to %" PRIu64, min, max);
        return false;
    }
    *out = n;
    set_at(at, &s);
    return true;
}

bool doc_num_or_unknown(struct doc *d, const char *what, struct num *out)
{
    struct doc_scalar s;
    uint64_t n;

    if (!filled(d, what, &s, "a number or unknown"))
        return false;
    if (str_eq(s.text, "unknown")) {
        *out = NUM_UNKNOWN;
        return true;
    }
    if (!scalar_u64(d, what, &s, &n))
        return false;
    *out = NUM(n);
    return true;
}

/* ---- booleans ---- */

/* 1, 0, or -1 with a finding. */
static int truth(struct doc *d, const char *what, const struct doc_scalar *s, const char *choices)
{
    static const struct {
        const char *written;
        int value;
    } alike[] = {{"yes", 1}, {"y", 1}, {"on", 1},  {"1", 1}, {"true", 1},  {"enabled", 1},
                 {"no", 0},  {"n", 0}, {"off", 0}, {"0", 0}, {"false", 0}, {"disabled", 0}};
    const char *fix = NULL;

    if (s->plain && (str_eq(s->text, "true") || str_eq(s->text, "false")))
        return str_eq(s->text, "true");
    for (size_t i = 0; i < sizeof alike / sizeof *alike; i++)
        if (str_same(s->text, alike[i].written))
            fix = alike[i].value ? "true" : "false";
    doc_error(d, &s->at, "not-a-boolean", "`%s` is %s, found %s`%s`", what, choices,
              s->plain ? "" : "the text ", doc_shown(d, s->text))
        ->next = !fix       ? doc_say(d, "write %s", choices)
                 : s->plain ? doc_say(d, "write %s", fix)
                            : doc_say(d, "write %s, without quotes", fix);
    return -1;
}

bool doc_bool(struct doc *d, const char *what, bool *out, struct span *at)
{
    struct doc_scalar s;
    int value;

    if (!filled(d, what, &s, "true or false"))
        return false;
    value = truth(d, what, &s, "true or false");
    if (value < 0)
        return false;
    *out = value;
    set_at(at, &s);
    return true;
}

bool doc_tri(struct doc *d, const char *what, enum tri *out)
{
    struct doc_scalar s;
    int value;

    if (!filled(d, what, &s, "true, false or unknown"))
        return false;
    if (str_eq(s.text, "unknown")) {
        *out = TRI_UNKNOWN;
        return true;
    }
    value = truth(d, what, &s, "true, false or unknown");
    if (value < 0)
        return false;
    *out = value ? TRI_YES : TRI_NO;
    return true;
}

/* ---- bytes ---- */

static const struct {
    const char *written;
    int shift;       /* of the value; -1: refused */
    const char *say; /* instead */
} units[] = {
    {"", 0, NULL},      {"B", 0, NULL},     {"KiB", 10, NULL}, {"Ki", 10, NULL},
    {"MiB", 20, NULL},  {"Mi", 20, NULL},   {"GiB", 30, NULL}, {"Gi", 30, NULL},
    {"TiB", 40, NULL},  {"Ti", 40, NULL},   {"kB", -1, "KiB"}, {"KB", -1, "KiB"},
    {"K", -1, "KiB"},   {"k", -1, "KiB"},   {"MB", -1, "MiB"}, {"M", -1, "MiB"},
    {"GB", -1, "GiB"},  {"G", -1, "GiB"},   {"TB", -1, "TiB"}, {"T", -1, "TiB"},
    {"bytes", -1, "B"}, {"KiB", -1, "KiB"}, {"Ki", -1, "KiB"}, {"MiB", -1, "MiB"},
    {"Mi", -1, "MiB"},  {"GiB", -1, "GiB"}, {"Gi", -1, "GiB"}, {"TiB", -1, "TiB"},
    {"Ti", -1, "TiB"},
};
enum { UNITS = sizeof units / sizeof *units };

/* The row of a unit: as it is written, or else without case (and then it is refused); UNITS: none.
 */
static size_t unit_of(const char *s)
{
    for (size_t i = 0; i < UNITS; i++)
        if (units[i].shift >= 0 && str_eq(s, units[i].written))
            return i;
    for (size_t i = 0; i < UNITS; i++)
        if (units[i].shift < 0 && str_same(s, units[i].written))
            return i;
    return UNITS;
}

/* 1.5 GiB is 1536 MiB: the same in whole numbers, or NULL. */
static const char *without_point(struct doc *d, const char *s, size_t digits, const char *unit)
{
    static const char *const smaller[][2] = {{"TiB", "GiB"}, {"Ti", "GiB"},  {"GiB", "MiB"},
                                             {"Gi", "MiB"},  {"MiB", "KiB"}, {"Mi", "KiB"}};
    uint64_t whole, part, scale = 1;
    size_t places = strspn(s + digits + 1, "0123456789");

    if (s[digits] != '.' || !digits || !places || places > 6 || digits > 9 ||
        !str_u64(arena_strndup(d->found->arena, s, digits), &whole) ||
        !str_u64(arena_strndup(d->found->arena, s + digits + 1, places), &part))
        return NULL;
    for (size_t i = 0; i < places; i++)
        scale *= 10;
    for (size_t i = 0; i < sizeof smaller / sizeof *smaller; i++)
        if (str_eq(unit, smaller[i][0]) && part * 1024 % scale == 0)
            return doc_say(d, "write %" PRIu64 " %s", whole * 1024 + part * 1024 / scale,
                           smaller[i][1]);
    return NULL;
}

static bool bad_bytes(struct doc *d, const char *what, const struct doc_scalar *s, size_t digits,
                      const char *rest)
{
    static const char example[] = "write a whole number and a unit: 3648 MiB, 1 GiB";
    size_t unit = unit_of(rest);
    const char *fix;

    if (digits && unit < UNITS && units[unit].say) {
        doc_error(d, &s->at, "unit", "`%s`: the unit of `%s` is not one of B, KiB, MiB, GiB, TiB",
                  what, doc_shown(d, s->text))
            ->next =
            doc_say(d, "write %.*s %s (1 KiB is 1024 B)", (int)digits, s->text, units[unit].say);
        return false;
    }
    if (digits && s->text[digits] == '.') {
        rest = s->text + digits + 1;
        rest += strspn(rest, "0123456789");
        while (blank(*rest))
            rest++;
        fix = without_point(d, s->text, digits, rest);
        doc_error(d, &s->at, "unit", "`%s` must be a whole number of a unit, found `%s`", what,
                  doc_shown(d, s->text))
            ->next = fix ? fix : example;
        return false;
    }
    doc_error(d, &s->at, "unit", "`%s` must be a size, found `%s`", what, doc_shown(d, s->text))
        ->next = example;
    return false;
}

static bool scalar_bytes(struct doc *d, const char *what, const struct doc_scalar *s, uint64_t *out)
{
    size_t digits = strspn(s->text, "0123456789"), unit;
    const char *rest = s->text + digits;
    uint64_t n;

    while (blank(*rest))
        rest++;
    unit = unit_of(rest);
    if (!digits || unit == UNITS || units[unit].shift < 0 || (s->text[0] == '0' && digits > 1))
        return bad_bytes(d, what, s, digits, rest);
    if (digits > 20 || !str_u64(arena_strndup(d->arena, s->text, digits), &n) ||
        n > UINT64_MAX >> units[unit].shift) {
        doc_error(d, &s->at, "out-of-range", "`%s` is `%s`: more than 2^64-1 bytes", what,
                  doc_shown(d, s->text))
            ->next = "write a smaller size";
        return false;
    }
    *out = n << units[unit].shift;
    return true;
}

bool doc_bytes(struct doc *d, const char *what, uint64_t *out, struct span *at)
{
    struct doc_scalar s;

    if (!filled(d, what, &s, "a size such as 3648 MiB") || !scalar_bytes(d, what, &s, out))
        return false;
    set_at(at, &s);
    return true;
}

bool doc_bytes_or_unknown(struct doc *d, const char *what, struct num *out)
{
    struct doc_scalar s;
    uint64_t n;

    if (!filled(d, what, &s, "a size such as 3648 MiB, or unknown"))
        return false;
    if (str_eq(s.text, "unknown")) {
        *out = NUM_UNKNOWN;
        return true;
    }
    if (!scalar_bytes(d, what, &s, &n))
        return false;
    *out = NUM(n);
    return true;
}

/* ---- time ---- */

static const char *duration_fix(struct doc *d, const char *s)
{
    static const struct {
        const char *written, *unit;
    } rows[] = {{"s", "s"}, {"sec", "s"}, {"secs", "s"}, {"second", "s"}, {"seconds", "s"},
                {"m", "m"}, {"min", "m"}, {"mins", "m"}, {"minute", "m"}, {"minutes", "m"},
                {"h", "h"}, {"hr", "h"},  {"hrs", "h"},  {"hour", "h"},   {"hours", "h"},
                {"d", "d"}, {"day", "d"}, {"days", "d"}, {"", NULL}};
    size_t digits = strspn(s, "0123456789");
    const char *rest = s + digits;

    while (blank(*rest))
        rest++;
    for (size_t i = 0; digits && digits < 10 && i < sizeof rows / sizeof *rows; i++) {
        if (!str_same(rest, rows[i].written))
            continue;
        if (!rows[i].unit)
            return doc_say(d, "say the unit: %ss, %sm or %sh", s, s, s);
        return doc_say(d, "write %.*s%s", (int)digits, s, rows[i].unit);
    }
    return "write one number and one unit: 90s, 5m, 4h or 2d";
}

bool doc_duration(struct doc *d, const char *what, int64_t *out_ms, struct span *at)
{
    struct doc_scalar s;
    int64_t ms;

    if (!filled(d, what, &s, "a duration such as 10m"))
        return false;
    if (!duration_parse(s.text, &ms)) {
        doc_error(d, &s.at, "not-a-duration", "`%s` must be a duration, found `%s`", what,
                  doc_shown(d, s.text))
            ->next = duration_fix(d, s.text);
        return false;
    }
    *out_ms = ms;
    set_at(at, &s);
    return true;
}

bool doc_time(struct doc *d, const char *what, int64_t *out_ms, struct span *at)
{
    struct doc_scalar s;
    int64_t ms;

    if (!filled(d, what, &s, "a time such as 2026-11-19T13:00:00Z"))
        return false;
    if (!when_parse(s.text, &ms)) {
        doc_error(d, &s.at, "not-a-time", "`%s` must be a time, found `%s`", what,
                  doc_shown(d, s.text))
            ->next =
            "write date, time and offset: 2026-11-19T13:00:00Z or 2026-11-19T14:00:00+01:00";
        return false;
    }
    *out_ms = ms;
    set_at(at, &s);
    return true;
}

/* ---- PCI ids ---- */

static size_t hex4(const char *s)
{
    size_t n = 0;

    while (n < 4 && (digit(s[n]) || (str_lower(s[n]) >= 'a' && str_lower(s[n]) <= 'f')))
        n++;
    return n;
}

static const char *pci_of(struct doc *d, const char *first, const char *second)
{
    char *p = arena_alloc(d->arena, 10, 1);

    for (int i = 0; i < 4; i++) {
        p[i] = str_lower(first[i]);
        p[5 + i] = str_lower(second[i]);
    }
    p[4] = ':';
    return p;
}

/* "VEN_10DE&DEV_26B9", "SUBSYS_185110DE", "10DE 26B9", "0x10de:0x26b9": what is meant, or NULL. */
static const char *pci_fix(struct doc *d, const char *s)
{
    const char *ven = NULL, *dev = NULL, *subsys = NULL;

    for (const char *p = s; *p; p++) {
        if (str_starts_fold(p, "VEN_"))
            ven = p + 4;
        else if (str_starts_fold(p, "DEV_"))
            dev = p + 4;
        else if (str_starts_fold(p, "SUBSYS_"))
            subsys = p + 7;
    }
    if (ven && dev && hex4(ven) == 4 && hex4(dev) == 4)
        return pci_of(d, ven, dev);
    if (subsys && hex4(subsys) == 4 && hex4(subsys + 4) == 4)
        return pci_of(d, subsys + 4, subsys); /* device first, then vendor */
    if (str_starts_fold(s, "0x"))
        s += 2;
    if (hex4(s) != 4)
        return NULL;
    dev = s + 4;
    dev += strspn(dev, " :-,/&");
    if (str_starts_fold(dev, "0x"))
        dev += 2;
    return hex4(dev) == 4 && !dev[4] ? pci_of(d, s, dev) : NULL;
}

bool doc_pci(struct doc *d, const char *what, const char **out, struct span *at)
{
    struct doc_scalar s;
    const char *fix;

    if (!filled(d, what, &s, "vendor and device such as \"10de:25b6\""))
        return false;
    if (hex4(s.text) == 4 && s.text[4] == ':' && hex4(s.text + 5) == 4 && !s.text[9]) {
        *out = pci_of(d, s.text, s.text + 5);
        set_at(at, &s);
        return true;
    }
    fix = pci_fix(d, s.text);
    doc_error(d, &s.at, "not-a-pci-id",
              "`%s` is four hex digits, a colon and four more, found `%s`", what,
              doc_shown(d, s.text))
        ->next = fix ? doc_say(d, "write \"%s\"", fix) : "write it as \"10de:25b6\": vendor:device";
    return false;
}
