/* Open addressing with linear probing; the hash is of the folded key where asked for. */
#include "base/str.h"

#include <string.h>

struct map_slot {
    const char *key;
    uint32_t hash, value;
};

static uint32_t hash_of(const struct map *m, const char *key)
{
    const uint64_t fold =
        m->fold ? 0x2020202020202020u : 0; /* makes A of a, and some signs alike */
    uint64_t h = 0x9e3779b97f4a7c15u, w;
    size_t size = strlen(key);

    for (; size >= sizeof w; key += sizeof w, size -= sizeof w) {
        memcpy(&w, key, sizeof w);
        h = (h ^ (w | fold)) * 0xff51afd7ed558ccdu;
        h ^= h >> 29;
    }
    for (; *key; key++)
        h = (h ^ (unsigned char)(*key | (char)(fold & 0x20))) * 0x100000001b3u;
    h ^= h >> 32;
    h *= 0xd6e8feb86659fd93u;
    return (uint32_t)(h >> 32);
}

static bool same(const struct map *m, const char *a, const char *b)
{
    return m->fold ? str_same(a, b) : strcmp(a, b) == 0;
}

void map_init(struct map *m, struct arena *a, size_t expected, bool fold)
{
    size_t room = 16;

    while (room < expected * 2)
        room *= 2;
    *m = (struct map){.arena = a, .room = room, .fold = fold};
    m->slots = arena_array(a, struct map_slot, room);
}

static struct map_slot *find(const struct map *m, const char *key, uint32_t hash)
{
    size_t i = hash & (m->room - 1);

    while (m->slots[i].key && !(m->slots[i].hash == hash && same(m, m->slots[i].key, key)))
        i = (i + 1) & (m->room - 1);
    return &m->slots[i];
}

static void grow(struct map *m)
{
    struct map bigger;

    map_init(&bigger, m->arena, m->room, m->fold);
    for (size_t i = 0; i < m->room; i++)
        if (m->slots[i].key)
            *find(&bigger, m->slots[i].key, m->slots[i].hash) = m->slots[i];
    bigger.count = m->count;
    *m = bigger;
}

uint32_t map_put(struct map *m, const char *key, uint32_t value)
{
    uint32_t hash = hash_of(m, key);
    struct map_slot *s;

    if (m->count * 2 >= m->room)
        grow(m);
    s = find(m, key, hash);
    if (!s->key) {
        *s = (struct map_slot){key, hash, value};
        m->count++;
    }
    return s->value;
}

uint32_t map_get(const struct map *m, const char *key)
{
    const struct map_slot *s;

    if (!m->room)
        return MAP_NONE;
    s = find(m, key, hash_of(m, key));
    return s->key ? s->value : MAP_NONE;
}
