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
};

/* ---- question.c ---- */
/* Evaluates the texts of t->ask. */
enum fr_err ask_texts(struct coord *c, struct active *t);
/* What results show of the question; returned owned. */
struct json_object *ask_json(const struct fr_human *human, const struct ask *ask);
/* Adds a text, or null. */
void ask_put(struct json_object *into, const char *key, const char *text);
void ask_free(struct ask *ask);

/* ---- people.c ---- */
/* Lets a human step wait for its answer. */
enum fr_err phase_human(struct coord *c, struct active *t);
/* Has open questions asked, and ends the run when nothing but people could go on with it. */
void people_go_on(struct coord *c);
/* Takes the answer to the open question, if it is there. */
void people_collect(struct coord *c);
/* A step waits no more: it was answered, or is being ended. `why` is for the person who was asked. */
void people_leave(struct coord *c, struct active *t, const char *why);
/* Nobody answered in time. */
void people_late(struct coord *c, struct active *t);
/* The run drains: steps that the failure did not ask for wait no longer. */
void people_drain(struct coord *c, const char *text);

#endif
