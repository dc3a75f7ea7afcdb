/* The owner record: written, read back, looked at before each effect, given back (decision 051). */
#include "tests/unit/hyperv_scene.h"

static struct scene s;
static bool alone;

static int set_up(void **state)
{
    (void)state;
    s = (struct scene){.fake.standalone = alone};
    fake_open(&s.fake, &s.eye);
    if (!alone)
        cluster_rows(&s);
    vm_rows(&s);
    host_rows(&s);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    scene_close(&s);
    return 0;
}

static bool claim(const char *store, uint64_t epoch, bool take_over)
{
    const struct owner owner = {store, "me", 1763640000000, epoch};

    s.e = (struct err){.kind = ERR_NONE};
    s.hand = NULL;
    return hv_claim(s.eye, &owner, take_over, &s.hand, &s.e);
}

static void no_claim(const char *store, enum err_kind kind, const char *part)
{
    assert_false(claim(store, 9, false));
    if (s.e.kind != kind || !strstr(s.e.text, part))
        fail_msg("%d %s", (int)s.e.kind, s.e.text);
    s.hand = NULL;
}

static bool count_is_set(void)
{
    const struct action a = {VERB_GPU_COUNT, .subject = "PCI\\VEN_10DE\\4&2", .value = {4}};
    bool ok;
    const char *said = done(&s, &a, &ok);

    assert_int_equal(strstr(said, "put ") != NULL, ok);
    return ok;
}

static void it_is_written_and_given_back(void **state)
{
    (void)state;
    assert_true(claim("store", 3, false));
    assert_string_equal(s.fake.owner, "hvgpu1 store me 2025-11-20T12:00:00Z 3");
    assert_true(count_is_set());
    s.hand->ops->release(s.hand);
    assert_null(s.fake.owner);
    assert_true(claim("store", 4, false));
}

static void another_store_has_it(void **state)
{
    (void)state;
    s.fake.owner = "hvgpu1 other there 2026-11-20T12:00:00Z 8";
    no_claim("store", ERR_LOCKED, "belongs to the store other on there since");
    assert_string_equal(s.fake.owner, "hvgpu1 other there 2026-11-20T12:00:00Z 8");
    assert_true(claim("store", 9, true));
    assert_true(count_is_set());
}

static void a_record_of_another_form(void **state)
{
    (void)state;
    s.fake.owner = "hvgpu9 somebody";
    no_claim("store", ERR_LOCKED, "none that this version reads");
    assert_true(claim("store", 9, true));
}

static void our_own_of_an_earlier_run(void **state)
{
    (void)state;
    s.fake.owner = "hvgpu1 store me 2026-11-20T12:00:00Z 2";
    assert_true(claim("store", 3, false));
}

/* Two write at once: what stands there afterwards decides. */
static void it_is_read_back(void **state)
{
    (void)state;
    s.fake.owner_next = "hvgpu1 other there 2026-11-20T12:00:00Z 8";
    no_claim("store", ERR_LOCKED, "no longer ours: other on there took it over");
    assert_non_null(s.fake.owner);
}

static void lost_in_the_middle(void **state)
{
    static const char *const now[] = {NULL, "hvgpu1 other there 2026-11-20T12:00:00Z 8",
                                      "hvgpu1 store me 2026-11-20T12:00:00Z 4", "what"};

    (void)state;
    assert_true(claim("store", 3, false));
    for (size_t i = 0; i < 4; i++) {
        s.fake.owner = now[i];
        assert_false(count_is_set());
        assert_int_equal(s.e.kind, ERR_LOCKED);
    }
    s.hand->ops->release(s.hand);
    s.hand = NULL;
    assert_string_equal(s.fake.owner, "what"); /* another's record stays */
}

static void one_hand_at_a_time(void **state)
{
    struct hand *first;

    (void)state;
    assert_true(claim("store", 3, false));
    first = s.hand;
    no_claim("store", ERR_LOCKED, "this process has claimed the world already");
    s.hand = first;
}

static void who_writes_cannot_be_read(void **state)
{
    (void)state;
    s.fake.owner_hidden = true;
    no_claim("store", ERR_UNSUPPORTED, "cannot be read");
    assert_null(strstr(fake_said(&s.fake), "call "));
}

static void the_registry_cannot_be_read(void **state)
{
    (void)state;
    fake_answer(&s.fake, CIM_StdRegProv_GetStringValue, 5);
    no_claim("store", ERR_DENIED, "cannot be read");
    assert_null(strstr(fake_said(&s.fake), "call "));
}

static void it_cannot_be_written(void **state)
{
    struct fake_answer *x;

    (void)state;
    x = fake_answer(&s.fake,
                    alone ? CIM_StdRegProv_CreateKey : CIM_MSCluster_Cluster_ExecuteClusterControl,
                    0x80041003LL);
    x->native = true;
    no_claim("store", ERR_DENIED, "cannot be written, so nothing is");
    assert_null(s.fake.owner);
}

#define EACH(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest both[] = {
        EACH(it_is_written_and_given_back),
        EACH(another_store_has_it),
        EACH(a_record_of_another_form),
        EACH(our_own_of_an_earlier_run),
        EACH(it_is_read_back),
        EACH(lost_in_the_middle),
        EACH(one_hand_at_a_time),
        EACH(it_cannot_be_written),
    };
    const struct CMUnitTest cluster[] = {EACH(who_writes_cannot_be_read)};
    const struct CMUnitTest host[] = {EACH(the_registry_cannot_be_read)};
    int failed = cmocka_run_group_tests_name("on a cluster", both, NULL, NULL) +
                 cmocka_run_group_tests_name("of a cluster alone", cluster, NULL, NULL);

    alone = true;
    return failed + cmocka_run_group_tests_name("on a host", both, NULL, NULL) +
           cmocka_run_group_tests_name("of a host alone", host, NULL, NULL);
}
