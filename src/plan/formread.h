/* Forms and human steps out of a workflow file. Private to plan/. */
#ifndef PLAN_FORMREAD_H
#define PLAN_FORMREAD_H

#include "build.h"
#include "flowrun/plan/human.h"

/* Reads one field: its name and its schema. What is wrong is reported, and the field is sound all the same. */
void form_read_field(struct build *b, const char *step, const struct node_pair *pair,
                     struct fr_field *field);
/* A value of the file as JSON text, where a field of this type wants one: `version: 1` is text for a string. */
const char *form_value_json(struct build *b, enum fr_field_type type, enum fr_field_type item,
                            const struct node *node);
/* human.c: what a human step asks. */
void human_fill(struct build *b, struct fr_step *step, const struct layers *layers);

#endif
