/* One file from its bytes to struct src_workflow. Owns the structs until source_release;
 * the tree is the arena's. The thread that loads the plan. */
#include "source.h"

#include <errno.h>
#include <string.h>

#include "bindyaml.h"
#include "check.h"
#include "dialect.h"
#include "flowrun/base/fd.h"
#include "readfiles.h"

/* Says why a file cannot be read. */
static enum fr_err report_unreadable(const char *file, int error, struct fr_diags *diags)
{
    struct fr_mark mark = {.file = file};
    if (error == -EFBIG) {
        fr_diag_add(diags, FR_ERROR, mark, "too-long", NULL, "the file is longer than %d MB",
                    NODE_MAX_TEXT >> 20);
        return FR_ERR_INVALID;
    }
    fr_diag_add(diags, FR_ERROR, mark, "unreadable-file", NULL, "cannot read the file: %s",
                strerror(-error));
    return FR_ERR_MISSING;
}

/* Says by which table a file is checked. */
static const struct schema_table *table_of(enum src_what what, const struct node *root)
{
    bool types = node_get(root, "types") || node_get(root, "use");
    if (what == SRC_CATALOG || (what == SRC_ANY && types && !node_get(root, "steps"))) {
        return &schema_catalog;
    }
    return &schema_workflow;
}

/* Tells whether the text may hold expressions of an older form, or such with blanks, also in what is a comment. */
static bool has_braces(const char *text, size_t len, bool spaced)
{
    static const char *const forms[] = {"{{input}}", "{{env.", "{{step_", "{{ ", "{{\t", " }}"};
    for (size_t i = spaced ? 3 : 0; i < (spaced ? 6 : 3); i++) {
        if (memmem(text, len, forms[i], strlen(forms[i]))) {
            return true;
        }
    }
    return false;
}

/* Reads, rewrites and checks; the tree stays with src. */
static enum fr_err check_text(struct source *src, enum src_what what, const char *text, size_t len,
                              struct fr_diags *diags)
{
    size_t errors = diags->errors;
    enum fr_err err = node_read(src->arena, src->file, text, len, diags, &src->root);
    if (!src->root) {
        return err;
    }
    struct dialect dialect = {.arena = src->arena,
                              .diags = diags,
                              .braces = has_braces(text, len, false),
                              .spaced = has_braces(text, len, true)};
    src->root = dialect_rewrite(&dialect, src->root);
    struct check check = {.arena = src->arena,
                          .diags = diags,
                          .lines = {.text = text, .len = len},
                          .root = table_of(what, src->root)};
    check_tree(&check, src->root);
    return diags->errors == errors ? FR_OK : FR_ERR_INVALID;
}

/* Loads a file. */
enum fr_err source_load(struct source *src, struct fr_arena *arena, enum src_what what,
                        const char *file, const char *text, size_t len, struct fr_diags *diags)
{
    struct fr_buf bytes;
    enum fr_err err = FR_OK;
    fr_buf_init(&bytes, NODE_MAX_TEXT);
    *src = (struct source){.arena = arena, .file = file};
    if (!text) {
        int error = fr_read_file(file, &bytes);
        if (error < 0) {
            err = report_unreadable(file, error, diags);
            goto out;
        }
        text = fr_buf_cstr(&bytes);
        len = bytes.len;
        read_files_hash(text, len, src->sha256);
    }
    err = check_text(src, what, text, len, diags);
    if (err == FR_OK) {
        fr_buf_release(&bytes);
        err = bind_workflow(src->root, diags, &src->wf);
    }
out:
    fr_buf_release(&bytes);
    return err;
}

/* Frees what libcyaml made. */
void source_release(struct source *src)
{
    bind_free(src->wf);
    src->wf = NULL;
}

/* Returns the place of a key's value. */
struct fr_mark src_mark(const struct node *node, const char *key)
{
    const struct node *value = node_get(node, key);
    return node_mark(value ? value : node);
}

/* Returns the place of a key. */
struct fr_mark src_key_mark(const struct node *node, const char *key)
{
    const struct node *found = node_get_key(node, key);
    return node_mark(found ? found : node);
}

/* Tells whether a value is there; a list that is empty is for others to judge where one belongs. */
bool src_told(const struct node *node, const char *key)
{
    static const char *const lists[] = {"steps", "routes", "from"};
    const struct node *value = node_get(node, key);
    if (!value || value->kind != NODE_LIST || value->len > 0)
        return value;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        if (strcmp(key, lists[i]) == 0)
            return false;
    return true;
}
