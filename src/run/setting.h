/* What the steps of one file share while it runs: the main file's, and one for each workflow step that is under way.
 * Coordinator thread. Private to run/. */
#ifndef RUN_SETTING_H
#define RUN_SETTING_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/base/arena.h"
#include "flowrun/base/map.h"
#include "flowrun/plan/plan.h"

struct json_object;

/* The environment that all steps of a file share. */
struct env_base {
    struct fr_arena arena;
    const char **pairs; /* NAME=value */
    uint32_t count, cap;
    struct fr_map index; /* name -> its number + 1 */
};

struct setting {
    const struct fr_unit *unit; /* the file */
    struct env_base env;
    struct json_object *params, *context, *env_obj; /* roots, made when first asked for; owned */
    bool params_ready, context_ready;
};

void setting_init(struct setting *setting, const struct fr_unit *unit);
void setting_release(struct setting *setting);

#endif
