/* What holds other steps (container.c, container_merge.c, race.c). Coordinator thread. Private to run/. */
#ifndef RUN_CONTAINER_H
#define RUN_CONTAINER_H

#include "coord.h"

/* Counts how the children ended and adds up their times and costs. */
void container_tally(struct coord *c, const struct fr_step *step, const struct fr_indexes *list);
/* All steps that are needed have succeeded. */
bool container_enough(struct coord *c, const struct fr_step *step);
/* Enough children have not succeeded: the verdict says which failed, or why they were cancelled. */
void container_blame(struct coord *c, struct active *t, const char *wanted);
/* The limit of time of a container. */
int64_t container_limit(const struct fr_step *step);
enum fr_err phase_open(struct coord *c, struct active *t);
void container_child_ended(struct coord *c, const struct fr_step *child);
void container_complete(struct coord *c, struct active *t);
void container_extra_ended(struct coord *c, struct active *t, const struct fr_step *extra);
void container_cancel(struct coord *c, struct active *t, enum fr_cancel why, const char *text,
                      bool at_once);
enum fr_err phase_rank(struct coord *c, struct active *t);
enum fr_err phase_merge(struct coord *c, struct active *t);
void race_child_ended(struct coord *c, struct active *t, const struct fr_step *child);
void race_complete(struct coord *c, struct active *t);

#endif
