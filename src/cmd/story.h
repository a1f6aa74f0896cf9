/* The story of a recorded run, filled from the store. Main thread. */
#ifndef CMD_STORY_H
#define CMD_STORY_H

#include "flowrun/base/map.h"
#include "flowrun/store/heads.h"
#include "flowrun/ui/story.h"
#include "graph_run.h"

/* A step on its way into the story; what is in `step` is of the story's arena. */
struct story_row {
    struct fr_story_step step;
    const char *parent; /* NULL = top level */
    uint32_t parent_row;
    uint32_t place, turn; /* of declaration; of the batch or loop that holds it */
    uint32_t at;          /* in the story; FR_STORY_NONE: a damaged store has no place for it */
    const struct fr_step *plan;       /* NULL = not known */
    uint32_t last;                    /* its newest attempt; FR_STORY_NONE = none */
    bool open;                        /* that one is under way, or its error is not known yet */
    int64_t session_ns;               /* when the session began in which it first did */
    int64_t begun_ns;                 /* when it last left pending */
    int64_t own_start_ns, own_end_ns; /* when it last ran and ended, not kept; 0 = never */
    int64_t asked_ns; /* when it began to wait for a person in an earlier session; 0 = never */
    bool waits;       /* it was waiting when the session ended */
};

/* An attempt on its way into the story, in the order in which they began. */
struct story_try {
    uint32_t row;
    uint32_t number; /* among all, as they began */
    uint32_t
        recorded; /* as what it is recorded: each time that a run goes on, counting begins anew */
    bool logged, void_; /* void: the step did not run, its result was a kept one */
    struct fr_story_attempt attempt;
};

/* All that is needed while a story is filled. */
struct story_maker {
    struct fr_story *story;
    struct fr_store *store;
    int64_t run;
    int64_t last_session_ns; /* what it took */
    bool lasts;              /* a flowrun has the run in hand */
    bool over;               /* nothing of it goes on */
    bool files;              /* files of values stay: people may be pointed to them */
    bool killed;             /* this flowrun has it in hand, but its guard was killed */
    struct fr_plan *plan;    /* owned; NULL = not known */
    struct graph_run graph;  /* what it borrows */
    struct cmd_file file;
    struct story_row *rows; /* owned */
    uint32_t row_count, row_cap;
    struct fr_map ids;       /* id -> its row's number + 1 */
    struct story_try *tries; /* owned */
    uint32_t try_count, try_cap;
    int64_t last_move_ns;               /* a run that was killed was last seen to live then */
    int64_t session_ns;                 /* when the last session began, as far as is read */
    const char *critical_json;          /* of the story's arena */
    const char *plan_file, *shown_file; /* the last path of the plan's, and as it is shown */
};

/* What a story is made from. The store outlives it, and gives its texts. */
struct story_source {
    struct fr_store *store;
    int64_t run;
    bool files; /* the store outlives the report */
    bool
        killed; /* the run is in our hands, but its guard was killed: it is told as it will be when we have ended, too */
};

/* Fills *story from a recorded run. FR_OK: ends with cmd_story_release. Else fr_store_error says why. */
enum fr_err cmd_story_fill(const struct story_source *from, struct fr_story *story);
void cmd_story_release(struct fr_story *story);
/* What counting keeps from one run to the next, whose plan is often the same; all zero at first. */
struct story_counter {
    struct fr_plan *plan; /* owned; NULL = none is kept */
    struct graph_run graph;
    struct cmd_file file;
};
/* How many steps a run has and how many of them failed, as reports count them. Of one without an exit code no record has that. */
enum fr_err cmd_story_count(struct story_counter *counter, struct fr_store *store, int64_t run,
                            uint32_t *total, uint32_t *failed);
void cmd_story_counter_release(struct story_counter *counter);

/* ---- story_steps.c ---- */

enum fr_err story_add_steps(struct story_maker *maker);
/* A step of the plan that has not begun, as a row. */
struct story_row *story_add_pending(struct story_maker *maker, const struct fr_step *step);
/* The number of the row of a step; FR_STORY_NONE = there is none. */
uint32_t story_row_of(const struct story_maker *maker, const char *id, size_t len);
/* Puts the steps into the story, in their order. */
void story_place_steps(struct story_maker *maker);

/* ---- story_moves.c ---- */

/* Reads what happened, and the attempts. */
enum fr_err story_add_moves(struct story_maker *maker);
/* Puts the attempts into the story. */
void story_place_attempts(struct story_maker *maker);

/* ---- story_plan.c ---- */

/* Loads the plan that ran; it stays NULL when that cannot be done any more. */
void story_load_plan(struct story_maker *maker);
/* What the plan tells of the steps: those that have not begun, titles, places. Before they are placed. */
void story_add_plan(struct story_maker *maker);
/* The input that the file gives, when the command line gave none. */
void story_add_input(struct story_maker *maker);
/* A text of the plan, of the story's arena. */
const char *story_plan_text(struct story_maker *maker, const char *text);
/* What each step waited for. After they are placed. */
void story_add_deps(struct story_maker *maker);

/* A path as reports show it: from the folder in which the run was begun, when it is below it. Borrowed. */
const char *story_seen_from(const char *cwd, const char *path);
/* A value of a row as a text of the story. */
struct fr_story_text story_text(struct story_maker *maker, enum fr_part part, int64_t key,
                                const struct fr_kept_value *value);

#endif
