/* What the files that read YAML text share: read.c (events to tree), merge.c (merge
 * keys), mapkeys.c, repeat.c, tag.c, bytes.c, syntax.c (saying what is wrong with the text). Private to them. */
#ifndef PLAN_READ_H
#define PLAN_READ_H

#include <yaml.h>

#include "flowrun/base/map.h"
#include "node.h"
#include "quote.h"

/* A list or map whose end has not come yet. */
struct read_frame {
    struct node *node;
    size_t base;                /* where its children begin on the stack */
    uint64_t weight;            /* nodes seen before it */
    const char *anchor;         /* its anchor's name or NULL */
    uint32_t height;            /* levels below it so far */
    bool bad_key;               /* one of its keys is no text */
    bool ids;                   /* the list of `depends_on`, of plain texts so far */
    struct fr_arena_mark begin; /* of such a list: before its items */
};

/* A key text that was met lately. */
enum { READ_RECENT = 64 };
struct read_recent {
    const char *text;
    size_t len;
};

struct reader {
    struct fr_arena *arena;
    const char *file;
    const char *text;
    size_t len;
    struct fr_diags *diags;
    struct quote_lines lines;
    yaml_parser_t parser;
    struct read_recent recent[READ_RECENT];
    struct fr_map keys;    /* key text -> its one copy, so that equal keys are one pointer */
    struct fr_map anchors; /* name -> struct anchor */
    const char *merge_key; /* the one copy of "<<" */
    const char *ids_key;   /* that of "depends_on" */
    struct node **repeats; /* lists of ids that others may equal, by hash; malloc'ed */
    size_t repeat_count, repeat_cap;
    struct read_frame frames[NODE_MAX_DEPTH];
    uint32_t depth;
    struct node **stack; /* finished children of all open frames; malloc'ed */
    size_t top, cap;
    struct node *root;
    uint64_t weight;  /* nodes so far, aliases counted as what they stand for */
    uint64_t aliased; /* of these, nodes that aliases stand for */
};

/* The place of a libyaml mark. */
struct fr_mark read_mark(const struct reader *reader, yaml_mark_t mark);

/* Applies the tag of a scalar to it: string or core type; reports one that does not fit. */
void read_scalar_tag(struct reader *reader, const yaml_event_t *event, struct node *node);
/* Tells whether the file holds a scalar other than as its text reads: with escapes, or over several lines. */
bool read_is_loose(struct reader *reader, const yaml_event_t *event);
/* Reports a tag of a list or map (may be NULL) other than `fitting` ("seq", "map"). */
void read_collection_tag(struct reader *reader, const yaml_event_t *event, const unsigned char *tag,
                         const char *fitting);

/* Reports keys that stand twice and keeps the first; `end` is the map's last event when a key of it is no text, else
 * NULL. A `{{ }}` without quotes becomes the text it was meant to be: then it is no map any more. */
void read_check_keys(struct reader *reader, struct node *map, const yaml_event_t *end);

/* Replaces the merge keys of a map (or of what is no map any more: nothing) by what they stand for; explicit keys win, then earlier maps. */
void read_merge(struct reader *reader, struct node *map);

/* Lets a list of plain ids that has just ended have the items of an equal one before it, and gives its own back. */
void read_share_ids(struct reader *reader, const struct read_frame *frame);

/* Reports what libyaml stopped at, with the mend where it can be told. */
void read_syntax_error(struct reader *reader);

/* Reports the first byte that YAML text cannot hold (bad UTF-8, control characters, UTF-16) and more directives than
 * libyaml can bear; true when the bytes are fit for libyaml. */
bool read_check_bytes(struct reader *reader);

#endif
