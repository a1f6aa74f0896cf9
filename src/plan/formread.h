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
/* formschema.c: the keywords of a field, by the types that take them. */
enum { FORM_KEYWORDS = 16 };
extern const struct form_keyword {
    const char *name;
    unsigned types;             /* bits 1U << enum fr_field_type */
    bool of_items;              /* `items` takes it, too */
    const char *shape;          /* JSON Schema, members of an object; NULL = its type tells */
    const char *example, *help; /* JSON; a sentence without its dot */
} form_keywords[FORM_KEYWORDS];
/* Appends the members of `$defs` for `form_schema`: form, field and field_items. */
void form_schema_write(struct fr_buf *out);
/* human.c: what a human step asks. */
void human_fill(struct build *b, struct fr_step *step, const struct layers *layers);

#endif
