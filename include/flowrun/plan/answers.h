/* Answers to the questions of a workflow that were written down beforehand: `--answers FILE`, YAML or JSON. Read and
 * checked before the run; used by its coordinator. */
#ifndef FLOWRUN_PLAN_ANSWERS_H
#define FLOWRUN_PLAN_ANSWERS_H

#include "flowrun/plan/plan.h"

struct fr_answers;

/* Reads a file and checks it against the forms of the plan; all problems go to diags. FR_ERR_MISSING: it cannot be
 * read. FR_OK: *out is owned by the caller; it borrows `file`. Of steps of batches and loops (b[17].ask)
 * only the run tells whether there is such a turn. */
enum fr_err fr_answers_load(const char *file, const struct fr_plan *plan, struct fr_diags *diags,
                            struct fr_answers **out);
void fr_answers_free(struct fr_answers *answers); /* NULL is fine */
const char *fr_answers_file(const struct fr_answers *answers);

enum fr_decision {
    FR_DECISION_NONE,     /* the file has nothing for this step */
    FR_DECISION_APPROVED, /* *values, owned by the caller: the answers, without defaults */
    FR_DECISION_REJECTED, /* *reason, borrowed, may be NULL */
    FR_DECISION_BAD       /* does not fit the form: `why` says so, with its place */
};
/* What the file says of the step that is called `id` in this run; marks it as used. */
enum fr_decision fr_answers_take(struct fr_answers *answers, const char *id,
                                 const struct fr_form *form, struct json_object **values,
                                 const char **reason, struct fr_buf *why);
/* Adds a warning for each answer that no step has taken. `over`, by step: which may not ask any more; NULL = all. */
void fr_answers_check_used(const struct fr_answers *answers, const bool *over,
                           struct fr_diags *diags);

#endif
