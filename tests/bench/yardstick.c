/*
 * The yardstick F of planning: process start and a bare libyaml event parse,
 * on one thread, of every file given.  Prints bytes, events and seconds from
 * the start of the process; what a plan costs is said as a multiple of it.
 *
 *   yardstick FILE...       parses, prints F
 *   yardstick -w FILE...    the same files through codec/doc.h, every value read
 */
#include "codec/doc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yaml.h>

struct sum {
    size_t bytes, events, held;
};

static double seconds(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static char *slurp(const char *file, size_t *size)
{
    size_t room = 1 << 20, n = 0, got;
    char *data = malloc(room);
    FILE *f = fopen(file, "rb");

    if (!f || !data) {
        perror(file);
        exit(1);
    }
    while ((got = fread(data + n, 1, room - n, f)) > 0) {
        n += got;
        if (n == room)
            data = realloc(data, room *= 2);
        if (!data)
            abort();
    }
    fclose(f);
    *size = n;
    return data;
}

static bool bare(const char *text, size_t size, struct sum *sum)
{
    yaml_parser_t p;
    yaml_event_t e;
    bool more = true, ok = true;

    if (!yaml_parser_initialize(&p))
        abort();
    yaml_parser_set_input_string(&p, (const unsigned char *)text, size);
    while (more && (ok = yaml_parser_parse(&p, &e))) {
        more = e.type != YAML_STREAM_END_EVENT;
        sum->events++;
        yaml_event_delete(&e);
    }
    yaml_parser_delete(&p);
    return ok;
}

/* Bounded by LIMIT_DOC_DEPTH. */
static void walk(struct doc *d, struct sum *sum)
{
    struct doc_scalar s;

    sum->events++;
    switch (doc_peek(d, NULL)) {
    case DOC_MAP:
        if (doc_map(d, "value"))
            while (doc_key(d, &s))
                walk(d, sum);
        break;
    case DOC_LIST:
        if (doc_list(d, "value"))
            while (doc_item(d))
                walk(d, sum);
        break;
    case DOC_SCALAR:
        doc_scalar(d, "value", &s);
        break;
    case DOC_NONE:
        doc_skip(d);
        break;
    }
}

static bool through(const char *file, const char *text, size_t size, struct sum *sum)
{
    struct arena a;
    struct findings found;
    struct doc *d;
    bool ok;

    arena_init(&a, 0);
    findings_init(&found, &a);
    d = doc_open(&a, file, text, size, &found);
    while (doc_next(d))
        walk(d, sum);
    ok = !doc_broken(d);
    doc_close(d);
    sum->held += a.held;
    arena_release(&a);
    return ok;
}

int main(int argc, char **argv)
{
    bool walking = argc > 1 && strcmp(argv[1], "-w") == 0;
    struct sum sum = {0};
    double start = seconds(CLOCK_MONOTONIC);

    if (argc < 2 + walking) {
        fprintf(stderr, "usage: yardstick [-w] FILE...\n");
        return 64;
    }
    for (int i = 1 + walking; i < argc; i++) {
        size_t size;
        char *text = slurp(argv[i], &size);

        if (walking ? !through(argv[i], text, size, &sum) : !bare(text, size, &sum)) {
            fprintf(stderr, "%s: not YAML\n", argv[i]);
            return 65;
        }
        sum.bytes += size;
        free(text);
    }
    /* CPU time of the process counts what happened before main as well. */
    printf("bytes %zu events %zu seconds %.6f cpu %.6f arena %zu\n", sum.bytes, sum.events,
           seconds(CLOCK_MONOTONIC) - start, seconds(CLOCK_PROCESS_CPUTIME_ID), sum.held);
    return 0;
}
