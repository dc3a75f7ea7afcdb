/* A plan as a file: there and back, edited, cut, stale. */
#include "codec/planfile.h"
#include "plan_hand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct plan_origin origin = {"sim", "world.yaml"};

static int setup(void **state)
{
    static struct plan_hand hand;

    plan_hand_init(&hand);
    *state = &hand;
    return 0;
}

static int teardown(void **state)
{
    arena_release(&((struct plan_hand *)*state)->arena);
    return 0;
}

static bool read_text(struct plan_hand *h, const char *text, size_t size, struct plan_file *out,
                      struct findings *found)
{
    findings_init(found, &h->arena);
    return plan_read(&h->arena, "p.json", text, size, out, found);
}

static struct plan_file written_and_read(struct plan_hand *h)
{
    const char *text = plan_write(&h->arena, &h->plan, &h->have, &origin);
    struct findings found;
    struct plan_file file;

    if (!read_text(h, text, strlen(text), &file, &found))
        fail_msg("%s", found.count ? found.rows[0].text : "?");
    return file;
}

static void there_and_back_is_the_same(void **state)
{
    struct plan_hand *h = *state;
    const char *text = plan_write(&h->arena, &h->plan, &h->have, &origin);
    struct plan_file file = written_and_read(h);

    assert_string_equal(plan_file_write(&h->arena, &file), text);
    plan_identify(&h->arena, &h->plan, &h->have, &origin);
    assert_string_equal(file.plan.id, h->plan.id);
    assert_int_equal(strlen(file.plan.id), 10);
    assert_int_equal(file.plan.group_count, 3);
    assert_int_equal(file.plan.groups[0].members[0].target.count, 4);
    assert_int_equal(file.plan.groups[0].steps[1].action.verb, VERB_GPU_COUNT);
    assert_int_equal(file.plan.groups[0].steps[1].action.value[0], 4);
    assert_int_equal(file.plan.groups[1].reason, REASON_NODE_PAUSED);
    assert_string_equal(file.plan.problems[0].subject, "vm/vdi-9");
    assert_string_equal(file.origin.path, "world.yaml");
    assert_string_equal(file.seen.vms[file.plan.groups[0].interrupts[0]].name, "vdi-1");
}

/* Who was where is in the file, for drawing it (decision 084): the same holders, on the same GPUs.
 */
static void the_estate_is_in_the_file(void **state)
{
    struct plan_hand *h = *state;
    struct adapter both[2] = {{.id = "a-9", .pin = hand_path},
                              {.id = "c-1", .seen = hand_path, .of_checkpoint = true}};
    struct request asks = {.id = "r-1", .pool = "ml", .given = "PCIROOT(2)#PCI(0000)"};
    struct plan_file file;

    h->vms[3].adapters = both;
    h->vms[3].adapter_count = 2;
    h->vms[2].requests = &asks;
    h->vms[2].request_count = 1;
    h->gpus[1].pool = "ml";
    h->nodes[1].answered = false;
    file = written_and_read(h);
    assert_int_equal(file.seen.node_count, 2);
    assert_false(file.seen.nodes[1].answered);
    assert_int_equal(file.seen.gpu_count, 2);
    assert_string_equal(gpu_label(&h->arena, &file.seen, 1), "hv-2/gpu0");
    assert_string_equal(file.seen.gpus[1].model, "NVIDIA A2");
    assert_string_equal(file.seen.gpus[1].pool, "ml");
    assert_int_equal(file.seen.vm_count, 4); /* vdi-2 holds nothing, but is named */
    assert_int_equal(state_gpu(&file.seen, 0, file.seen.vms[0].adapters[0].seen), 0);
    assert_string_equal(file.seen.vms[2].requests[0].given, asks.given);
    assert_string_equal(file.seen.vms[3].adapters[0].pin, hand_path);
    assert_int_equal(file.seen.vms[3].adapter_count, 1); /* a checkpoint's does not count (V0) */
    assert_int_equal(file.seen.vms[0].power, POWER_RUNNING);
}

/* What WMI cannot tell is not in the file either: two looks at one world come to one plan. */
static void a_file_says_what_every_look_can(void **state)
{
    struct plan_hand *h = *state;
    struct plan_file file;

    h->nodes[1].answered = false;
    h->vms[0].power = POWER_SAVED;
    h->vms[2].hidden = true;
    file = written_and_read(h);
    assert_int_equal(file.seen.nodes[0].state, NODE_UP);
    assert_int_equal(file.seen.nodes[1].state, NODE_SILENT);
    assert_null(file.seen.vms[0].adapters[0].seen);
    assert_int_equal(file.seen.vms[0].power, POWER_SAVED);
    assert_int_equal(file.seen.vms[2].power, POWER_UNKNOWN); /* S8 */
}

/* A node that is not in the list, a GPU without a number: refused, whoever wrote the digest. */
static void an_estate_that_makes_no_sense_is_refused(void **state)
{
    struct plan_hand *h = *state;
    struct findings found;
    struct plan_file file;
    const char *text;

    h->nodes[1].name = "HV-1";
    text = plan_write(&h->arena, &h->plan, &h->have, &origin);
    assert_false(read_text(h, text, strlen(text), &file, &found));
    assert_string_equal(found.rows[0].code, "invalid-plan");
    h->nodes[1].name = "hv-2";
    h->vms[0].node = 7;
    text = plan_write(&h->arena, &h->plan, &h->have, &origin);
    assert_false(read_text(h, text, strlen(text), &file, &found));
    assert_string_equal(found.rows[0].code, "invalid-plan");
}

static void only_what_runs_is_relied_on(void **state)
{
    struct plan_file file = written_and_read(*state);

    assert_int_equal(file.read_count, 3); /* gpu, node and VM of the group that runs */
    assert_string_equal(file.reads[1].subject, "node/hv-1");
    assert_string_equal(file.reads[2].subject, "vm/id-0");
}

static void one_changed_byte_is_refused(void **state)
{
    struct plan_hand *h = *state;
    const char *text = plan_write(&h->arena, &h->plan, &h->have, &origin);
    static const struct {
        const char *from, *to;
    } edits[] = {
        {"\"value\": \"4\"", "\"value\": \"8\""},
        {"\"gate\": \"held\"", "\"gate\": \"runs\""},
        {"\"planned\"", NULL},
        {"\"running\"", "\"stopped\""},
        {"\"formatVersion\": 1", "\"formatVersion\": 2"},
        {"\"id\": \"p-", "\"id\": \"q-"},
        {"\"maxUnavailableVms\": 0", "\"maxUnavailableVms\": 9"},
    };

    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        const char *at = strstr(text, edits[i].from);
        struct plan_file file;
        struct findings found;
        char *copy;

        if (!edits[i].to)
            continue;
        assert_non_null(at);
        copy = arena_strdup(&h->arena, text);
        memcpy(copy + (at - text), edits[i].to, strlen(edits[i].to));
        assert_false(read_text(h, copy, strlen(copy), &file, &found));
        assert_true(found.errors > 0);
    }
}

static void layout_does_not_matter(void **state)
{
    struct plan_hand *h = *state;
    const char *text = plan_write(&h->arena, &h->plan, &h->have, &origin);
    struct text crlf;
    struct plan_file file;
    struct findings found;

    text_init(&crlf, &h->arena);
    text_add(&crlf, "\xef\xbb\xbf");
    for (const char *s = text; *s; s++)
        text_add_n(&crlf, *s == '\n' ? "\r\n" : s, *s == '\n' ? 2 : 1);
    assert_true(read_text(h, text_done(&crlf), crlf.size, &file, &found));
}

/* Every cut is refused, and none of them crashes. */
static void cut_files_are_refused(void **state)
{
    struct plan_hand *h = *state;
    const char *text = plan_write(&h->arena, &h->plan, &h->have, &origin);
    size_t size = strlen(text), step = size / 97 + 1;

    for (size_t n = 0; n + 3 < size; n += step) {
        struct plan_file file;
        struct findings found;

        assert_false(read_text(h, text, n, &file, &found));
        assert_true(found.errors > 0);
    }
}

static void unknown_and_missing_keys_are_named(void **state)
{
    struct plan_hand *h = *state;
    static const char *const texts[] = {
        "{}", "[]", "", "{\"apiVersion\": \"hvgpu/v1\", \"kind\": \"Plan\", \"surprise\": 1}",
        "{\"groups\": [{\"steps\": [{\"needs\": [-1]}]}]}"};

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct plan_file file;
        struct findings found;

        assert_false(read_text(h, texts[i], strlen(texts[i]), &file, &found));
        assert_true(found.errors > 0);
    }
}

static bool fresh(struct plan_hand *h, const struct plan_file *file, struct err *e)
{
    struct ledger nothing = {0};

    return plan_fresh(&h->arena, file, &h->have, &nothing, false, e);
}

static void a_change_elsewhere_does_not_matter(void **state)
{
    struct plan_hand *h = *state;
    struct plan_file file = written_and_read(h);
    struct err e;

    assert_true(fresh(h, &file, &e));
    h->vms[3].power = POWER_RUNNING;
    h->gpus[1].count = NUM(2);
    h->nodes[1].boot_ms = 99000;
    h->vms[0].stamp_ms = 5;
    assert_true(fresh(h, &file, &e));
}

static void what_moved_is_named(void **state)
{
    struct plan_hand *h = *state;
    struct plan_file file = written_and_read(h);
    struct vm vm = h->vms[0];
    struct err e = {0};

    h->vms[0].power = POWER_OFF;
    assert_false(fresh(h, &file, &e));
    assert_int_equal(e.kind, ERR_STALE);
    assert_string_equal(e.text, "vm/vdi-1 power: planned with running, now stopped");
    h->vms[0] = vm;
    h->vms[0].node = 1;
    assert_false(fresh(h, &file, &e));
    h->vms[0] = vm;
    h->gpus[0].count = NUM(8);
    assert_false(fresh(h, &file, &e));
    assert_non_null(strstr(e.text, "gpu/hv-1/gpu0 partitions: planned with 16, now 8"));
    h->gpus[0].count = NUM(16);
    h->nodes[0].boot_ms = 2000;
    assert_false(fresh(h, &file, &e));
    assert_non_null(strstr(e.text, "node/hv-1 boot:"));
    h->nodes[0].boot_ms = 1000;
    /* somebody else's adapter on that node could land on the GPU */
    h->adapters[1] = (struct adapter){.id = "a-2"};
    h->vms[2].adapters = &h->adapters[1];
    h->vms[2].adapter_count = 1;
    assert_false(fresh(h, &file, &e));
    assert_non_null(strstr(e.text, "node/hv-1 adapters:"));
    h->vms[2].adapter_count = 0;
    h->have.identity = "sim:other";
    assert_false(fresh(h, &file, &e));
    assert_non_null(strstr(e.text, "the plan is for"));
}

static void binding_follows_the_world(void **state)
{
    struct plan_hand *h = *state;
    struct plan_file file = written_and_read(h);
    struct vm first = h->vms[0];

    h->vms[0] = h->vms[2]; /* another order than when the plan was made */
    h->vms[2] = first;
    plan_bind(&file, &h->have);
    assert_int_equal(file.plan.groups[0].interrupts[0], 2);
    assert_int_equal(file.plan.groups[0].node, 0);
    assert_int_equal(file.plan.groups[2].node, 1);
}

static void the_schema_names_every_key(void **state)
{
    struct plan_hand *h = *state;
    const char *schema = plan_schema(&h->arena);
    const char *text = plan_write(&h->arena, &h->plan, &h->have, &origin);

    /* every key of a document is a property of the schema */
    for (const char *s = text; (s = strchr(s, '"')); s++) {
        const char *end = strchr(s + 1, '"');
        char key[80];

        if (end[1] == ':' && (size_t)(end - s) < sizeof key - 2) {
            memcpy(key, s, (size_t)(end - s) + 1);
            key[end - s + 1] = '\0';
            if (!strstr(schema, key))
                fail_msg("the schema lacks %s", key);
        }
        s = end;
    }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(there_and_back_is_the_same),
        TEST(the_estate_is_in_the_file),
        TEST(a_file_says_what_every_look_can),
        TEST(an_estate_that_makes_no_sense_is_refused),
        TEST(only_what_runs_is_relied_on),
        TEST(one_changed_byte_is_refused),
        TEST(layout_does_not_matter),
        TEST(cut_files_are_refused),
        TEST(unknown_and_missing_keys_are_named),
        TEST(a_change_elsewhere_does_not_matter),
        TEST(what_moved_is_named),
        TEST(binding_follows_the_world),
        TEST(the_schema_names_every_key),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
