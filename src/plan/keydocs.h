/* What is told of a key besides its row in the tables (keydocs.def). Constant; any thread. Private to plan/. */
#ifndef PLAN_KEYDOCS_H
#define PLAN_KEYDOCS_H

#include "schema.h"

/* Values are JSON, NULL = none. */
struct schema_doc {
    const char *table, *key, *initial, *example;
    const char *section; /* a heading of docs/format.md, as in its address */
};

/* NULL for older keys. */
const struct schema_doc *schema_doc(const struct schema_key *row);

#endif
