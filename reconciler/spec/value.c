/* One function for each kind of value.  Each consumes one value, well or not. */
#include "spec/fill.h"

#include <string.h>

static void value_map(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct said_row *out = to;
    void *row = arena_alloc(r->scratch, 1, r->shapes[f->rows].size);

    doc_peek(r->doc, &out->at);
    if (read_shape(r, f->rows, what, row))
        out->row = row;
}

/* One more row at the end of a list.  Rows stay where they are: they are large. */
static void *push_row(struct reader *r, enum shape shape, struct said_rows *list, size_t *room)
{
    void *row = arena_alloc(r->scratch, 1, r->shapes[shape].size);

    *arena_push(r->scratch, list->rows, list->count, *room) = row;
    return row;
}

static void value_list(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct said_rows *out = to;
    size_t room = 0;

    doc_peek(r->doc, &out->at);
    if (!doc_list(r->doc, what))
        return;
    while (doc_item(r->doc))
        if (!read_shape(r, f->rows, what, push_row(r, f->rows, out, &room)))
            out->count--;
}

static void value_table(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct said_table *out = to;
    size_t room = 0, count = 0, names_room = 0;
    struct doc_scalar key;

    doc_peek(r->doc, &out->at);
    if (!doc_map(r->doc, what))
        return;
    while (doc_key(r->doc, &key)) {
        if (str_starts(key.text, "x-") || str_eq(key.text, "annotations"))
            continue;
        if (!name_check(r->found, what, &key) ||
            !read_shape(r, f->rows, key.text, push_row(r, f->rows, &out->rows, &room))) {
            out->rows.count = count;
            continue;
        }
        *arena_push(r->scratch, out->names, count, names_room) =
            (struct spec_text){key.text, key.at};
    }
}

/* "never, allowed" */
static const char *words_text(struct arena *a, const struct words *w)
{
    struct text t;

    text_init(&t, a);
    for (int i = 0; i < w->count; i++)
        text_printf(&t, "%s%s", i == 0 ? "write " : i + 1 == w->count ? " or " : ", ", w->list[i]);
    return text_done(&t);
}

/* A word that is known and refused: consumed, with a finding. */
static bool refuse_later(struct reader *r, const struct words *w, const char *what)
{
    for (uint32_t i = 0; i < later_word_count; i++) {
        const struct later_word *l = &later_words[i];
        struct span at;

        if (l->words != w || !doc_ahead(r->doc, l->word))
            continue;
        doc_peek(r->doc, &at);
        doc_skip(r->doc);
        (*l->why ? spec_find(r->found, CODE_RULED_OUT, &at, "`%s` cannot be `%s`: %s", what,
                             l->word, l->why)
                 : spec_find(r->found, CODE_NOT_YET, &at, "`%s: %s` is not supported yet", what,
                             l->word))
            ->next = words_text(r->arena, w);
        return true;
    }
    return false;
}

static void value_word(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct said_word *out = to;

    if (!refuse_later(r, f->words, what))
        (void)!doc_word(r->doc, what, f->words->list, &out->value, &out->at);
}

static void value_choice(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct said_choice *out = to;
    struct said_word word = {0};
    void *row;

    if (doc_peek(r->doc, &out->at) != DOC_MAP) {
        value_word(r, f, what, &word);
        out->at = word.at;
        out->word = word.value;
        return;
    }
    row = arena_alloc(r->scratch, 1, r->shapes[f->rows].size);
    if (read_shape(r, f->rows, what, row))
        *out = (struct said_choice){.word = -1, .at = out->at, .row = row};
    else
        *out = (struct said_choice){0};
}

static void value_labels(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct said_labels *out = to;
    struct doc_scalar key, value;

    (void)f;
    doc_peek(r->doc, &out->at);
    if (!doc_map(r->doc, what))
        return;
    while (doc_key(r->doc, &key))
        if (doc_label(r->doc, key.text, &value))
            *arena_push(r->arena, out->rows, out->count, out->room) =
                (struct spec_label){key.text, value.text};
}

static bool same_labels(const struct said_labels *a, const struct said_labels *b)
{
    bool same = a->count == b->count;

    for (size_t i = 0; i < a->count && same; i++) {
        bool there = false;

        for (size_t k = 0; k < b->count && !there; k++)
            there = str_eq(a->rows[i].key, b->rows[k].key) &&
                    str_eq(a->rows[i].value, b->rows[k].value);
        same = there;
    }
    return same;
}

/* One set behind the others; what is wrong with it is said. */
static void take_label_set(struct reader *r, const struct field_row *f, const char *what,
                           struct said_label_sets *out)
{
    struct said_labels set = {0};
    const size_t errors = r->found->errors;

    value_labels(r, f, what, &set);
    if (!set.count && r->found->errors == errors)
        spec_find(r->found, CODE_OUT_OF_RANGE, &set.at, "`%s` has a set without labels", what)
            ->next = "leave it out: what fits none of the sets comes last";
    for (size_t i = 0; i < out->count; i++)
        if (set.count && same_labels(&set, &out->rows[i])) {
            spec_find(r->found, CODE_DUPLICATE_NAME, &set.at, "`%s` has these labels twice", what)
                ->next = "take one out";
            break;
        }
    *arena_push(r->arena, out->rows, out->count, out->room) = set;
}

static void value_label_sets(struct reader *r, const struct field_row *f, const char *what,
                             void *to)
{
    struct said_label_sets *out = to;
    size_t items = 0;

    doc_peek(r->doc, &out->at);
    if (!doc_list(r->doc, what))
        return;
    for (; doc_item(r->doc); items++)
        if (items < LIMIT_RINGS)
            take_label_set(r, f, what, out);
        else
            doc_skip(r->doc);
    if (!items || items > LIMIT_RINGS)
        spec_find(r->found, CODE_OUT_OF_RANGE, &out->at, "`%s` has %zu sets: it must be 1 to %d",
                  what, items, LIMIT_RINGS)
            ->next = "one set of labels for each ring: [{ring: canary}, {ring: broad}]";
}

/* ---- names ---- */

static void value_name(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct spec_text *out = to;
    struct doc_scalar s;

    (void)f;
    if (doc_text(r->doc, what, &s) && name_check(r->found, what, &s))
        *out = (struct spec_text){s.text, s.at};
}

static void value_pattern(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct spec_text *out = to;
    struct doc_scalar s;

    (void)f;
    if (doc_text(r->doc, what, &s) && pattern_check(r->found, what, &s))
        *out = (struct spec_text){s.text, s.at};
}

static void value_names(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct said_names *out = to;
    bool patterns = f->kind == KIND_PATTERNS, any = false;
    struct doc_scalar s;
    struct span at;

    if (doc_peek(r->doc, &at) == DOC_SCALAR) {
        if (doc_text(r->doc, what, &s) && names_add(r->arena, r->found, what, &s, patterns, out))
            out->at = at;
        return;
    }
    if (!doc_list(r->doc, what))
        return;
    out->at = at;
    for (; doc_item(r->doc); any = true)
        if (doc_text(r->doc, what, &s) && !take_name_blank(r, &s, out))
            (void)!names_add(r->arena, r->found, what, &s, patterns, out);
    if (!any && !patterns)
        spec_find(r->found, CODE_OUT_OF_RANGE, &at, "`%s` is an empty list", what)->next =
            "write the names, or take the row out";
}

static void value_text(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct spec_text *out = to;
    struct doc_scalar s;

    (void)f;
    if (doc_text(r->doc, what, &s))
        *out = (struct spec_text){s.text, s.at};
}

/* ---- numbers ---- */

static void value_count(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct spec_num *out = to;
    uint64_t most = f->most ? f->most : UINT64_MAX;

    (void)!doc_u64(r->doc, what, f->least, most, &out->value, &out->at);
}

static void value_percent(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct spec_num *out = to;
    struct doc_scalar s;
    uint64_t n;
    size_t size;

    (void)f;
    if (!doc_text(r->doc, what, &s))
        return;
    size = strlen(s.text);
    if (size && s.text[size - 1] == '%' && str_u64(arena_strndup(r->arena, s.text, size - 1), &n) &&
        n <= 100) {
        *out = (struct spec_num){.value = n, .at = s.at};
        return;
    }
    spec_find(r->found, CODE_NOT_PERCENT, &s.at, "`%s`: \"%s\" is not a share from 0%% to 100%%",
              what, s.text)
        ->next = str_u64(s.text, &n) && n <= 100
                     ? arena_printf(r->arena, "write %llu%%", (unsigned long long)n)
                     : "a whole number and the sign, with nothing between: 3%";
}

static void value_bounds(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct said_bounds *out = to, got = {0};
    struct doc_scalar s;
    const char *dots;

    if (!doc_text(r->doc, what, &s))
        return;
    got.at = s.at;
    dots = strstr(s.text, "..");
    if (dots && str_u64(arena_strndup(r->arena, s.text, (size_t)(dots - s.text)), &got.least) &&
        str_u64(dots + 2, &got.most) && got.least <= got.most && got.most <= f->most) {
        *out = got;
        return;
    }
    spec_find(r->found, CODE_BAD_BOUNDS, &s.at, "`%s`: \"%s\" is not two numbers up to %llu", what,
              s.text, (unsigned long long)f->most)
        ->next = !dots && str_u64(s.text, &got.most)
                     ? arena_printf(r->arena, "write 0..%s, or %s..%s for exactly so many", s.text,
                                    s.text, s.text)
                     : "write the least and the largest number, the smaller one first: 0..20";
}

static const char *size_of(struct arena *a, uint64_t bytes)
{
    if (bytes && bytes % MIB == 0)
        return arena_printf(a, "%llu MiB", (unsigned long long)(bytes / MIB));
    return arena_printf(a, "%llu bytes", (unsigned long long)bytes);
}

static void value_size(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct spec_num *out = to, got = {0};

    if (!doc_bytes(r->doc, what, &got.value, &got.at))
        return;
    if (!f->most || (got.value >= f->least && got.value <= f->most)) {
        *out = got;
        return;
    }
    spec_find(r->found, CODE_OUT_OF_RANGE, &got.at, "`%s` is %s", what,
              size_of(r->arena, got.value))
        ->next = got.value < f->least
                     ? arena_printf(r->arena, "at least %s", size_of(r->arena, f->least))
                     : arena_printf(r->arena, "at most %s", size_of(r->arena, f->most));
}

static void value_flag(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct said_flag *out = to;

    if (!doc_bool(r->doc, what, &out->value, &out->at) || out->value || f->kind == KIND_FLAG)
        return;
    spec_find(r->found, CODE_WRONG_TYPE, &out->at, "`%s: false` says nothing", what)->next =
        "leave the key out";
}

static void value_duration(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct said_time *out = to, got = {0};

    (void)f;
    if (!doc_duration(r->doc, what, &got.ms, &got.at))
        return;
    if (got.ms > 0) {
        *out = got;
        return;
    }
    spec_find(r->found, CODE_OUT_OF_RANGE, &got.at, "`%s` is nothing: it must be at least 1s", what)
        ->next = "write 10m, say";
}

/* ---- times ---- */

static void value_clock(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct said_time *out = to;
    struct doc_scalar s;
    const char *t;

    (void)f;
    if (!doc_text(r->doc, what, &s))
        return;
    t = s.text;
    if (strlen(t) == 5 && t[2] == ':' && t[0] >= '0' && t[0] <= '2' && t[1] >= '0' && t[1] <= '9' &&
        (t[0] < '2' || t[1] < '4') && t[3] >= '0' && t[3] <= '5' && t[4] >= '0' && t[4] <= '9') {
        *out = (struct said_time){
            (((t[0] - '0') * 10 + t[1] - '0') * 60 + (t[3] - '0') * 10 + t[4] - '0') * 60000, s.at};
        return;
    }
    spec_find(r->found, CODE_BAD_CLOCK, &s.at, "`%s`: \"%s\" is not a time of day", what, t)->next =
        "write hours and minutes: \"02:00\"";
}

/* As far as the schema knows it, which has no calendar. */
static bool is_dated(const char *s)
{
    static const char form[] = "dddd-dd-dd";

    for (size_t i = 0; i < sizeof form; i++)
        if (form[i] == 'd' ? s[i] < '0' || s[i] > '9' : s[i] != form[i])
            return false;
    return (s[5] == '0' ? s[6] != '0' : s[5] == '1' && s[6] <= '2') &&
           (s[8] == '0' ? s[9] != '0' : s[8] <= '2' || (s[8] == '3' && s[9] <= '1'));
}

/* One day, as its number. */
static bool take_date(struct reader *r, const char *what, int64_t *day, struct span *at)
{
    struct doc_scalar s;

    if (!doc_text(r->doc, what, &s))
        return false;
    *at = s.at;
    if (day_parse(s.text, day))
        return true;
    if (is_dated(s.text))
        spec_find(r->found, CODE_NO_SUCH_DAY, &s.at, "`%s`: there is no %s", what, s.text)->next =
            "look at the calendar";
    else
        spec_find(r->found, CODE_BAD_DATE, &s.at, "`%s`: \"%s\" is not a date", what, s.text)
            ->next = "write year, month and day: 2026-11-21";
    return false;
}

static void value_date(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct said_time *out = to;
    struct span at;
    int64_t day;

    (void)f;
    if (take_date(r, what, &day, &at))
        *out = (struct said_time){day * 24 * 60 * 60 * 1000, at};
}

static void value_dates(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct said_days *out = to;
    struct span at, one;
    size_t items = 0;
    int64_t day;

    (void)f;
    doc_peek(r->doc, &at);
    if (!doc_list(r->doc, what))
        return;
    out->at = at;
    for (; doc_item(r->doc); items++) {
        size_t k = out->count;

        if (!take_date(r, what, &day, &one) || out->count >= LIMIT_DATES)
            continue;
        *arena_push(r->arena, out->days, out->count, out->room) = day;
        for (; k && out->days[k - 1] > day; k--)
            out->days[k] = out->days[k - 1];
        out->days[k] = day;
    }
    if (!items || items > LIMIT_DATES)
        spec_find(r->found, CODE_OUT_OF_RANGE, &at, "`%s` has %zu dates: it must be 1 to %d", what,
                  items, LIMIT_DATES)
            ->next = "for days that come back every week write days: [sat, sun]";
}

static void value_weekdays(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct said_days *out = to;
    struct span at, one;
    bool any = false;
    int day;

    (void)f;
    doc_peek(r->doc, &at);
    if (!doc_list(r->doc, what))
        return;
    out->at = at;
    for (; doc_item(r->doc); any = true)
        if (doc_word(r->doc, what, words_weekday.list, &day, &one))
            out->mask |= 1u << day;
    if (!any)
        spec_find(r->found, CODE_OUT_OF_RANGE, &at, "`%s` is an empty list", what)->next =
            "write the days: [sat, sun]";
}

static void value_zone(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct spec_text *out = to;
    struct doc_scalar s;
    const char *near;

    (void)f;
    if (!doc_text(r->doc, what, &s))
        return;
    if (zone_find(s.text)) {
        *out = (struct spec_text){s.text, s.at};
        return;
    }
    near = zone_near(s.text);
    spec_find(r->found, CODE_BAD_ZONE, &s.at, "`%s`: there is no time zone \"%s\"", what, s.text)
        ->next = near ? arena_printf(r->arena, "did you mean %s?", near)
                      : "write its IANA name: Europe/Berlin";
}

/* A date, or a point in time: 2026-12-01T22:00:00+01:00. */
static void value_moment(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct said_moment *out = to;
    struct doc_scalar s;
    const char *date;
    int64_t day, ms;

    (void)f;
    if (!doc_text(r->doc, what, &s))
        return;
    date = arena_strndup(r->arena, s.text, strcspn(s.text, "Tt "));
    if (day_parse(s.text, &day))
        *out = (struct said_moment){day * 24 * 60 * 60 * 1000, true, s.text, s.at};
    else if (when_parse(s.text, &ms))
        *out = (struct said_moment){ms, false, s.text, s.at};
    else if (is_dated(date) && !day_parse(date, &day))
        spec_find(r->found, CODE_NO_SUCH_DAY, &s.at, "`%s`: there is no %s", what, s.text)->next =
            "look at the calendar";
    else
        spec_find(r->found, CODE_BAD_DATE, &s.at, "`%s`: \"%s\" is not a date", what, s.text)
            ->next = "write 2026-12-01, or with a time of day: 2026-12-01T22:00:00+01:00";
}

static void value_time(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct said_time *out = to, got = {0};

    (void)f;
    if (doc_time(r->doc, what, &got.ms, &got.at))
        *out = got;
}

/* ---- identities ---- */

/* vm/NAME, pool/NAME, gpu/NODE/LOCATION-PATH: whose field is meant. */
static void value_subject(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct spec_text *out = to;
    struct doc_scalar s, name;
    const char *path;

    (void)f;
    if (!doc_text(r->doc, what, &s))
        return;
    name = s;
    name.text += strcspn(s.text, "/");
    name.text += *name.text == '/';
    path = strchr(name.text, '/');
    if ((str_starts(s.text, "vm/") || str_starts(s.text, "pool/")) && *name.text) {
        if (name_check(r->found, what, &name))
            *out = (struct spec_text){s.text, s.at};
        return;
    }
    if (str_starts(s.text, "gpu/") && path && path > name.text && path_is_location(path + 1)) {
        *out = (struct spec_text){s.text, s.at};
        return;
    }
    spec_find(r->found, CODE_BAD_SUBJECT, &s.at, "`%s`: \"%s\" is no subject", what, s.text)->next =
        str_starts(s.text, "gpu/")
            ? "write it as gpu/NODE/ and the location path: gpuN is a name on the screen only"
            : "write it as vm/NAME, pool/NAME or gpu/NODE/LOCATION-PATH";
}

static bool is_hex(char c)
{
    c = str_lower(c);
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static void value_guid(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    static const char form[] = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
    struct spec_text *out = to;
    struct doc_scalar s;
    char *low;

    (void)f;
    if (!doc_text(r->doc, what, &s))
        return;
    low = arena_strdup(r->arena, s.text);
    for (size_t i = 0;; i++) {
        bool fits = form[i] == 'h' ? is_hex(low[i]) : low[i] == form[i];

        if (!fits) {
            spec_find(r->found, CODE_BAD_GUID, &s.at, "`%s`: \"%s\" is not a GUID", what, s.text)
                ->next = "write it as (Get-VM NAME).VMId shows it, without braces: "
                         "711cee18-60db-43b4-be7e-cedce5e25dd0";
            return;
        }
        if (!form[i])
            break;
        low[i] = str_lower(low[i]);
    }
    *out = (struct spec_text){low, s.at};
}

static void value_pci(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct spec_text *out = to;

    (void)f;
    (void)!doc_pci(r->doc, what, &out->value, &out->at);
}

static bool take_location(struct reader *r, const char *what, struct doc_scalar *s)
{
    if (!doc_text(r->doc, what, s))
        return false;
    if (path_is_location(s->text))
        return true;
    spec_find(r->found, CODE_BAD_PATH, &s->at, "`%s`: \"%s\" is not a location path", what, s->text)
        ->next = str_starts_fold(s->text, "gpu")
                     ? "gpuN is a name on the screen only; observe shows the path of each GPU"
                     : "write it as `observe` shows it: PCIROOT(16)#PCI(0200)#PCI(0000)";
    return false;
}

static void value_location(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct spec_text *out = to;
    struct doc_scalar s;

    (void)f;
    if (take_location(r, what, &s))
        *out = (struct spec_text){s.text, s.at};
}

static void value_locations(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct said_names *out = to;
    struct span at;
    struct doc_scalar s;
    struct map seen;
    uint32_t items = 0;

    (void)f;
    doc_peek(r->doc, &at);
    if (!doc_list(r->doc, what))
        return;
    out->at = at;
    map_init(&seen, r->arena, 8, true);
    for (; doc_item(r->doc); items++) {
        if (!take_location(r, what, &s))
            continue;
        if (map_put(&seen, s.text, items) != items) {
            spec_find(r->found, CODE_DUPLICATE_NAME, &s.at, "`%s`: %s is there twice", what, s.text)
                ->next = "take one out";
            continue;
        }
        *arena_push(r->arena, out->names, out->count, out->room) = s.text;
    }
    if (!items || items > LIMIT_PER_VM)
        spec_find(r->found, CODE_OUT_OF_RANGE, &at, "`%s` has %u devices: it must be 1 to %d", what,
                  items, LIMIT_PER_VM)
            ->next = "for a VM without devices write gpu: none";
}

static void value_instance(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    struct spec_text *out = to;
    struct doc_scalar s;

    (void)f;
    if (!doc_text(r->doc, what, &s))
        return;
    if (path_is_instance(s.text)) {
        *out = (struct spec_text){path_normal(r->arena, s.text), s.at};
        return;
    }
    spec_find(r->found, CODE_BAD_PATH, &s.at, "`%s`: \"%s\" is not an instance path", what, s.text)
        ->next = str_starts_fold(s.text, "gpu")
                     ? "gpuN is a name on the screen only; observe shows the path of each GPU"
                     : "write it as `observe` shows it, or its last part: 4&18416dc3&0&0000";
}

void read_value(struct reader *r, const struct field_row *f, const char *what, void *to)
{
    static void (*const readers[KINDS])(struct reader *, const struct field_row *, const char *,
                                        void *) = {
        [KIND_MAP] = value_map,
        [KIND_LIST] = value_list,
        [KIND_TABLE] = value_table,
        [KIND_WORD] = value_word,
        [KIND_CHOICE] = value_choice,
        [KIND_LABELS] = value_labels,
        [KIND_LABEL_SETS] = value_label_sets,
        [KIND_NAME] = value_name,
        [KIND_NAMES] = value_names,
        [KIND_PATTERNS] = value_names,
        [KIND_TEXT] = value_text,
        [KIND_FILE_NAME] = value_text,
        [KIND_COUNT] = value_count,
        [KIND_PERCENT] = value_percent,
        [KIND_NUMBER] = value_count,
        [KIND_SIZE] = value_size,
        [KIND_FLAG] = value_flag,
        [KIND_TRUE_ONLY] = value_flag,
        [KIND_DURATION] = value_duration,
        [KIND_CLOCK] = value_clock,
        [KIND_DATE] = value_date,
        [KIND_DATES] = value_dates,
        [KIND_WEEKDAYS] = value_weekdays,
        [KIND_ZONE] = value_zone,
        [KIND_GUID] = value_guid,
        [KIND_PCI_ID] = value_pci,
        [KIND_LOCATION] = value_location,
        [KIND_LOCATIONS] = value_locations,
        [KIND_PATTERN] = value_pattern,
        [KIND_BOUNDS] = value_bounds,
        [KIND_INSTANCE] = value_instance,
        [KIND_MOMENT] = value_moment,
        [KIND_SUBJECT] = value_subject,
        [KIND_TIME] = value_time,
    };

    readers[f->kind](r, f, what, to);
}
