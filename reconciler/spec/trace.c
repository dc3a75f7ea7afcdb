/*
 * Which value counts, and who said it: VM row, its class, the cluster, a
 * profile, or nobody (built-in); and who said another.  Made from the raw rows
 * and the tables of fields.def, for `why`; what the plan uses is wish.c's.
 */
#include "spec/layer.h"

#include "base/when.h"

#include <string.h>

struct tracer {
    struct arena *arena;
    const struct shape_row *shapes;
    struct spec_trace *out;
    const char *level;
    enum vm_use use; /* what a VM is to hold: another kind of wish leaves nothing */
};

static void put(struct tracer *t, const char *key, const char *value, const struct span *at)
{
    struct spec_trace *out = t->out;
    struct spec_said *row = NULL;

    for (size_t i = 0; i < out->count && !row; i++)
        if (str_eq(out->rows[i].key, key))
            row = &out->rows[i];
    if (!row) {
        row = arena_push(t->arena, out->rows, out->count, out->room);
        *row = (struct spec_said){0};
    }
    if (row->at.file) {
        struct spec_said old = *row;

        *arena_push(t->arena, row->lost, row->lost_count, row->lost_room) = old;
    }
    row->key = key;
    row->value = value;
    row->level = t->level;
    row->at = at ? *at : (struct span){0};
}

static const char *bytes_of(struct arena *a, uint64_t n)
{
    if (n % MIB)
        return arena_printf(a, "%llu", (unsigned long long)n);
    return arena_printf(a, "%llu MiB", (unsigned long long)(n / MIB));
}

static const char *names_of(struct arena *a, const struct said_names *names)
{
    struct text t;

    text_init(&t, a);
    for (size_t i = 0; i < names->count; i++)
        text_printf(&t, "%s%s", i ? " " : "", names->names[i]);
    return text_done(&t);
}

/* The keys that a map says: what kind of wish it is. */
static const char *keys_said(struct tracer *t, enum shape shape, const struct raw_head *head)
{
    const struct shape_row *s = &t->shapes[shape];
    struct text out;

    text_init(&out, t->arena);
    for (uint32_t i = 0; i < s->count; i++)
        if (head->seen & (uint64_t)1 << i)
            text_printf(&out, "%s%s", out.size ? ", " : "", field_rows[s->first + i].key);
    return text_done(&out);
}

static void trace_shape(struct tracer *t, enum shape shape, const void *raw, const char *under);
static void take_back(struct tracer *t, const struct field_row *f, const char *key,
                      const struct span *at);

static void trace_map(struct tracer *t, const struct field_row *f, const void *value,
                      const char *key)
{
    const struct said_choice *choice = value;
    const struct said_row *map = value;

    if (f->kind == KIND_MAP) {
        if (map->row)
            trace_shape(t, f->rows, map->row, key);
    } else if (said(&choice->at)) {
        put(t, key,
            choice->word >= 0 ? f->words->list[choice->word] : keys_said(t, f->rows, choice->row),
            &choice->at);
        if (choice->word < 0 && choice->row)
            trace_shape(t, f->rows, choice->row, key);
    }
}

/* One value as it was meant; of a list of rows their number. */
static void trace_value(struct tracer *t, const struct field_row *f, const void *value,
                        const char *key)
{
    struct arena *a = t->arena;

#define VALUE(type) ((const type *)value)
#define PUT(type, text)                                                                            \
    do {                                                                                           \
        if (said(&VALUE(type)->at))                                                                \
            put(t, key, (text), &VALUE(type)->at);                                                 \
    } while (0)
    switch (f->kind) {
    case KIND_MAP:
    case KIND_CHOICE:
        trace_map(t, f, value, key);
        break;
    case KIND_WORD:
        PUT(struct said_word, f->words->list[VALUE(struct said_word)->value]);
        break;
    case KIND_FLAG:
    case KIND_TRUE_ONLY:
        PUT(struct said_flag, VALUE(struct said_flag)->value ? "true" : "false");
        break;
    case KIND_DURATION:
        PUT(struct said_time, duration_human(a, VALUE(struct said_time)->ms));
        break;
    case KIND_SIZE:
        PUT(struct spec_num, bytes_of(a, VALUE(struct spec_num)->value));
        break;
    case KIND_COUNT:
    case KIND_NUMBER:
        PUT(struct spec_num,
            arena_printf(a, "%llu", (unsigned long long)VALUE(struct spec_num)->value));
        break;
    case KIND_NAMES:
    case KIND_PATTERNS:
    case KIND_LOCATIONS:
        PUT(struct said_names, names_of(a, value));
        break;
    case KIND_BOUNDS:
        PUT(struct said_bounds,
            arena_printf(a, "%llu..%llu", (unsigned long long)VALUE(struct said_bounds)->least,
                         (unsigned long long)VALUE(struct said_bounds)->most));
        break;
    case KIND_LIST:
        PUT(struct said_rows, arena_printf(a, "%zu", VALUE(struct said_rows)->count));
        break;
    case KIND_ZONE:
    case KIND_PATTERN:
    case KIND_NAME:
    case KIND_TEXT:
    case KIND_FILE_NAME:
    case KIND_GUID:
    case KIND_PCI_ID:
    case KIND_LOCATION:
    case KIND_INSTANCE:
        PUT(struct spec_text, VALUE(struct spec_text)->value);
        break;
    default:
        break;
    }
#undef PUT
#undef VALUE
}

static const char *key_of(const struct tracer *t, const char *under, const struct field_row *f)
{
    return *under ? arena_printf(t->arena, "%s.%s", under, f->key) : f->key;
}

static void trace_field(struct tracer *t, const struct field_row *f, const void *raw,
                        const char *key)
{
    const struct span *any = field_any(raw, (uint32_t)(f - field_rows) - t->shapes[f->shape].first);

    if (any)
        take_back(t, f, key, any);
    else
        trace_value(t, f, (const char *)raw + f->offset, key);
}

static void trace_shape(struct tracer *t, enum shape shape, const void *raw, const char *under)
{
    const struct shape_row *s = &t->shapes[shape];

    for (uint32_t i = 0; raw && i < s->count; i++) {
        const struct field_row *f = &field_rows[s->first + i];

        if (f->kind != KIND_LATER)
            trace_field(t, f, raw, key_of(t, under, f));
    }
}

static bool has_key(const struct tracer *t, enum shape shape, const char *key)
{
    return shape_field(&t->shapes[shape], key, strlen(key)) != UINT32_MAX;
}

/*
 * A key of a VM's row that its class or the cluster could say as well.  `gpu` has no default, and
 * a VM without `node` is where it is; a row that is left out is no row.
 */
static bool is_inherited(const struct tracer *t, const char *key)
{
    return !str_eq(key, "gpu") && !str_eq(key, "node") && !str_eq(key, "skip") &&
           (has_key(t, SHAPE_class, key) || has_key(t, SHAPE_policy, key) ||
            has_key(t, SHAPE_spec, key));
}

/* The default of a key; "policy.disruption" and "spec.manage" mean that of the cluster's key. */
static const char *default_of(const struct tracer *t, const struct field_row *f)
{
    static const struct {
        const char *prefix;
        enum shape shape;
    } others[] = {{"policy.", SHAPE_policy}, {"spec.", SHAPE_spec}};

    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        const struct shape_row *s = &t->shapes[others[i].shape];
        const char *key = f->otherwise + strlen(others[i].prefix);
        uint32_t at;

        if (!str_starts(f->otherwise, others[i].prefix))
            continue;
        at = shape_field(s, key, strlen(key));
        return at == UINT32_MAX ? f->otherwise : field_rows[s->first + at].otherwise;
    }
    return f->otherwise;
}

/* Defaults of values, not of maps. */
static void trace_defaults(struct tracer *t, enum shape shape, const char *under)
{
    const struct shape_row *s = &t->shapes[shape];

    t->level = "built-in";
    for (uint32_t i = 0; i < s->count; i++) {
        const struct field_row *f = &field_rows[s->first + i];
        const char *key = key_of(t, under, f);

        if (f->kind == KIND_LATER || (shape == SHAPE_vm && !is_inherited(t, key)))
            continue;
        if (f->kind == KIND_MAP)
            trace_defaults(t, f->rows, key);
        else if (!field_required(f))
            put(t, key, default_of(t, f), NULL);
    }
}

/* Nothing that was said of this key, or below it, counts: what is built in does. */
static void take_back(struct tracer *t, const struct field_row *f, const char *key,
                      const struct span *at)
{
    const char *level = t->level;
    size_t size = strlen(key), n = 0;

    for (size_t i = 0; i < t->out->count; i++) {
        const char *old = t->out->rows[i].key;

        if (!str_starts(old, key) || old[size] != '.')
            t->out->rows[n++] = t->out->rows[i];
    }
    t->out->count = n;
    t->level = "any, taken back";
    put(t, key, default_of(t, f), at);
    if (f->kind == KIND_MAP && !str_starts(key, "gpu.")) /* `gpu` has no defaults */
        trace_defaults(t, f->rows, key);
    t->level = level;
}

/* What a whole map says of keys that a VM has as well: the cluster's word for all VMs. */
static void trace_shared(struct tracer *t, enum shape shape, const void *raw)
{
    const struct shape_row *s = &t->shapes[shape];

    for (uint32_t i = 0; raw && i < s->count; i++) {
        const struct field_row *f = &field_rows[s->first + i];

        if (f->kind != KIND_LATER && !field_is_own(f) && has_key(t, SHAPE_vm, f->key))
            trace_field(t, f, raw, f->key);
    }
}

static void take_in_order(struct tracer *t, enum shape shape, const char *under,
                          const struct spec_trace *old)
{
    const struct shape_row *s = &t->shapes[shape];

    for (uint32_t i = 0; i < s->count; i++) {
        const struct field_row *f = &field_rows[s->first + i];
        const char *key = key_of(t, under, f);

        for (size_t k = 0; k < old->count; k++)
            if (str_eq(old->rows[k].key, key))
                *arena_push(t->arena, t->out->rows, t->out->count, t->out->room) = old->rows[k];
        if (f->kind == KIND_MAP || f->kind == KIND_CHOICE)
            take_in_order(t, f->rows, key, old);
    }
}

/* In the order of the table, so that it does not depend on who said what. */
static void put_in_order(struct tracer *t, enum shape shape)
{
    struct spec_trace old = *t->out;

    *t->out = (struct spec_trace){0};
    take_in_order(t, shape, "", &old);
}

static struct tracer tracer_of(const struct builder *b)
{
    return (struct tracer){
        .arena = b->arena, .shapes = b->shapes, .out = arena_new(b->arena, struct spec_trace)};
}

static void forget(struct spec_trace *out, const char *key)
{
    size_t n = 0;

    for (size_t i = 0; i < out->count; i++)
        if (!str_eq(out->rows[i].key, key))
            out->rows[n++] = out->rows[i];
    out->count = n;
}

/* All that was said within a map. */
static void forget_below(struct spec_trace *out, const char *prefix)
{
    size_t n = 0;

    for (size_t i = 0; i < out->count; i++)
        if (!str_starts(out->rows[i].key, prefix))
            out->rows[n++] = out->rows[i];
    out->count = n;
}

/* ---- layer by layer ---- */

typedef void trace_row(struct tracer *t, const void *row);

static void each_part(struct tracer *t, const struct raw_part *part, const char *level,
                      trace_row *of)
{
    if (!part)
        return;
    each_part(t, part->below, level, of);
    t->level = level;
    if (part->profile)
        t->level = str_eq(level, "cluster")
                       ? arena_printf(t->arena, "profile %s", part->profile)
                       : arena_printf(t->arena, "%s of profile %s", level, part->profile);
    of(t, part->row);
}

/* What a row was laid from, the weakest first; or the row. */
static void each_layer(struct tracer *t, const struct raw_head *row, const char *level,
                       trace_row *of)
{
    if (row->parts) {
        each_part(t, row->parts, level, of);
        return;
    }
    t->level = level;
    of(t, row);
}

/* The cluster's word for all VMs. */
static void of_cluster(struct tracer *t, const void *row)
{
    const struct raw_spec *spec = row;

    trace_shared(t, SHAPE_spec, spec);
    trace_shared(t, SHAPE_policy, spec->policy.row);
}

static void of_class(struct tracer *t, const void *row)
{
    const struct raw_class *class = row;

    trace_shape(t, SHAPE_class, class, "");
    if (SAID(class->gpu) && wish_use(&class->gpu) != t->use) /* another kind is replaced whole */
        forget_below(t->out, "gpu.");
}

static void of_vm(struct tracer *t, const void *row)
{
    const struct raw_vm *vm = row;

    trace_shape(t, SHAPE_vm, vm, "");
    if (SAID(vm->gpu) && wish_use(&vm->gpu) != t->use)
        forget_below(t->out, "gpu.");
}

static void of_gpu(struct tracer *t, const void *row)
{
    trace_shape(t, SHAPE_gpu, row, "");
}

static void of_policy(struct tracer *t, const void *row)
{
    trace_shape(t, SHAPE_policy, ((const struct raw_spec *)row)->policy.row, "");
}

static void of_zone(struct tracer *t, const void *row)
{
    const struct raw_spec *spec = row;

    if (SAID(spec->timeZone))
        put(t, "timeZone", spec->timeZone.value, &spec->timeZone.at);
}

const struct spec_trace *trace_vm(const struct builder *b, const struct layers *from,
                                  enum vm_use use)
{
    struct tracer t = tracer_of(b);

    t.use = use;
    trace_defaults(&t, SHAPE_vm, "");
    each_layer(&t, &b->raw->head, "cluster", of_cluster);
    if (from->class)
        each_layer(&t, &from->class->head,
                   arena_printf(b->arena, "class %s", from->row->class.value), of_class);
    each_layer(&t, &from->row->head, "row", of_vm);
    forget(t.out, "name");
    forget(t.out, "names");
    put_in_order(&t, SHAPE_vm);
    return t.out;
}

const struct spec_trace *trace_gpu(const struct builder *b, const struct raw_gpu *row)
{
    struct tracer t = tracer_of(b);

    const struct shape_row *s = &b->shapes[SHAPE_gpu];

    each_layer(&t, &row->head, "row", of_gpu);
    for (size_t i = 0; i < t.out->count; i++) /* by its name it is the same row */
        if (str_eq(t.out->rows[i].key, "name"))
            t.out->rows[i].lost_count = 0;
    for (uint32_t i = 0; i < s->count; i++) { /* what another use of it left out */
        const char *key = field_rows[s->first + i].key;

        if (row->head.seen >> i & 1)
            continue;
        forget(t.out, key);
        forget_below(t.out, arena_printf(b->arena, "%s.", key));
    }
    return t.out;
}

const struct spec_trace *trace_policy(const struct builder *b)
{
    struct tracer t = tracer_of(b);

    trace_defaults(&t, SHAPE_policy, "");
    each_layer(&t, &b->raw->head, "cluster", of_policy);
    put_in_order(&t, SHAPE_policy);
    each_layer(&t, &b->raw->head, "cluster", of_zone);
    return t.out;
}
