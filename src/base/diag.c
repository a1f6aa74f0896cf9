/* The diagnostics collector: keeps the first FR_DIAG_LIMIT problems, counts them all. Owns its
 * items and, in its arena, their texts. One thread. */
#include "flowrun/base/diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "flowrun/base/map.h"
#include "flowrun/base/str.h"

/* Makes an empty collector. */
void fr_diags_init(struct fr_diags *diags)
{
    *diags = (struct fr_diags){0};
    fr_arena_init(&diags->arena);
}

/* Frees the items and their texts. */
void fr_diags_release(struct fr_diags *diags)
{
    fr_arena_release(&diags->arena);
    free(diags->items);
    fr_diags_init(diags);
}

/* Adds one problem; past the limit it is only counted. */
void fr_diag_add(struct fr_diags *diags, enum fr_severity severity, struct fr_mark mark,
                 const char *code, const char *help, const char *fmt, ...)
{
    if (severity == FR_ERROR) {
        diags->errors++;
    } else {
        diags->warnings++;
    }
    if (diags->count == FR_DIAG_LIMIT) {
        return;
    }
    if (diags->count == diags->cap) {
        diags->cap = diags->cap ? diags->cap * 2 : 16;
        diags->items = base_realloc(diags->items, diags->cap, sizeof(*diags->items));
    }
    va_list args;
    va_start(args, fmt);
    diags->items[diags->count++] = (struct fr_diag){
        .mark = mark,
        .severity = severity,
        .code = code,
        .message = fr_vformat(&diags->arena, fmt, args),
        .help = fr_strdup(&diags->arena, help),
    };
    va_end(args);
}

/* A problem and what decides its place. */
struct ranked {
    struct fr_diag diag;
    size_t file; /* rank of the file: place of its first problem */
    size_t place;
};

static int compare_numbers(size_t a, size_t b)
{
    return a < b ? -1 : a > b;
}

/* File, line, column, then the order in which they came. */
static int compare_ranked(const void *left, const void *right)
{
    const struct ranked *a = left;
    const struct ranked *b = right;
    int order = compare_numbers(a->file, b->file);
    order = order ? order : compare_numbers(a->diag.mark.line, b->diag.mark.line);
    order = order ? order : compare_numbers(a->diag.mark.col, b->diag.mark.col);
    return order ? order : compare_numbers(a->place, b->place);
}

/* Tells whether two problems of one file say the same of one place. */
static bool same_diag(const struct fr_diag *a, const struct fr_diag *b)
{
    return a->mark.line == b->mark.line && a->mark.col == b->mark.col &&
           a->severity == b->severity && fr_str_eq(a->code, b->code) &&
           fr_str_eq(a->message, b->message);
}

/* Tells whether the kept problems of this place already say it; they lie at the end of the list. */
static bool is_kept(const struct ranked *kept, size_t count, const struct ranked *one)
{
    while (count-- > 0 && kept[count].file == one->file &&
           kept[count].diag.mark.line == one->diag.mark.line &&
           kept[count].diag.mark.col == one->diag.mark.col) {
        if (same_diag(&kept[count].diag, &one->diag)) {
            return true;
        }
    }
    return false;
}

/* Sorts, and drops what was said before; what is dropped is not counted any more. */
void fr_diags_sort(struct fr_diags *diags)
{
    if (diags->count == 0) {
        return;
    }
    struct ranked *list = base_realloc(NULL, diags->count, sizeof(*list));
    struct fr_map files;
    fr_map_init(&files);
    for (size_t i = 0; i < diags->count; i++) {
        const char *file = diags->items[i].mark.file ? diags->items[i].mark.file : "";
        const struct fr_diag *first = fr_map_get(&files, file);
        if (!first) {
            first = &diags->items[i];
            (void)fr_map_put(&files, file, &diags->items[i]);
        }
        list[i] = (struct ranked){
            .diag = diags->items[i], .file = (size_t)(first - diags->items), .place = i};
    }
    fr_map_release(&files);
    qsort(list, diags->count, sizeof(*list), compare_ranked);
    size_t kept = 0;
    for (size_t i = 0; i < diags->count; i++) {
        if (!is_kept(list, kept, &list[i])) {
            list[kept++] = list[i];
        } else if (list[i].diag.severity == FR_ERROR) {
            diags->errors--;
        } else {
            diags->warnings--;
        }
    }
    for (size_t i = 0; i < kept; i++) {
        diags->items[i] = list[i].diag;
    }
    diags->count = kept;
    free(list);
}
