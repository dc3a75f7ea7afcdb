#include "codec/deltafile.h"

#include "codec/shape.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

enum { DELTA_FORMAT = 1 };

struct delta_doc {
    const char *api, *kind;
    size_t format;
    struct delta delta;
};

static const char *word_question(unsigned i)
{
    static const char *const words[] = {"diff", "covers"};

    return i < COUNT(words) ? words[i] : NULL;
}

static const char *word_sign(unsigned i)
{
    static const char *const words[] = {"more", "less", "other"};

    return i < COUNT(words) ? words[i] : NULL;
}

static const struct shape_field revision_fields[] = {
    {"commit", SHAPE_TEXT, offsetof(struct revision, commit)},
    {"branch", SHAPE_TEXT, offsetof(struct revision, branch)},
    {"dirty", SHAPE_BOOL, offsetof(struct revision, dirty)},
};
static const struct shape revision_shape = {"revision", sizeof(struct revision), revision_fields,
                                            COUNT(revision_fields)};

static const struct shape_field side_fields[] = {
    {"id", SHAPE_TEXT, offsetof(struct delta_side, id)},
    {"digest", SHAPE_TEXT, offsetof(struct delta_side, digest)},
    {"cluster", SHAPE_TEXT, offsetof(struct delta_side, cluster)},
    {"specDigest", SHAPE_TEXT, offsetof(struct delta_side, spec_digest)},
    {"revision", SHAPE_MAP, offsetof(struct delta_side, revision), .shape = &revision_shape},
    {"observed", SHAPE_TIME, offsetof(struct delta_side, observed_ms)},
};
static const struct shape side_shape = {"side", sizeof(struct delta_side), side_fields,
                                        COUNT(side_fields)};

static const struct shape_field head_fields[] = {
    {"what", SHAPE_TEXT, offsetof(struct delta_head, what),
     .text = "world | spec | policy | override | observed"},
    {"one", SHAPE_TEXT, offsetof(struct delta_head, one)},
    {"other", SHAPE_TEXT, offsetof(struct delta_head, other)},
    {"counts", SHAPE_BOOL, offsetof(struct delta_head, counts),
     .text = "false: it is only told, and decides nothing"},
};
static const struct shape head_shape = {"head", sizeof(struct delta_head), head_fields,
                                        COUNT(head_fields)};

static const struct shape_field item_fields[] = {
    {"sign", SHAPE_WORD, offsetof(struct delta_item, sign), .words = word_sign,
     .text = "more: only the second plan has it; less: only the first one"},
    {"kind", SHAPE_TEXT, offsetof(struct delta_item, kind), .text = "of the subject: vm, gpu, .."},
    {"name", SHAPE_TEXT, offsetof(struct delta_item, name)},
    {"what", SHAPE_TEXT, offsetof(struct delta_item, what),
     .text = "a field; off: how long a VM is off; a verb or `step`; or a reason code"},
    {"one", SHAPE_TEXT, offsetof(struct delta_item, one), .text = "null: it is not there"},
    {"other", SHAPE_TEXT, offsetof(struct delta_item, other)},
};
static const struct shape item_shape = {"item", sizeof(struct delta_item), item_fields,
                                        COUNT(item_fields)};

#define DELTA(member) (offsetof(struct delta_doc, delta) + offsetof(struct delta, member))

static const struct shape_field delta_fields[] = {
    {"apiVersion", SHAPE_TEXT, offsetof(struct delta_doc, api), .text = "hvgpu/v1"},
    {"kind", SHAPE_TEXT, offsetof(struct delta_doc, kind), .text = "PlanComparison"},
    {"formatVersion", SHAPE_SIZE, offsetof(struct delta_doc, format), .text = "1"},
    {"question", SHAPE_WORD, DELTA(question), .words = word_question, .text = "diff | covers"},
    {"holds", SHAPE_BOOL, DELTA(holds),
     .text = "diff: they are the same; covers: the second is no more than the first"},
    {"one", SHAPE_MAP, DELTA(one), .shape = &side_shape, .text = "the first plan"},
    {"other", SHAPE_MAP, DELTA(other), .shape = &side_shape, .text = "the second plan"},
    {"heads", SHAPE_MAPS, DELTA(heads), .count = DELTA(head_count), .shape = &head_shape},
    {"items", SHAPE_MAPS, DELTA(items), .count = DELTA(item_count), .shape = &item_shape},
};
static const struct shape delta_shape = {"comparison", sizeof(struct delta_doc), delta_fields,
                                         COUNT(delta_fields)};

const char *delta_write(struct arena *a, const struct delta *delta)
{
    const struct delta_doc doc = {"hvgpu/v1", "PlanComparison", DELTA_FORMAT, *delta};
    struct text t;
    struct json j;

    text_init(&t, a);
    json_init(&j, &t, false);
    shape_write(&j, &delta_shape, &doc);
    text_add(&t, "\n");
    return text_done(&t);
}

const char *delta_schema(struct arena *a)
{
    struct text t;
    struct json j;

    text_init(&t, a);
    json_init(&j, &t, false);
    json_map(&j);
    json_put_text(&j, "$schema", "https://json-schema.org/draft/2020-12/schema");
    json_put_text(&j, "title", "hvgpu comparison of two plans, format 1");
    shape_schema(&j, &delta_shape);
    json_map_end(&j);
    text_add(&t, "\n");
    return text_done(&t);
}
