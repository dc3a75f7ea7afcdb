/*
 * The World document as one table: reader, writer and schema walk it, and
 * specs/world.md is checked against it.
 *
 * A row is a C struct that stands for one map of the document.  `at` is the
 * place of a field in it.  Numbers that were not said carry a mark (NOT_SAID)
 * until the reader fills in what the platform would have there.
 */
#ifndef CODEC_WORLD_TABLE_H
#define CODEC_WORLD_TABLE_H

#include "base/span.h"
#include "sim/world.h"

#include <stddef.h>

enum field_kind {
    FIELD_TEXT,     /* const char *; null and `unknown` are NULL */
    FIELD_NAME,     /* const char *; never empty */
    FIELD_PCI,      /* const char *: "10de:25b6" */
    FIELD_NUM,      /* struct num */
    FIELD_BIG,      /* struct num that can reach 2^64-1: a decimal string in JSON */
    FIELD_SIZE,     /* struct num, bytes */
    FIELD_MIB,      /* struct num, MiB in C and a size in the document */
    FIELD_U16,      /* uint16_t, from 1 */
    FIELD_U32,      /* uint32_t */
    FIELD_U64,      /* uint64_t */
    FIELD_BOOL,     /* bool */
    FIELD_TRI,      /* enum tri */
    FIELD_WORD,     /* int: index into `words` */
    FIELD_TIME,     /* int64_t ms; unknown: WHEN_NONE */
    FIELD_DURATION, /* int64_t ms */
    FIELD_DAY,      /* const char *: "2026-02-11", or less of it */
    FIELD_TEXTS,    /* const char **, count at `count_at` */
    FIELD_COUNTS,   /* uint16_t *, count at `count_at` */
    FIELD_VALUES,   /* uint64_t[3] */
    FIELD_VERB,     /* int: enum verb, or FAULT_ON_* */
    FIELD_MAP,  /* a map of its own in the same row, from `at`; bool at `count_at`: it was there */
    FIELD_ROWS, /* a list of maps: pointer at `at`, count at `count_at` */
    FIELD_LATER /* said to be not supported yet */
};

enum field_flag {
    QUIET = 1,      /* not written when it has the value of the blank row */
    INPUT_ONLY = 2, /* another spelling: read, never written */
    REQUIRED = 4
};

struct field {
    const char *name;
    enum field_kind kind;
    unsigned flags;
    size_t at, count_at;
    const char *const *words;
    const struct table *sub;
    const char *fallback; /* what it is when it is left out, for people */
    const char *about;    /* for people */
};

struct reading;

struct table {
    const char *what; /* names a row in findings */
    size_t size;
    const void *blank;
    const struct field *fields;
    size_t count;
    bool placed; /* the row begins with its struct span */
    /* After a row of a list was read.  True: taken over, the list does not keep it. */
    bool (*done)(struct reading *r, void *row);
};

#define NOT_SAID      ((struct num){1, false})
#define NOT_SAID_TEXT "" /* a text that was not said, where NULL means none */
#define NOT_SAID_TIME (INT64_MIN + 1)
#define NOT_SAID_WORD (-1)
#define SAID(n)       ((n).known || (n).value != 1)

struct gpu_row {
    struct span at;
    struct gpu gpu;
    uint32_t node;
    const char *card, *instance, *location, *class;
    int state;
    int complete; /* enum tri */
};

struct node_row {
    struct span at;
    struct node node;
    struct sim_rights rights;
    int state; /* enum node_state, or NODE_HANGS */
    int answered;
    const char **pools;
    size_t pool_count;
    struct gpu_row *gpus, *devices;
    size_t gpu_count, device_count;
};
enum { NODE_HANGS = NODE_SILENT + 1 };

struct card_row {
    struct span at;
    struct card card;
    const char *class;
    struct card_count *counts;
    size_t count_count;
};

/* What the cluster has while it is stale. */
struct copy_row {
    bool said;
    struct adapter *adapters;
    size_t adapter_count;
    struct request *requests;
    size_t request_count;
    struct vm_settings settings;
};

struct vm_row {
    struct span at;
    struct vm vm;
    struct sim_vm sim;
    const char *node, *home;
    const char **devices;
    size_t device_count;
    int clustered, hidden, vm_resource, config_resource; /* enums; NOT_SAID_WORD */
    struct copy_row copy;
};

struct job_row {
    struct span at;
    struct job job;
    struct limits limits;
};

struct fault_row {
    struct span at;
    struct fault fault;
    struct num answer, deny;
    int64_t late;
    bool hang, lie, die;
};

struct spec_row {
    int64_t now;
    uint32_t speed;
    bool synthetic, checkpoints_need_off;
    const char *identity, *arbiter, *cluster, *host;
    bool has_cluster;
    const char *owner_store, *owner_host;
    int64_t owner_since;
    uint64_t owner_epoch;
    struct sim_timing timing;
    struct card_row *cards;
    size_t card_count;
    struct node_row *nodes;
    size_t node_count;
    struct vm_row vm_defaults;
    struct vm_row *vms; /* of the writer; the reader takes each over at once */
    size_t vm_count;
    struct job_row *jobs;
    size_t job_count;
    struct fault_row *faults;
    size_t fault_count;
};

extern const struct table spec_table, card_table, node_table, gpu_table, device_table, vm_table,
    adapter_table, request_table, job_table, fault_table;

extern const struct spec_row blank_spec;
extern const struct card_row blank_card;
extern const struct node_row blank_node;
extern const struct gpu_row blank_gpu, blank_device;
extern const struct vm_row blank_vm;
extern const struct adapter blank_adapter;
extern const struct request blank_request;
extern const struct job_row blank_job;
extern const struct fault_row blank_fault;

extern const char *const node_words[], *const guest_words[], *const phase_words[];

/* "gpu-set-count", "observe", "any"; VERB_NONE: no verb has this name. */
int world_verb(const char *word);
const char *world_verb_word(struct arena *a, int verb);

/* world_rows.c: what happens to a row when it is whole. */
bool card_done(struct reading *r, void *row);
bool node_done(struct reading *r, void *row);
bool gpu_done(struct reading *r, void *row);
bool adapter_done(struct reading *r, void *row);
bool request_done(struct reading *r, void *row);
bool vm_done(struct reading *r, void *row);
bool job_done(struct reading *r, void *row);
bool fault_done(struct reading *r, void *row);

#endif
