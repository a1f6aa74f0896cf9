/* The hash map: entries in order of insertion, and beside them a table of indexes with linear
 * probing, at most half full. Owns its two arrays, never keys or values. One thread at a time. */
#include "flowrun/base/map.h"

#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "flowrun/base/str.h"
#include "suggest.h"

enum { FIRST_CAP = 8 };

/* Makes an empty map; nothing is allocated yet. */
void fr_map_init(struct fr_map *map)
{
    *map = (struct fr_map){0};
}

/* Frees the map's own memory; it is as after init. */
void fr_map_release(struct fr_map *map)
{
    free(map->entries);
    free(map->slots);
    fr_map_init(map);
}

/* Returns the slot that holds the key, or the free one where it belongs. */
static uint32_t *find_slot(const struct fr_map *map, const char *key, size_t len)
{
    uint64_t hash = fr_hash(key, len);
    uint32_t mask = map->slot_count - 1;
    uint32_t at = (uint32_t)(hash ^ (hash >> 32)) & mask;
    for (;; at = (at + 1) & mask) {
        uint32_t *slot = &map->slots[at];
        if (*slot == 0) {
            return slot;
        }
        const char *have = map->entries[*slot - 1].key;
        if (strlen(have) == len && memcmp(have, key, len) == 0) {
            return slot;
        }
    }
}

/* Doubles both arrays and files all entries anew. */
static void grow(struct fr_map *map)
{
    if (map->cap > UINT32_MAX / 8) {
        base_oom();
    }
    map->cap = map->cap ? map->cap * 2 : FIRST_CAP;
    map->slot_count = map->cap * 2;
    map->entries = base_realloc(map->entries, map->cap, sizeof(*map->entries));
    free(map->slots);
    map->slots = calloc(map->slot_count, sizeof(*map->slots));
    if (!map->slots) {
        base_oom();
    }
    for (uint32_t i = 0; i < map->count; i++) {
        const char *key = map->entries[i].key;
        *find_slot(map, key, strlen(key)) = i + 1;
    }
}

/* Sets a key; a key that is there keeps its place and its own copy of the text. */
void *fr_map_put(struct fr_map *map, const char *key, void *value)
{
    if (map->count == map->cap) {
        grow(map);
    }
    uint32_t *slot = find_slot(map, key, strlen(key));
    if (*slot != 0) {
        struct fr_map_entry *entry = &map->entries[*slot - 1];
        void *before = entry->value;
        entry->value = value;
        return before;
    }
    map->entries[map->count++] = (struct fr_map_entry){.key = key, .value = value};
    *slot = map->count;
    return NULL;
}

/* Looks a C string up. */
void *fr_map_get(const struct fr_map *map, const char *key)
{
    return fr_map_getn(map, key, strlen(key));
}

/* Looks `len` bytes up. */
void *fr_map_getn(const struct fr_map *map, const char *key, size_t len)
{
    if (map->count == 0) {
        return NULL;
    }
    const uint32_t *slot = find_slot(map, key, len);
    return *slot ? map->entries[*slot - 1].value : NULL;
}

/* Returns the key nearest to `word` or NULL. */
const char *fr_map_suggest(const struct fr_map *map, const char *word)
{
    struct suggest state;
    suggest_init(&state, word);
    for (uint32_t i = 0; i < map->count; i++) {
        suggest_offer(&state, map->entries[i].key);
    }
    return state.best;
}
