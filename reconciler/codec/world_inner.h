/* What the files of the World reader and writer share. */
#ifndef CODEC_WORLD_INNER_H
#define CODEC_WORLD_INNER_H

#include "base/str.h"
#include "codec/doc.h"
#include "codec/world.h"
#include "codec/world_table.h"

/*
 * VMs on their way into the world.  The first chunk has room for as many as
 * the text is likely to hold: then its arrays become the world's.  What does
 * not fit comes into more chunks, each with memory of its own that is given
 * back as its rows are gathered, so that no cluster is in memory twice.
 */
struct vm_chunk {
    struct vm_chunk *next;
    struct arena rows;
    struct vm *vms;
    struct sim_vm *sims;
    size_t count, room;
};

/* Where a key was found: keys that repeat are one text (codec/doc.c). */
struct known_key {
    const struct table *table;
    const char *key;
    const struct field *field;
};
enum { KNOWN_KEYS = 128 };

/* A reader at work. */
struct reading {
    struct arena *arena;
    struct arena scratch; /* for what is gone when the world is read */
    struct doc *doc;
    struct findings *found; /* its arena outlives a world that cannot be read */
    struct world *world;
    const struct facts *facts; /* the known cards */
    struct spec_row spec;
    const char *name; /* metadata.name */
    size_t size;      /* of the text */
    struct known_key known[KNOWN_KEYS];
    bool nodes_read;
    bool late;     /* `vms` came before what it needs: read it in a second pass */
    bool only_vms; /* that second pass */
    struct map vm_ids;
    struct vm_chunk *chunks, *last_chunk;
    uint32_t last_node; /* of the last VM: the next one is often there too */
};

/* A kind of document: its `spec` is read into `row`, by `table`. */
struct doc_form {
    const char *kind, *what; /* "World", "a world" */
    const char *next;        /* when it is of another kind */
    const struct table *table;
    void *row;
};
/* world_read.c: the next document, from its first key on. */
void world_read_form(struct reading *r, const struct doc_form *form);
/* world_finish.c: what needs the whole document. */
void world_finish(struct reading *r);
/* world_rows.c */
void world_drop_chunks(struct reading *r);
void world_make_gpu(struct reading *r, struct gpu_row *row, uint32_t node, size_t place);
/* Do adapters of a VM in this state hold something? */
bool world_holds(enum vm_power power);
/* The role as it is when nothing is said. */
void world_role_defaults(struct vm_row *row, bool cluster);

#endif
