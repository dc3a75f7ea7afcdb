/* Who sits where, now and afterwards; what is large is folded, and nobody gets lost. */
#include "codec/planfile.h"
#include "plan_hand.h"
#include "report/html.h"
#include "report/scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct image_adapter kept = {.id = "a-1"}, fresh = {.id = NULL};

/* vdi-1 keeps its partition around a count change, vdi-2 gains one and starts (held), cad is
 * blocked. */
static int setup(void **state)
{
    static struct plan_hand hand;

    plan_hand_init(&hand);
    hand.members[1].target.adapters = &kept;
    hand.members[1].target.adapter_count = 1;
    hand.members[2].target.adapters = &fresh;
    hand.members[2].target.adapter_count = 1;
    hand.members[2].run_after = true;
    *state = &hand;
    return 0;
}

static int teardown(void **state)
{
    arena_release(&((struct plan_hand *)*state)->arena);
    return 0;
}

static const struct scene_box *box_of(const struct scene *s, const char *node)
{
    for (size_t i = 0; i < s->box_count; i++)
        for (size_t k = 0; k < s->boxes[i].count; k++)
            if (str_eq(s->boxes[i].nodes[k], node))
                return &s->boxes[i];
    fail_msg("no box of %s", node);
    return NULL;
}

static const struct scene_cell *cell_of(const struct scene_cells *cells, const char *name)
{
    for (size_t i = 0; i < cells->count; i++)
        for (size_t k = 0; k < cells->rows[i].count; k++)
            if (str_eq(cells->rows[i].names[k], name))
                return &cells->rows[i];
    return NULL;
}

static void now_and_afterwards(void **state)
{
    struct plan_hand *h = *state;
    const struct scene_cell *cell;
    const struct scene_row *row;
    struct scene s;

    scene_of(&h->arena, &h->plan, NULL, &h->have, &s);
    assert_int_equal(s.box_count, 2);
    assert_int_equal(s.changed_nodes, 1);
    row = &box_of(&s, "hv-1")->rows[0];
    assert_int_equal(row->sign, '~');
    assert_int_equal(row->now.all, 16);
    assert_int_equal(row->after.all, 4);
    assert_int_equal(row->after.size.value, 3648 * MIB); /* a like GPU tells it (C5) */
    cell = cell_of(&row->now.cells, "vdi-1");
    assert_true(cell->stops && !cell->sign);
    cell = cell_of(&row->after.cells, "vdi-1");
    assert_true(!cell->stops && !cell->sign);
    assert_null(cell_of(&row->now.cells, "vdi-2"));
    cell = cell_of(&row->after.cells, "vdi-2");
    assert_true(cell->sign == '+' && cell->held);
}

/* What is blocked stays as it is, on both sides, and makes no change of its node. */
static void what_is_blocked_stays(void **state)
{
    struct plan_hand *h = *state;
    const struct scene_box *box;
    struct scene s;

    h->members[3].target.adapters = &fresh;
    h->members[3].target.adapter_count = 1;
    scene_of(&h->arena, &h->plan, NULL, &h->have, &s);
    box = box_of(&s, "hv-2");
    assert_int_equal(box->rows[0].after.cells.taken, 0);
    assert_false(box->changes);
    assert_int_equal(cell_of(&box->now, "cad")->sign, 'x');
    assert_int_equal(cell_of(&box->after, "cad")->sign, 'x');
    assert_false(box->lands);
}

/* C10: with two GPUs nobody knows where vdi-2 starts, nor where vdi-1 comes back. */
static void the_host_chooses(void **state)
{
    struct plan_hand *h = *state;
    struct gpu gpus[3] = {h->gpus[0], h->gpus[0], h->gpus[1]};
    const struct scene_box *box;
    struct scene s;

    gpus[1].path = "PCI\\OTHER";
    gpus[1].ordinal = 1;
    h->have.gpus = gpus;
    h->have.gpu_count = 3;
    scene_of(&h->arena, &h->plan, NULL, &h->have, &s);
    box = box_of(&s, "hv-1");
    assert_true(box->lands);
    assert_int_equal(cell_of(&box->after, "vdi-2")->sign, '+');
    assert_non_null(cell_of(&box->after, "vdi-1"));
    assert_int_equal(box->rows[0].after.cells.taken + box->rows[1].after.cells.taken, 0);
    /* a pin says it */
    fresh.pin = "PCI\\OTHER";
    scene_of(&h->arena, &h->plan, NULL, &h->have, &s);
    fresh.pin = NULL;
    assert_int_equal(cell_of(&box_of(&s, "hv-1")->rows[1].after.cells, "vdi-2")->sign, '+');
}

/* An adapter of a VM that stays off is on no GPU, and takes nothing from anybody. */
static void who_stays_off_is_on_none(void **state)
{
    struct plan_hand *h = *state;
    const struct scene_box *box;
    struct scene s;

    h->members[2].run_after = false;
    scene_of(&h->arena, &h->plan, NULL, &h->have, &s);
    box = box_of(&s, "hv-1");
    assert_null(cell_of(&box->rows[0].after.cells, "vdi-2"));
    assert_int_equal(cell_of(&box->after, "vdi-2")->sign, '+');
    assert_true(cell_of(&box->after, "vdi-2")->off);
    assert_false(box->lands);
    /* V9: neither does one that is off until an event is over */
    h->members[1].waits = "swap";
    h->members[1].target.adapters = &fresh;
    scene_of(&h->arena, &h->plan, NULL, &h->have, &s);
    assert_true(cell_of(&box_of(&s, "hv-1")->after, "vdi-1")->off);
}

/* Where one ran before its VM was turned off is not where it is: WMI does not tell it, either. */
static void what_is_off_sits_nowhere(void **state)
{
    struct plan_hand *h = *state;
    const struct scene_box *box;
    struct scene s;

    scene_of(&h->arena, NULL, NULL, &h->have, &s);
    assert_non_null(cell_of(&box_of(&s, "hv-1")->rows[0].now.cells, "vdi-1"));
    h->vms[0].power = POWER_OFF;
    scene_of(&h->arena, NULL, NULL, &h->have, &s);
    box = box_of(&s, "hv-1");
    assert_null(cell_of(&box->rows[0].now.cells, "vdi-1"));
    assert_true(cell_of(&box->now, "vdi-1")->off);
    h->vms[0].hidden = true; /* S8: its power is not known */
    scene_of(&h->arena, NULL, NULL, &h->have, &s);
    assert_false(cell_of(&box_of(&s, "hv-1")->now, "vdi-1")->off);
    h->nodes[0].answered = false; /* M4 */
    scene_of(&h->arena, NULL, NULL, &h->have, &s);
    assert_string_equal(box_of(&s, "hv-1")->word, "silent");
}

/* Several groups can be about one VM: what they come to together counts. */
static void two_groups_about_one_vm(void **state)
{
    struct plan_hand *h = *state;
    struct scene s;

    h->members[2].target.fields = IMAGE_NODE;
    h->members[2].target.node = "hv-2";
    h->members[3].id = "id-1";
    h->members[3].node = "hv-1";
    h->members[3].name = "vdi-2";
    h->members[3].target.adapters = &fresh;
    h->members[3].target.adapter_count = 1;
    h->groups[2].gate = GATE_HELD;
    scene_of(&h->arena, &h->plan, NULL, &h->have, &s);
    assert_int_equal(cell_of(&box_of(&s, "hv-2")->rows[0].after.cells, "vdi-2")->sign, '+');
}

/* V9: the GPU that goes, with its date. */
static void what_leaves_is_said(void **state)
{
    struct plan_hand *h = *state;
    const char *gpus[] = {"hv-2/gpu0  NVIDIA A2  PCIROOT(16)"};
    struct plan_leaving leaving = {
        .id = "swap", .reason = "CHG1", .by_ms = 1763557200000, .gpus = gpus, .gpu_count = 1};
    struct scene s;

    h->plan.leaving = &leaving;
    h->plan.leaving_count = 1;
    scene_of(&h->arena, &h->plan, NULL, &h->have, &s);
    assert_int_equal(box_of(&s, "hv-2")->rows[0].sign, '~');
    assert_string_equal(s.said[1].names[0], "hv-2/gpu0");
    assert_non_null(strstr(s.said[1].what, "leaves, empty by 2025-11-19 13:00 UTC (CHG1)"));
}

static void who_leaves_and_who_moves(void **state)
{
    struct plan_hand *h = *state;
    const struct scene_row *row;
    struct scene s;

    h->plan.group_count = 1;
    h->plan.change_count = 1;
    h->groups[0].interrupt_count = 0;
    h->members[1].target.adapter_count = 0;
    scene_of(&h->arena, &h->plan, NULL, &h->have, &s);
    row = &box_of(&s, "hv-1")->rows[0];
    assert_int_equal(cell_of(&row->now.cells, "vdi-1")->sign, '-');
    assert_null(cell_of(&row->after.cells, "vdi-1"));
    h->members[1].target.adapter_count = 1;
    h->members[1].target.fields = IMAGE_NODE;
    h->members[1].target.node = "hv-2";
    h->changes[0] =
        plan_hand_change(SUBJECT_VM, 0, "vdi-1", FIELD_VM_NODE, "hv-1", "hv-2", 0, GATE_RUNS);
    scene_of(&h->arena, &h->plan, NULL, &h->have, &s);
    assert_int_equal(cell_of(&box_of(&s, "hv-1")->rows[0].now.cells, "vdi-1")->sign, '>');
    assert_null(cell_of(&box_of(&s, "hv-1")->rows[0].after.cells, "vdi-1"));
    assert_int_equal(cell_of(&box_of(&s, "hv-2")->rows[0].after.cells, "vdi-1")->sign, '>');
}

static void unknown_is_unknown(void **state)
{
    struct plan_hand *h = *state;
    const char *page;

    h->nodes[1].answered = false;
    h->nodes[1].state = NODE_SILENT;
    h->have.gpu_count = 1;
    h->gpus[0].count = NUM_UNKNOWN;
    page = html_drawing(&h->arena, NULL, NULL, &h->have);
    assert_non_null(strstr(page, "No answer: what it holds is unknown."));
    assert_non_null(strstr(page, "partitions: number unknown"));
    assert_non_null(strstr(page, "how many are free is unknown"));
    assert_null(strstr(page, "of 0 free"));
}

/* Decision 084: on the machine of a reviewer it is the same drawing. */
static void a_saved_plan_is_drawn_the_same(void **state)
{
    static const struct plan_origin origin = {"sim", "world.yaml"};
    struct plan_hand *h = *state;
    const char *text = plan_write(&h->arena, &h->plan, &h->have, &origin);
    struct findings found;
    struct plan_file file;

    findings_init(&found, &h->arena);
    assert_true(plan_read(&h->arena, "p.json", text, strlen(text), &file, &found));
    assert_string_equal(html_drawing(&h->arena, &file.plan, NULL, &file.seen),
                        html_drawing(&h->arena, &h->plan, NULL, &h->have));
}

enum { NODES = 16, GPUS = 12, VMS = 512 };

struct desktops {
    struct node nodes[NODES];
    struct gpu gpus[NODES * GPUS];
    struct vm vms[VMS];
    struct adapter adapters[VMS];
    struct state have;
};

static void desktops_fill(struct arena *a, struct desktops *d)
{
    for (uint32_t n = 0; n < NODES; n++) {
        d->nodes[n] = (struct node){
            .name = arena_printf(a, "hv-%02u", n + 1), .state = NODE_UP, .answered = true};
        for (uint32_t g = 0; g < GPUS; g++)
            d->gpus[n * GPUS + g] = (struct gpu){.node = n,
                                                 .ordinal = g,
                                                 .path = arena_printf(a, "PCI\\%u", g),
                                                 .model = "NVIDIA A16",
                                                 .is_gpu = true,
                                                 .state = GPU_PARTITIONED,
                                                 .count = NUM(4)};
    }
    for (uint32_t v = 0; v < VMS; v++) {
        d->adapters[v] = (struct adapter){.id = "a", .seen = d->gpus[v % (NODES * GPUS)].path};
        d->vms[v] = (struct vm){.id = arena_printf(a, "id-%u", v),
                                .name = arena_printf(a, "vdi-%04u", v + 1),
                                .node = v % (NODES * GPUS) / GPUS,
                                .power = POWER_RUNNING,
                                .adapters = &d->adapters[v],
                                .adapter_count = 1};
    }
    d->have = (struct state){.name = "vdi",
                             .nodes = d->nodes,
                             .node_count = NODES,
                             .gpus = d->gpus,
                             .gpu_count = NODES * GPUS,
                             .vms = d->vms,
                             .vm_count = VMS};
}

/* 512 desktops on 192 GPUs: one box, in which each of them is named once. */
static void what_is_alike_is_drawn_once(void **state)
{
    struct plan_hand *h = *state;
    struct desktops *d = arena_new(&h->arena, struct desktops);
    const struct scene_row *row;
    struct scene s;

    desktops_fill(&h->arena, d);
    scene_of(&h->arena, NULL, NULL, &d->have, &s);
    assert_true(s.folded);
    assert_int_equal(s.box_count, 1);
    assert_int_equal(s.boxes[0].count, NODES);
    assert_int_equal(s.boxes[0].row_count, 1);
    row = &s.boxes[0].rows[0];
    assert_int_equal(row->count, NODES * GPUS);
    assert_int_equal(row->now.all, NODES * GPUS * 4);
    assert_int_equal(row->now.cells.taken, VMS);
    assert_int_equal(row->now.cells.count, 1);
    assert_int_equal(row->now.cells.rows[0].count, VMS);
    /* one GPU that is cut otherwise: its node has a box of its own, and a row for it */
    d->gpus[17].count = NUM(16);
    scene_of(&h->arena, NULL, NULL, &d->have, &s);
    assert_int_equal(s.box_count, 2);
    assert_int_equal(box_of(&s, "hv-02")->row_count, 2);
    assert_int_equal(box_of(&s, "hv-01")->count, NODES - 1);
}

static void drift_is_marked(void **state)
{
    struct plan_hand *h = *state;
    struct drift_item items[] = {{.class = DRIFT_HOST_CHANGED,
                                  .counts = true,
                                  .subject = "vm/vdi-1",
                                  .field = "gpu",
                                  .declared = "none",
                                  .now = "1 partition"},
                                 {.class = DRIFT_UNMANAGED, .subject = "vm/cad"}};
    struct drift drift = {.cluster = "vdi", .items = items, .count = 2};
    struct scene s;

    scene_of(&h->arena, NULL, &drift, &h->have, &s);
    assert_int_equal(cell_of(&box_of(&s, "hv-1")->rows[0].now.cells, "vdi-1")->sign, '~');
    assert_string_equal(scene_word(&s, '~'), "drifted");
    assert_int_equal(s.said_count, 1); /* mere advice is not drawn */
    assert_string_equal(s.said[0].what, "gpu none -> 1 partition");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(now_and_afterwards),
        TEST(what_is_blocked_stays),
        TEST(the_host_chooses),
        TEST(who_stays_off_is_on_none),
        TEST(what_is_off_sits_nowhere),
        TEST(two_groups_about_one_vm),
        TEST(what_leaves_is_said),
        TEST(who_leaves_and_who_moves),
        TEST(unknown_is_unknown),
        TEST(a_saved_plan_is_drawn_the_same),
        TEST(what_is_alike_is_drawn_once),
        TEST(drift_is_marked),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
