/* `flowrun help key [KEY]`: what the keys of a workflow file are, from the tables that check them. Main thread. */
#include "helpkey.h"

#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "flowrun/base/json.h"
#include "flowrun/base/str.h"
#include "flowrun/plan/tools.h"

enum { MOST_KEYS = 300, WIDTH = 78 };

/* A JSON text as an author would write it in YAML: a plain word loses its quotes. */
static void write_yaml(const char *json, struct fr_buf *out)
{
    struct json_object *value = NULL;
    const char *text = NULL;
    if (!fr_json_parse(json, strlen(json), &value, NULL, 0))
        value = NULL;
    if (json_object_is_type(value, json_type_string))
        text = json_object_get_string(value);
    bool plain = text && ((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
                          (*text >= '0' && *text <= '9') || *text == '.' || *text == '/' ||
                          strncmp(text, "${{", 3) == 0);
    if (plain && !strstr(text, ": ") && !strstr(text, " #") && !strchr(text, '\n') &&
        strspn(text, "0123456789.") != strlen(text))
        fr_buf_str(out, text);
    else
        fr_buf_str(out, json);
    json_object_put(value);
}

static void write_places(const struct fr_key_doc *doc, struct fr_buf *out)
{
    static const struct {
        const char *table, *text;
    } tables[] = {{"workflow", "the top of the file"},
                  {"type", "an entry of `types`"},
                  {"model", "an entry of `models` of a type"},
                  {"parameter", "an entry of `params` of the file or a type"},
                  {"route", "an entry of `routes`"},
                  {"limit", "an entry of `limits`"},
                  {"budget", "`budget`"},
                  {"concurrency", "`concurrency`"},
                  {"matrix", "`matrix`"}};
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++)
        if (strcmp(tables[i].table, doc->table) == 0)
            fr_buf_str(out, tables[i].text);
    if (strcmp(doc->table, "step") != 0)
        return;
    fr_buf_str(out, *doc->kinds ? "steps of type " : "any step");
    fr_buf_str(out, doc->kinds);
    fr_buf_str(out, doc->in_defaults ? "; `defaults`" : "");
    fr_buf_str(out, doc->in_types ? "; an entry of `types`" : "");
    fr_buf_str(out, doc->in_models ? "; an entry of `models`" : "");
}

/* One line `name   text`, broken where it is too long. */
static void write_line(const char *name, const char *text, struct fr_buf *out)
{
    size_t column = 12, at = column;
    fr_buf_printf(out, "  %-10s", name);
    while (*text) {
        size_t len = strcspn(text, " ");
        if (at > column && at + 1 + len > WIDTH) {
            fr_buf_printf(out, "\n%*s", (int)column, "");
            at = column;
        }
        fr_buf_printf(out, "%s%.*s", at > column ? " " : "", (int)len, text);
        at += len + (at > column);
        text += len + (text[len] == ' ');
    }
    fr_buf_char(out, '\n');
}

/* All of one key. */
static void write_key(const struct fr_key_doc *doc, struct fr_buf *out)
{
    struct fr_buf text;
    fr_buf_init(&text, 0);
    fr_buf_printf(out, "%s: %s%s%s\n", doc->key, doc->type, doc->required ? ", required" : "",
                  doc->older ? ", an older word" : "");
    write_line("", doc->description, out);
    write_places(doc, &text);
    write_line("where", fr_buf_cstr(&text), out);
    if (doc->initial) {
        fr_buf_clear(&text);
        write_yaml(doc->initial, &text);
        write_line("default", fr_buf_cstr(&text), out);
    }
    if (doc->example) {
        fr_buf_clear(&text);
        fr_buf_printf(&text, "%s: ", doc->key);
        write_yaml(doc->example, &text);
        fr_buf_printf(out, "  %-10s%s\n", "example", fr_buf_cstr(&text));
    }
    fr_buf_clear(&text);
    fr_buf_printf(&text, "docs/format.md#%s, flowrun-workflow(5)", doc->section);
    write_line("more", fr_buf_cstr(&text), out);
    fr_buf_release(&text);
}

/* Keys beside names that an author chooses, which no table has. */
static const struct fr_key_doc inner[] = {
    {.table = "matrix",
     .key = "include",
     .type = "list of mappings",
     .description = "Combinations that are added, or more values for those that match",
     .example = "[{os: linux, cc: clang}]",
     .section = "matrix"},
    {.table = "matrix",
     .key = "exclude",
     .type = "list of mappings",
     .description = "Combinations that are left out; values that are not named match all",
     .example = "[{os: mac, cc: gcc}]",
     .section = "matrix"},
};

/* What the mapping under a key holds. */
static const struct part {
    const char *key, *table;
} parts[] = {
    {"params", "parameter"}, {"types", "type"},        {"models", "model"},
    {"limits", "limit"},     {"routes", "route"},      {"budget", "budget"},
    {"matrix", "matrix"},    {"steps", "step"},        {"step", "step"},
    {"finally", "step"},     {"callback", "step"},     {"fallback", "step"},
    {"combine", "step"},     {"defaults", "defaults"}, {"concurrency", "concurrency"},
};

/* Whether a key may stand in the mapping that is meant; NULL = any. */
static bool stands_in(const struct fr_key_doc *doc, const struct part *part)
{
    if (!part || strcmp(doc->table, part->table) == 0)
        return true;
    return strcmp(doc->table, "step") == 0 &&
           ((doc->in_types && strcmp(part->table, "type") == 0) ||
            (doc->in_models && strcmp(part->table, "model") == 0) ||
            (doc->in_defaults && strcmp(part->table, "defaults") == 0));
}

/* One key is looked for. */
struct search {
    const char *word;
    const struct part *part;
    struct fr_buf out;
    const char *names[MOST_KEYS];
    size_t count;
};

static void look(void *arg, const struct fr_key_doc *doc)
{
    struct search *search = arg;
    if (!stands_in(doc, search->part))
        return;
    if (search->count < MOST_KEYS)
        search->names[search->count++] = doc->key;
    if (strcmp(doc->key, search->word) != 0)
        return;
    if (search->out.len)
        fr_buf_char(&search->out, '\n');
    write_key(doc, &search->out);
}

/* The part that stands before the last dot of `params.name` or `types.models.cost`; NULL = none that is known. */
static const struct part *find_part(const char *word, const char *dot)
{
    const char *from = dot;
    while (from > word && from[-1] != '.')
        from--;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++)
        if (strlen(parts[i].key) == (size_t)(dot - from) &&
            strncmp(parts[i].key, from, (size_t)(dot - from)) == 0)
            return &parts[i];
    return NULL;
}

/* Says that there is no such key, and where to look. */
static int no_key(const struct search *search, const char *word)
{
    const char *near = fr_suggest(search->word, search->names, search->count);
    size_t first = strcspn(word, ".");
    for (size_t i = 0; word[first] && !search->part && i < search->count; i++)
        if (strlen(search->names[i]) == first && strncmp(word, search->names[i], first) == 0)
            return cmd_fail(CMD_USAGE,
                            "what is in '%s' has no page of its own: see `flowrun help key %s`",
                            search->names[i], search->names[i]);
    if (near)
        return cmd_fail(CMD_USAGE,
                        "no part of a workflow file has a key '%s': did you mean '%s%s%s'?", word,
                        search->part ? search->part->key : "", search->part ? "." : "", near);
    return cmd_fail(CMD_USAGE,
                    "no part of a workflow file has a key '%s': `flowrun help key` lists them",
                    word);
}

static int explain(const char *word)
{
    const char *dot = strrchr(word, '.');
    const struct part *part = dot ? find_part(word, dot) : NULL;
    struct search search = {.word = part ? dot + 1 : word, .part = part};
    int code;
    fr_buf_init(&search.out, 0);
    fr_schema_each_key(look, &search);
    for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++)
        look(&search, &inner[i]);
    if (search.out.len)
        code = cmd_write_stdout(&search.out, CMD_OK);
    else
        code = no_key(&search, word);
    fr_buf_release(&search.out);
    return code;
}

/* All keys are listed, under headings. */
struct list {
    struct fr_buf out;
    const char *where; /* of the line that is open; NULL = none */
    const char *only;
    bool older;
    size_t at;
};

static void add_to_list(void *arg, const struct fr_key_doc *doc)
{
    struct list *list = arg;
    if (doc->older != list->older || (!doc->older && strcmp(doc->where, list->only) != 0))
        return;
    if (!list->where)
        list->at = WIDTH + 1;
    list->where = doc->where;
    if (list->at + 1 + strlen(doc->key) > WIDTH) {
        fr_buf_str(&list->out, "\n ");
        list->at = 1;
    }
    fr_buf_printf(&list->out, " %s", doc->key);
    list->at += 1 + strlen(doc->key);
}

static int list_all(void)
{
    static const struct {
        const char *where, *title;
    } groups[] = {{"workflow", "the file"},
                  {"step", "steps"},
                  {"http", "steps of type http"},
                  {"transform", "steps of type transform"},
                  {"wait", "steps of type wait"},
                  {"human", "steps of type human"},
                  {"route", "steps of type route, and entries of its `routes`"},
                  {"split_input", "steps of type split_input"},
                  {"merge_results", "steps of type merge_results"},
                  {"workflow step", "steps of type workflow"},
                  {"group", "groups (parallel_group, race, chain, matrix, batch_process, loop)"},
                  {"batch_process", "steps of type batch_process"},
                  {"loop", "steps of type loop"},
                  {"type", "entries of `types`, besides keys of steps"},
                  {"model", "entries of `models`, besides keys of steps"},
                  {"parameter", "entries of `params`"},
                  {"limit", "entries of `limits`"},
                  {"budget", "`budget`"},
                  {"concurrency", "`concurrency`"}};
    struct list list = {.where = NULL};
    fr_buf_init(&list.out, 0);
    for (size_t i = 0; i <= sizeof groups / sizeof groups[0]; i++) {
        size_t start = list.out.len;
        list.older = i == sizeof groups / sizeof groups[0];
        list.only = list.older ? "" : groups[i].where;
        list.where = NULL;
        fr_buf_printf(&list.out, "%s:", list.older ? "older words" : groups[i].title);
        fr_schema_each_key(add_to_list, &list);
        if (list.where)
            fr_buf_char(&list.out, '\n');
        else
            list.out.len = start;
    }
    fr_buf_str(&list.out, "\n`flowrun help key KEY` explains one of them.\n");
    int code = cmd_write_stdout(&list.out, CMD_OK);
    fr_buf_release(&list.out);
    return code;
}

int cmd_help_key(const char *key)
{
    return key ? explain(key) : list_all();
}

/* A row of the list for programs: no field holds a tab. */
static void add_row(void *arg, const struct fr_key_doc *doc)
{
    struct fr_buf *out = arg, places;
    fr_buf_init(&places, 0);
    write_places(doc, &places);
    fr_buf_printf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t", doc->table, doc->where, doc->key, doc->type,
                  doc->older      ? "older"
                  : doc->required ? "required"
                                  : "",
                  doc->section, fr_buf_cstr(&places));
    if (doc->initial)
        write_yaml(doc->initial, out);
    fr_buf_char(out, '\t');
    if (doc->example)
        write_yaml(doc->example, out);
    fr_buf_printf(out, "\t%s\n", doc->description);
    fr_buf_release(&places);
}

int cmd_keys(void)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    fr_schema_each_key(add_row, &out);
    int code = cmd_write_stdout(&out, CMD_OK);
    fr_buf_release(&out);
    return code;
}
