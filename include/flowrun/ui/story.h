/* The story of one run, live or long over: all that reports are written from. cmd/ fills it from the store, the writers
 * of this folder read it; so a report of an old run is the one that `run --report` would have written. All text is
 * already masked. Texts are of the story's arena; times are wall clock nanoseconds, 0 = never. One thread. */
#ifndef FLOWRUN_UI_STORY_H
#define FLOWRUN_UI_STORY_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/base/arena.h"
#include "flowrun/base/buf.h"
#include "flowrun/run/event.h"

#define FR_STORY_NONE UINT32_MAX

/* A text that may be large: it is fetched when a writer wants it. */
struct fr_story_text {
    int64_t key;  /* the source's own; 0 = there is none */
    uint64_t len; /* bytes */
    const char
        *path; /* of the file that holds it, to point people to; NULL = it is in the database */
    bool cut;  /* only its end was kept */
};

/* One attempt of a step, in the order in which they began. */
struct fr_story_attempt {
    uint32_t number; /* from 1 */
    int64_t started_ns, ended_ns;
    const char *error; /* NULL = it succeeded, or it is not known */
    struct fr_story_text out, err;
    const char *weave; /* how the two came (flowrun/base/weave.h); NULL = only one, or unknown */
    size_t weave_len;
};

struct fr_story_artifact {
    const char *path, *media_type; /* absolute */
    int64_t size;
    const char *sha256; /* NULL = not known */
};

/* Steps in order of declaration, turns of one place in theirs, parents before what is inside of them. */
struct fr_story_step {
    const char *id, *title, *type; /* title NULL = none */
    enum fr_status status;
    bool container; /* a group, race, chain, batch, loop …: not counted among the steps */
    bool tolerated, critical /* on the critical path */,
        kept /* the result of an earlier attempt or run */;
    bool
        unknown; /* it was under way when the run was killed: its status is the last one recorded */
    uint32_t parent, depth;           /* FR_STORY_NONE, 0 = top level */
    uint32_t first_attempt, attempts; /* its own are together in fr_story.attempts */
    const uint32_t *deps;             /* steps it waited for; as far as the plan is known */
    uint32_t dep_count;
    const char *file; /* where it is written; NULL = not known */
    uint32_t line;
    int exit_code, signal; /* -1, 0 = none */
    const char *error_code, *error, *reason;
    int64_t ready_ns, started_ns, ended_ns;
    int64_t cost; /* millionths */
    double quality;
    bool has_quality;
    const char *usage_json, *answer_json; /* NULL = none */
    struct fr_story_text output;
    const struct fr_story_artifact *artifacts;
    uint32_t artifact_count;
};

struct fr_story {
    struct fr_arena arena;
    const char *id, *name, *description, *file, *cwd, *status, *who, *host;
    const char *page_folder; /* where an HTML report will lie; NULL = not known: as if in cwd */
    bool recorded; /* the record stays: people may be pointed to it, as in `flowrun logs ID STEP` */
    int exit_code; /* -1 = not over */
    const char *error_code, *error;
    int64_t started_ns, ended_ns; /* ended: now, while it lasts */
    int64_t took_ns;              /* while it was under way, without the pauses … */
    uint32_t sessions;            /* … between so many: 1 and how often it was gone on with */
    int64_t sequential_ns, critical_ns;
    int64_t cost;
    const char *input_json, *params_json, *state_json; /* NULL = none */
    uint64_t input_len; /* bytes of the input; 0 = none. There is no JSON of a very large one */
    bool input_written; /* it is the file's, and holds expressions as they are written there */
    struct fr_story_text output;
    uint32_t counts[FR_STATUS__COUNT + 1],
        total; /* of steps, containers left out; the last: unknown */
    struct fr_story_step *steps;
    uint32_t step_count;
    struct fr_story_attempt *attempts_list;
    uint32_t attempt_count;
    /* Appends at most `max` bytes of a text, its end when it is longer; false when it is gone. */
    bool (*fetch)(void *arg, const struct fr_story_text *text, uint64_t max, struct fr_buf *out);
    void *fetch_arg;
};

/* What a report is called on the command line; the table is in story.c. */
struct fr_story_format {
    const char *name; /* "html" */
    void (*write)(const struct fr_story *story, struct fr_buf *out);
};
extern const struct fr_story_format fr_story_formats[]; /* ends with a row whose name is NULL */

void fr_story_html(const struct fr_story *story, struct fr_buf *out);
void fr_story_junit(const struct fr_story *story, struct fr_buf *out);
void fr_story_tap(const struct fr_story *story, struct fr_buf *out);
void fr_story_joblog(const struct fr_story *story, struct fr_buf *out);
void fr_story_markdown(const struct fr_story *story, struct fr_buf *out);

#endif
