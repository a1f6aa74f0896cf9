/* The keys of a step and the layers below it (layer.c), and free-form values as
 * templates (value.c). One build, one thread. Private to plan/. */
#ifndef PLAN_LAYER_H
#define PLAN_LAYER_H

#include "source.h"

struct build;

/* Keys that are taken from the node instead of struct src_step. */
enum free_key {
    KEY_ARGV,
    KEY_SHELL,
    KEY_INPUT,
    KEY_PARAMS,
    KEY_STDIN,
    KEY_DEPENDS_ON,
    KEY_RETRY_ON,
    KEY_ENV,
    KEY_HEADERS,
    KEY_FORM,
    KEY_JSON,
    KEY_EXPECT,
    KEY_REQUIRES_ENV,
    KEY_UPDATE,
    KEY_ITEMS,
    KEY_SOURCES,
    KEY_GENERATES,
    KEY__COUNT
};

/* What was parsed from a layer that many steps share, by field of struct src_step and by free key. */
struct layer_cache {
    const void *fields[sizeof(struct src_step) / sizeof(void *)];
    const void *keys[KEY__COUNT];
};

/* One set of step keys: a step's own, a model's, a type's or `defaults:`. */
struct layer {
    const struct src_step *src;
    const struct node *node;
    const struct node *keys[KEY__COUNT];
    struct layer_cache *cache; /* NULL for a step's own layer, which is read once */
};

/* A list kept with the shared layer it was parsed from. */
struct kept_list {
    const void *items;
    uint32_t count;
};

enum { LAYER_OWN, LAYER_MODEL, LAYER_TYPE, LAYER_DEFAULTS, LAYER__COUNT };

/* The layers of one step, the strongest first; NULL where there is none. */
struct layers {
    struct layer *at[LAYER__COUNT];
};

#define FIELD(name) offsetof(struct src_step, name)

/* ---- layer.c: keys and their layers ---- */

/* Fills a layer from a bound step. */
void layer_of_step(struct layer *layer, const struct src_step *src);
/* The same for keys that many steps share. */
void layer_of_shared(struct build *b, struct layer *layer, const struct src_step *src);
/* Sets each text field of *src that the mapping has as a scalar. */
void layer_bind(struct src_step *src, const struct node *map);

/* The strongest layer that has the key, or NULL. */
struct layer *layers_with(const struct layers *layers, size_t field);
struct layer *layers_with_key(const struct layers *layers, enum free_key key);
const char *layers_text(const struct layers *layers, size_t field);
/* The place of the first character of a scalar's text, behind a quote and for a block on its first line. */
struct fr_mark text_mark(const struct node *node);

/* Parsed values; NULL when no layer has the key, or after a diagnostic. */
const struct fr_expr *layers_expr(struct build *b, const struct layers *layers, size_t field);
const struct fr_tmpl *layers_tmpl(struct build *b, const struct layers *layers, size_t field);
const struct fr_tmpl *layers_key_tmpl(struct build *b, const struct layers *layers,
                                      enum free_key key);

/* Strictly parsed scalars; the checker has reported what is wrong with them, so that a bad one is as none. */
bool text_bool(const char *text, bool otherwise);
int64_t text_duration(const char *text, int64_t otherwise);
uint32_t text_count(const char *text, uint32_t otherwise);
double text_number(const char *text, double otherwise);

/* ---- value.c: nodes to templates ---- */

const struct fr_tmpl *value_tmpl(struct build *b, const struct node *node);
/* Each item as text whatever its core type (`argv: [true]` is the word). */
const struct fr_tmpl *value_text(struct build *b, const struct node *scalar);
const struct fr_tmpl **value_list(struct build *b, const struct node *list, uint32_t *count);
struct fr_named *value_named(struct build *b, const struct node *map, uint32_t *count);
const char **value_strings(struct build *b, const struct node *list, uint32_t *count);
/* A constant of JSON text. */
const char *value_json(struct build *b, const struct node *node);

#endif
