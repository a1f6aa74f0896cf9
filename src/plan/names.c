/* The words of the file format for the plan's enums, in the order of the enums.
 * Constant tables; any thread. */
#include "build.h"

#include <ctype.h>
#include <string.h>

#include "flowrun/base/str.h"

const char *const names_merge[FR_MERGE__COUNT] = {"collect_all", "first_success", "best_quality",
                                                  "combine_outputs", "custom"};
const char *const names_rule[FR_RULE__COUNT] = {"all_success", "all_done", "any_success",
                                                "any_failed"};
const char *const names_output[FR_OUTPUT__COUNT] = {"text", "json", "lines", "jsonl", "none"};
const char *const names_leftover[FR_LEFTOVER__COUNT] = {"end", "kill", "keep"};
const char *const names_split[FR_SPLIT__COUNT] = {"duplicate", "round_robin", "chunk", "parts"};
const char *const names_strategy[FR_SPLIT__COUNT] = {"duplicate", "round_robin", "chunk", "custom"};
const char *const names_conflict[FR_CONFLICT__COUNT] = {"error", "first", "last"};
const char *const names_late[FR_LATE__COUNT] = {"reject", "skip", "approve"};
const char *const names_rejected[FR_REJECT__COUNT] = {"fail", "skip", "stop"};
const char *const names_vtype[FR_VT__COUNT] = {"any",   "text",   "image", "images", "audio",
                                               "video", "videos", "list",  "json"};

/* The position of a word in its table. */
int names_find(const char *const *names, int count, const char *text, int otherwise)
{
    for (int i = 0; text && i < count; i++)
        if (strcmp(names[i], text) == 0)
            return i;
    return otherwise;
}

const char *fr_merge_name(enum fr_merge merge)
{
    return merge < FR_MERGE__COUNT ? names_merge[merge] : "?";
}

const char *fr_rule_name(enum fr_rule rule)
{
    return rule < FR_RULE__COUNT ? names_rule[rule] : "?";
}

const char *fr_vtype_name(enum fr_vtype type)
{
    return type < FR_VT__COUNT ? names_vtype[type] : "?";
}

/* A name as an id: lower case, `_` for every other character. */
const char *names_id(struct fr_arena *arena, const char *name)
{
    char *id = fr_alloc(arena, strlen(name) + 2), *out = id;

    if (!isalpha((unsigned char)name[0]) && name[0] != '_')
        *out++ = '_';
    for (size_t len = strlen(name), i = 0; i < len;) {
        unsigned char c = (unsigned char)name[i];
        size_t n = fr_utf8_len(name + i, len - i);
        *out++ = isalnum(c) || c == '_' || c == '-' ? (char)tolower(c) : '_';
        i += n ? n : 1;
    }
    return id;
}
