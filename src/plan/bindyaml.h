/* libcyaml's part: a checked tree into struct src_workflow. Private to plan/. */
#ifndef PLAN_BINDYAML_H
#define PLAN_BINDYAML_H

#include "source.h"

/* Binds what the tables bind of a checked tree and sets every `node`. *wf is owned by the caller. */
enum fr_err bind_workflow(const struct node *root, struct fr_diags *diags,
                          struct src_workflow **wf);
void bind_free(struct src_workflow *wf);

#endif
