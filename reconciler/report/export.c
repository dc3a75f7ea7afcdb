/* A spec of what is there: its text, and its VMs; see export_gpu.c and export_policy.c. */
#include "report/export_inner.h"

#include <string.h>

enum { ALIKE = 5 }; /* VMs that share a class */

/* ---- scalars ---- */

static bool is_word(const char *s)
{
    static const char *const words[] = {"true", "false", "yes", "no",  "on", "off",
                                        "null", "y",     "n",   "nan", "inf"};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_same(s, words[i]))
            return true;
    return false;
}

const char *export_scalar(struct arena *a, const char *s)
{
    static const char safe[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./\\() ";
    struct text t;
    bool plain = *s && strspn(s, safe) == strlen(s) && !is_word(s) &&
                 !(*s >= '0' && *s <= '9' && strspn(s, "0123456789.-_xobaefABCDEF") == strlen(s)) &&
                 !strchr("-. ", *s) && s[strlen(s) - 1] != ' ';

    if (plain)
        return s;
    if (!strpbrk(s, "\n\r\t") && *s) {
        text_init(&t, a);
        text_add(&t, "'");
        for (; *s; s++)
            text_add_n(&t, *s == '\'' ? "''" : s, *s == '\'' ? 2 : 1);
        text_add(&t, "'");
        return text_done(&t);
    }
    return "''";
}

static const char *one_line(struct arena *a, const char *s)
{
    char *one = arena_strdup(a, s);

    for (char *c = one; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 127)
            *c = ' ';
    return one;
}

void export_remark(struct arena *a, struct text *out, const char *what, const char *gap,
                   const char *why)
{
    static const char lead[] = "    # ";
    const char *line = arena_printf(a, "%s%s%s", one_line(a, what), gap, one_line(a, why)), *end;
    struct page page;

    page_init(&page, a, &(struct style){.width = REPORT_WIDTH - (int)strlen(lead)});
    if (page_columns(line) <= page.width) {
        page_wrap(&page, "", line);
    } else {
        page_wrap(&page, "", one_line(a, what));
        page_wrap(&page, "  ", one_line(a, why));
    }
    for (line = text_done(&page.out); *line; line = end + 1) {
        end = strchr(line, '\n');
        text_printf(out, "%s%.*s\n", lead, (int)(end - line), line);
    }
}

const char *export_location(struct arena *a, const char *s)
{
    return strpbrk(s, " :,[]{}'\"") ? export_scalar(a, s) : s;
}

const char *export_left_out(struct export *x, const char *subject)
{
    uint32_t at = map_get(&x->left_out, subject);

    return at == MAP_NONE ? NULL : x->remarks[at].why;
}

void export_mark(struct export *x, const char *subject)
{
    for (; x->counted < x->out.size; x->counted++)
        x->line += x->out.data[x->counted] == '\n';
    *arena_push(x->arena, x->doc.lines, x->doc.line_count, x->doc.line_room) =
        (struct export_line){x->line, subject};
}

void export_names(struct export *x, const char *before, const char *const *words, size_t count,
                  const char *after)
{
    size_t indent = page_columns(before), used = indent;

    text_add(&x->out, before);
    for (size_t i = 0; i < count; i++) {
        const char *end = i + 1 < count ? "," : after;
        size_t need = page_columns(words[i]) + page_columns(end);
        bool fits = used + 1 + need <= REPORT_WIDTH;

        if (i)
            text_add(&x->out, fits ? " " : "\n");
        if (i && !fits)
            text_printf(&x->out, "%*s", (int)indent, "");
        text_printf(&x->out, "%s%s", words[i], end);
        used = i && !fits ? indent + need : used + need + (i ? 1 : 0);
    }
}

/* ---- VMs ---- */

static void range_text(struct text *t, const struct limits *l, int kind)
{
    static const char *const words[] = {"min", "max", "optimal"};
    const struct num n[] = {l->min[kind], l->max[kind], l->optimal[kind]};
    bool any = false;

    for (int i = 0; i < 3; i++) {
        if (!n[i].known)
            continue;
        if (any)
            text_add(t, ", ");
        else
            text_printf(t, "%s%s: {", t->size ? ", " : "", quota_words[kind]);
        text_printf(t, "%s: %llu", words[i], (unsigned long long)n[i].value);
        any = true;
    }
    if (any)
        text_add(t, "}");
}

static const char *partition_wish(struct export *x, const struct vm *vm)
{
    struct text t;

    text_init(&t, x->arena);
    for (size_t i = 0; i < vm->adapter_count; i++)
        for (int k = 0; !vm->adapters[i].of_checkpoint && k < QUOTA_KINDS; k++)
            range_text(&t, &vm->adapters[i].limits, k);
    return t.size ? arena_printf(x->arena, "{partition: {%s}}", text_done(&t)) : "partition";
}

/* What the VM's row says of its GPU; asFound for what no row can say. */
static const char *vm_wish_text(struct export *x, const struct vm *vm)
{
    size_t adapters = vm_adapters(vm), requests = vm_requests(vm);
    const char *pool = NULL;
    struct text t;

    if (adapters == 1 && !requests)
        return partition_wish(x, vm);
    if (adapters || !requests)
        return "asFound";
    text_init(&t, x->arena);
    for (size_t i = 0, n = 0; i < vm->request_count; i++) {
        const struct request *r = &vm->requests[i];

        if (r->of_checkpoint)
            continue;
        if (n++ && (!r->pool != !pool || (pool && !str_eq(pool, r->pool))))
            return "asFound";
        pool = r->pool;
        if (!r->pool && (!r->location || !path_is_location(r->location)))
            return "asFound";
        if (!r->pool)
            text_printf(&t, "%s%s", t.size ? ", " : "", export_location(x->arena, r->location));
    }
    if (pool && map_get(&x->filled, pool) == MAP_NONE)
        return "asFound";
    if (pool)
        return arena_printf(x->arena, "{pool: %s, count: %zu}", export_scalar(x->arena, pool),
                            requests);
    return arena_printf(x->arena, "{devices: [%s]}", text_done(&t));
}

/* A set of VMs that are alike, in the order of the first. */
struct alike {
    const char *wish; /* "gpu: partition", and what else is said of each */
    const char *class;
    uint32_t *vms;
    size_t count, room;
};

static bool can_be_named(const char *name)
{
    return !strpbrk(name, "<>{}*?\n\r\t") && !strstr(name, "..") && *name && strlen(name) < 250;
}

static bool repeats(const struct state *s, uint32_t vm)
{
    const char *name = s->vms[vm].name;

    return (vm > 0 && str_same(name, s->vms[vm - 1].name)) ||
           (vm + 1 < s->vm_count && str_same(name, s->vms[vm + 1].name));
}

/* Names that str_ranges() can write so that they are read back as the same names. */
static bool ranges_well(const char *name)
{
    return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
           strlen(name);
}

static const char *vm_subject(struct export *x, const struct vm *vm)
{
    return arena_printf(x->arena, "vm/%s", vm->name);
}

static void mark_set(struct export *x, const struct alike *set)
{
    for (size_t i = 0; i < set->count; i++)
        export_mark(x, vm_subject(x, &x->have->vms[set->vms[i]]));
}

static void one_row(struct export *x, const struct vm *vm, bool with_id, const char *tail)
{
    export_mark(x, vm_subject(x, vm));
    text_printf(&x->out, "    - {name: %s%s%s, %s}\n", export_scalar(x->arena, vm->name),
                with_id ? ", id: " : "", with_id ? vm->id : "", tail);
}

/* One row for all that have a plain name of their own; the others one by one. */
static void alike_rows(struct export *x, const struct alike *set, const char *tail)
{
    const struct state *s = x->have;
    const char **names = arena_array(x->arena, const char *, set->count + 1);
    const char **words = arena_array(x->arena, const char *, set->count + 1);
    size_t n = 0, word_count = 0;
    bool one;

    for (size_t i = 0; i < set->count; i++) {
        const struct vm *vm = &s->vms[set->vms[i]];

        if (ranges_well(vm->name) && !repeats(s, set->vms[i]))
            names[n++] = vm->name;
        else
            one_row(x, vm, repeats(s, set->vms[i]), tail);
    }
    if (!n)
        return;
    mark_set(x, set);
    for (const char *at = str_ranges(x->arena, names, n); *at; at += strspn(at, " ")) {
        words[word_count++] =
            export_scalar(x->arena, arena_strndup(x->arena, at, strcspn(at, " ")));
        at += strcspn(at, " ");
    }
    one = word_count == 1;
    export_names(x,
                 !one     ? "    - {names: ["
                 : n == 1 ? "    - {name: "
                          : "    - {names: ",
                 words, word_count, arena_printf(x->arena, "%s, %s}\n", one ? "" : "]", tail));
}

/* The row to take in, once somebody wants what it would do. */
static void left_out(struct export *x, struct text *left, const struct vm *vm, const char *why)
{
    x->doc.left_out++;
    export_remark(x->arena, left,
                  arena_printf(x->arena, "- {name: %s, gpu: %s}", export_scalar(x->arena, vm->name),
                               vm_wish_text(x, vm)),
                  "   ", why);
}

/* What every VM of these begins with: "vdi" of vdi-0001 and vdi-0002; or class-1. */
static const char *class_name(struct export *x, const struct alike *set, size_t number,
                              struct map *taken)
{
    const char *first = x->have->vms[set->vms[0]].name, *name;
    size_t n = strlen(first);

    for (size_t i = 1; i < set->count; i++) {
        const char *other = x->have->vms[set->vms[i]].name;

        for (size_t k = 0; k < n; k++)
            if (other[k] != first[k])
                n = k;
    }
    while (n && (!ranges_well(arena_strndup(x->arena, first, n)) ||
                 strchr("0123456789-_", first[n - 1])))
        n--;
    name = arena_strndup(x->arena, first, n);
    if (n < 2 || !str_eq(export_scalar(x->arena, name), name) || map_put(taken, name, 0) == 1)
        return arena_printf(x->arena, "class-%zu", number);
    map_put(taken, name, 1);
    return name;
}

/* VMs that hold a GPU, by what their rows say; what cannot be said goes to `left`. */
static struct alike *find_sets(struct export *x, size_t *count, struct text *left)
{
    const struct state *s = x->have;
    struct alike *sets = NULL;
    size_t room = 0;
    struct map index;

    *count = 0;
    map_init(&index, x->arena, 64, false);
    for (uint32_t i = 0; i < s->vm_count; i++) {
        const struct vm *vm = &s->vms[i];
        const char *subject = vm_subject(x, vm), *why = export_left_out(x, subject), *wish;
        uint32_t at;

        if (!vm_adapters(vm) && !vm_requests(vm))
            continue;
        if (!why && !can_be_named(vm->name))
            why = "its name cannot stand in a spec";
        if (!why && vm->owner != OWNER_HYPERV)
            why = vm->owner == OWNER_UNKNOWN ? "whose it is could not be read" : "owned by Azure";
        if (why) {
            left_out(x, left, vm, why);
            continue;
        }
        wish = arena_printf(
            x->arena, "gpu: %s%s", vm_wish_text(x, vm),
            map_get(&x->as_found, subject) == MAP_NONE ? "" : ", settings: {advised: asFound}");
        at = map_put(&index, wish, (uint32_t)*count);
        if (at == *count)
            arena_push(x->arena, sets, *count, room)->wish = wish;
        *arena_push(x->arena, sets[at].vms, sets[at].count, sets[at].room) = i;
    }
    return sets;
}

static void vm_rows(struct export *x)
{
    size_t count, classes = 0;
    struct alike *sets;
    struct map taken;
    struct text left;

    text_init(&left, x->arena);
    map_init(&taken, x->arena, 16, true);
    sets = find_sets(x, &count, &left);
    for (size_t i = 0; i < count; i++) {
        if (sets[i].count < ALIKE)
            continue;
        text_add(&x->out, classes++ ? "" : "  classes:\n");
        sets[i].class = class_name(x, &sets[i], i + 1, &taken);
        mark_set(x, &sets[i]);
        text_printf(&x->out, "    %s: {%s}\n", sets[i].class, sets[i].wish);
    }
    if (count)
        text_add(&x->out, "  vms:\n");
    for (size_t i = 0; i < count; i++)
        alike_rows(x, &sets[i],
                   sets[i].class ? arena_printf(x->arena, "class: %s", sets[i].class)
                                 : sets[i].wish);
    if (left.size)
        text_printf(&x->out,
                    "    # VMs that are left out, so that this spec asks for nothing new:\n%s",
                    text_done(&left));
}

/* More than comments? */
static bool says_something(struct text *t)
{
    for (const char *s = text_done(t), *end; *s; s = end + 1) {
        end = strchr(s, '\n');
        if (s[strspn(s, " ")] != '#')
            return true;
    }
    return false;
}

static void take_remarks(struct export *x, const struct export_remark *remarks, size_t count)
{
    x->remarks = remarks;
    x->remark_count = count;
    map_init(&x->left_out, x->arena, count, true);
    map_init(&x->as_found, x->arena, count, true);
    for (size_t i = 0; i < count; i++)
        if (remarks[i].as != EXPORT_EXPECTED)
            map_put(remarks[i].as == EXPORT_LEFT_OUT ? &x->left_out : &x->as_found,
                    remarks[i].subject, (uint32_t)i);
}

const char *report_export_connect(struct arena *a, const char *kind, const char *to)
{
    struct text t;

    if (str_eq(kind, "sim"))
        return arena_printf(a, "{sim: %s}", export_scalar(a, to));
    if (str_eq(kind, "cluster"))
        return arena_printf(a, "{hyperv: {cluster: %s}}", export_scalar(a, to));
    text_init(&t, a);
    text_add(&t, "{hyperv: {hosts: [");
    for (size_t n; *to; to += n + (to[n] == ' ')) {
        n = strcspn(to, " ");
        text_printf(&t, "%s%s", export_scalar(a, arena_strndup(a, to, n)), to[n] ? ", " : "");
    }
    text_add(&t, "]}}");
    return text_done(&t);
}

struct export_doc report_export(struct arena *a, const struct state *have, const char *name,
                                const char *connect, const struct export_remark *remarks,
                                size_t remark_count)
{
    struct export x = {.arena = a, .have = have};
    const char *head;
    uint32_t above = 2; /* `spec:`, and lines count from 1 */

    text_init(&x.out, a);
    take_remarks(&x, remarks, remark_count);
    text_printf(&x.out, "# What was found at %s. hvgpu plan of this has no step.\n",
                when_human(a, have->observed_ms));
    text_printf(&x.out, "apiVersion: hvgpu/v1\nkind: %s\nmetadata: {name: %s}\n",
                have->standalone ? "Host" : "Cluster", export_scalar(a, name));
    head = text_done(&x.out);
    text_init(&x.out, a);
    if (connect)
        text_printf(&x.out, "  connect: %s\n", connect);
    export_gpus(&x);
    vm_rows(&x);
    export_policy(&x);
    for (const char *c = head; *c; c++)
        above += *c == '\n';
    for (size_t i = 0; i < x.doc.line_count; i++)
        x.doc.lines[i].line += above;
    x.doc.text = arena_printf(a, "%sspec:%s%s", head, says_something(&x.out) ? "\n" : " {}\n",
                              text_done(&x.out));
    return x.doc;
}
