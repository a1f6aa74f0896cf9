/* Writes what a jq program gets as its `.`: the roots and steps it may read, nothing
 * else, so that its cost does not grow with the run. Coordinator thread only. */
#include <string.h>

#include "exprs.h"

static void write_key(struct fr_buf *out, const char *key, size_t len, bool *first)
{
    if (!*first) {
        fr_buf_char(out, ',');
    }
    *first = false;
    fr_json_write_str(key, len, out);
    fr_buf_char(out, ':');
}

static void write_step(const struct fr_scope *scope, const char *id, unsigned fields,
                       struct fr_buf *out, bool *first)
{
    write_key(out, id, strlen(id), first);
    if (scope->result != NULL) {
        scope->result(scope->ctx, FR_ROOT_STEPS, id, fields, out);
    } else {
        fr_json_write(scope->step(scope->ctx, id, NULL), out);
    }
}

static void write_steps(const struct fr_scope *scope, const struct fr_expr *expr,
                        struct fr_buf *out)
{
    bool first = true;
    fr_buf_char(out, '{');
    if (expr->all_steps) {
        const char *id;
        for (uint32_t i = 0; scope->step_id != NULL && (id = scope->step_id(scope->ctx, i)) != NULL;
             i++) {
            write_step(scope, id, expr->fields, out, &first);
        }
    } else {
        for (uint32_t i = 0; i < expr->step_ref_count; i++) {
            write_step(scope, expr->step_refs[i], expr->fields, out, &first);
        }
    }
    fr_buf_char(out, '}');
}

void fr_scope_json(const struct fr_scope *scope, const struct fr_expr *expr, struct fr_buf *out)
{
    bool first = true;
    fr_buf_char(out, '{');
    for (int i = 0; i < FR_ROOT__COUNT; i++) {
        enum fr_root root = (enum fr_root)i;
        if ((expr->roots & (1U << i)) == 0) {
            continue;
        }
        const char *name = fr_root_name(root);
        write_key(out, name, strlen(name), &first);
        if (root == FR_ROOT_STEPS) {
            write_steps(scope, expr, out);
        } else if ((root == FR_ROOT_RESULT || root == FR_ROOT_RESULTS) && scope->result != NULL) {
            scope->result(scope->ctx, root, NULL, expr->fields, out);
        } else {
            fr_json_write(scope->root(scope->ctx, root), out);
        }
    }
    fr_buf_char(out, '}');
}
