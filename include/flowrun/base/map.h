/* Hash map from strings to pointers, in order of insertion. Keys are borrowed and
 * must outlive the map (they live in the plan's arena). One thread at a time. */
#ifndef FLOWRUN_BASE_MAP_H
#define FLOWRUN_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

struct fr_map_entry {
    const char *key; /* borrowed */
    void *value;     /* not owned */
};

struct fr_map {
    struct fr_map_entry *entries; /* in order of insertion */
    uint32_t count;
    uint32_t cap;
    uint32_t *slots; /* index + 1 into entries; 0 = free */
    uint32_t slot_count;
};

void fr_map_init(struct fr_map *map);
void fr_map_release(struct fr_map *map);

/* Sets key to value; returns the value it had before or NULL. Aborts when memory is out. */
void *fr_map_put(struct fr_map *map, const char *key, void *value);
void *fr_map_get(const struct fr_map *map, const char *key); /* NULL when absent */
void *fr_map_getn(const struct fr_map *map, const char *key, size_t len);

/* fr_suggest over the keys. */
const char *fr_map_suggest(const struct fr_map *map, const char *word);

#endif
