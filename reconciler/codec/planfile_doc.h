/* The plan document as its writer and reader share it, and what an approval has of it. */
#ifndef CODEC_PLANFILE_DOC_H
#define CODEC_PLANFILE_DOC_H

#include "codec/planfile.h"
#include "codec/shape.h"

struct doc_step {
    const char *id; /* "g1.s3" */
    uint32_t member;
    uint32_t *needs;
    size_t need_count;
    struct action action;
    struct limits limits; /* of an ADAPTER_LIMITS; all unknown otherwise */
    const char *name, *text, *before, *after, *undo, *why;
};

struct doc_vm {
    const char *id, *name;
};

struct doc_group {
    const char *id, *node; /* node NULL: several */
    enum gate gate;
    enum reason reason;
    const char *why, *release, *input;
    uint32_t *needs;
    size_t need_count;
    int64_t off_at_most_ms, open_until_ms;
    uint32_t removals;
    uint32_t *asks;
    size_t ask_count;
    bool approvable, unapproved;
    struct doc_vm *interrupts;
    size_t interrupt_count;
    struct member *members;
    size_t member_count;
    struct doc_step *steps;
    size_t step_count;
};

struct doc_change {
    const char *subject, *name;
    enum subject_kind kind;
    enum field field;
    enum grade grade;
    bool needs_off, gains, loses, at_next_stop;
    const char *have, *want, *rule;
    struct span at;
    uint32_t group;
    enum gate gate;
    enum reason reason;
    enum cause cause;
};

struct doc_problem {
    const char *subject;
    enum subject_kind kind;
    enum reason reason;
    const char *class, *rule; /* of the reason, for readers that do not have the table */
    struct span at;
    const char *text, *release;
    enum cause cause;
};

/* What is said and drawn of a GPU: its size now, and what a like one reports. */
struct doc_gpu {
    const char *subject; /* "gpu/NODE/gpuN" */
    uint32_t node;       /* index into the document's nodes */
    const char *path, *location;
    const char *model, *pci, *subsystem, *pool;
    enum gpu_state state;
    bool is_gpu;
    struct num count, size;
};

struct plan_doc {
    const char *api, *kind, *id, *digest;
    size_t format;
    struct plan_head head;
    struct plan_origin origin;
    const char *observation;
    struct read_object *reads;
    size_t read_count;
    /* what was where (decision 084) */
    struct node *nodes;
    size_t node_count;
    struct doc_gpu *gpus;
    size_t gpu_count;
    struct vm *vms;
    size_t vm_count;
    struct plan_leaving *leaving;
    size_t leaving_count;
    struct debt *debts;
    size_t debt_count;
    struct doc_group *groups;
    size_t group_count;
    struct doc_change *changes;
    size_t change_count;
    struct doc_problem *problems;
    size_t problem_count;
    struct plan_aside *asides;
    size_t aside_count;
    struct pause *pauses;
    size_t pause_count;
    struct plan_rollout rollout;
    struct capacity capacity;
    struct plan_totals totals;
    struct policy policy;
    struct override override;
    struct approved *approved;
    size_t approved_count;
    struct plan_base base;
};

extern const struct shape plan_shape, action_shape, limits_shape;

/* planfile_estate.c: who was where, so that a plan can be drawn on any machine. */
void estate_of_state(struct arena *a, const struct plan *plan, const struct state *have,
                     struct plan_doc *doc);
bool estate_makes_sense(struct arena *a, const struct plan_doc *doc);
/* Only what the document holds; everything else of a state is unknown. */
void state_of_estate(struct arena *a, const struct plan_doc *doc, struct state *out);

#endif
