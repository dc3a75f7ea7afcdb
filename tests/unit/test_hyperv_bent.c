/*
 * Each question of a look, answered in every way that a host may answer
 * (specs/conformance.md): it fails, once with each code; and each property of
 * each answer, of rows and of what methods bring, is null, missing, of another
 * type, or a number that no table has.
 */
#include "cim_world.h"
#include "codec/world.h"
#include "provider/hyperv/inner.h"

#include <stdlib.h>

enum bend { STRAIGHT, FAILS, NULLED, MISSING, OTHER_TYPE, OTHER_NUMBER };

/* A property: of a row (or what a method brought), or of an object in one of its properties. */
struct place {
    size_t row, property;
    size_t part, inner; /* SIZE_MAX: the property itself */
};

/* One question of one host, and what came of it when nothing was bent. */
struct question {
    const char *key;
    struct cim_rows answer;
};

static struct {
    struct cim_net *inner;
    struct host_mutex *mutex; /* of what follows, while questions are gathered */
    struct arena arena;
    struct question *rows;
    size_t count, room;
    bool gather;
} asked;

/* What is bent, while a look is under way; never changed meanwhile. */
static struct {
    enum bend how;
    const char *key;
    int64_t code;
    struct place at;
} bent;

struct bent_eye {
    struct cim_eye eye;
    struct cim_eye *inner;
    char host[64];
};

/* ---- bending ---- */

static void bend_property(struct arena *a, struct cim_object *o, size_t at)
{
    struct cim_property *p = &o->properties[at];
    const char *name = p->name;

    switch (bent.how) {
    case NULLED:
        p->value = (struct cim_value){.type = p->value.type, .null = true};
        break;
    case MISSING:
        *p = o->properties[--o->count];
        break;
    case OTHER_TYPE:
        if (cim_type_is_number(p->value.type))
            cim_set_text(a, o, name, CIM_TYPE_TEXT, "seven");
        else
            cim_set_number(a, o, name, CIM_TYPE_U64, 7);
        break;
    case OTHER_NUMBER:
        cim_set_number(a, o, name, p->value.type, 64001);
        break;
    default:
        break;
    }
}

static void bend_answer(struct arena *a, struct cim_object *rows, size_t count)
{
    struct cim_object *o = rows + bent.at.row;
    const struct cim_object **parts;
    struct cim_object *part;
    struct cim_value *v;

    if (bent.at.row >= count || bent.at.property >= o->count)
        return;
    if (bent.at.part == SIZE_MAX) {
        bend_property(a, o, bent.at.property);
        return;
    }
    v = &o->properties[bent.at.property].value;
    parts = arena_array(a, const struct cim_object *, v->count);
    memcpy(parts, v->objects, v->count * sizeof *parts);
    part = cim_object_copy(a, v->objects[bent.at.part]);
    bend_property(a, part, bent.at.inner);
    parts[bent.at.part] = part;
    v->objects = parts;
}

static void keep(const char *key, const struct cim_object *rows, size_t count)
{
    struct question *q = NULL;

    host_mutex_lock(asked.mutex);
    for (size_t i = 0; i < asked.count && !q; i++)
        if (str_eq(asked.rows[i].key, key))
            q = &asked.rows[i];
    if (!q) {
        q = arena_push(&asked.arena, asked.rows, asked.count, asked.room);
        q->key = arena_strdup(&asked.arena, key);
        for (size_t i = 0; i < count; i++)
            *arena_push(&asked.arena, q->answer.rows, q->answer.count, q->answer.room) =
                *cim_object_copy(&asked.arena, &rows[i]);
    }
    host_mutex_unlock(asked.mutex);
}

/* The answer is gathered, or bent.  False: it fails. */
static bool answer(struct arena *a, const char *key, struct cim_object *rows, size_t count,
                   struct err *e)
{
    if (asked.gather)
        keep(key, rows, count);
    if (bent.how == STRAIGHT || !str_eq(key, bent.key))
        return true;
    if (bent.how == FAILS)
        return err_set(e, cim_code_kind(bent.code), bent.code, "said so");
    bend_answer(a, rows, count);
    return true;
}

/* ---- a net between ---- */

static const char *key_of(struct arena *a, const struct cim_eye *eye, const char *what,
                          const char *of)
{
    return arena_printf(a, "%s %d %s %s", ((const struct bent_eye *)eye)->host, (int)eye->space,
                        what, of);
}

static bool bent_query(struct cim_eye *eye, struct arena *a, const struct cim_query *query,
                       struct cim_rows *out, struct err *e)
{
    struct cim_eye *inner = ((struct bent_eye *)eye)->inner;

    return inner->ops->query(inner, a, query, out, e) &&
           answer(a, key_of(a, eye, "query", cim_wql(a, query)), out->rows, out->count, e);
}

static bool bent_ask(struct cim_eye *eye, struct arena *a, const struct cim_call *call,
                     struct cim_object **out, struct err *e)
{
    struct cim_eye *inner = ((struct bent_eye *)eye)->inner;
    const char *value = call->in ? cim_text(call->in, "sValueName") : NULL;
    const char *of = arena_printf(a, "%s %s %s", cim_method_row(call->method)->name, call->path,
                                  value ? value : "");

    return inner->ops->ask(inner, a, call, out, e) &&
           answer(a, key_of(a, eye, "ask", of), *out, 1, e);
}

static void bent_close_eye(struct cim_eye *eye)
{
    struct cim_eye *inner = ((struct bent_eye *)eye)->inner;

    inner->ops->close(inner);
    free(eye);
}

static const struct cim_eye_ops eye_ops = {
    .query = bent_query, .ask = bent_ask, .close = bent_close_eye};

static bool bent_connect(struct cim_net *net, const char *host, enum cim_space space,
                         struct cim_eye **out, struct err *e)
{
    struct bent_eye *b = calloc(1, sizeof *b);
    struct arena a;
    bool ok;

    assert_non_null(b);
    arena_init(&a, 0);
    b->eye = (struct cim_eye){.ops = &eye_ops, .net = net, .space = space};
    snprintf(b->host, sizeof b->host, "%s", host ? host : "(this)");
    ok = asked.inner->ops->connect(asked.inner, host, space, &b->inner, e) &&
         answer(&a, key_of(&a, &b->eye, "connect", ""), NULL, 0, e);
    arena_release(&a);
    if (ok)
        *out = &b->eye;
    else if (b->inner)
        bent_close_eye(&b->eye);
    else
        free(b);
    return ok;
}

static int64_t bent_now(struct cim_net *net)
{
    (void)net;
    return asked.inner->ops->now_ms(asked.inner);
}

static int64_t bent_wait(struct cim_net *net, int64_t until_ms)
{
    (void)net;
    return asked.inner->ops->wait_ms(asked.inner, until_ms);
}

static void bent_close(struct cim_net *net)
{
    (void)net;
    asked.inner->ops->close(asked.inner);
}

static const struct cim_net_ops net_ops = {"bent", bent_connect, bent_now, bent_wait, bent_close};
static struct cim_net net = {&net_ops};

/* ---- looks ---- */

static const char clustered[] = CLUSTER(EVERYTHING);
static struct eye *eye;
static const char *straight; /* what a look shows when nothing is bent */

/* What a look shows, as text in `a`; NULL: it failed, and `e` says why. */
static const char *look(struct arena *a, struct state *out, struct err *e)
{
    static const struct scope everything = {.node = NO_INDEX};
    struct hyperv *h = (struct hyperv *)eye;

    while (h->sessions) /* each connection is made anew, and nothing is known of before */
        hv_give(h, h->sessions, &(struct err){.kind = ERR_TIMEOUT});
    hv_forget(h, "n1");
    hv_forget(h, "n2");
    if (!eye_observe(eye, a, &everything, out, e))
        return NULL;
    return snapshot_write(a, out);
}

static int set_up(void **state)
{
    struct findings found;
    struct state s;
    struct err e;

    (void)state;
    memset(&asked, 0, sizeof asked);
    bent.how = STRAIGHT;
    arena_init(&asked.arena, 0);
    asked.mutex = host_mutex_new();
    findings_init(&found, &asked.arena);
    if (!cim_sim_open(known_facts(), "w", clustered, strlen(clustered), false, &asked.inner, &found,
                      &e))
        return -1;
    hyperv_open(&net, &(struct hyperv_target){.node_ms = 60000}, &eye);
    if (!look(&asked.arena, &s, &e)) /* finds where the world is */
        return -1;
    asked.gather = true;
    straight = look(&asked.arena, &s, &e);
    asked.gather = false;
    return straight && asked.count > 20 ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    eye->ops->close(eye);
    host_mutex_free(asked.mutex);
    arena_release(&asked.arena);
    return 0;
}

static void nobody_is_inside(void)
{
    const struct hyperv *h = (const struct hyperv *)eye;

    assert_int_equal(h->busy, 0);
    for (const struct hv_session *s = h->sessions; s; s = s->next)
        assert_false(s->leased);
}

/* ---- each question fails ---- */

/* What one node cannot answer costs that node at most, and the next look is whole again. */
static void each_question_fails(void **state)
{
    static const int64_t codes[] = {0x80041001, 0x80041002, 0x80041003, 0x80041010, 0x80041069,
                                    0x80070005, 0x800706BA, 0x800706BE, 0x800706BF, 0x80010108};
    size_t looks = 0, costs = 0;

    (void)state;
    for (size_t i = 0; i < asked.count; i++)
        for (size_t c = 0; c < sizeof codes / sizeof *codes; c++) {
            struct arena a;
            struct state s;
            struct err e = {0};
            const char *seen;

            arena_init(&a, 0);
            bent.key = asked.rows[i].key;
            bent.code = codes[c];
            bent.how = FAILS;
            seen = look(&a, &s, &e);
            bent.how = STRAIGHT;
            if (!seen)
                fail_msg("%s 0x%llx: %s", bent.key, (unsigned long long)codes[c], e.text);
            for (size_t n = 0; n < s.node_count; n++) {
                const struct node *node = &s.nodes[n];
                bool its = str_starts(bent.key, node->name) || str_starts(bent.key, "(this)");

                if (!node->answered && node->state != NODE_DOWN && !its)
                    fail_msg("%s 0x%llx: %s is lost", bent.key, (unsigned long long)codes[c],
                             node->name);
                costs += !node->answered && node->state == NODE_SILENT;
            }
            nobody_is_inside();
            looks++;
            arena_release(&a);
        }
    assert_true(costs > 0 && costs < looks);
    print_message("# figure: %zu looks with a question that failed\n", looks);
}

/* ---- each property of each answer ---- */

/* Numbers that stand for words: what no table has is as one that is not set (specs/wmi.md). */
static bool is_word(const char *name)
{
    static const char *const names[] = {
        "EnabledState",    "AutomaticShutdownAction", "UserSnapshotType",       "State",
        "NodeDrainStatus", "OfflineAction",           "ConfigManagerErrorCode", "ResourceType"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq(name, names[i]))
            return true;
    return false;
}

/* Null, there is nothing in it; missing, nobody knows. */
static bool may_be_empty(const char *name)
{
    return str_eq(name, "HostResource") || str_eq(name, "Notes");
}

static size_t bent_looks;

static const char *look_bent(struct arena *a, enum bend how)
{
    struct state s;
    struct err e = {0};
    const char *seen;

    bent.how = how;
    seen = look(a, &s, &e);
    bent.how = STRAIGHT;
    bent_looks++;
    nobody_is_inside();
    return seen ? seen : arena_printf(a, "%d", (int)e.kind);
}

static void bend_each_way(const char *key, struct place at, const struct cim_property *p)
{
    struct arena a;
    const char *null, *seen;

    arena_init(&a, 0);
    bent.key = key;
    bent.at = at;
    null = look_bent(&a, NULLED);
    for (enum bend how = MISSING; how <= OTHER_NUMBER; how++) {
        if (how == OTHER_NUMBER && (!cim_type_is_number(p->value.type) || p->value.array))
            continue;
        seen = look_bent(&a, how);
        if ((how == OTHER_NUMBER && !is_word(p->name)) || (how == MISSING && may_be_empty(p->name)))
            continue; /* another number, and believed; or another case */
        if (!str_eq(seen, null))
            fail_msg("%s, %s: bend %d is not as null\n%s\n%s", key, p->name, (int)how, seen, null);
    }
    arena_release(&a);
}

/* Null, missing, of another type, unknown: one and the same, and never a default. */
static void each_property_is_bent(void **state)
{
    enum { ROWS = 3 }; /* of each question; more are alike */

    (void)state;
    for (size_t i = 0; i < asked.count; i++) {
        const struct question *q = &asked.rows[i];

        for (size_t r = 0; r < q->answer.count && r < ROWS; r++) {
            const struct cim_object *o = &q->answer.rows[r];

            for (size_t p = 0; p < o->count; p++) {
                const struct cim_value *v = &o->properties[p].value;
                const size_t parts = v->type == CIM_TYPE_OBJECT && !v->null ? v->count : 0;

                bend_each_way(q->key, (struct place){r, p, SIZE_MAX, 0}, &o->properties[p]);
                for (size_t part = 0; part < parts && part < ROWS; part++)
                    for (size_t n = 0; n < v->objects[part]->count; n++)
                        bend_each_way(q->key, (struct place){r, p, part, n},
                                      &v->objects[part]->properties[n]);
            }
        }
    }
    print_message("# figure: %zu looks at bent answers\n", bent_looks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_question_fails, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_property_is_bent, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("hyperv_bent", tests, NULL, NULL);
}
