/* libcyaml's part: a checked tree, or the text it came from, into struct src_workflow.
 * Private to plan/. */
#ifndef PLAN_BINDYAML_H
#define PLAN_BINDYAML_H

#include "source.h"

/* Binds; text NULL = the tree is no longer what the file says, so it is written out for libcyaml first. Sets every
 * `node`. *wf is owned by the caller. */
enum fr_err bind_workflow(const struct node *root, const char *text, size_t len,
                          struct fr_diags *diags, struct src_workflow **wf);
void bind_free(struct src_workflow *wf);

#endif
