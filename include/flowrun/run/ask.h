/* Who answers the questions of a run: an interface, so that a terminal, a file or a test can stand there. The
 * coordinator calls it, from its thread, and offers one question at a time.
 *
 *   offer --> true: it will answer --> next gives the answer, at once or later
 *        \-> false: it cannot; the question is offered to the next asker, or nobody is there to answer it */
#ifndef FLOWRUN_RUN_ASK_H
#define FLOWRUN_RUN_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/plan/answers.h"

/* A question; borrowed until it is answered or withdrawn. */
struct fr_question {
    const char *id; /* what the step is called in this run */
    const char *title;
    const char *description, *assignee; /* NULL = none */
    const struct fr_form *form;
    int64_t asked_wall_ns; /* since when it waits, also over several processes */
};

enum fr_answer_kind {
    FR_ANSWER_APPROVED,
    FR_ANSWER_REJECTED,
    FR_ANSWER_NONE, /* the person went away: the question stays open */
    FR_ANSWER_BAD   /* there is an answer, but it does not fit: reason says why */
};

struct fr_answer {
    enum fr_answer_kind kind;
    struct json_object
        *values;     /* APPROVED: checked, without defaults; NULL = none; owned by who gets it */
    char *reason;    /* REJECTED, BAD; owned by who gets it; NULL = none */
    const char *by;  /* who; borrowed from the asker */
    const char *via; /* "terminal", "file", "approve" */
    int64_t given_wall_ns; /* when it was given; 0 = just now */
};

struct fr_asker {
    bool owns_terminal; /* its questions need the terminal, which steps with `tty: true` use too */
    /* Answers come to it at any time, also to questions that others have: it is offered each question again when
     * the run's control says that something has come. It has none that came too late. */
    bool comes_late;
    /* Since when this question has been waiting for its answer in an earlier process of the run, by the wall clock;
     * 0 = it is a new one. `question` is what results show of it. NULL = all are new. */
    int64_t (*asked_before)(struct fr_asker *asker, const char *id,
                            const struct json_object *question);
    /* Takes a question, or does not. One that does not own the terminal has the answer at once. Never blocks. */
    bool (*offer)(struct fr_asker *asker, const struct fr_question *question);
    /* The question is not to be answered any more; `why` is for the person who sees it. */
    void (*withdraw)(struct fr_asker *asker, const char *why);
    /* The terminal has shown other things meanwhile: the question is to be seen again. NULL = never seen. */
    void (*repeat)(struct fr_asker *asker);
    /* Takes the answer to the question it has; false when there is none yet. Never blocks. */
    bool (*next)(struct fr_asker *asker, struct fr_answer *answer);
    /* Readable when `next` may have something; -1 = look again in a second. Asked for while it has a question. */
    int (*fd)(struct fr_asker *asker);
};

/* An asker that has its answers from a file; `answers` is borrowed. Ends with fr_answers_asker_free. */
struct fr_asker *fr_answers_asker_new(struct fr_answers *answers);
void fr_answers_asker_free(struct fr_asker *asker); /* NULL is fine */

#endif
