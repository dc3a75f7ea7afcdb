/*
 * A cluster's documents over the profiles that apply to it, the highest
 * priority first: one document, of which every value keeps its own place.
 */
#include "spec/compose.h"

#include <stdlib.h>
#include <string.h>

struct composing {
    struct laying laying; /* the first: lay_named() gets at the rest by it */
    struct reader *r;
    struct filling filling;
    bool host;  /* it is for a standalone server */
    bool group; /* profiles of one priority: what they leave out is kept for later */
};

/* ---- which apply ---- */

static int by_rank(const void *x, const void *y)
{
    const struct profile *a = x, *b = y;
    int c = a->priority < b->priority ? -1 : a->priority > b->priority;

    if (!c)
        c = str_cmp_natural(a->name ? a->name : "", b->name ? b->name : "");
    return c ? c : span_cmp(&a->at, &b->at);
}

void profiles_sort(struct profiles *all)
{
    if (all->count)
        qsort(all->rows, all->count, sizeof *all->rows, by_rank);
}

static bool has_label(const struct said_labels *labels, const struct spec_label *wanted)
{
    for (size_t i = 0; i < labels->count; i++)
        if (str_eq(labels->rows[i].key, wanted->key))
            return str_eq(labels->rows[i].value, wanted->value);
    return false;
}

/* Of whom it is a part nobody knows where that cannot be read: of all. */
static bool applies(const struct profile *p, const struct raw_metadata *who)
{
    const struct raw_applies *to = p->spec ? ROW(applies, p->spec->appliesTo) : NULL;

    for (size_t i = 0; to && i < to->matchLabels.count; i++)
        if (!has_label(&who->labels, &to->matchLabels.rows[i]))
            return false;
    return true;
}

/* ---- rows by name ---- */

bool named_rows_of(const struct field_row *f, const void *value, struct named_rows *out)
{
    const struct said_table *table = value;

    *out = (struct named_rows){.shape = f->rows, .rows = value};
    if (f->kind == KIND_TABLE)
        *out = (struct named_rows){f->rows, &table->rows, table->names};
    else if (f->kind != KIND_LIST ||
             (f->rows != SHAPE_gpu && f->rows != SHAPE_pool && f->rows != SHAPE_vm))
        return false;
    return true;
}

static char *folded(struct arena *a, const char *s)
{
    char *low = arena_strdup(a, s);

    for (char *c = low; *c; c++)
        *c = str_lower(*c);
    return low;
}

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* The same names are the same row, in whatever order they are written. */
static const char *names_key(struct arena *a, const struct said_names *names)
{
    const char **sorted = arena_array(a, const char *, names->count + 1);
    struct text t;

    for (size_t i = 0; i < names->count; i++)
        sorted[i] = folded(a, names->names[i]);
    if (names->count)
        qsort(sorted, names->count, sizeof *sorted, by_text);
    text_init(&t, a);
    text_add(&t, "names");
    for (size_t i = 0; i < names->count; i++)
        text_printf(&t, "\n%s", sorted[i]);
    return text_done(&t);
}

const char *name_of_row(struct arena *a, const struct named_rows *rows, size_t i)
{
    const struct raw_vm *vm;
    const struct spec_text *name;

    if (rows->names)
        return rows->names[i].value;
    if (rows->shape == SHAPE_pool)
        return ROW_AT(pool, *rows->rows, i)->name.value;
    if (rows->shape == SHAPE_gpu) {
        name = &ROW_AT(gpu, *rows->rows, i)->name;
        return SAID(*name) ? folded(a, name->value) : NULL;
    }
    vm = ROW_AT(vm, *rows->rows, i);
    if (SAID(vm->name)) /* names can repeat (I2): two rows that give two ids mean two VMs */
        return SAID(vm->id) ? arena_printf(a, "%s\n%s", folded(a, vm->name.value), vm->id.value)
                            : folded(a, vm->name.value);
    if (SAID(vm->match))
        return arena_printf(a, "match\n%s", folded(a, vm->match.value));
    return SAID(vm->names) ? names_key(a, &vm->names) : NULL;
}

/* Where a row says that one below is left out; NULL: it does not. */
static const struct span *skip_of(enum shape shape, const void *row)
{
    const struct span *at = shape == SHAPE_gpu    ? &((const struct raw_gpu *)row)->skip.at
                            : shape == SHAPE_pool ? &((const struct raw_pool *)row)->skip.at
                            : shape == SHAPE_vm   ? &((const struct raw_vm *)row)->skip.at
                                                  : &((const struct raw_class *)row)->skip.at;

    return said(at) ? at : NULL;
}

/* More than whom it means. */
static bool says_more(const struct shape_row *shapes, enum shape shape, const struct raw_head *row)
{
    static const char *const may[] = {"skip", "name", "names", "match"};
    const struct shape_row *s = &shapes[shape];
    uint64_t more = row->seen;

    for (size_t i = 0; i < sizeof may / sizeof *may; i++) {
        uint32_t k = shape_field(s, may[i], strlen(may[i]));

        if (k != UINT32_MAX && !(shape == SHAPE_gpu && i == 3))
            more &= ~((uint64_t)1 << k);
    }
    return more;
}

struct table {
    enum shape shape;
    void **rows; /* NULL: left out */
    struct spec_text *names;
    const char **keys;
    size_t count;
    struct map of_key;
};

static void table_init(struct composing *x, struct table *t, const struct named_rows *under,
                       size_t more)
{
    struct arena *a = x->laying.scratch;

    *t = (struct table){.shape = under->shape,
                        .rows = arena_array(a, void *, under->rows->count + more + 1),
                        .keys = arena_array(a, const char *, under->rows->count + 1),
                        .names = arena_array(a, struct spec_text, under->rows->count + more + 1)};
    map_init(&t->of_key, a, under->rows->count + 8, false);
    for (; t->count < under->rows->count; t->count++) {
        t->rows[t->count] = under->rows->rows[t->count];
        if (under->names)
            t->names[t->count] = under->names[t->count];
        t->keys[t->count] = name_of_row(a, under, t->count);
        if (t->keys[t->count])
            map_put(&t->of_key, t->keys[t->count], (uint32_t)t->count);
    }
}

/* The row below with this name; MAP_NONE: there is none. */
static uint32_t row_below(struct composing *x, const struct table *t, const struct named_rows *over,
                          size_t i)
{
    struct arena *a = x->laying.scratch;
    const char *key = name_of_row(a, over, i);
    uint32_t at = key ? map_get(&t->of_key, key) : MAP_NONE;
    const struct raw_vm *vm = over->rows->rows[i];

    if (at == MAP_NONE && over->shape == SHAPE_vm && SAID(vm->name) && SAID(vm->id))
        at = map_get(&t->of_key, folded(a, vm->name.value)); /* it says no id */
    return at;
}

/* Of those that are one name. */
static const char *nearest_row(const struct table *t, const char *key)
{
    enum { MOST = 100 };
    const char *names[MOST];
    size_t count = 0;

    for (size_t i = 0; i < t->count && count < MOST; i++)
        if (t->keys[i] && !strchr(t->keys[i], '\n'))
            names[count++] = t->keys[i];
    return str_nearest(key, names, count);
}

static void leave_out(struct composing *x, struct table *t, const struct named_rows *over, size_t i)
{
    const char *key = name_of_row(x->laying.scratch, over, i), *near;
    uint32_t at = row_below(x, t, over, i);

    if (at != MAP_NONE) {
        t->rows[at] = NULL;
        return;
    }
    if (!key || says_more(x->laying.shapes, over->shape, over->rows->rows[i]))
        return; /* it is told what is wrong with it */
    near = nearest_row(t, key);
    spec_find(x->r->found, CODE_SKIPS_NOTHING, skip_of(over->shape, over->rows->rows[i]),
              "no profile that applies here has a row of this name")
        ->next = near ? arena_printf(x->r->arena, "did you mean %s?", near)
                      : "take it out; or give the profile's file as well, or its folder";
}

static void put_row(struct composing *x, struct table *t, const struct named_rows *over, size_t i)
{
    void *row = over->rows->rows[i];
    uint32_t at = row_below(x, t, over, i);

    if (at != MAP_NONE && t->rows[at]) {
        t->rows[at] = lay_row(&x->laying, t->shape, row, t->rows[at]);
        return;
    }
    t->rows[t->count] = row;
    if (over->names)
        t->names[t->count] = over->names[i];
    t->count++;
}

/* What is left out is left out first: a row of that name beside it is written anew. */
static void lay_rows(struct composing *x, const struct named_rows *over, struct table *t)
{
    size_t n = 0;

    for (size_t i = 0; !x->group && i < over->rows->count; i++)
        if (skip_of(over->shape, over->rows->rows[i]))
            leave_out(x, t, over, i);
    for (size_t i = 0; i < over->rows->count; i++)
        if (x->group || !skip_of(over->shape, over->rows->rows[i]))
            put_row(x, t, over, i);
    for (size_t i = 0; i < t->count; i++) {
        if (!t->rows[i])
            continue;
        t->names[n] = t->names[i];
        t->rows[n++] = t->rows[i];
    }
    t->count = n;
}

static bool lay_named(const struct laying *laying, const struct field_row *f, const void *over,
                      void *under)
{
    struct composing *x = (struct composing *)(uintptr_t)laying;
    struct named_rows above, below;
    struct said_table *table = under;
    struct said_rows *list = under;
    struct table t;

    if (!named_rows_of(f, over, &above) || !named_rows_of(f, under, &below))
        return false;
    table_init(x, &t, &below, above.rows->count);
    lay_rows(x, &above, &t);
    if (f->kind == KIND_TABLE)
        *table = (struct said_table){
            t.names, {t.rows, t.count, {0}}, ((const struct said_table *)over)->at};
    else
        *list = (struct said_rows){t.rows, t.count, above.rows->at};
    return true;
}

/* ---- for `why`: which layer said it ---- */

static void mark_row(struct reader *r, enum shape shape, void **row, const char *profile)
{
    struct raw_head *copy = arena_alloc(r->scratch, 1, r->shapes[shape].size);
    struct raw_part *part = arena_new(r->scratch, struct raw_part);

    memcpy(copy, *row, r->shapes[shape].size);
    *part = (struct raw_part){.profile = profile, .row = *row};
    copy->parts = part;
    *row = copy;
}

static void mark_rows(struct reader *r, enum shape shape, struct said_rows *rows,
                      const char *profile)
{
    void **copy = arena_array(r->scratch, void *, rows->count + 1);

    for (size_t i = 0; i < rows->count; i++) {
        copy[i] = rows->rows[i];
        mark_row(r, shape, &copy[i], profile);
    }
    rows->rows = copy;
}

/* Copies: what a profile says is shared by all clusters. */
static const struct raw_spec *marked(struct reader *r, const struct raw_spec *spec,
                                     const char *profile)
{
    void *row = (void *)(uintptr_t)spec;
    struct raw_spec *copy;

    if (!r->trace)
        return spec;
    mark_row(r, SHAPE_spec, &row, profile);
    copy = row;
    mark_rows(r, SHAPE_gpu, &copy->gpus, profile);
    mark_rows(r, SHAPE_pool, &copy->pools, profile);
    mark_rows(r, SHAPE_class, &copy->classes.rows, profile);
    mark_rows(r, SHAPE_vm, &copy->vms, profile);
    return copy;
}

/* ---- all of it ---- */

static const struct raw_spec *lay(struct composing *x, bool group, const struct raw_spec *over,
                                  const struct raw_spec *under)
{
    x->group = group;
    return (const struct raw_spec *)lay_row(&x->laying, SHAPE_spec, over, under);
}

static bool any_skips(const struct raw_spec *spec)
{
    const struct shape_rows {
        enum shape shape;
        const struct said_rows *rows;
    } all[] = {{SHAPE_gpu, &spec->gpus},
               {SHAPE_pool, &spec->pools},
               {SHAPE_class, &spec->classes.rows},
               {SHAPE_vm, &spec->vms}};

    for (size_t k = 0; k < sizeof all / sizeof *all; k++)
        for (size_t i = 0; i < all[k].rows->count; i++)
            if (skip_of(all[k].shape, all[k].rows->rows[i]))
                return true;
    return false;
}

static void check_skips_of(struct reader *r, enum shape shape, const struct said_rows *rows)
{
    for (size_t i = 0; i < rows->count; i++)
        if (skip_of(shape, rows->rows[i]) && says_more(r->shapes, shape, rows->rows[i]))
            spec_find(r->found, CODE_KEY_CHOICE, skip_of(shape, rows->rows[i]),
                      "`skip` leaves a row out: nothing else is said with it")
                ->next = "take the other keys out; or write them in a second row of this name, "
                         "which then stands alone";
}

void check_skips(struct reader *r, const struct raw_spec *spec)
{
    check_skips_of(r, SHAPE_gpu, &spec->gpus);
    check_skips_of(r, SHAPE_pool, &spec->pools);
    check_skips_of(r, SHAPE_class, &spec->classes.rows);
    check_skips_of(r, SHAPE_vm, &spec->vms);
}

/* Nothing is made of a part: what it would say is not known. */
static bool refuse_bad(struct reader *r, const struct profiles *all, const struct profile **mine,
                       size_t count)
{
    bool bad = false;

    if (all->lost.file) {
        spec_find(r->found, CODE_BAD_PROFILE, &all->lost,
                  "profiles of this file may apply, and it cannot be read to its end")
            ->next = "mend that file; its own findings are said with it";
        bad = true;
    }
    for (size_t i = 0; i < count; i++) {
        if (!mine[i]->bad)
            continue;
        spec_find(r->found, CODE_BAD_PROFILE, &mine[i]->at, "profile %s applies, and is not valid",
                  mine[i]->name ? mine[i]->name : "without a name")
            ->next = "mend it; its own findings are said with its file";
        bad = true;
    }
    return bad;
}

/* What a profile says, as far as it is for this one. */
static const struct raw_spec *part_of(struct composing *x, const struct profile *p)
{
    const struct raw_spec *spec = fill_spec(&x->filling, p->spec);

    return x->host ? host_part(x->r, spec) : spec;
}

/* Those of one priority, from `i` on, as one; `i` becomes the first of the next priority. */
static const struct raw_spec *lay_equal(struct composing *x, const struct profile **mine,
                                        size_t count, size_t *i)
{
    struct reader *r = x->r;
    const struct profile *first = mine[*i];
    const struct raw_spec *out = marked(r, part_of(x, first), first->name);

    for (++*i; *i < count && mine[*i]->priority == first->priority; ++*i) {
        const struct raw_spec *more = part_of(x, mine[*i]);

        check_agreement(r, out, mine[*i], more);
        out = lay(x, true, marked(r, more, mine[*i]->name), out);
    }
    return out;
}

static void note(struct reader *r, const struct profile **mine, size_t count, struct spec *out)
{
    out->profiles = arena_array(r->arena, struct spec_profile, count + 1);
    while (out->profile_count < count) {
        const struct profile *p = mine[count - 1 - out->profile_count];

        out->profiles[out->profile_count++] = (struct spec_profile){p->name, p->at};
    }
}

const struct raw_spec *compose(struct reader *r, const struct profiles *all,
                               const struct raw_document *whose, const struct raw_spec *own,
                               bool *applied, struct spec *out)
{
    const struct raw_metadata *who = ROW(metadata, whose->metadata);
    const struct profile **mine = arena_array(r->scratch, const struct profile *, all->count + 1);
    struct composing x = {.laying = {r->scratch, r->shapes, true, lay_named},
                          .r = r,
                          .filling = {.r = r, .who = who},
                          .host = whose->kind.value == OF_HOST};
    const struct raw_spec *under = NULL;
    size_t count = 0;

    for (size_t i = 0; i < all->count; i++) {
        if (!applies(&all->rows[i], who))
            continue;
        mine[count++] = &all->rows[i];
        if (applied)
            applied[i] = true;
    }
    if (refuse_bad(r, all, mine, count))
        return NULL;
    if (!count && !own->head.blank && !any_skips(own))
        return own;
    x.filling.doc = doc_open_empty(r->arena, r->found);
    for (size_t i = 0; i < count;)
        under = lay(&x, false, lay_equal(&x, mine, count, &i), under);
    note(r, mine, count, out);
    return lay(&x, false, marked(r, fill_spec(&x.filling, own), NULL), under);
}
