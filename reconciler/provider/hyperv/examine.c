/*
 * Can these hosts be managed?  Every class, property and method that the
 * provider relies on, read from the class schemas and held against the same
 * table; and the hosts' clocks.  Nothing is changed.
 */
#include "base/when.h"
#include "cim/check.h"
#include "provider/hyperv/inner.h"

enum { CLOCK_SKEW_MS = 5 * 60 * 1000 }; /* what Kerberos takes, by default */

struct examining {
    struct hyperv *h;
    struct arena *arena;
    struct health *out;
    const char *node; /* of the findings; NULL: the cluster */
    const char *host; /* to connect to; NULL: this machine */
    struct num build;
};

static void tell(struct examining *x, enum health_class class, const char *what, const char *found,
                 const char *prevents, const char *source)
{
    health_add(x->arena, x->out,
               (struct health_row){.class = class,
                                   .node = x->node,
                                   .what = what,
                                   .found = found,
                                   .prevents = prevents,
                                   .source = source});
}

static void tell_lacks(struct examining *x, const struct cim_lack *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool broken = *rows[i].without && !rows[i].excused;

        tell(x, broken ? HEALTH_BROKEN : HEALTH_NOTE, rows[i].name,
             rows[i].excused
                 ? arena_printf(x->arena, "%s: this build does not have it", rows[i].found)
                 : rows[i].found,
             *rows[i].without ? rows[i].without : NULL, rows[i].source);
    }
}

static bool is_missing(const struct err *e)
{
    int64_t code = e->native & 0xFFFFFFFF; /* an HRESULT, with or without its sign */

    return code == 0x80041010 || code == 0x80041002;
}

/* False: the connection is of no more use. */
static bool examine_class(struct examining *x, struct cim_eye *eye, enum cim_class class,
                          struct err *e)
{
    struct cim_schema schema;
    struct cim_lack *lacks;
    bool there = cim_schema(eye, x->arena, class, &schema, e);

    if (!there && !is_missing(e)) {
        tell(x, HEALTH_BROKEN, cim_class_row(class)->name,
             arena_printf(x->arena, "cannot be read: %s", e->text), cim_class_row(class)->without,
             cim_class_row(class)->source);
        return e->kind == ERR_DENIED || e->kind == ERR_REFUSED;
    }
    tell_lacks(
        x, lacks,
        cim_check(x->arena, class, there ? &schema : NULL, x->build, &lacks, &x->out->checks));
    return true;
}

static void examine_space(struct examining *x, enum cim_space space)
{
    struct hv_session *session;
    struct err e = {0}, last = {0};
    bool good = true;

    x->out->checks++;
    if (!hv_take(x->h, x->host, space, &session, &e)) {
        tell(x, HEALTH_BROKEN, cim_space_paths[space],
             arena_printf(x->arena, "cannot be reached: %s", e.text), "everything that needs it",
             "hyperv-wmi 6");
        x->out->unexamined++;
        return;
    }
    for (unsigned c = 0; c < CIM_CLASS_NONE && good; c++) {
        e = (struct err){0};
        if (cim_class_row(c)->space == space)
            good = examine_class(x, session->eye, c, &e);
        if (!good)
            last = e;
    }
    if (!good)
        x->out->unexamined++;
    hv_give(x->h, session, good ? NULL : &last);
}

static void examine_clock(struct examining *x, int64_t now_ms)
{
    static const struct cim_query query = {.class = CIM_Win32_OperatingSystem};
    struct hv_session *session;
    struct cim_rows rows = {0};
    struct err e = {0};
    int64_t there = WHEN_NONE;
    bool read;

    x->out->checks++;
    if (!hv_take(x->h, x->host, CIM_SPACE_CIMV2, &session, &e))
        return; /* said by the namespace */
    read = cim_query(session->eye, x->arena, &query, &rows, &e);
    hv_give(x->h, session, read ? NULL : &e);
    if (read && rows.count)
        there = hv_time(cim_text(&rows.rows[0], "LocalDateTime"));
    if (there == WHEN_NONE) {
        tell(x, HEALTH_WARNING, "clock", "the host does not tell its time", NULL, "hyperv-wmi 6");
        return;
    }
    if (there - now_ms > CLOCK_SKEW_MS || now_ms - there > CLOCK_SKEW_MS)
        tell(x, HEALTH_WARNING, "clock",
             arena_printf(x->arena, "its clock says %s, ours %s", when_human(x->arena, there),
                          when_human(x->arena, now_ms)),
             "signing in to it from elsewhere", "hyperv-wmi 6");
}

static const char *states_text(struct arena *a, const struct cim_object *row, const char *name)
{
    const uint64_t *states;
    size_t count = cim_numbers(row, name, &states);
    struct text t;

    text_init(&t, a);
    for (size_t i = 0; i < count; i++)
        text_printf(&t, "%s%s", t.size ? ", " : "",
                    states[i] == 2   ? "running"
                    : states[i] == 3 ? "off"
                                     : arena_printf(a, "%llu", (unsigned long long)states[i]));
    return count ? text_done(&t) : "not told";
}

/* What of the host's own word is not what hvgpu does: it adds and removes while the VM is off. */
static void examine_states(struct examining *x)
{
    static const struct cim_query query = {.class = CIM_Msvm_AllocationCapabilities};
    struct hv_session *session;
    struct cim_rows rows = {0};
    struct err e = {0};
    bool read;

    if (!hv_take(x->h, x->host, CIM_SPACE_VIRT, &session, &e))
        return; /* said by the namespace */
    read = cim_query(session->eye, x->arena, &query, &rows, &e);
    hv_give(x->h, session, read ? NULL : &e);
    for (size_t i = 0; i < rows.count; i++) {
        const char *kind = cim_text(&rows.rows[i], "ResourceSubType");
        const char *add = states_text(x->arena, &rows.rows[i], "SupportedAddStates");
        const char *remove = states_text(x->arena, &rows.rows[i], "SupportedRemoveStates");

        if (!str_same(kind, HV_SUBTYPE_GPU) && !str_same(kind, HV_SUBTYPE_PCIE))
            continue;
        x->out->checks += 2;
        if (!strstr(add, "off") || !strstr(remove, "off"))
            tell(x, HEALTH_WARNING, kind,
                 arena_printf(x->arena, "the host adds it while a VM is: %s; removes it: %s", add,
                              remove),
                 "attaching and detaching while the VM is off, if the host means it",
                 "hyperv-wmi 2.2");
    }
}

bool hv_examine(struct eye *eye, struct arena *a, const struct state *have, struct health *out,
                struct err *e)
{
    struct hyperv *h = (struct hyperv *)eye;
    struct examining x = {.h = h, .arena = a, .out = out};
    const struct hv_place *place = hv_place_now(h);
    bool asked = false;

    if (!hv_enter(h))
        return err_set(e, ERR_BUG, 0, "the provider is closed");
    out->examined = true;
    for (size_t i = 0; i < have->node_count; i++) {
        const struct node *n = &have->nodes[i];

        if (!n->answered) {
            out->unexamined++;
            continue;
        }
        x.build = n->build;
        if (!asked && place && !place->standalone) {
            x.node = NULL;
            x.host = place->host;
            examine_space(&x, CIM_SPACE_CLUSTER);
            asked = true;
        }
        x.host = hv_host_of(h, a, n->name);
        x.node = n->name;
        examine_space(&x, CIM_SPACE_VIRT);
        examine_space(&x, CIM_SPACE_CIMV2);
        examine_states(&x);
        examine_clock(&x, h->net->ops->now_ms(h->net));
    }
    hv_leave(h);
    return true;
}
