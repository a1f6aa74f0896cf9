/* What a process says besides its output: the lines of its file $FLOWRUN_COMMAND. Private to run/. */
#ifndef RUN_COMMANDS_H
#define RUN_COMMANDS_H

#include "flowrun/base/buf.h"
#include "flowrun/plan/plan.h"

/* The commands of one attempt; of several of a kind the last counts, but cost, usage and updates add up. */
struct commands {
    struct json_object *updates;      /* list of {key: value}; owned, NULL = none */
    struct json_object *output;       /* owned; with has_output */
    struct json_object *targets;      /* list of the ids of `goto`; owned, NULL = not said */
    struct json_object *usage;        /* see usage.h; owned, NULL = none */
    char *skip, *fail, *retry, *stop; /* the reasons, owned; NULL = not said */
    char *message;                    /* of the last progress, owned */
    int64_t after_ns;                 /* of retry; -1 = not said */
    int64_t cost;                     /* millionths */
    double quality;
    bool has_output, has_cost, has_quality;
};

/* Reads a whole file. False with `why` at the first line that is no command; what stood before it is kept. */
bool commands_parse(const char *text, size_t len, const struct fr_state *state,
                    struct commands *out, struct fr_buf *why);
void commands_release(struct commands *commands);

#endif
