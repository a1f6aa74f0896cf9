/* The table of options (opts.c): one for all commands. Parsing, help and completion are made from it. Constant; main
 * thread. */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "flowrun/base/buf.h"

struct cmd;
struct cmd_opts;

/* ONCE: a text, and nobody would know which of two was meant. */
enum cmd_take { TAKE_FLAG, TAKE_TEXT, TAKE_ONCE, TAKE_LIST };

/* One option. `key` is its character in struct cmd.accepts. */
struct cmd_option {
    char key;
    char letter;      /* short option, or 0 */
    const char *name; /* the long one, without its dashes */
    const char
        *arg; /* "FILE", "ID" …: what it takes; "a|b|c": one of these words; NULL = nothing */
    const char *help;
    enum cmd_take take;
    size_t offset, count_offset; /* in struct cmd_opts */
};

/* opts.c. The next option from *at on that the command accepts, or NULL. */
const struct cmd_option *cmd_option_next(const struct cmd *cmd, uint32_t *at);
/* Stores a value that was given, which is borrowed, and an operand. */
void cmd_option_store(struct cmd_opts *opts, const struct cmd_option *option, const char *value);
void cmd_opts_operand(struct cmd_opts *opts, const char *word);

/* options.c. Whether `arg` lists the words that are allowed. */
bool cmd_is_words(const char *arg);
/* The first word of a list `a|b|c` from *at on; *at moves behind it. Its length, 0 = there are no more. */
size_t cmd_next_word(const char **at, const char **word);
/* Whether the word is one of the list. */
bool cmd_has_word(const char *words, const char *word);
/* The word that was probably meant, written to `out`; NULL = none. */
const char *cmd_near_word(const char *words, const char *word, char *out, size_t size);
/* Appends `a, b or c`. */
void cmd_add_words(const char *words, struct fr_buf *out);

#endif
