/* Who makes which file: two steps never make the same one. Coordinator thread. Private to run/. */
#ifndef RUN_OUTPUT_CLAIM_H
#define RUN_OUTPUT_CLAIM_H

#include "phases.h"

/* A step is to make a file. An error when one before it makes it; with one beside it what holds both is to fail. */
enum fr_err output_claim(struct coord *c, const struct fr_step *step, const char *file,
                         struct fr_mark mark);
/* A step has put its file into place. */
void output_made(struct coord *c, const char *file);
/* All in a container, or in the run (NULL), has ended: files that several steps made there side by side are removed. true
 * when there were any; a verdict of success becomes a failure then. */
bool output_contested(struct coord *c, const struct fr_step *holder, struct verdict *verdict);

#endif
