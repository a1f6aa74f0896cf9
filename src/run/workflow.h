/* A workflow file as one step (workflow.c). Coordinator thread. Private to run/. */
#ifndef RUN_WORKFLOW_H
#define RUN_WORKFLOW_H

#include "coord.h"

/* What the steps of a file share of which this is one; NULL: those of the main file. */
struct setting *setting_of(struct coord *c, const struct fr_step *step);
/* The same of a task: a workflow step may be about to evaluate what its own file says. */
struct setting *setting_seen(struct coord *c, const struct active *t);
/* Takes the parameters that a workflow step hands in (borrowed); one that its file does not allow is an error. */
enum fr_err workflow_params(struct coord *c, struct active *t, struct json_object *given);
enum fr_err phase_workflow(struct coord *c, struct active *t);
enum fr_err phase_file_output(struct coord *c, struct active *t);
/* A step of the file failed: what its `on_failure` says. */
void workflow_child_ended(struct coord *c, struct active *t, const struct fr_step *child);
/* All of `steps`, or of `finally`, has ended. */
void workflow_complete(struct coord *c, struct active *t);
/* The file is over as the verdict says, but for its `finally`. */
void workflow_over(struct coord *c, struct active *t);
/* Why a step of a file that drains does not start; NULL: its file does not drain. */
const char *workflow_drains(const struct coord *c, const struct fr_step *step);
/* The output of a list of steps when the file does not say: by its mode. Owned, NULL = null. */
struct fr_value *output_by_mode(struct coord *c, const struct fr_indexes *list, bool graph_mode);
/* What the step's own file calls it at present: "x" of "sub/x". Borrowed as fr_run_step_id. */
const char *workflow_name(const struct coord *c, const struct fr_step *step);
struct fr_value *workflow_so_far(struct coord *c, struct active *t);

#endif
