/* Tags: `!!str` and its kin decide how a scalar is read, all others are errors. Reader's
 * thread; owns nothing. */
#include <string.h>

#include "flowrun/base/str.h"
#include "read.h"

#define TAG_PREFIX "tag:yaml.org,2002:"

/* Reports a tag that is not the core schema's, or does not fit the node. */
static void report_tag(struct reader *reader, const yaml_event_t *event, const char *tag)
{
    bool core = fr_str_starts(tag, TAG_PREFIX);
    const char *name = core ? tag + strlen(TAG_PREFIX) : tag;
    char shown[QUOTE_SHOWN];
    quote_shown(name, shown);
    struct quote_value value;
    struct quote_span line = quote_line(&reader->lines, (uint32_t)event->start_mark.line + 1);
    struct fr_buf help;
    fr_buf_init(&help, 0);
    if (!core && quote_find_value(line, &value) && value.col == event->start_mark.column + 1) {
        quote_help(&value, &help);
    } else {
        fr_buf_str(&help, "known are !!str, !!int, !!float, !!bool, !!null, !!seq and !!map");
    }
    struct fr_mark mark = read_mark(reader, event->start_mark);
    mark.len = quote_chars(name, strlen(name)) + (core ? 2 : 0);
    fr_diag_add(reader->diags, FR_ERROR, mark, "bad-tag", fr_buf_cstr(&help),
                core ? "the tag '!!%s' does not fit this value" : "the tag '%s' is not known",
                shown);
    fr_buf_release(&help);
}

/* Applies the tag of a list or map. */
void read_collection_tag(struct reader *reader, const yaml_event_t *event, const unsigned char *tag,
                         const char *fitting)
{
    const char *text = (const char *)tag;
    if (!text || strcmp(text, "!") == 0) {
        return;
    }
    if (!fr_str_starts(text, TAG_PREFIX) || strcmp(text + strlen(TAG_PREFIX), fitting) != 0) {
        report_tag(reader, event, text);
    }
}

/* Applies the tag of a scalar: it decides between string and core type. */
void read_scalar_tag(struct reader *reader, const yaml_event_t *event, struct node *node)
{
    static const char *const core[][2] = {{"int", "integer"},
                                          {"float", "number"},
                                          {"float", "integer"},
                                          {"bool", "boolean"},
                                          {"null", "null"}};
    const char *tag = (const char *)event->data.scalar.tag;
    if (!tag) {
        return;
    }
    if (strcmp(tag, "!") == 0 || strcmp(tag, TAG_PREFIX "str") == 0) {
        node->quoted = true;
        return;
    }
    node->quoted = false;
    const char *type = node_core_type(node);
    for (size_t i = 0; i < sizeof(core) / sizeof(core[0]); i++) {
        if (fr_str_starts(tag, TAG_PREFIX) && strcmp(tag + strlen(TAG_PREFIX), core[i][0]) == 0 &&
            strcmp(type, core[i][1]) == 0) {
            return;
        }
    }
    node->quoted = true;
    report_tag(reader, event, tag);
}

/* Tells whether the file holds a scalar other than as its text reads. */
bool read_is_loose(struct reader *reader, const yaml_event_t *event)
{
    const yaml_mark_t *from = &event->start_mark, *to = &event->end_mark;
    uint32_t quotes = 2;
    switch (event->data.scalar.style) {
    case YAML_FOLDED_SCALAR_STYLE:
        return true;
    case YAML_LITERAL_SCALAR_STYLE: {
        struct quote_span first = quote_line(&reader->lines, (uint32_t)from->line + 2);
        return quote_rest(first, 1).len == 0 || event->data.scalar.tag || event->data.scalar.anchor;
    }
    case YAML_PLAIN_SCALAR_STYLE:
        quotes = 0;
        break;
    default:
        break;
    }
    return from->line != to->line ||
           to->index - from->index - quotes !=
               quote_chars((const char *)event->data.scalar.value, event->data.scalar.length);
}
