/* The plan document as its writer and reader share it; nobody else includes it. */
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
};

struct doc_problem {
    const char *subject;
    enum subject_kind kind;
    enum reason reason;
    const char *class, *rule; /* of the reason, for readers that do not have the table */
    struct span at;
    const char *text, *release;
};

/* What a text says of a GPU: its size now, and what a like one reports. */
struct doc_gpu {
    const char *subject; /* "gpu/NODE/gpuN" */
    const char *pci, *subsystem;
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
    struct doc_gpu *gpus;
    size_t gpu_count;
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
    struct capacity capacity;
    struct plan_totals totals;
    struct policy policy;
    struct override override;
};

extern const struct shape plan_shape;

#endif
