/* What workflows name as secrets: their values before a run. These are nowhere recorded: another flowrun can tell whether a
 * text holds one only by the values that its own environment has. Main thread. */
#ifndef CMD_SECRETS_H
#define CMD_SECRETS_H

#include "cmd.h"
#include "flowrun/base/mask.h"
#include "flowrun/plan/plan.h"

/* A mask for the values that the secrets of the workflow, and of the files it runs, have before the run; says of which
 * ones it cannot hide them. input: of the run, NULL = none. Returns owned; NULL when there are no secrets. The plan outlives it. */
struct fr_mask *cmd_secrets_mask(const struct fr_plan *plan, struct json_object *input);

/* From now on what is said of a file, right or wrong, shows none of its secrets, which may have come by an option. plan: NULL =
 * it could not be loaded; then those that the environment holds are hidden, as far as the file can be read. */
void cmd_secrets_hide(const struct fr_load_options *load, const struct fr_plan *plan);
/* The same for a file of which it is not known whether it is a workflow, or there at all. */
void cmd_secrets_hide_unread(const char *file);
/* The same for the secrets of a recorded run, and of the plan that its file is now; NULL = none. */
struct cmd_secrets;
void cmd_secrets_hide_recorded(const struct cmd_secrets *secrets, const struct fr_plan *plan);

/* Warns of a step whose id holds a secret: ids are recorded as they are. mask may be NULL. */
void cmd_secrets_warn_of_ids(const struct fr_plan *plan, const struct fr_mask *mask);

/* Adds to what is recorded of the command line which secrets have values, and whether some have them from files. */
void cmd_secrets_note(const struct fr_plan *plan, struct json_object *options);

/* What a run's record tells of its secrets. */
struct cmd_secrets {
    struct json_object
        *names;    /* of those that have their values from the environment; owned; NULL = none */
    bool in_files; /* others have them from `env` or `dotenv` of its files */
};
void cmd_secrets_read(const struct json_object *options, struct cmd_secrets *secrets);
void cmd_secrets_release(struct cmd_secrets *secrets);
/* The first one that is not set here; NULL = all are. Borrowed. */
const char *cmd_secrets_unset(const struct cmd_secrets *secrets);
/* The first one whose value here is in a text; NULL = none. Borrowed. */
const char *cmd_secrets_in(const struct cmd_secrets *secrets, const char *text);

#endif
