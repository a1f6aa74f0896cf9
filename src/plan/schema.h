/* The schema tables: what a workflow file may hold, declared once in keys_*.def. From each line come a libcyaml field
 * (binding) and a row (checker, JSON Schema, help, manual). Constant; any thread. Private to plan/. */
#ifndef PLAN_SCHEMA_H
#define PLAN_SCHEMA_H

#include <cyaml/cyaml.h>
#include <stdbool.h>
#include <stdint.h>

/* The shape of a key's value. */
enum schema_kind {
    KIND_TEXT,     /* a string; `${{ }}` where the description says expression */
    KIND_WORD,     /* a string without expressions, not empty */
    KIND_ID,       /* the id of a step */
    KIND_EXPR,     /* a jq program, braces optional */
    KIND_BOOLEAN,  /* true or false */
    KIND_INTEGER,  /* a whole number from min to max */
    KIND_NUMBER,   /* a number from min to max */
    KIND_MONEY,    /* a number that is exact in millionths, not negative */
    KIND_TIMEOUT,  /* a duration, or auto */
    KIND_DURATION, /* 250ms, 30s, 1h30m, seconds */
    KIND_DURATION_EXPR,
    KIND_STDIN,    /* input, none or an expression */
    KIND_RATE,     /* 10/s, 30/m, 100/h */
    KIND_ENUM,     /* one of names */
    KIND_SUCCESS,  /* all, any, a whole number from 1 */
    KIND_VALUE,    /* anything, with expressions */
    KIND_VALUES,   /* a mapping of anything */
    KIND_ANY_LIST, /* a list of anything */
    KIND_TEXTS,    /* a list of strings */
    KIND_ARGV,     /* the same, not empty */
    KIND_IDS,      /* a list of step ids */
    KIND_NAMED,    /* a mapping of strings */
    KIND_RETRY_ON, /* a list of exit codes and `timeout` */
    KIND_EXPECT,   /* a list of HTTP status codes */
    KIND_ROUTES,   /* a list of conditions with the steps they choose */
    KIND_MATRIX,   /* lists of constants by name, `include` and `exclude` */
    KIND_STEP,
    KIND_STEPS,
    KIND_DEFAULTS,
    KIND_PARAMS, /* a list of parameters */
    KIND_TYPES,
    KIND_MODELS,
    KIND_LIMITS,
    KIND_BUDGET,
    KIND_CONCURRENCY,
    KIND__COUNT
};

/* Where a step key may stand: bits by kind of step, and what carries step keys besides. */
enum schema_where {
    AT_PROCESS = 1 << 0, /* command, and types that the file or a catalog defines */
    AT_HTTP = 1 << 1,
    AT_TRANSFORM = 1 << 2,
    AT_WAIT = 1 << 3,
    AT_GROUP = 1 << 4, /* parallel_group */
    AT_RACE = 1 << 5,
    AT_CHAIN = 1 << 6, /* a branch with steps and no type */
    AT_DEFAULTS = 1 << 7,
    AT_TYPE = 1 << 8, /* in a definition of a type … */
    AT_MODEL = 1 << 9,
    AT_ROUTE = 1 << 10,
    AT_SPLIT = 1 << 11,
    AT_MERGE = 1 << 12,
    AT_BATCH = 1 << 13,
    AT_LOOP = 1 << 14,
    AT_HUMAN = 1 << 15,
    AT_WORKFLOW = 1 << 16,
    AT_MATRIX = 1 << 20, /* any of them with `matrix`, which makes a group of it */
    AT_RUNS = AT_PROCESS | AT_HTTP,
    AT_WORKS = AT_RUNS | AT_TRANSFORM,
    AT_BRANCHES = AT_GROUP | AT_RACE | AT_CHAIN | AT_LOOP, /* those with a list of steps */
    AT_GROUPS = AT_BRANCHES | AT_BATCH,
    AT_MERGES = AT_GROUP | AT_MATRIX | AT_BATCH,
    AT_STEPS =
        AT_WORKS | AT_WAIT | AT_HUMAN | AT_ROUTE | AT_SPLIT | AT_MERGE | AT_WORKFLOW | AT_GROUPS,
    AT_DEFINED = AT_TYPE | AT_MODEL,
    AT_SHARED = AT_DEFINED | AT_DEFAULTS
};

struct schema_key {
    const char *key;
    const char *description;  /* one sentence without its dot */
    const char *const *names; /* ENUM: the words, NULL-terminated or names_count of them */
    double min, max;          /* INTEGER, NUMBER */
    uint32_t names_count;
    uint32_t where;          /* step keys only: bits of enum schema_where; 0 = everywhere */
    uint8_t kind;            /* enum schema_kind */
    bool required, positive; /* positive: a DURATION longer than 0 */
    bool older;              /* read by dialect.c; description says what it became */
};

/* A mapping of the format: its own keys, then those of `more` that have a bit of `more_where`. */
struct schema_table {
    const char *name; /* "workflow", "step", … */
    const struct schema_key *keys;
    uint32_t count;
    const struct schema_key *more;
    uint32_t more_count, more_where;
};

extern const struct schema_table schema_workflow, schema_catalog, schema_step, schema_defaults,
    schema_type, schema_model, schema_param, schema_route, schema_limit, schema_budget,
    schema_concurrency;

/* The table of the mapping, or of the items of the list, that a kind stands for; NULL for all other kinds. */
const struct schema_table *schema_of_kind(enum schema_kind kind);
/* The row of a key that may stand in the table, or NULL; older keys are found too. */
const struct schema_key *schema_find(const struct schema_table *table, const char *key);
/* The n-th key of the table or NULL behind the last; rows that may not stand there are passed over by *at. */
const struct schema_key *schema_next(const struct schema_table *table, uint32_t *at);
/* Words for a kind, for help: "list of strings", "duration". */
const char *schema_kind_name(const struct schema_key *key);
/* The keys of a step that only kinds in `where` take: "http", "parallel_group and race" … Returns `out`. */
char *schema_where_names(uint32_t where, char *out, size_t size);

/* What libcyaml reads a file by: a pointer to struct src_workflow. */
extern const cyaml_schema_value_t schema_binding;

#endif
