/* Asking jq for many items at once. One request is under way while the answers of the one before are used up. The evaluator
 * answers for as many items as it gets through in a short time, and is asked for the others again. When it gives up, the
 * items of that request are asked one by one, so that each has its whole time and the one that takes too long is found.
 * Coordinator thread. */
#include "ahead.h"

#include <stdlib.h>
#include <string.h>

#include "scope.h"

enum { FEWEST = 16, MOST = 1024, BYTES = 1 << 20 };

/* Answers that are there. */
struct block {
    uint32_t first, count, left; /* left: not taken yet */
    size_t *at;                  /* of each answer in `text` */
    char *text;
};

struct ahead {
    const struct fr_expr *expr;
    struct fr_expr shared; /* the expression, as far as what it reads is the same for all items */
    struct fr_jq_many many;
    struct items items;     /* behind the items that were asked for */
    struct items before;    /* before those of the request under way */
    uint32_t next;          /* the number of the next item to ask for */
    uint32_t size;          /* of a request */
    uint32_t single;        /* items before this one that have no answer are asked one by one */
    uint64_t token;         /* of the request under way; 0 = none */
    struct block blocks[2]; /* count 0: free */
};

/* Whether the template is a jq program that reads nothing which is different for each item, but the item. */
static bool is_simple(const struct fr_step *step)
{
    const unsigned own = 1U << FR_ROOT_STEP | 1U << FR_ROOT_ERROR | 1U << FR_ROOT_RESULT |
                         1U << FR_ROOT_RESULTS | 1U << FR_ROOT_OUTPUT_FILE;
    return step->kind == FR_KIND_TRANSFORM && step->expr->kind == FR_EXPR_JQ && !step->when &&
           !step->input && !step->params && !(step->expr->roots & own);
}

void ahead_begin(struct coord *c, struct active *t)
{
    const unsigned of_item = 1U << FR_ROOT_ITEM | 1U << FR_ROOT_INPUT | 1U << FR_ROOT_INDEX;
    const struct fr_step *batch = active_step(c, t);
    const struct fr_step *step = &c->plan->steps[batch->group->copies.first];
    if (!is_simple(step) || t->repeating->items.count < FEWEST)
        return;
    struct ahead *ahead = calloc(1, sizeof(*ahead));
    if (!ahead)
        abort();
    ahead->expr = step->expr;
    ahead->shared = *step->expr;
    ahead->shared.roots &= ~of_item;
    ahead->many = (struct fr_jq_many){.index = step->expr->jq_index,
                                      .as_item = step->expr->roots & 1U << FR_ROOT_ITEM,
                                      .as_input = step->expr->roots & 1U << FR_ROOT_INPUT,
                                      .with_index = step->expr->roots & 1U << FR_ROOT_INDEX};
    ahead->items = t->repeating->items; /* borrows the value: the batch's own lives as long */
    ahead->size = FEWEST;
    t->repeating->ahead = ahead;
}

static void block_release(struct block *block)
{
    free(block->at);
    free(block->text);
    *block = (struct block){0};
}

void ahead_free(struct ahead *ahead)
{
    if (!ahead)
        return;
    block_release(&ahead->blocks[0]);
    block_release(&ahead->blocks[1]);
    free(ahead);
}

/* Sends the next items to the evaluator, unless it has some or nobody has room for the answers. */
static void ask(struct coord *c, struct active *slot, struct ahead *ahead, uint32_t batch)
{
    struct fr_scope scope;
    struct fr_buf data;
    uint32_t left = ahead->items.count - ahead->next, count = 0;
    if (ahead->token || !left || (ahead->blocks[0].count && ahead->blocks[1].count) || !c->jq)
        return;
    fr_buf_init(&data, 0);
    scope_of(c, slot, &scope);
    fr_scope_json(&scope, &ahead->shared, &data);
    if (c->too_large || c->conflict ||
        data.len > BYTES) { /* a question by itself tells it, or is as good */
        fr_buf_release(&data);
        ahead->single = UINT32_MAX;
        return;
    }
    ahead->before = ahead->items;
    ahead->many.first = ahead->next;
    ahead->many.shared_len = (uint32_t)data.len;
    while (count < left && count < ahead->size && data.len - ahead->many.shared_len < BYTES) {
        struct fr_jq_piece piece = {0};
        size_t head = data.len;
        fr_buf_add(&data, &piece, sizeof(piece));
        items_next_json(&ahead->items, &data);
        piece.len = (uint32_t)(data.len - head - sizeof(piece));
        memcpy(data.data + head, &piece, sizeof(piece));
        count++;
    }
    ahead->token = ++c->next_token << 32 | batch;
    ahead->next += count;
    jqproc_ask_many(c->jq, ahead->token, &ahead->many, data.data, data.len);
    fr_buf_release(&data);
}

/* The block that holds the answer for an item; NULL = none. */
static struct block *find(struct ahead *ahead, uint32_t number)
{
    for (int i = 0; i < 2; i++)
        if (number - ahead->blocks[i].first < ahead->blocks[i].count)
            return &ahead->blocks[i];
    return NULL;
}

/* Moves an answer from its block into a memo. */
static void take(struct block *block, uint32_t number, struct memo *memo)
{
    struct fr_jq_piece piece;
    const char *at = block->text + block->at[number - block->first];
    char why[128] = "";
    memcpy(&piece, at, sizeof(piece));
    at += sizeof(piece);
    memo->have = true;
    memo->err = (enum fr_err)piece.err;
    if (memo->err) {
        memo->why = strndup(at, piece.len);
    } else if (!fr_json_parse(at, piece.len, &memo->value, why, sizeof(why))) {
        memo->err = FR_ERR_INVALID;
        memo->why = strdup(why);
    }
    if (--block->left == 0)
        block_release(block);
}

enum ahead_found ahead_take(struct coord *c, struct active *t, const struct fr_expr *expr,
                            struct memo *memo)
{
    const struct fr_step *step = active_step(c, t);
    struct active *batch = step && batch_is_slot(c, step) ? c->tasks[step->parent] : NULL;
    struct ahead *ahead = batch && batch->repeating ? batch->repeating->ahead : NULL;
    if (!ahead || ahead->expr != expr)
        return AHEAD_NONE;
    uint32_t number = c->run->repeats->item[t->step];
    struct block *block = find(ahead, number);
    if (block)
        take(block, number, memo);
    else if (number < ahead->single)
        return AHEAD_NONE;
    ask(c, t, ahead, batch->step);
    if (!block && number < ahead->single)
        return AHEAD_NONE;
    return block ? AHEAD_HAVE : AHEAD_WAIT;
}

/* Takes the answers of a request; how many there are. */
static uint32_t fill(struct ahead *ahead, struct fr_buf *out)
{
    struct block *block = &ahead->blocks[ahead->blocks[0].count ? 1 : 0];
    uint32_t asked = ahead->next - ahead->many.first;
    size_t len = 0;
    struct fr_jq_piece piece;
    block->first = ahead->many.first;
    block->at = calloc(asked, sizeof(*block->at));
    if (!block->at)
        abort();
    block->text = fr_buf_take(out, &len);
    for (size_t at = 0; at < len; at += sizeof(piece) + piece.len) {
        memcpy(&piece, block->text + at, sizeof(piece));
        block->at[block->count++] = at;
    }
    block->left = block->count;
    return block->count;
}

/* Lets the items go on that wait. */
static void wake(struct coord *c, const struct active *t)
{
    const struct fr_indexes *slots = &active_step(c, t)->group->branches;
    for (uint32_t i = 0; i < slots->count; i++) {
        struct active *slot = c->tasks[slots->at[i]];
        if (slot && slot->phase == STEP_BEGIN && !slot->asked)
            active_go(c, slot);
    }
}

bool ahead_answered(struct coord *c, struct active *t, uint64_t token, enum fr_err err,
                    struct fr_buf *out)
{
    struct ahead *ahead = t->repeating ? t->repeating->ahead : NULL;
    if (!ahead || !token || ahead->token != token)
        return false;
    uint32_t asked = ahead->next - ahead->many.first;
    ahead->token = 0;
    if (err) {
        ahead->single = ahead->next;
        ahead->size = FEWEST;
    } else {
        uint32_t got = fill(ahead, out);
        if (got == asked && ahead->size < MOST)
            ahead->size *= 2;
        if (got < asked) {
            ahead->items = ahead->before;
            items_skip(&ahead->items, got);
            ahead->next = ahead->many.first + got;
            ahead->size = got > FEWEST ? got : FEWEST;
        }
    }
    wake(c, t);
    return true;
}
