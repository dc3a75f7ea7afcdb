#include "cim/mask.h"

#include "base/str.h"
#include "cim/contract.h"

#include <stdlib.h>

struct masked {
    const char *name, *word;
};

struct mask {
    struct arena *arena;
    struct masked *rows;
    size_t count, room;
    struct map known;
    size_t numbers[4];
};

/* Which property of which class is somebody's name. */
static const struct {
    const char *class_name, *property;
    enum { NAME_HOST, NAME_VM, NAME_CLUSTER, NAME_OTHER } kind;
} names[] = {
    {"MSCluster_Node", "Name", NAME_HOST},
    {"Win32_OperatingSystem", "CSName", NAME_HOST},
    {"MSCluster_Cluster", "Name", NAME_CLUSTER},
    {"MSCluster_ResourceGroup", "Name", NAME_VM},
    {"Msvm_ComputerSystem", "ElementName", NAME_VM},
    {"Msvm_VirtualSystemSettingData", "ElementName", NAME_VM},
    {"Msvm_ResourcePool", "PoolID", NAME_OTHER},
};
static const char *const words[] = {"host", "vm", "cluster", "pool"};

struct mask *mask_new(struct arena *a)
{
    struct mask *m = arena_new(a, struct mask);

    m->arena = a;
    map_init(&m->known, a, 64, true);
    return m;
}

/* A VM called "Name" stays: the word stands in every path, and tells nothing. */
static bool is_of_the_contract(const char *name)
{
    static const char *const keys[] = {
        "host",       "space", "request",    "rows",    "object",        "schema",     "error",
        "class",      "path",  "properties", "kind",    "code",          "text",       "methods",
        "parameters", "spec",  "calls",      "now",     "metadata",      "apiVersion", "query",
        "get",        "ask",   "put",        "invoke",  "connect",       "SELECT",     "FROM",
        "WHERE",      "LIKE",  "Virtual",    "Machine", "Configuration", "Microsoft",  "root"};

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (str_same(keys[i], name))
            return true;
    for (unsigned c = 0; c < CIM_CLASS_NONE; c++)
        if (str_same(cim_class_row(c)->name, name) || cim_property_row(c, name))
            return true;
    for (unsigned i = 0; i < CIM_METHOD_NONE; i++)
        if (str_same(cim_method_row(i)->name, name) || cim_parameter_row(i, name))
            return true;
    for (size_t i = 0; cim_type_words[i]; i++)
        if (str_same(cim_type_words[i], name))
            return true;
    return false;
}

static bool is_new(const struct mask *m, const char *name)
{
    enum { SHORTEST = 3 }; /* what is shorter stands in too many other words */

    return name && strlen(name) >= SHORTEST && map_get(&m->known, name) == MAP_NONE &&
           !is_of_the_contract(name);
}

static void put(struct mask *m, const char *name, const char *word)
{
    name = arena_strdup(m->arena, name);
    map_put(&m->known, name, (uint32_t)m->count);
    *arena_push(m->arena, m->rows, m->count, m->room) = (struct masked){name, word};
}

static void add(struct mask *m, unsigned kind, const char *name)
{
    if (is_new(m, name))
        put(m, name, arena_printf(m->arena, "%s-%zu", words[kind], ++m->numbers[kind]));
}

void mask_here(struct mask *m, const char *name)
{
    if (is_new(m, name))
        put(m, name, "host-here");
}

void mask_host(struct mask *m, const char *name)
{
    add(m, NAME_HOST, name);
}

void mask_object(struct mask *m, const struct cim_object *o)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_same(o->class_name, names[i].class_name))
            add(m, names[i].kind, cim_text(o, names[i].property));
}

static int longer_first(const void *x, const void *y)
{
    const struct masked *a = x, *b = y;
    size_t n = strlen(a->name), k = strlen(b->name);

    return n != k ? (n < k) - (n > k) : str_cmp(a->name, b->name);
}

static bool in_word(char c)
{
    return (c >= '0' && c <= '9') || (str_lower(c) >= 'a' && str_lower(c) <= 'z') || (c & 0x80);
}

/* The whole name, and not a part of a longer one. */
static bool stands_here(const char *text, const char *at, const char *name)
{
    return str_starts_fold(at, name) && (at == text || !in_word(at[-1])) &&
           !in_word(at[strlen(name)]);
}

/* The rows that begin with a byte stand together in a list of that byte. */
const char *mask_text(struct mask *m, struct arena *a, const char *text)
{
    struct masked *rows = arena_array(a, struct masked, m->count + 1);
    size_t *next = arena_array(a, size_t, m->count + 1), first[256] = {0};
    struct text t;

    if (m->count)
        memcpy(rows, m->rows, m->count * sizeof *rows);
    qsort(rows, m->count, sizeof *rows, longer_first);
    for (size_t i = m->count; i--;) {
        unsigned char c = (unsigned char)str_lower(rows[i].name[0]);

        next[i] = first[c];
        first[c] = i + 1;
    }
    text_init(&t, a);
    for (const char *at = text, *from = text;; at++) {
        size_t i = first[(unsigned char)str_lower(*at)];

        while (*at && i && !stands_here(text, at, rows[i - 1].name))
            i = next[i - 1];
        if (*at && !i)
            continue;
        text_add_n(&t, from, (size_t)(at - from));
        if (!*at)
            break;
        text_add(&t, rows[i - 1].word);
        at += strlen(rows[i - 1].name) - 1;
        from = at + 1;
    }
    return text_done(&t);
}
