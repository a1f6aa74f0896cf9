/* What was used of a provider's model, summed up. It is a JSON object, so that an entry is found by its
 * provider and model however many there are: {"[provider,model]": {provider, model, numbers …}}, in the order
 * in which they came. Private to run/. */
#ifndef RUN_USAGE_H
#define RUN_USAGE_H

#include "flowrun/base/buf.h"
#include "flowrun/base/json.h"

/* Adds the numbers of one {provider, model, …}. *into may be NULL. */
void usage_add(struct json_object **into, const struct json_object *one);
/* Adds all of another sum; NULL is nothing. */
void usage_add_all(struct json_object **into, const struct json_object *usage);
/* Writes it as a list of its entries; `null` when it is NULL. */
void usage_write(const struct json_object *usage, struct fr_buf *out);

#endif
