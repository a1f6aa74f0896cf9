/* The programs of a plan as libjq has them: made by jq.c, run by jqrun.c. Private to plan/. */
#ifndef PLAN_JQSTATE_H
#define PLAN_JQSTATE_H

#include <stdbool.h>

#include "flowrun/base/map.h"
#include "flowrun/plan/jq.h"
#include "jqload.h"

struct place {
    struct fr_mark mark;
    struct place *next;
};

struct program {
    const char *text;    /* borrowed */
    struct place places; /* where it stands; the first MAX_PLACES of them */
    unsigned place_count;
    unsigned line; /* in the text of the chunk being compiled, from 0 */
    uint32_t chunk, slot;
    bool bad; /* has an error, which was reported */
};

struct fr_jq {
    struct fr_map by_text; /* -> program number + 1 */
    struct program *programs;
    uint32_t count, cap, compiled;
    jq_state **chunks;
    uint32_t chunk_count;
    const struct jqlib *lib; /* NULL until something is compiled */
};

/* Gives libjq an environment without anything in it; what it was, to be put back into `environ`. */
char **jq_hide_environment(void);

#endif
