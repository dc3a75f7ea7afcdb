/*
 * VM rows to one row for each name.  A row's wish is composed once, however
 * many names it stands for; a row with `name` goes before a row with `names`.
 */
#include "spec/read.h"

#include <stdlib.h>
#include <string.h>

/* Who gets a VM: the row that names it. */
struct claim_on {
    const char *name;
    const char *id;        /* of the row, or NULL */
    const struct span *at; /* where it is named */
    uint32_t row;
    bool single; /* by `name` */
};

struct claims {
    struct claim_on *rows;
    size_t count, room;
    struct map of_name; /* without case */
};

const char *build_place(struct builder *b, const struct span *at, const struct span *from)
{
    return str_eq(at->file, from->file)
               ? arena_printf(b->arena, "line %u", (unsigned)at->line)
               : arena_printf(b->arena, "%s:%u", at->file, (unsigned)at->line);
}

/* ---- classes ---- */

struct classes {
    const struct said_table *table;
    struct map of_name;
    bool *used;
};

static void classes_init(struct builder *b, struct classes *c)
{
    const struct raw_spec *raw = b->raw;

    *c = (struct classes){.table = &raw->classes};
    map_init(&c->of_name, b->arena, raw->classes.rows.count, false);
    c->used = arena_array(b->arena, bool, raw->classes.rows.count);
    for (size_t i = 0; i < raw->classes.rows.count; i++)
        map_put(&c->of_name, raw->classes.names[i].value, (uint32_t)i);
}

static const struct raw_class *class_of(struct builder *b, const struct classes *c,
                                        const struct raw_vm *row)
{
    uint32_t i = SAID(row->class) ? map_get(&c->of_name, row->class.value) : MAP_NONE;
    size_t count = c->table->rows.count;
    const char **names;
    const char *near;

    if (i != MAP_NONE) {
        c->used[i] = true;
        return ROW_AT(class, c->table->rows, i);
    }
    if (!SAID(row->class))
        return NULL;
    names = arena_array(b->arena, const char *, count);
    for (size_t k = 0; k < count; k++)
        names[k] = c->table->names[k].value;
    near = str_nearest(row->class.value, names, count < 100 ? count : 100);
    spec_find(b->found, CODE_UNKNOWN_CLASS, &row->class.at, "there is no class %s",
              row->class.value)
        ->next =
        near ? arena_printf(b->arena, "did you mean %s?", near) : "define it under `classes`";
    return NULL;
}

/* A VM is no GPU: `gpus` in its `manage` says nothing. */
static void check_manage(struct builder *b, const struct said_choice *choice)
{
    const struct raw_manage *m = choice->row;

    if (m && SAID(m->gpus))
        spec_find(b->found, CODE_NO_EFFECT, &m->gpus.at,
                  "`gpus` says nothing in the `manage` of VMs")
            ->next = "write it under spec.manage, or `manage` on a row of gpus";
}

static void check_place(struct builder *b, const struct spec_text *node)
{
    if (SAID(*node) && build_node(b, "node", node))
        check_node_stays(b, node);
}

/* A class of a profile is an offer. */
static bool is_own_class(const struct builder *b, const char *name)
{
    const struct said_table *own = &b->own->classes;

    for (size_t i = 0; i < own->rows.count; i++)
        if (str_eq(own->names[i].value, name))
            return true;
    return false;
}

/* A class by itself: its findings once, not for each row. */
static void classes_check(struct builder *b, const struct classes *c)
{
    for (size_t i = 0; i < c->table->rows.count; i++) {
        struct layers from = {.class = ROW_AT(class, c->table->rows, i),
                              .policy = b->policy,
                              .manage = &b->out->manage};
        struct vm_wish wish;

        layers_lay(b, &from);
        wish_compose(&from, &wish);
        wish_check(b->found, b->out->kind, &from, &wish);
        check_place(b, &from.class->node);
        check_manage(b, &from.class->manage);
        if (wish.use == VM_POOL)
            build_pool_use(b, wish.pool, &wish.use_at);
        if (!c->used[i] && is_own_class(b, c->table->names[i].value))
            spec_find(b->found, CODE_UNUSED_CLASS, &c->table->names[i].at,
                      "no VM row uses class %s", c->table->names[i].value)
                ->next = "take it out, or write class: with it";
    }
}

/* ---- who is meant ---- */

static struct claim_on *claim_of(struct claims *c, const char *key)
{
    uint32_t i = map_put(&c->of_name, key, (uint32_t)c->count);

    return i < c->count ? &c->rows[i] : NULL;
}

static void claim_name(struct builder *b, struct claims *c, const struct claim_on *claim)
{
    struct claim_on *old = claim_of(c, claim->name);

    /* Names can repeat (I2): two rows that give two ids mean two VMs. */
    if (old && old->id && claim->id && !str_eq(old->id, claim->id))
        old = claim_of(c, arena_printf(b->arena, "%s\n%s", claim->name, claim->id));
    if (!old)
        *arena_push(b->scratch, c->rows, c->count, c->room) = *claim;
    else if (old->single == claim->single)
        spec_find(b->found, CODE_TWO_ROWS, claim->at, "VM %s is in two rows: also at %s",
                  claim->name, build_place(b, old->at, claim->at))
            ->next = claim->single ? "take one out; two VMs of one name each need their `id`"
                     : old->row == claim->row ? "take one out"
                                              : "take it out of one, or give it a row of its own "
                                                "with `name`, which goes before both";
    else if (claim->single)
        *old = *claim;
}

static void claim_rows(struct builder *b, struct claims *c)
{
    map_init(&c->of_name, b->scratch, b->raw->vms.count, true);
    for (uint32_t i = 0; i < b->raw->vms.count && c->count <= LIMIT_VMS; i++) {
        const struct raw_vm *row = ROW_AT(vm, b->raw->vms, i);
        const struct said_names *names = &row->names;

        if (SAID(row->name))
            claim_name(b, c,
                       &(struct claim_on){row->name.value, row->id.value, &row->name.at, i, true});
        for (size_t k = 0; k < names->count && c->count <= LIMIT_VMS; k++)
            claim_name(
                b, c,
                &(struct claim_on){.name = names->names[k], .at = &names->places[k], .row = i});
    }
    if (c->count > LIMIT_VMS)
        spec_find(b->found, CODE_TOO_MANY, &b->raw->vms.at, "more than %d VMs", LIMIT_VMS)->next =
            "a failover cluster has at most 8000";
}

static int by_name(const void *x, const void *y)
{
    const struct claim_on *a = x, *b = y;

    int c = str_cmp_natural(a->name, b->name);

    return c ? c : str_cmp(a->id, b->id);
}

static void sort_claims(struct claims *c)
{
    for (size_t i = 1; i < c->count; i++)
        if (by_name(&c->rows[i - 1], &c->rows[i]) > 0) {
            qsort(c->rows, c->count, sizeof *c->rows, by_name);
            return;
        }
}

/* ---- what a row says ---- */

static void check_row(struct builder *b, const struct raw_vm *row, const struct raw_class *class,
                      const struct layers *from, const struct vm_wish *wish)
{
    const struct shape_row *vm = &b->shapes[SHAPE_vm], *cls = &b->shapes[SHAPE_class];
    bool gpu = shape_seen(vm, &row->head, "gpu") || (class && shape_seen(cls, &class->head, "gpu"));

    if (!gpu && (class || !shape_seen(vm, &row->head, "class")))
        spec_find(b->found, CODE_GPU_MISSING, &row->head.at,
                  class ? "neither this row nor its class says `gpu`"
                        : "this row says no `gpu` and has no class")
            ->next = "write gpu: partition; gpu: none when it must hold none; gpu: asFound when it "
                     "keeps what it has";
    if (SAID(row->id) && !SAID(row->name) && (row->names.count > 1 || SAID(row->match)))
        spec_find(b->found, CODE_KEY_CHOICE, &row->id.at, "`id` is of one VM, and this row %s",
                  SAID(row->match) ? "says `match`"
                                   : arena_printf(b->arena, "names %zu", row->names.count))
            ->next = "give that VM a row of its own with `name`";
    check_place(b, &row->node);
    check_manage(b, &row->manage);
    if (SAID(row->gpu) || row->settings.row || row->stop.row)
        wish_check(b->found, b->out->kind, from, wish);
    if (SAID(row->gpu) && wish->use == VM_POOL)
        build_pool_use(b, wish->pool, &wish->use_at);
}

/* The others of that row are copies of it. */
void build_vm_row(struct builder *b, const struct classes *classes, const struct raw_vm *row,
                  struct spec_vm *out)
{
    const struct raw_class *class = class_of(b, classes, row);
    struct layers from = {
        .row = row, .class = class, .policy = b->policy, .manage = &b->out->manage};

    out->id = row->names.count > 1 ? NULL : row->id.value;
    out->at = row->head.at;
    out->wish = arena_new(b->arena, struct vm_wish);
    layers_lay(b, &from);
    if (SAID(from.all.node)) {
        out->node = node_short(b->arena, from.all.node.value);
        out->node_at = from.all.node.at;
    }
    wish_compose(&from, out->wish);
    if (b->trace)
        out->said = trace_vm(b, &from, out->wish->use);
    check_row(b, row, class, &from, out->wish);
}

/* ---- what two VMs cannot both have ---- */

static void check_id(struct builder *b, struct map *ids, const struct spec_vm *vm, uint32_t i)
{
    uint32_t other = vm->id ? map_put(ids, vm->id, i) : i;

    if (other != i)
        spec_find(b->found, CODE_DUPLICATE_NAME, &vm->at, "VM %s has the id of %s (%s)", vm->name,
                  b->out->vms[other].name, build_place(b, &b->out->vms[other].at, &vm->at))
            ->next = "one of the two ids is wrong";
}

/* A device of a known node can be given to one VM only. */
static void check_devices(struct builder *b, struct map *taken, const struct spec_vm *vm,
                          uint32_t i)
{
    const char *node = b->out->kind == SPEC_HOST ? "" : vm->node;

    for (size_t k = 0; node && vm->wish->use == VM_DEVICES && k < vm->wish->device_count; k++) {
        const char *key = arena_printf(b->scratch, "%s|%s", node, vm->wish->devices[k]);
        uint32_t other = map_put(taken, key, i);

        if (other != i)
            spec_find(b->found, CODE_DUPLICATE_NAME, &vm->wish->use_at,
                      "VM %s and VM %s (%s) ask for the same device %s", vm->name,
                      b->out->vms[other].name, build_place(b, &b->out->vms[other].at, &vm->at),
                      vm->wish->devices[k])
                ->next = "a device is given to one VM";
    }
}

static void check_shared(struct builder *b)
{
    struct map ids, taken;

    map_init(&ids, b->scratch, 8, false);
    map_init(&taken, b->scratch, 8, true);
    for (uint32_t i = 0; i < b->out->vm_count; i++) {
        check_id(b, &ids, &b->out->vms[i], i);
        check_devices(b, &taken, &b->out->vms[i], i);
    }
}

void build_vms(struct builder *b)
{
    struct classes classes;
    struct claims claims = {0};
    uint32_t *first =
        arena_array(b->scratch, uint32_t, b->raw->vms.count); /* VM of a row, plus 1 */

    classes_init(b, &classes);
    claim_rows(b, &claims);
    sort_claims(&claims);
    b->vms = claims.of_name;
    b->out->vms = arena_array(b->arena, struct spec_vm, claims.count);
    b->out->vm_count = claims.count;
    for (uint32_t i = 0; i < claims.count; i++) {
        const struct claim_on *c = &claims.rows[i];
        struct spec_vm *vm = &b->out->vms[i];

        if (first[c->row])
            *vm = b->out->vms[first[c->row] - 1];
        else
            build_vm_row(b, &classes, ROW_AT(vm, b->raw->vms, c->row), vm);
        first[c->row] = i + 1;
        vm->name = c->name;
    }
    build_patterns(b, &classes);
    classes_check(b, &classes);
    check_shared(b);
}
