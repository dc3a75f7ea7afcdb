/*
 * What one VM shall be: what its layers say together (layer.c), or what is
 * built in.
 */
#include "spec/read.h"

#include <string.h>

enum { STOP_DEADLINE_MS = 10 * 60 * 1000 };

static uint64_t in_mib(uint64_t bytes)
{
    return bytes / MIB + (bytes % MIB != 0);
}

/* ---- gpu ---- */

enum vm_use wish_use(const struct said_choice *c)
{
    const struct raw_wish *row = c->row;

    if (c->word >= 0)
        return (enum vm_use)c->word;
    return SAID(row->pool) ? VM_POOL : said(&row->devices.at) ? VM_DEVICES : VM_PARTITION;
}

static void lay_range(const struct spec_num *min, const struct spec_num *max,
                      const struct spec_num *optimal, enum quota q, struct limits *out)
{
    if (SAID(*min))
        out->min[q] = NUM(min->value);
    if (SAID(*max))
        out->max[q] = NUM(max->value);
    if (SAID(*optimal))
        out->optimal[q] = NUM(optimal->value);
}

/* The four shares of a partition row; NULL where it says nothing of one. */
static const struct raw_range *share_of(const struct raw_partition *p, enum quota q)
{
    switch (q) {
    case QUOTA_ENCODE:
        return ROW(range, p->encode);
    case QUOTA_DECODE:
        return ROW(range, p->decode);
    case QUOTA_COMPUTE:
        return ROW(range, p->compute);
    default:
        return NULL;
    }
}

static void lay_partition(const struct raw_partition *p, struct vm_wish *out)
{
    const struct raw_memory_range *vram = ROW(memory_range, p->vram);

    if (SAID(p->size)) {
        out->size_bytes = p->size.value;
        out->size_at = p->size.at;
    }
    if (SAID(p->count))
        out->count = (uint32_t)p->count.value;
    if (vram) {
        lay_range(&vram->min, &vram->max, &vram->optimal, QUOTA_VRAM, &out->limits);
        out->limits_at = vram->head.at;
    }
    for (int q = QUOTA_ENCODE; q <= QUOTA_COMPUTE; q++) {
        const struct raw_range *share = share_of(p, (enum quota)q);

        if (!share)
            continue;
        lay_range(&share->min, &share->max, &share->optimal, (enum quota)q, &out->limits);
        if (!vram)
            out->limits_at = share->head.at;
    }
}

static void lay_gpu(const struct said_choice *c, struct vm_wish *out)
{
    const struct raw_wish *row = c->row;

    out->use = wish_use(c);
    out->use_at = c->at;
    if (out->use == VM_POOL && !out->count)
        out->count = 1;
    if (!row)
        return;
    if (row->partition.row)
        lay_partition(row->partition.row, out);
    if (SAID(row->pool))
        out->pool = row->pool.value;
    if (SAID(row->count))
        out->count = (uint32_t)row->count.value;
    if (row->devices.count) {
        out->devices = row->devices.names;
        out->device_count = row->devices.count;
    }
}

/* ---- the rest ---- */

static void lay_memory(const struct raw_memory *m, struct vm_settings *out)
{
    if (SAID(m->dynamic))
        out->dynamic_memory = m->dynamic.value ? TRI_YES : TRI_NO;
    if (SAID(m->startup))
        out->memory_startup_mib = NUM(in_mib(m->startup.value));
    if (SAID(m->minimum))
        out->memory_min_mib = NUM(in_mib(m->minimum.value));
}

static void lay_mmio(const struct raw_settings *s, struct vm_wish *out)
{
    const struct raw_mmio *mmio = ROW(mmio, s->mmio), *need = ROW(mmio, s->mmioNeed);

    if (mmio && SAID(mmio->low))
        out->settings.mmio_low_mib = NUM(in_mib(mmio->low.value));
    if (mmio && SAID(mmio->high))
        out->settings.mmio_high_mib = NUM(in_mib(mmio->high.value));
    if (need && SAID(need->low))
        out->mmio_need_low = in_mib(need->low.value);
    if (need && SAID(need->high))
        out->mmio_need_high = in_mib(need->high.value);
}

static void lay_settings(const struct raw_settings *s, struct vm_wish *out)
{
    static const enum stop_action actions[] = {STOP_ACTION_TURN_OFF, STOP_ACTION_SHUT_DOWN};

    if (!s)
        return;
    out->settings_at = s->head.at;
    if (SAID(s->automaticStopAction))
        out->settings.stop_action = actions[s->automaticStopAction.value];
    if (s->memory.row)
        lay_memory(s->memory.row, &out->settings);
    lay_mmio(s, out);
    if (SAID(s->guestControlledCacheTypes))
        out->settings.cache_types = s->guestControlledCacheTypes.value ? TRI_YES : TRI_NO;
    if (SAID(s->checkpoints))
        out->settings.checkpoints = (enum checkpoints)(CHECKPOINTS_DISABLED + s->checkpoints.value);
    if (SAID(s->offlineAction))
        out->offline_action = NUM(s->offlineAction.value);
    if (SAID(s->advised))
        out->advised = (enum advised)s->advised.value;
}

static void lay_stop(const struct raw_stop *s, struct vm_wish *out)
{
    if (!s)
        return;
    out->stop_at = s->head.at;
    if (SAID(s->deadline))
        out->stop_deadline_ms = s->deadline.ms;
    if (SAID(s->then))
        out->stop_then = (enum stop_how)s->then.value;
}

static void lay_disruption(const struct said_word *w, struct vm_wish *out)
{
    if (!SAID(*w))
        return;
    out->disruption = (enum disruption)w->value;
    out->disruption_at = w->at;
}

static void lay_move(const struct said_word *w, struct vm_wish *out)
{
    if (!SAID(*w))
        return;
    out->move = w->value;
    out->move_at = w->at;
}

static void lay_power(const struct said_word *w, struct vm_wish *out)
{
    if (!SAID(*w))
        return;
    out->power = (enum vm_power_wish)w->value;
    out->power_at = w->at;
}

static void lay_part(const struct said_word *w, enum part part, struct manage_parts *out)
{
    if (!SAID(*w))
        return;
    out->of[part] = (enum manage)w->value;
    out->at[part] = w->at;
}

void lay_manage(const struct said_choice *choice, struct manage_parts *out)
{
    const struct raw_manage *m = choice->row;
    struct said_word all = {choice->word, choice->at};

    if (!SAID(*choice))
        return;
    lay_part(m ? &m->gpus : &all, PART_GPUS, out);
    lay_part(m ? &m->vms : &all, PART_VMS, out);
    lay_part(m ? &m->settings : &all, PART_SETTINGS, out);
    lay_part(m ? &m->power : &all, PART_POWER, out);
}

void wish_compose(const struct layers *from, struct vm_wish *out)
{
    const struct raw_class *all = &from->all;

    *out = (struct vm_wish){
        .stop_deadline_ms = STOP_DEADLINE_MS, .stop_then = STOP_GUEST, .manage = *from->manage};
    if (SAID(all->gpu))
        lay_gpu(&all->gpu, out);
    lay_settings(ROW(settings, all->settings), out);
    lay_stop(ROW(stop, all->stop), out);
    lay_disruption(&all->disruption, out);
    lay_move(&all->move, out);
    lay_power(&all->power, out);
    if (from->class)
        lay_manage(&from->class->manage, &out->manage);
    if (from->row)
        lay_manage(&from->row->manage, &out->manage);
}

/* ---- what cannot be right ---- */

/* Where something was said, or else near it. */
static const struct span *place_of(const struct layers *from, const struct vm_wish *w,
                                   const struct span *(*of)(const struct raw_settings *))
{
    const struct raw_settings *all = ROW(settings, from->all.settings);

    return all && said(of(all)) ? of(all) : &w->settings_at;
}

static const struct span *offline_at(const struct raw_settings *s)
{
    return &s->offlineAction.at;
}

static const struct span *memory_at(const struct raw_settings *s)
{
    return &s->memory.at;
}

static const struct span *share_at(const struct layers *from, const struct vm_wish *w, enum quota q)
{
    const struct raw_wish *wish = from->all.gpu.row;
    const struct raw_partition *p = wish ? ROW(partition, wish->partition) : NULL;
    const struct said_row *shares[] = {p ? &p->vram : NULL, p ? &p->encode : NULL,
                                       p ? &p->decode : NULL, p ? &p->compute : NULL};

    return p && shares[q]->row ? &shares[q]->at : &w->limits_at;
}

static void check_limits(struct findings *found, const struct layers *from, const struct vm_wish *w)
{
    for (int q = 0; q < QUOTA_KINDS; q++) {
        const struct num *min = &w->limits.min[q], *max = &w->limits.max[q];
        const struct num *optimal = &w->limits.optimal[q];
        bool wrong = (min->known && max->known && min->value > max->value) ||
                     (min->known && optimal->known && min->value > optimal->value) ||
                     (optimal->known && max->known && optimal->value > max->value);

        if (wrong)
            spec_find(found, CODE_LIMIT_ORDER, share_at(from, w, (enum quota)q),
                      "the limits of `%s` are not min <= optimal <= max", quota_words[q])
                ->next = "put them into that order";
    }
}

static void conflict(struct findings *found, const struct span *at, const char *rule,
                     const char *text, const char *next)
{
    struct finding *f = spec_find(found, CODE_CONFLICT, at, "%s", text);

    f->rule = rule;
    f->next = next;
}

static void check_memory(struct findings *found, const struct layers *from, const struct vm_wish *w)
{
    const struct vm_settings *v = &w->settings;
    const struct span *at = place_of(from, w, memory_at);

    if (v->memory_min_mib.known && v->memory_startup_mib.known &&
        v->memory_min_mib.value > v->memory_startup_mib.value) {
        conflict(found, at, "S3", "the memory is not minimum <= startup",
                 "put them into that order");
        return;
    }
    if (v->dynamic_memory != TRI_YES)
        return;
    if (w->use == VM_POOL || w->use == VM_DEVICES)
        conflict(found, at, "S3", "a VM with a whole device cannot have dynamic memory",
                 "write dynamic: false");
    if (w->use == VM_PARTITION && v->memory_min_mib.known && v->memory_startup_mib.known &&
        v->memory_min_mib.value != v->memory_startup_mib.value)
        conflict(found, at, "S3",
                 "with a GPU partition, dynamic memory needs startup and minimum to be the same",
                 "give both the same size, or write dynamic: false");
}

void wish_check(struct findings *found, enum spec_kind kind, const struct layers *from,
                const struct vm_wish *w)
{
    bool holds = w->use == VM_PARTITION || w->use == VM_POOL || w->use == VM_DEVICES;
    const struct span *at = place_of(from, w, offline_at);

    check_limits(found, from, w);
    check_memory(found, from, w);
    if (kind == SPEC_HOST && w->offline_action.known)
        spec_find(found, CODE_CLUSTER_ONLY, at,
                  "`offlineAction` is of a cluster's roles, and a Host has none")
            ->next = "take it out";
    else if (holds && w->offline_action.known && w->offline_action.value != OFFLINE_FORCED)
        conflict(found, at, "S1", "a clustered VM with a GPU needs offlineAction 3",
                 "write offlineAction: 3, or leave it out: it is set anyway");
    if (kind == SPEC_HOST && w->stop_then == STOP_FORCED)
        spec_find(found, CODE_CLUSTER_ONLY, &w->stop_at,
                  "`then: forced` is done by a cluster, and a Host has none")
            ->next = "write then: hold or then: turnOff";
    if (!holds && w->use != VM_AS_FOUND && (w->mmio_need_low || w->mmio_need_high))
        spec_find(found, CODE_NO_EFFECT, &w->settings_at,
                  "`mmioNeed` says nothing for a VM that holds no GPU")
            ->next = "take it out";
}
