/* Data documents: tables of their lists, and their rows made whole. */
#include "codec/facts.h"

#include "codec/world_inner.h"

#include <stdlib.h>
#include <string.h>

/* The text of reconciler/data/, made by the Makefile. */
extern const char data_text[];
extern const size_t data_size;

struct listed_row {
    struct span at;
    struct listed listed;
};

struct branch_row {
    struct span at;
    struct driver_branch branch;
};

/* What one document says; a list that it does not have is NOT_THERE. */
struct data_row {
    struct card_row *cards;
    struct listed_row *gpus, *guests;
    struct branch_row *branches;
    size_t card_count, gpu_count, guest_count, branch_count;
};
enum { NOT_THERE = -1 };

#define AT(type, member) offsetof(type, member)
#define ROW(name, kind, flags, type, member, fallback, about)                                      \
    {                                                                                              \
        name, kind, flags, AT(type, member), 0, NULL, NULL, fallback, about                        \
    }
#define LIST(name, member, count, sub, about)                                                      \
    {                                                                                              \
        name, FIELD_ROWS, 0, AT(struct data_row, member), AT(struct data_row, count), NULL, sub,   \
            "as compiled in", about                                                                \
    }
#define FIELDS(array) array, sizeof array / sizeof array[0]

static const struct field listed_fields[] = {
    ROW("name", FIELD_NAME, REQUIRED, struct listed_row, listed.name, "",
        "a model or a guest system; a longer name that begins with it is meant too"),
    ROW("partition", FIELD_TRI, REQUIRED, struct listed_row, listed.use[LISTED_PARTITION], "",
        "supported for GPU partitions"),
    ROW("device", FIELD_TRI, REQUIRED, struct listed_row, listed.use[LISTED_DEVICE], "",
        "supported as a whole device"),
    ROW("date", FIELD_DAY, REQUIRED, struct listed_row, listed.date, "", "the day of the source"),
    ROW("source", FIELD_NAME, REQUIRED, struct listed_row, listed.source, "", "who says so"),
};
static const struct listed_row blank_listed = {.at = {0}};
static const struct table gpus_table = {
    "GPU", sizeof(struct listed_row), &blank_listed, FIELDS(listed_fields), true, NULL};
static const struct table guests_table = {
    "guest system", sizeof(struct listed_row), &blank_listed, FIELDS(listed_fields), true, NULL};

static const struct field branch_fields[] = {
    ROW("vendor", FIELD_NAME, REQUIRED, struct branch_row, branch.vendor, "",
        "of the GPU: \"10de\""),
    ROW("branch", FIELD_U32, REQUIRED, struct branch_row, branch.number, "",
        "the first number of its versions"),
    ROW("name", FIELD_NAME, REQUIRED, struct branch_row, branch.name, "", "for people"),
    ROW("date", FIELD_DAY, REQUIRED, struct branch_row, branch.date, "", "the day of the source"),
    ROW("source", FIELD_NAME, REQUIRED, struct branch_row, branch.source, "", "who says so"),
};
static const struct branch_row blank_branch = {.at = {0}};
static const struct table branch_table = {
    "driver branch", sizeof(struct branch_row), &blank_branch, FIELDS(branch_fields), true, NULL};

static const struct field data_fields[] = {
    LIST("cards", cards, card_count, &card_table, "cards that a simulated world knows by name"),
    LIST("gpus", gpus, gpu_count, &gpus_table, "supported GPUs (E4)"),
    LIST("guests", guests, guest_count, &guests_table, "supported guest systems (E4)"),
    LIST("drivers", branches, branch_count, &branch_table, "branches of the vendors' drivers (E8)"),
};
static const struct table data_table = {"spec", 0, NULL, FIELDS(data_fields), false, NULL};

/* ---- rows made whole ---- */

static bool is_there(size_t count)
{
    return count != (size_t)NOT_THERE;
}

static const char *later(const char *a, const char *b)
{
    return str_cmp(a, b) < 0 ? b : a;
}

static void twice(struct reading *r, const struct span *at, const char *what, const char *name)
{
    doc_error(r->doc, at, "duplicate", "the %s %s is there twice", what, name);
}

static void take_cards(struct reading *r, const struct data_row *row, struct facts *out)
{
    struct card *cards = arena_array(r->arena, struct card, row->card_count + 1);
    struct map seen;

    map_init(&seen, r->arena, row->card_count, true);
    for (size_t i = 0; i < row->card_count; i++) {
        const struct card_row *from = &row->cards[i];

        cards[i] = from->card;
        if (!from->card.name)
            continue;
        if (map_put(&seen, from->card.name, (uint32_t)i) != i)
            twice(r, &from->at, "card", from->card.name);
        if (!from->card.date || !from->card.source)
            doc_error(r->doc, &from->at, "missing-key", "the card %s needs `%s`", from->card.name,
                      from->card.date ? "source" : "date");
    }
    out->cards = cards;
    out->card_count = row->card_count;
}

static void take_listed(struct reading *r, const struct listed_row *from, size_t count,
                        const char *what, struct listed_rows *out)
{
    struct listed *rows = arena_array(r->arena, struct listed, count + 1);
    struct map seen;

    *out = (struct listed_rows){rows, count, NULL};
    map_init(&seen, r->arena, count, true);
    for (size_t i = 0; i < count; i++) {
        rows[i] = from[i].listed;
        if (!rows[i].name)
            continue;
        if (map_put(&seen, rows[i].name, (uint32_t)i) != i)
            twice(r, &from[i].at, what, rows[i].name);
        out->date = later(out->date, rows[i].date);
    }
}

static void check_branch(struct reading *r, const struct branch_row *row,
                         const struct branch_row *before)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    const struct driver_branch *b = &row->branch;

    if (!b->vendor)
        return;
    if (strlen(b->vendor) != 4 || strspn(b->vendor, hex) != 4)
        doc_error(r->doc, &row->at, "not-a-pci-id", "`vendor` is four hex digits, found `%s`",
                  b->vendor)
            ->next = "write it as \"10de\"";
    else if (before && str_same(before->branch.vendor, b->vendor) &&
             before->branch.number >= b->number)
        doc_error(r->doc, &row->at, "order", "branch %u does not come after branch %u", b->number,
                  before->branch.number);
}

static void take_branches(struct reading *r, const struct data_row *row, struct facts *out)
{
    struct driver_branch *rows = arena_array(r->arena, struct driver_branch, row->branch_count + 1);

    out->branches = rows;
    out->branch_count = row->branch_count;
    out->branch_date = NULL;
    for (size_t i = 0; i < row->branch_count; i++) {
        rows[i] = row->branches[i].branch;
        check_branch(r, &row->branches[i], i ? &row->branches[i - 1] : NULL);
        out->branch_date = later(out->branch_date, rows[i].date);
    }
}

static void take(struct reading *r, const struct data_row *row, struct facts *out)
{
    if (is_there(row->card_count))
        take_cards(r, row, out);
    if (is_there(row->gpu_count))
        take_listed(r, row->gpus, row->gpu_count, "GPU", &out->gpus);
    if (is_there(row->guest_count))
        take_listed(r, row->guests, row->guest_count, "guest system", &out->guests);
    if (is_there(row->branch_count))
        take_branches(r, row, out);
}

/* ---- documents ---- */

bool facts_read(struct arena *a, const char *file, const char *text, size_t size,
                struct facts *facts, struct findings *found)
{
    static const struct facts none;
    size_t errors = found->errors, documents = 0;
    struct reading r = {.arena = a, .found = found, .facts = &none, .size = size};
    struct facts now = *facts;

    r.doc = doc_open(a, file, text, size, found);
    while (doc_next(r.doc)) {
        struct data_row row = {.card_count = (size_t)NOT_THERE,
                               .gpu_count = (size_t)NOT_THERE,
                               .guest_count = (size_t)NOT_THERE,
                               .branch_count = (size_t)NOT_THERE};
        struct doc_form form = {"Data", "a data document", "data that ages is kind: Data",
                                &data_table, &row};

        documents++;
        world_read_form(&r, &form);
        take(&r, &row, &now);
    }
    if (!documents && !doc_broken(r.doc))
        doc_error(r.doc, &(struct span){file, 1, 1}, "empty", "there is no data in it");
    if (found->errors == errors && !doc_broken(r.doc))
        *facts = now;
    doc_close(r.doc);
    return found->errors == errors;
}

struct facts *facts_built_in(struct arena *a)
{
    struct facts *facts = arena_new(a, struct facts);
    struct findings found;

    findings_init(&found, a);
    if (!facts_read(a, "reconciler/data/", data_text, data_size, facts, &found))
        abort(); /* what is compiled in is right: a test reads it */
    return facts;
}
