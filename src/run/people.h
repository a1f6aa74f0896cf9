/* Steps that wait for a person: who asks them, and what their answers do. Coordinator thread. Private to run/. */
#ifndef RUN_PEOPLE_H
#define RUN_PEOPLE_H

#include "coord.h"

/* What a step asks; its task owns it. */
struct ask {
    char *title, *description, *assignee; /* owned; NULL = none */
    uint32_t asker;                       /* the next one that the question is offered to */
    bool left;                            /* the person went away, or nobody can answer */
    int64_t since;                        /* the question is open since then; 0 = it is not */
    int64_t due;                          /* when nobody may answer any more; INT64_MAX = never */
};

/* ---- question.c ---- */
/* Evaluates the texts of t->ask. */
enum fr_err ask_texts(struct coord *c, struct active *t);
/* What results show of the question; returned owned. */
struct json_object *ask_json(const struct fr_step *step, const struct ask *ask);
/* Adds a text, or null. */
void ask_put(struct json_object *into, const char *key, const char *text);
void ask_free(struct ask *ask);

/* ---- people.c ---- */
/* Lets a human step wait for its answer. */
enum fr_err phase_human(struct coord *c, struct active *t);
/* Ends the step with an answer that was given before; false when there is none. */
bool people_recall(struct coord *c, struct active *t);
/* Has open questions asked, and ends the run when nothing but people could go on with it. */
void people_go_on(struct coord *c);
/* Takes the answer to the open question, if it is there. */
void people_collect(struct coord *c);
/* A step waits no more: it was answered, or is being ended. `why` is for the person who was asked. */
void people_leave(struct coord *c, struct active *t, const char *why);
/* Nobody answered in time. */
void people_late(struct coord *c, struct active *t);
/* Offers the question of a step to an asker; true when that has it. */
bool people_offer(struct coord *c, struct active *t, struct fr_asker *asker);
/* Takes an answer that an asker has for a step. */
void people_take(struct coord *c, struct active *t, struct fr_answer *answer);
/* The run drains: steps that the failure did not ask for wait no longer. */
void people_drain(struct coord *c, const char *text);

/* ---- people_late.c: answers that come from elsewhere ---- */
/* Since when the question waits, and until when; asked in an earlier process, it goes on to wait. */
void people_begin(struct coord *c, struct active *t);
/* Takes an answer to the step that has come from elsewhere; false when there is none. */
bool people_answered(struct coord *c, struct active *t);
/* Takes all that have come for steps that wait; true when there were some. */
bool people_look(struct coord *c);

#endif
