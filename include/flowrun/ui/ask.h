/* A terminal at which a person answers human steps: one question a field, one form at a time, lines as the terminal's
 * own line discipline edits them. Its modes are never touched. Coordinator thread. */
#ifndef FLOWRUN_UI_ASK_H
#define FLOWRUN_UI_ASK_H

#include <stdbool.h>

#include "flowrun/run/run.h"
#include "flowrun/base/mask.h"

/* The controlling terminal, or NULL when nobody can be asked there: standard error is no terminal, or flowrun runs in
 * the background. `lines` are those on standard error (flowrun/ui/progress.h); what is borrowed lives longer. Ends with
 * fr_ask_free. */
struct fr_asker *fr_ask_new(bool color, const struct fr_mask *mask, struct fr_sink *lines);
void fr_ask_free(struct fr_asker *asker); /* NULL is fine */

/* Other lines are about to be written to the terminal: leaves the line of the question, which is repeated below them
 * later. `asker` is what fr_ask_new returned. */
void fr_ask_make_room(void *asker);

/* Whether a question is open there. `asker` is what fr_ask_new returned. */
bool fr_ask_is_open(void *asker);

/* Calls `make_room` before anything is written: somebody else shows something on the same terminal. */
void fr_ask_share(struct fr_asker *asker, void (*make_room)(void *arg), void *arg);

/* Appends a line for each field of a form: what it takes, and whether it may be left out. Pure; any thread. */
void fr_form_show(const struct fr_form *form, struct fr_buf *out);

#endif
