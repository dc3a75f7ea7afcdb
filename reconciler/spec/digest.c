/*
 * The digest of what is declared.  Every field is written, defaults included,
 * in the order of this file; rows whose order says nothing are sorted by their
 * text.  Changing this file changes every digest: plans made before no longer
 * fit, and say so.
 */
#include "codec/digest.h"

#include "base/str.h"
#include "codec/json.h"
#include "spec/spec.h"

#include <stdlib.h>
#include <string.h>

enum { FORMAT = 1 };

static void put_num(struct json *j, const char *key, struct num n)
{
    if (n.known)
        json_put_u64(j, key, n.value);
}

static char *folded(struct arena *a, const char *s)
{
    char *low = s ? arena_strdup(a, s) : NULL;

    for (char *c = low; c && *c; c++)
        *c = str_lower(*c);
    return low;
}

static int by_text(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static void put_sorted(struct json *j, const char *key, const char **rows, size_t count)
{
    if (count)
        qsort(rows, count, sizeof *rows, by_text);
    json_key(j, key);
    json_list(j);
    for (size_t i = 0; i < count; i++)
        json_text(j, rows[i]);
    json_list_end(j);
}

/* Names whose order says nothing, without case. */
static void put_names(struct arena *a, struct json *j, const char *key, const char *const *names,
                      size_t count)
{
    const char **sorted = arena_array(a, const char *, count);

    for (size_t i = 0; i < count; i++)
        sorted[i] = folded(a, names[i]);
    put_sorted(j, key, sorted, count);
}

/* Rows as texts of their own, sorted. */
static void put_rows(struct arena *a, struct json *j, const char *key, const struct spec *s,
                     size_t count,
                     void (*write)(struct arena *, struct json *, const struct spec *, size_t))
{
    const char **rows = arena_array(a, const char *, count);

    for (size_t i = 0; i < count; i++) {
        struct text t;
        struct json row;

        text_init(&t, a);
        json_init(&row, &t, true);
        write(a, &row, s, i);
        rows[i] = text_done(&t);
    }
    put_sorted(j, key, rows, count);
}

static void write_gpu(struct arena *a, struct json *j, const struct spec *s, size_t i)
{
    const struct spec_gpu *g = &s->gpus[i];
    const struct spec_match *m = &g->match;

    json_map(j);
    json_put_text(j, "model", folded(a, m->model));
    json_put_text(j, "pci", m->pci);
    json_put_text(j, "subsystem", m->subsystem);
    json_put_text(j, "location", folded(a, m->location));
    json_put_text(j, "instance", folded(a, m->instance));
    if (m->nodes)
        put_names(a, j, "nodes", m->nodes, m->node_count);
    json_put_u64(j, "perNode", g->per_node.value);
    json_put_int(j, "use", g->use);
    json_put_u64(j, "count", g->count);
    json_put_text(j, "pool", g->pool);
    json_put_u64(j, "size", g->size.value);
    json_put_bool(j, "prepare", g->prepare);
    json_put_bool(j, "force", g->force);
    if (g->stood_in_for)
        json_put_text(j, "name", folded(a, g->name));
    if (g->instead_of)
        json_put_text(j, "insteadOf", folded(a, g->instead_of->name));
    if (g->manage != MANAGE_ENFORCE)
        json_put_int(j, "manage", g->manage);
    if (g->use == USE_LEAVING) {
        json_put_text(j, "event", g->name);
        json_put_int(j, "by", g->leaving_by_ms);
        json_put_text(j, "reason", g->leaving_reason);
        if (g->leaving_moves)
            json_put_bool(j, "moves", true);
    }
    json_map_end(j);
}

static void write_pool(struct arena *a, struct json *j, const struct spec *s, size_t i)
{
    (void)a;
    json_map(j);
    json_put_text(j, "name", s->pools[i].name);
    json_put_bool(j, "exact", s->pools[i].exact);
    json_put_bool(j, "absent", s->pools[i].absent);
    if (s->pools[i].manage != MANAGE_ENFORCE)
        json_put_int(j, "manage", s->pools[i].manage);
    json_map_end(j);
}

static void put_gpu_wish(struct arena *a, struct json *j, const struct vm_wish *w)
{
    json_put_int(j, "use", w->use);
    if (w->use == VM_PARTITION)
        json_put_u64(j, "size", w->size_bytes);
    if (wish_partitions(w) > 1)
        json_put_int(j, "partitions", (int64_t)wish_partitions(w));
    for (int q = 0; w->use == VM_PARTITION && q < QUOTA_KINDS; q++) {
        json_key(j, quota_words[q]);
        json_map(j);
        put_num(j, "min", w->limits.min[q]);
        put_num(j, "max", w->limits.max[q]);
        put_num(j, "optimal", w->limits.optimal[q]);
        json_map_end(j);
    }
    if (w->use == VM_POOL) {
        json_put_text(j, "pool", w->pool);
        json_put_int(j, "count", w->count);
    }
    if (w->use == VM_DEVICES)
        put_names(a, j, "devices", w->devices, w->device_count);
}

static void put_settings(struct json *j, const struct vm_wish *w)
{
    const struct vm_settings *v = &w->settings;

    json_put_int(j, "stopAction", v->stop_action);
    json_put_int(j, "dynamicMemory", v->dynamic_memory);
    put_num(j, "startup", v->memory_startup_mib);
    put_num(j, "minimum", v->memory_min_mib);
    put_num(j, "maximum", v->memory_max_mib);
    put_num(j, "mmioLow", v->mmio_low_mib);
    put_num(j, "mmioHigh", v->mmio_high_mib);
    json_put_u64(j, "needLow", w->mmio_need_low);
    json_put_u64(j, "needHigh", w->mmio_need_high);
    json_put_int(j, "cacheTypes", v->cache_types);
    json_put_int(j, "checkpoints", v->checkpoints);
    put_num(j, "offlineAction", w->offline_action);
    json_put_int(j, "advised", w->advised);
}

static void put_vm(struct arena *a, struct json *j, const struct spec_vm *vm)
{
    const struct vm_wish *w = vm->wish;

    json_put_text(j, "name", folded(a, vm->name));
    json_put_text(j, "id", vm->id);
    json_put_text(j, "node", folded(a, vm->node));
    put_gpu_wish(a, j, w);
    json_put_int(j, "power", w->power);
    put_settings(j, w);
    json_put_int(j, "deadline", w->stop_deadline_ms);
    json_put_int(j, "then", w->stop_then);
    json_put_int(j, "disruption", w->disruption);
    json_put_bool(j, "disruptionSaid", w->disruption_at.line != 0);
    if (w->move)
        json_put_bool(j, "move", true);
    for (int part = PART_VMS; part < PARTS; part++)
        if (w->manage.of[part] != MANAGE_ENFORCE)
            json_put_int(j, part_words[part], w->manage.of[part]);
}

static void write_vm(struct arena *a, struct json *j, const struct spec *s, size_t i)
{
    json_map(j);
    put_vm(a, j, &s->vms[i]);
    json_map_end(j);
}

static void write_pattern(struct arena *a, struct json *j, const struct spec *s, size_t i)
{
    const struct spec_pattern *p = &s->patterns[i];

    json_map(j);
    json_put_text(j, "match", folded(a, p->vm.match));
    put_vm(a, j, &p->vm);
    put_names(a, j, "except", p->except, p->except_count);
    json_put_u64(j, "least", p->least);
    json_put_u64(j, "most", p->most);
    json_map_end(j);
}

/* Where none is drained, digests are what they were before. */
static void put_drained(struct arena *a, struct json *j, const struct spec *s)
{
    const char **names = arena_array(a, const char *, s->node_count + 1);
    size_t count = 0;

    for (size_t i = 0; s->drained_at && i < s->node_count; i++)
        if (s->drained_at[i].file)
            names[count++] = s->nodes[i];
    if (count)
        put_names(a, j, "drained", names, count);
}

/* Instants, so that the same windows said otherwise are the same. */
static void put_calendar(struct json *j, const struct calendar *c)
{
    json_put_text(j, "zone", c->zone ? zone_name(c->zone) : NULL);
    json_key(j, "allow");
    json_list(j);
    for (size_t i = 0; i < c->allow_count; i++) {
        json_map(j);
        json_put_int(j, "days", c->allow[i].weekdays);
        json_key(j, "dates");
        json_list(j);
        for (size_t k = 0; k < c->allow[i].date_count; k++)
            json_int(j, c->allow[i].dates[k]);
        json_list_end(j);
        json_put_int(j, "start", c->allow[i].start_ms);
        json_put_int(j, "duration", c->allow[i].duration_ms);
        json_map_end(j);
    }
    json_list_end(j);
    json_key(j, "deny");
    json_list(j);
    for (size_t i = 0; i < c->deny_count; i++) {
        json_map(j);
        json_put_int(j, "from", c->deny[i].from_ms);
        json_put_int(j, "until", c->deny[i].until_ms);
        json_map_end(j);
    }
    json_list_end(j);
}

/* The reason is for people.  Where nothing is expected, digests are what they were before. */
static void put_expected(struct arena *a, struct json *j, const struct policy *p)
{
    const char **rows = arena_array(a, const char *, p->expected_count);

    if (!p->expected_count)
        return;
    for (size_t i = 0; i < p->expected_count; i++) {
        const struct expectation *x = &p->expected[i];

        rows[i] = arena_printf(
            a, "%s %s %s %lld", x->kind == SUBJECT_POOL ? x->subject : folded(a, x->subject),
            field_about[x->field].word, folded(a, x->value), (long long)x->until_ms);
    }
    put_sorted(j, "expected", rows, p->expected_count);
}

/* P10.  The reason is for people, and the order of nodes counts. */
static void put_rollout(struct arena *a, struct json *j, const struct rollout *r)
{
    json_key(j, "rollout");
    json_map(j);
    json_key(j, "order");
    json_list(j);
    for (size_t i = 0; i < r->order_count; i++)
        json_text(j, folded(a, r->order[i]));
    json_list_end(j);
    json_put_int(j, "perWindow", r->per_window);
    json_put_int(j, "soak", r->soak_ms);
    json_put_int(j, "mixedUntil", r->mixed_until_ms);
    json_map_end(j);
}

static void put_policy(struct arena *a, struct json *j, const struct policy *p)
{
    json_key(j, "policy");
    json_map(j);
    json_put_int(j, "disruption", p->disruption);
    json_put_bool(j, "disruptionSaid", p->disruption_at.line != 0);
    json_put_int(j, "vms", p->max_vms);
    json_put_int(j, "nodes", p->max_nodes);
    put_names(a, j, "protect", p->protect, p->protect_count);
    json_put_int(j, "reserve", p->reserve_nodes);
    json_put_int(j, "homogeneous", p->homogeneous);
    json_put_bool(j, "partial", p->partial);
    if (p->prune)
        json_put_bool(j, "prune", true);
    if (p->move)
        json_put_bool(j, "move", true);
    if (p->calendar.zone || p->calendar.allow_count || p->calendar.deny_count)
        put_calendar(j, &p->calendar);
    put_expected(a, j, p);
    if (p->rollout.reason)
        put_rollout(a, j, &p->rollout);
    json_map_end(j);
}

const char *spec_digest(struct arena *a, struct spec *spec)
{
    struct text t;
    struct json j;

    text_init(&t, a);
    json_init(&j, &t, true);
    json_map(&j);
    json_put_int(&j, "format", FORMAT);
    json_put_int(&j, "kind", spec->kind);
    json_put_text(&j, "name", folded(a, spec->name));
    if (spec->nodes)
        put_names(a, &j, "nodes", spec->nodes, spec->node_count);
    put_drained(a, &j, spec);
    put_rows(a, &j, "gpus", spec, spec->gpu_count, write_gpu);
    put_rows(a, &j, "pools", spec, spec->pool_count, write_pool);
    put_rows(a, &j, "vms", spec, spec->vm_count, write_vm);
    if (spec->pattern_count)
        put_rows(a, &j, "patterns", spec, spec->pattern_count, write_pattern);
    put_policy(a, &j, &spec->policy);
    json_map_end(&j);
    spec->digest = digest_text(a, text_done(&t));
    return spec->digest;
}
