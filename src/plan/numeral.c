/* Numbers of the format in the one form that all who read them know: decimal digits. To YAML 0x3, 0o3, +3, 3.0 and 3e0 are the
 * number 3. Owns nothing; the thread that loads the plan. */
#include <string.h>

#include "check.h"
#include "flowrun/base/str.h"

/* Whether a kind takes plain numbers; *whole: only such without a fraction. */
static bool takes_numbers(enum schema_kind kind, bool *whole)
{
    *whole = kind == KIND_INTEGER || kind == KIND_SUCCESS || kind == KIND_RETRY_ON ||
             kind == KIND_EXPECT;
    return *whole || kind == KIND_NUMBER || kind == KIND_MONEY || kind == KIND_TIMEOUT ||
           kind == KIND_DURATION || kind == KIND_DURATION_EXPR;
}

/* Whether a text is read as it is by who wants such a number. */
static bool is_usual(const char *text, bool whole)
{
    double number;
    return fr_parse_f64(text, &number) && !strpbrk(text, whole ? "eE." : "eE");
}

/* A number in JSON's grammar without its exponent, and without zeros that say nothing; NULL when it is too far from 1. */
static const char *without_exponent(struct fr_arena *arena, const char *text)
{
    enum { FAR = 20 };
    static const char zeros[FAR + 1] = "00000000000000000000";
    const char *e = text + strcspn(text, "eE"), *sign = *text == '-' ? "-" : "";
    int64_t exponent = 0;
    struct fr_buf all;

    text += *sign == '-';
    if (*e &&
        (!fr_parse_i64(e + 1 + (e[1] == '+'), &exponent) || exponent > FAR || exponent < -FAR))
        return NULL;
    size_t whole = strcspn(text, ".eE");
    fr_buf_init(&all, 0);
    fr_buf_str(&all, zeros);
    fr_buf_add(&all, text, whole);
    if (text[whole] == '.')
        fr_buf_add(&all, text + whole + 1, (size_t)(e - text) - whole - 1);
    fr_buf_str(&all, zeros);
    size_t point = (size_t)(FAR + (int64_t)whole + exponent), from = 0, end = all.len;
    while (from + 1 < point && all.data[from] == '0')
        from++;
    while (end > point && all.data[end - 1] == '0')
        end--;
    const char *made = fr_format(arena, "%s%.*s%s%.*s", sign, (int)(point - from), all.data + from,
                                 end > point ? "." : "", (int)(end - point), all.data + point);
    fr_buf_release(&all);
    return made;
}

const char *node_digits(struct fr_arena *arena, const struct node *scalar, bool whole)
{
    const char *type = node_core_type(scalar), *digits = NULL;
    struct fr_buf json;
    if ((strcmp(type, "integer") != 0 && strcmp(type, "number") != 0) ||
        is_usual(scalar->text, whole))
        return scalar->text;
    fr_buf_init(&json, 0);
    node_json(scalar, &json);
    if (strcmp(fr_buf_cstr(&json), "null") != 0) /* .nan */
        digits = without_exponent(arena, fr_buf_cstr(&json));
    fr_buf_release(&json);
    return digits && is_usual(digits, whole) ? digits : scalar->text;
}

/* The same as a node: the scalar itself when nothing is to be written. */
static struct node *in_digits(struct fr_arena *arena, struct node *scalar, bool whole)
{
    const char *digits =
        scalar->kind == NODE_SCALAR ? node_digits(arena, scalar, whole) : scalar->text;
    if (digits == scalar->text)
        return scalar;
    struct node *made = FR_NEW(arena, struct node);
    *made = *scalar;
    made->text = digits;
    made->len = (uint32_t)strlen(digits);
    return made;
}

/* A list of its own with the same items. */
static struct node *copy_list(struct fr_arena *arena, const struct node *list)
{
    struct node *made = FR_NEW(arena, struct node);
    *made = *list;
    made->items = FR_NEW_ARRAY(arena, list->len, struct node *);
    memcpy(made->items, list->items, list->len * sizeof(struct node *));
    return made;
}

struct node *check_in_digits(struct fr_arena *arena, const struct schema_key *row,
                             struct node *node)
{
    bool whole;
    struct node *made = node;
    if (!takes_numbers((enum schema_kind)row->kind, &whole) || node->kind == NODE_MAP)
        return node;
    if (node->kind == NODE_SCALAR)
        return in_digits(arena, node, whole);
    /* An alias, or an equal list, may have the same items where they are no numbers. */
    for (uint32_t i = 0; i < node->len; i++) {
        struct node *item = in_digits(arena, node->items[i], whole);
        if (item == node->items[i])
            continue;
        made = made == node ? copy_list(arena, node) : made;
        made->items[i] = item;
    }
    return made;
}
