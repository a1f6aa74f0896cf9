/* From libyaml's events to a tree in the arena, in one pass. Finished children wait on a
 * stack until their list or map ends; depth is counted from the events, since libyaml is
 * quadratic in it. Reader's thread; the reader's own memory is freed before node_read returns. */
#include "read.h"

#include <stdlib.h>
#include <string.h>

struct anchor {
    struct node *node; /* NULL until its end was read */
    uint64_t weight;
    uint32_t height;
};

/* Turns a libyaml mark into a place. */
struct fr_mark read_mark(const struct reader *reader, yaml_mark_t mark)
{
    return (struct fr_mark){
        .file = reader->file, .line = (uint32_t)mark.line + 1, .col = (uint32_t)mark.column + 1};
}

/* Returns the one copy of a key's text. Most keys are among the last few, told apart by length and ends. */
static const char *intern(struct reader *reader, const char *text, size_t len)
{
    size_t mix = len;
    if (len > 0) {
        mix += (unsigned char)text[0] * 31U + (unsigned char)text[len - 1] * 7U;
    }
    struct read_recent *recent = &reader->recent[mix % READ_RECENT];
    if (recent->text && recent->len == len && memcmp(recent->text, text, len) == 0) {
        return recent->text;
    }
    char *have = fr_map_getn(&reader->keys, text, len);
    if (!have) {
        have = fr_strndup(reader->arena, text, len);
        fr_map_put(&reader->keys, have, have);
    }
    *recent = (struct read_recent){have, len};
    return have;
}

/* Adds an error at a mark. */
#define FAIL(reader, at, code, help, ...)                                                          \
    fr_diag_add((reader)->diags, FR_ERROR, read_mark(reader, at), code, help, __VA_ARGS__)

/* Tells whether the next node will be a key. */
static bool at_key(const struct reader *reader)
{
    if (reader->depth == 0) {
        return false;
    }
    const struct read_frame *frame = &reader->frames[reader->depth - 1];
    return frame->node->kind == NODE_MAP && (reader->top - frame->base) % 2 == 0;
}

/* Hands a finished node to the list or map it stands in. */
static bool push(struct reader *reader, struct node *node, uint32_t height)
{
    if (reader->depth == 0) {
        reader->root = node;
        return true;
    }
    if (reader->top == reader->cap) {
        size_t cap = reader->cap ? reader->cap * 2 : 256;
        struct node **stack = realloc(reader->stack, cap * sizeof(*stack));
        if (!stack) {
            fr_diag_add(reader->diags, FR_ERROR, node_mark(node), "no-memory", NULL,
                        "memory is out");
            return false;
        }
        reader->stack = stack;
        reader->cap = cap;
    }
    struct read_frame *frame = &reader->frames[reader->depth - 1];
    if (frame->height < height + 1) {
        frame->height = height + 1;
    }
    frame->ids = frame->ids && node->kind == NODE_SCALAR && !node->quoted && node->len > 0 &&
                 !strchr(node->text, '{');
    frame->bad_key = frame->bad_key || (node->kind != NODE_SCALAR && at_key(reader));
    reader->stack[reader->top++] = node;
    return true;
}

/* Tells whether the next node will be the value of `depends_on`. */
static bool at_ids(const struct reader *reader)
{
    if (reader->depth == 0) {
        return false;
    }
    const struct read_frame *frame = &reader->frames[reader->depth - 1];
    return frame->node->kind == NODE_MAP && (reader->top - frame->base) % 2 == 1 &&
           reader->stack[reader->top - 1]->text == reader->ids_key;
}

/* Registers or completes an anchor. */
static struct anchor *note_anchor(struct reader *reader, const char *name)
{
    struct anchor *anchor = FR_NEW(reader->arena, struct anchor);
    fr_map_put(&reader->anchors, intern(reader, name, strlen(name)), anchor);
    return anchor;
}

/* Makes a node at the place of an event. */
static struct node *new_node(struct reader *reader, const yaml_event_t *event, enum node_kind kind)
{
    struct node *node = FR_NEW(reader->arena, struct node);
    node->file = reader->file;
    node->line = (uint32_t)event->start_mark.line + 1;
    node->col = (uint32_t)event->start_mark.column + 1;
    node->kind = (uint8_t)kind;
    reader->weight++;
    return node;
}

/* The column at which the text of a block scalar begins whose `|` stands on `line`. */
static uint8_t block_column(struct reader *reader, uint32_t line)
{
    struct quote_span first = quote_line(&reader->lines, line + 1);
    size_t blanks = 0;
    while (blanks < first.len && first.text[blanks] == ' ')
        blanks++;
    return (uint8_t)(blanks < 255 ? blanks + 1 : 255);
}

/* The list of the next node holds something that others refer to, or more than text. */
static void forget_ids(struct reader *reader)
{
    if (reader->depth > 0)
        reader->frames[reader->depth - 1].ids = false;
}

/* Builds a scalar. */
static bool on_scalar(struct reader *reader, const yaml_event_t *event)
{
    const char *text = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    yaml_scalar_style_t style = event->data.scalar.style;
    if (memchr(text, '\0', len)) {
        FAIL(reader, event->start_mark, "bad-value", "remove the \\0", "text cannot hold a NUL");
        len = strlen(text);
    }
    struct node *node = new_node(reader, event, NODE_SCALAR);
    node->len = (uint32_t)len;
    if (len == 0) {
        node->text = at_key(reader) ? intern(reader, "", 0) : "";
    } else {
        node->text =
            at_key(reader) ? intern(reader, text, len) : fr_strndup(reader->arena, text, len);
    }
    if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE)
        node->block = block_column(reader, node->line);
    node->quoted = style != YAML_PLAIN_SCALAR_STYLE;
    node->loose = read_is_loose(reader, event);
    read_scalar_tag(reader, event, node);
    if (event->data.scalar.anchor || event->data.scalar.tag)
        forget_ids(reader);
    if (event->data.scalar.anchor) {
        struct anchor *anchor = note_anchor(reader, (const char *)event->data.scalar.anchor);
        *anchor = (struct anchor){.node = node, .weight = 1};
    }
    return push(reader, node, 0);
}

/* Opens a list or map. */
static bool on_start(struct reader *reader, const yaml_event_t *event, enum node_kind kind)
{
    if (reader->depth == NODE_MAX_DEPTH) {
        FAIL(reader, event->start_mark, "too-deep", NULL,
             "lists and mappings are nested deeper than %d levels", NODE_MAX_DEPTH);
        return false;
    }
    struct read_frame *frame = &reader->frames[reader->depth];
    *frame = (struct read_frame){
        .base = reader->top, .weight = reader->weight, .ids = kind == NODE_LIST && at_ids(reader)};
    frame->node = new_node(reader, event, kind);
    const char *anchor = NULL;
    if (kind == NODE_LIST) {
        anchor = (const char *)event->data.sequence_start.anchor;
        frame->node->flow = event->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE;
        read_collection_tag(reader, event, event->data.sequence_start.tag, "seq");
    } else {
        anchor = (const char *)event->data.mapping_start.anchor;
        frame->node->flow = event->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE;
        read_collection_tag(reader, event, event->data.mapping_start.tag, "map");
    }
    if (anchor) {
        frame->anchor = intern(reader, anchor, strlen(anchor));
        note_anchor(reader, anchor);
    }
    if (frame->ids) {
        frame->begin = fr_arena_save(reader->arena);
    }
    reader->depth++;
    return true;
}

/* Moves the children of a frame from the stack into its node. */
static void take_children(struct reader *reader, struct read_frame *frame)
{
    struct node *node = frame->node;
    size_t count = reader->top - frame->base;
    node->items = NULL;
    if (count > 0) {
        node->items = fr_alloc_array(reader->arena, count, sizeof(struct node *));
        memcpy(node->items, reader->stack + frame->base, count * sizeof(struct node *));
    }
    node->len = (uint32_t)(node->kind == NODE_MAP ? count / 2 : count);
    reader->top = frame->base;
}

/* Closes a list or map. */
static bool on_end(struct reader *reader, const yaml_event_t *event)
{
    struct read_frame *frame = &reader->frames[--reader->depth];
    struct node *node = frame->node;
    take_children(reader, frame);
    if (node->kind == NODE_MAP) {
        read_check_keys(reader, node, frame->bad_key ? event : NULL);
        read_merge(reader, node);
    }
    if (frame->ids) {
        read_share_ids(reader, frame);
    }
    if (frame->anchor) {
        struct anchor *anchor = note_anchor(reader, frame->anchor);
        *anchor = (struct anchor){
            .node = node, .weight = reader->weight - frame->weight, .height = frame->height};
    }
    return push(reader, node, frame->height);
}

/* Reports an alias that stands for nothing. */
static void report_alias(struct reader *reader, const yaml_event_t *event, const char *name,
                         bool open)
{
    char shown[QUOTE_SHOWN];
    quote_shown(name, shown);
    struct fr_mark mark = read_mark(reader, event->start_mark);
    mark.len = quote_chars(name, strlen(name)) + 1;
    if (open) {
        fr_diag_add(reader->diags, FR_ERROR, mark, "unknown-alias", NULL,
                    "the alias '*%s' stands inside the value that it stands for", shown);
        return;
    }
    struct fr_buf help;
    fr_buf_init(&help, 0);
    struct quote_value value;
    struct quote_span line = quote_line(&reader->lines, (uint32_t)event->start_mark.line + 1);
    const char *near = fr_map_suggest(&reader->anchors, name);
    if (near) {
        fr_buf_printf(&help, "did you mean '*%s'?", near);
    } else if (quote_find_value(line, &value) && value.col == event->start_mark.column + 1) {
        quote_help(&value, &help);
        fr_buf_str(&help, ", or define it before with '&'");
    } else {
        fr_buf_str(&help, "quote this, or define it before with '&'");
    }
    fr_diag_add(reader->diags, FR_ERROR, mark, "unknown-alias", fr_buf_cstr(&help),
                "no anchor '&%s' comes before the alias '*%s'", shown, shown);
    fr_buf_release(&help);
}

/* Puts the node that an alias stands for in its place. */
static bool on_alias(struct reader *reader, const yaml_event_t *event)
{
    const char *name = (const char *)event->data.alias.anchor;
    const struct anchor *anchor = fr_map_get(&reader->anchors, name);
    if (!anchor || !anchor->node) {
        report_alias(reader, event, name, anchor != NULL);
        struct node *empty = new_node(reader, event, NODE_SCALAR);
        empty->text = intern(reader, name, strlen(name));
        empty->len = (uint32_t)strlen(name);
        empty->quoted = true;
        return push(reader, empty, 0);
    }
    reader->weight += anchor->weight;
    reader->aliased += anchor->weight;
    if (reader->aliased > NODE_MAX_UNFOLDED) {
        FAIL(reader, event->start_mark, "alias-bomb", NULL,
             "the aliases of the file stand for more than %d values", NODE_MAX_UNFOLDED);
        return false;
    }
    if (reader->depth + anchor->height > NODE_MAX_DEPTH) {
        FAIL(reader, event->start_mark, "too-deep", NULL,
             "with this alias lists and mappings are nested deeper than %d levels", NODE_MAX_DEPTH);
        return false;
    }
    forget_ids(reader);
    struct node *node = anchor->node;
    if (at_key(reader) && node->kind == NODE_SCALAR) {
        node = FR_NEW(reader->arena, struct node);
        *node = *anchor->node;
        node->text = intern(reader, node->text, node->len);
    }
    return push(reader, node, anchor->height);
}

/* Takes one event; false ends the reading. */
static bool on_event(struct reader *reader, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_SCALAR_EVENT:
        return on_scalar(reader, event);
    case YAML_SEQUENCE_START_EVENT:
        return on_start(reader, event, NODE_LIST);
    case YAML_MAPPING_START_EVENT:
        return on_start(reader, event, NODE_MAP);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        return on_end(reader, event);
    case YAML_ALIAS_EVENT:
        return on_alias(reader, event);
    case YAML_DOCUMENT_START_EVENT:
        if (reader->root) {
            FAIL(reader, event->start_mark, "several-documents",
                 "keep one document a file; a line `---` begins a document",
                 "a second document begins here");
            return false;
        }
        return true;
    default:
        return true;
    }
}

/* Reads events to the end of the stream. */
static void read_events(struct reader *reader)
{
    yaml_event_t event;
    for (bool more = true; more;) {
        if (!yaml_parser_parse(&reader->parser, &event)) {
            read_syntax_error(reader);
            reader->root = NULL;
            return;
        }
        bool end = event.type == YAML_STREAM_END_EVENT;
        more = on_event(reader, &event) && !end;
        yaml_event_delete(&event);
    }
}

/* Frees the reader's own memory. */
static void release(struct reader *reader)
{
    yaml_parser_delete(&reader->parser);
    fr_map_release(&reader->keys);
    fr_map_release(&reader->anchors);
    free(reader->stack);
    free(reader->repeats);
}

/* Reads a document into a tree. */
enum fr_err node_read(struct fr_arena *arena, const char *file, const char *text, size_t len,
                      struct fr_diags *diags, struct node **root)
{
    struct reader reader = {.arena = arena,
                            .file = file,
                            .text = text,
                            .len = len,
                            .diags = diags,
                            .lines = {.text = text, .len = len}};
    size_t errors = diags->errors;
    *root = NULL;
    if (!read_check_bytes(&reader)) {
        return FR_ERR_INVALID;
    }
    fr_map_init(&reader.keys);
    fr_map_init(&reader.anchors);
    if (!yaml_parser_initialize(&reader.parser)) {
        return FR_ERR_NOMEM;
    }
    yaml_parser_set_input_string(&reader.parser, (const unsigned char *)text, len);
    reader.merge_key = intern(&reader, "<<", 2);
    reader.ids_key = intern(&reader, "depends_on", 10);
    read_events(&reader);
    release(&reader);
    if (diags->errors == errors && (!reader.root || node_is_empty(reader.root))) {
        fr_diag_add(diags, FR_ERROR, (struct fr_mark){.file = file, .line = 1, .col = 1},
                    "empty-file", NULL, "the file is empty");
        return FR_ERR_INVALID;
    }
    *root = reader.root;
    return diags->errors == errors ? FR_OK : FR_ERR_INVALID;
}
