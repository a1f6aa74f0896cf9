/* Tables over jq's functions: which ones reach outside of a program, and which ones do
 * not look at their input. Pure. */
#include "jqnames.h"

#include <string.h>

static const char no_input[] = "a program has one input, the context: take .input";
static const char no_time[] = "take the time from .run.started_at, or from a step that runs date";
static const char no_zone[] =
    "use gmtime, mktime, strftime or todate, which do not ask for the time zone";
static const char no_module[] = "write the function into the program with def";
static const char no_trace[] = "put the value into a step's output to look at it";
static const char no_halt[] = "use error(\"…\") to fail, or empty to yield nothing";
static const char no_env[] = "take environment variables from .env";
static const char no_place[] = "a program in a workflow has no file of its own";

static const struct {
    const char *name, *help;
} impure[] = {
    {"$ENV", no_env},
    {"env", no_env},
    {"$__prog_args", no_env},
    {"$__loc__", no_place},
    {"input", no_input},
    {"inputs", no_input},
    {"input_filename", no_input},
    {"input_line_number", no_input},
    {"debug", no_trace},
    {"stderr", no_trace},
    {"now", no_time},
    {"localtime", no_zone},
    {"strflocaltime", no_zone},
    {"import", no_module},
    {"include", no_module},
    {"modulemeta", no_module},
    {"get_search_list", no_module},
    {"get_prog_origin", no_place},
    {"get_jq_origin", no_place},
    {"halt", no_halt},
    {"halt_error", no_halt},
};

static bool same(const char *name, const char *text, size_t len)
{
    return strlen(name) == len && memcmp(name, text, len) == 0;
}

const char *jq_impure_help(const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof(impure) / sizeof(*impure); i++) {
        if (same(impure[i].name, name, len)) {
            return impure[i].help;
        }
    }
    return NULL;
}

static const struct {
    const char *name;
    unsigned min_arity;
    enum jq_builtin does;
} builtins[] = {
    {"select", 1, JQ_PASSES_INPUT},    {"first", 1, JQ_PASSES_LAST_ARG},
    {"last", 1, JQ_PASSES_LAST_ARG},   {"limit", 2, JQ_PASSES_LAST_ARG},
    {"nth", 2, JQ_PASSES_LAST_ARG},    {"range", 1, JQ_IGNORES_INPUT},
    {"empty", 0, JQ_IGNORES_INPUT},    {"error", 1, JQ_IGNORES_INPUT},
    {"true", 0, JQ_IGNORES_INPUT},     {"false", 0, JQ_IGNORES_INPUT},
    {"null", 0, JQ_IGNORES_INPUT},     {"nan", 0, JQ_IGNORES_INPUT},
    {"infinite", 0, JQ_IGNORES_INPUT}, {"any", 2, JQ_IGNORES_INPUT},
    {"all", 2, JQ_IGNORES_INPUT},      {"isempty", 1, JQ_IGNORES_INPUT},
    {"not", 0, JQ_IGNORES_INPUT},      {"builtins", 0, JQ_IGNORES_INPUT},
    {"IN", 2, JQ_IGNORES_INPUT},       {"pow", 2, JQ_IGNORES_INPUT},
};

enum jq_builtin jq_builtin(const char *name, size_t len, unsigned arity)
{
    for (size_t i = 0; i < sizeof(builtins) / sizeof(*builtins); i++) {
        if (same(builtins[i].name, name, len) && arity >= builtins[i].min_arity) {
            return builtins[i].does;
        }
    }
    return JQ_READS_INPUT;
}

bool jq_builtin_shares_input(const char *name, size_t len)
{
    bool sees_results = same("any", name, len) || same("all", name, len);
    return !sees_results && jq_builtin(name, len, 9) != JQ_READS_INPUT;
}

const char *jq_undefined_help(bool after_dash)
{
    return after_dash ? "jq subtracts there: write a key that holds a dash as .[\"odd-key\"]"
                      : "a name begins with a dot, as in .params.x; a text stands in quotes, as "
                        "in \"x\"";
}
