/* What was recorded is answered again: values of every type, errors, order, masks, rubbish. */
#include "base/str.h"
#include "base/when.h"
#include "cim/cim_record.h"
#include "cim/cim_replay.h"
#include "cim/mask.h"
#include "host/host.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static struct arena arena;
static char file[] = "/tmp/hvgpu-record-XXXXXX";

static int set_up(void **state)
{
    int fd = mkstemp(file);

    (void)state;
    arena_init(&arena, 0);
    return fd < 0 || close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    arena_release(&arena);
    return unlink(file);
}

/* ---- a net of one host, which counts ---- */

static uint64_t asked;

static struct cim_object *everything(struct arena *a)
{
    static const char *const texts[] = {"", "a\"b\\c", "\xc3\xa4\n"};
    struct cim_object *o = cim_object_new(a, "Msvm_PartitionableGpu", "\\\\HV-1\\x:Y.Name=\"z\"");
    struct cim_object *part = cim_object_new(a, NULL, NULL);

    cim_set_number(a, part, "OfflineAction", CIM_TYPE_U32, 3);
    cim_set_number(a, o, "b", CIM_TYPE_BOOLEAN, 1);
    cim_set_number(a, o, "PartitionCount", CIM_TYPE_U16, ++asked);
    cim_set_number(a, o, "TotalEncode", CIM_TYPE_U64, UINT64_MAX);
    cim_set_numbers(a, o, "ValidPartitionCounts", CIM_TYPE_U16, (uint64_t[]){16, 8}, 2);
    cim_set_numbers(a, o, "none", CIM_TYPE_U8, NULL, 0);
    cim_set_null(a, o, "TotalVRAM", CIM_TYPE_U64);
    cim_set_texts(a, o, "texts", CIM_TYPE_TEXT, texts, 3);
    cim_set_text(a, o, "when", CIM_TYPE_DATETIME, "20261119130000.000000+000");
    cim_set_object(a, o, "part", CIM_TYPE_OBJECT, part);
    cim_set_object(a, o, "as-text", CIM_TYPE_INSTANCE, part);
    return o;
}

static bool all_query(struct cim_eye *eye, struct arena *a, const struct cim_query *query,
                      struct cim_rows *out, struct err *e)
{
    (void)eye;
    if (query->class == CIM_Msvm_PciExpress)
        return err_set(e, ERR_DENIED, 0x80041003, "access \"denied\"");
    *arena_push(a, out->rows, out->count, out->room) = *everything(a);
    return true;
}

static bool all_call(struct cim_eye *eye, struct arena *a, const struct cim_call *call,
                     struct cim_object **out, struct err *e)
{
    (void)eye, (void)call, (void)e;
    *out = everything(a);
    return true;
}

static bool all_get(struct cim_eye *eye, struct arena *a, const char *path, struct cim_object **out,
                    struct err *e)
{
    (void)path;
    return all_call(eye, a, NULL, out, e);
}

static bool all_schema(struct cim_eye *eye, struct arena *a, enum cim_class class,
                       struct cim_schema *out, struct err *e)
{
    (void)eye, (void)e, (void)class;
    *out = (struct cim_schema){.property_count = 2, .method_count = 1};
    out->properties = arena_array(a, struct cim_schema_property, 2);
    out->properties[0] = (struct cim_schema_property){"Name", CIM_TYPE_TEXT, false};
    out->properties[1] = (struct cim_schema_property){"Odd", CIM_TYPES, true};
    out->methods = arena_array(a, struct cim_schema_method, 1);
    out->methods[0] = (struct cim_schema_method){"Do", out->properties, 1};
    return true;
}

static bool all_put(struct cim_hand *hand, struct arena *a, const struct cim_object *object,
                    struct err *e)
{
    (void)hand, (void)a, (void)object;
    return err_set(e, ERR_REFUSED, 0x80041008, "no");
}

static bool all_invoke(struct cim_hand *hand, struct arena *a, const struct cim_call *call,
                       struct cim_object **out, struct err *e)
{
    return all_call(hand->eye, a, call, out, e);
}

static const struct cim_hand_ops hand_ops = {all_put, all_invoke};
static bool all_hand(struct cim_eye *eye, struct cim_hand **out, struct err *e)
{
    static struct cim_hand hand;

    (void)e;
    hand = (struct cim_hand){.ops = &hand_ops, .eye = eye};
    *out = &hand;
    return true;
}

static void all_close(struct cim_eye *eye)
{
    free(eye);
}

static const struct cim_eye_ops eye_ops = {all_query,  all_get,  all_call,
                                           all_schema, all_hand, all_close};

static bool all_connect(struct cim_net *net, const char *host, enum cim_space space,
                        struct cim_eye **out, struct err *e)
{
    struct cim_eye *eye;

    if (space == CIM_SPACE_CLUSTER)
        return err_set(e, ERR_UNSUPPORTED, 0x8004100E, "%s has none", host ? host : "it");
    eye = calloc(1, sizeof *eye);
    assert_non_null(eye);
    *eye = (struct cim_eye){.ops = &eye_ops, .net = net, .space = space};
    *out = eye;
    return true;
}

static int64_t all_now(struct cim_net *net)
{
    (void)net;
    return 1763557200000;
}

static int64_t all_wait(struct cim_net *net, int64_t until_ms)
{
    (void)net, (void)until_ms;
    return 0;
}

static void all_end(struct cim_net *net)
{
    (void)net;
}

static const struct cim_net_ops net_ops = {"all", all_connect, all_now, all_wait, all_end};
static struct cim_net all = {&net_ops};

/* ---- one conversation, had with whatever is behind `net`, as one text ---- */

static void say_object(struct text *t, const struct cim_object *o)
{
    text_printf(t, "%s|%s|", o->class_name ? o->class_name : "-", o->path ? o->path : "-");
    for (size_t i = 0; i < o->count; i++) {
        const struct cim_value *v = &o->properties[i].value;

        text_printf(t, "%s:%d%s%s", o->properties[i].name, (int)v->type, v->array ? "[]" : "",
                    v->null ? "null" : "");
        for (size_t k = 0; k < v->count; k++) {
            if (cim_type_is_number(v->type))
                text_printf(t, ",%llu", (unsigned long long)v->numbers[k]);
            else if (cim_type_is_text(v->type))
                text_printf(t, ",%s", v->texts[k]);
            else
                say_object(t, v->objects[k]);
        }
        text_add(t, ";");
    }
    text_add(t, "\n");
}

static void say_err(struct text *t, const struct err *e)
{
    text_printf(t, "%d %lld %s\n", (int)e->kind, (long long)e->native, e->text);
}

static const char *talk_with(struct cim_net *net)
{
    static const struct cim_query gpus = {.class = CIM_Msvm_PartitionableGpu};
    static const struct cim_query devices = {.class = CIM_Msvm_PciExpress};
    struct cim_object *in = cim_object_new(&arena, NULL, NULL), *out, *put;
    struct cim_call start = {CIM_Msvm_ComputerSystem_RequestStateChange, "vm", in};
    struct cim_call all_of = {CIM_Msvm_VirtualSystemManagementService_GetSummaryInformation, "s",
                              NULL};
    struct cim_rows rows = {0};
    struct cim_schema schema;
    struct cim_hand *hand;
    struct cim_eye *eye;
    struct err e = {0};
    struct text t;

    text_init(&t, &arena);
    assert_false(net->ops->connect(net, "HV-1", CIM_SPACE_CLUSTER, &eye, &e));
    say_err(&t, &e);
    assert_true(net->ops->connect(net, "HV-1", CIM_SPACE_VIRT, &eye, &e));
    for (int i = 0; i < 3; i++) { /* the count goes up from look to look */
        assert_true(cim_query(eye, &arena, &gpus, &rows, &e));
        assert_int_equal(rows.count, 1);
        say_object(&t, &rows.rows[0]);
    }
    assert_false(cim_query(eye, &arena, &devices, &rows, &e));
    say_err(&t, &e);
    assert_true(cim_get(eye, &arena, "a\\path", &out, &e));
    say_object(&t, out);
    assert_true(cim_ask(eye, &arena, &all_of, &out, &e));
    say_object(&t, out);
    assert_true(cim_schema(eye, &arena, CIM_Msvm_PciExpress, &schema, &e));
    assert_int_equal(schema.property_count, 2);
    assert_int_equal(schema.properties[1].type, CIM_TYPES);
    assert_true(schema.properties[1].array);
    assert_string_equal(schema.methods[0].name, "Do");
    assert_string_equal(schema.methods[0].parameters[0].name, "Name");
    assert_true(eye->ops->hand(eye, &hand, &e));
    cim_set_number(&arena, in, "RequestedState", CIM_TYPE_U16, 2);
    assert_true(hand->ops->invoke(hand, &arena, &start, &out, &e));
    say_object(&t, out);
    put = cim_object_new(&arena, "Msvm_PartitionableGpu", "p");
    cim_set_number(&arena, put, "PartitionCount", CIM_TYPE_U16, 0);
    assert_false(cim_put(hand, &arena, put, &e));
    say_err(&t, &e);
    eye->ops->close(eye);
    return text_done(&t);
}

static struct cim_net *replay_of(const char *path)
{
    struct findings found;
    struct cim_net *net;
    struct err e;
    char *text;
    size_t size;

    findings_init(&found, &arena);
    assert_true(host_read_file(&arena, path, 1 << 20, &text, &size, &e));
    if (!cim_replay_open(path, text, size, &net, &found, &e))
        fail_msg("%s: %s", e.text, found.count ? found.rows[0].text : "?");
    return net;
}

static void there_and_back(void **state)
{
    struct cim_net *recorder, *replay;
    const char *said, *again;
    struct err e;

    (void)state;
    asked = 0;
    cim_record_open(&all, "site \"one\"", false, &recorder);
    said = talk_with(recorder);
    assert_true(cim_record_finish(recorder, file, &e));
    recorder->ops->close(recorder);
    assert_true(strstr(said, "18446744073709551615") != NULL);
    replay = replay_of(file);
    assert_int_equal(replay->ops->now_ms(replay), 1763557200000);
    again = talk_with(replay);
    assert_string_equal(said, again);
    assert_int_equal(replay->ops->wait_ms(replay, 1763557260000), 0);
    assert_int_equal(replay->ops->now_ms(replay), 1763557260000);
    replay->ops->close(replay);
}

/* The last answer stays; what was never asked has none; another host was not there. */
static void beyond_the_recording(void **state)
{
    static const struct cim_query gpus = {.class = CIM_Msvm_PartitionableGpu};
    static const struct cim_query pools = {.class = CIM_Msvm_ResourcePool};
    struct cim_net *replay = replay_of(file);
    struct cim_rows rows = {0};
    struct cim_eye *eye;
    struct err e = {0};

    (void)state;
    assert_false(replay->ops->connect(replay, "HV-2", CIM_SPACE_VIRT, &eye, &e));
    assert_int_equal(e.kind, ERR_UNSEEN);
    assert_true(replay->ops->connect(replay, "hv-1", CIM_SPACE_VIRT, &eye, &e));
    for (uint64_t i = 1; i <= 5; i++) {
        assert_true(cim_query(eye, &arena, &gpus, &rows, &e));
        assert_int_equal(cim_number(&rows.rows[0], "PartitionCount").value, i < 3 ? i : 3);
    }
    assert_false(cim_query(eye, &arena, &pools, &rows, &e));
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    eye->ops->close(eye);
    replay->ops->close(replay);
}

static void masks(void **state)
{
    struct mask *m = mask_new(&arena);
    struct cim_object *vm = cim_object_new(&arena, "Msvm_ComputerSystem", NULL);
    struct cim_object *other = cim_object_new(&arena, "Msvm_ComputerSystem", NULL);
    struct cim_object *word = cim_object_new(&arena, "Msvm_ComputerSystem", NULL);

    (void)state;
    cim_set_text(&arena, vm, "ElementName", CIM_TYPE_TEXT, "vdi-1");
    cim_set_text(&arena, other, "ElementName", CIM_TYPE_TEXT, "vdi-1-gold");
    cim_set_text(&arena, word, "ElementName", CIM_TYPE_TEXT, "name");
    mask_host(m, "HV-01");
    mask_host(m, NULL);
    mask_object(m, vm);
    mask_object(m, other);
    mask_object(m, word);
    assert_string_equal(
        mask_text(m, &arena,
                  "\\\\hv-01\\x Virtual Machine VDI-1, vdi-1-gold, vdi-10, xvdi-1 Name=\"hv-01\""),
        "\\\\host-1\\x Virtual Machine vm-1, vm-2, vdi-10, xvdi-1 Name=\"host-1\"");
}

static void a_masked_recording_still_answers(void **state)
{
    struct cim_net *recorder, *replay;
    struct cim_eye *eye;
    struct err e;
    char *text;
    size_t size;

    (void)state;
    asked = 0;
    cim_record_open(&all, "x", true, &recorder);
    talk_with(recorder);
    assert_true(cim_record_finish(recorder, file, &e));
    recorder->ops->close(recorder);
    assert_true(host_read_file(&arena, file, 1 << 20, &text, &size, &e));
    assert_null(strstr(text, "HV-1"));
    replay = replay_of(file);
    assert_true(replay->ops->connect(replay, "host-1", CIM_SPACE_VIRT, &eye, &e));
    eye->ops->close(eye);
    replay->ops->close(replay);
}

/* Cut off anywhere, or changed anywhere: an answer, never a crash, and never a half. */
static void rubbish(void **state)
{
    static const char *const texts[] = {
        "",
        "{}",
        "[]",
        "{\"kind\": \"Recording\"}x",
        "{\"apiVersion\": \"hvgpu/v2\", \"kind\": \"Recording\"}",
        "{\"kind\": \"Recording\", \"spec\": {\"calls\": [{\"op\": \"query\"}]}}",
        "{\"kind\": \"Recording\", \"spec\": {\"calls\": [{\"request\": \"\", \"object\": "
        "{\"properties\": {\"a\": [\"uint16\", \"x\"]}}}]}}",
        "{\"kind\": \"Recording\", \"spec\": {\"calls\": [{\"request\": \"\", \"object\": "
        "{\"properties\": {\"a\": [\"uint16\", \"1\", \"2\"]}}}]}}",
        "{\"kind\": \"Recording\", \"spec\": {\"calls\": [{\"request\": \"\", \"object\": "
        "{\"properties\": {\"a\": [\"nonsense\"]}}}]}}",
        "{\"kind\": \"Recording\", \"spec\": {\"calls\": [{\"request\": \"\", \"object\": "
        "{\"properties\": {\"a\": []}}}]}}",
    };
    struct err e;
    char *text;
    size_t size;

    (void)state;
    assert_true(host_read_file(&arena, file, 1 << 20, &text, &size, &e));
    for (size_t i = 0; i < sizeof texts / sizeof *texts + size / 97; i++) {
        bool cut = i >= sizeof texts / sizeof *texts;
        const char *bytes = cut ? text : texts[i];
        size_t n = cut ? (i - sizeof texts / sizeof *texts) * 97 : strlen(bytes);
        struct findings found;
        struct cim_net *net;
        struct arena a;

        arena_init(&a, 0);
        findings_init(&found, &a);
        if (cim_replay_open("x", bytes, n, &net, &found, &e))
            fail_msg("taken: %.*s", (int)(n > 200 ? 200 : n), bytes);
        assert_true(found.errors > 0);
        arena_release(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back), cmocka_unit_test(beyond_the_recording),
        cmocka_unit_test(masks),          cmocka_unit_test(a_masked_recording_still_answers),
        cmocka_unit_test(rubbish),
    };

    return cmocka_run_group_tests_name("cim_record", tests, set_up, tear_down);
}
