/* Values in shell text are bound, not pasted: each `${{ }}` of a script becomes a
 * reference to a variable of the step's environment, quoted for the place it stands
 * in. Places where no quoting makes data safe are errors. Pure. */
#ifndef FLOWRUN_PLAN_BIND_H
#define FLOWRUN_PLAN_BIND_H

#include <stdbool.h>
#include <stdint.h>

#include "flowrun/plan/expr.h"

/* The variable that carries value i of a script is FR_BIND_PREFIX followed by i + 1. */
#define FR_BIND_PREFIX "FLOWRUN_VALUE_"

struct fr_script {
    const char *text;              /* what the shell gets; arena */
    const struct fr_expr **values; /* one a variable; the same expression is bound once */
    uint32_t value_count;
    bool echoes; /* it has values and says `echo` */
    const char **
        words; /* NULL-terminated argv when the text is plain words that need no shell, else NULL */
};

/* The shell's quoting is known and binding is safe in it: sh, bash, dash, ash, busybox sh, by the words of `shell`,
 * the last of which must be its -c. Not zsh, ksh and mksh, which evaluate numbers given to `[`, printf, exit and
 * others as arithmetic that runs commands found in data; not yash, which loses bytes that are no text. */
bool fr_shell_is_bourne(const char *const *shell, uint32_t count);

/* What goes before the text, in its first line, when this shell gets it; "" in most cases. The echo of a shell that is
 * not bash takes backslashes in data for escapes: a script that uses it gets one that acts like bash's. */
const char *fr_script_prelude(const struct fr_script *script, const char *const *shell,
                              uint32_t count);

/* Binds the expressions of `text`, which is borrowed: it lives as long as the arena. With bourne = false any
 * expression is an error. NULL after a diagnostic (code unsafe-expression, with the mend). A command whose name the
 * shell computes (`$tool …`) is taken for one to which arguments are data, but for the word behind `-c`. Plain words are
 * found only when there is no expression. */
const struct fr_script *fr_script_parse(struct fr_expr_ctx *ctx, const char *text,
                                        struct fr_mark mark, bool bourne);

#endif
