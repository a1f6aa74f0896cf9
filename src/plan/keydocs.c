/* What is told of keys besides their rows: what holds without them, examples, where the manual has more. Constant; any thread. */
#include "keydocs.h"

#include <string.h>

#define NO_INITIAL NULL
#define INITIAL(...) #__VA_ARGS__
#define EXAMPLE(...) #__VA_ARGS__
#define DOC(of, word, without, sample, part)                                                       \
    {.table = #of, .key = #word, .initial = (without), .example = (sample), .section = (part)},

static const struct schema_doc docs[] = {
#include "keydocs.def"
};

/* Whether a row is one of a table's own. */
static bool is_of(const struct schema_table *table, const struct schema_key *row)
{
    for (uint32_t i = 0; i < table->count; i++)
        if (&table->keys[i] == row)
            return true;
    return false;
}

const struct schema_doc *schema_doc(const struct schema_key *row)
{
    static const struct schema_table *const tables[] = {
        &schema_workflow, &schema_step,  &schema_type,   &schema_model,      &schema_param,
        &schema_route,    &schema_limit, &schema_budget, &schema_concurrency};
    const char *table = "";
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        if (is_of(tables[i], row))
            table = tables[i]->name;
    for (size_t i = 0; i < sizeof docs / sizeof docs[0]; i++)
        if (strcmp(docs[i].key, row->key) == 0 && strcmp(docs[i].table, table) == 0)
            return &docs[i];
    return NULL;
}
