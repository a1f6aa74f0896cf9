/* Nearest word by edit distance where swapping two neighbours is one edit (optimal string
 * alignment). What was found narrows what is still looked for, so that 100,000 candidates cost
 * milliseconds. Pure; any thread. */
#include "suggest.h"

#include <string.h>

#include "flowrun/base/str.h"

/* Lower case of ASCII, and '_' for '-'. */
static char fold(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (char)(c - 'A' + 'a');
    }
    return c == '-' ? '_' : c;
}

static uint64_t letter_bit(char c)
{
    return (uint64_t)1 << ((unsigned char)c & 63);
}

/* Prepares a search: one edit for words of two or three letters, then a third of the length. */
void suggest_init(struct suggest *state, const char *word)
{
    *state = (struct suggest){.len = strnlen(word, SUGGEST_MAX + 1)};
    if (state->len > SUGGEST_MAX || state->len == 0) {
        state->len = 0;
        return;
    }
    for (size_t i = 0; i < state->len; i++) {
        state->word[i] = fold(word[i]);
        state->letters |= letter_bit(state->word[i]);
    }
    /* The limit counts one more than allowed, since an offer must stay below it. */
    size_t allowed = state->len < 2 ? 0 : state->len < 3 ? 1 : state->len / 3;
    state->limit = allowed + 1;
}

static size_t min(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Edits from a to b, or `limit` as soon as it cannot be less. Both are folded and not empty. */
static size_t distance(const char *a, size_t alen, const char *b, size_t blen, size_t limit)
{
    unsigned char rows[3][SUGGEST_MAX * 2 + 1];
    for (size_t j = 0; j <= blen; j++) {
        rows[0][j] = (unsigned char)j;
    }
    for (size_t i = 1; i <= alen; i++) {
        unsigned char *row = rows[i % 3];
        const unsigned char *up = rows[(i + 2) % 3];
        const unsigned char *up2 = rows[(i + 1) % 3];
        size_t least = i;
        row[0] = (unsigned char)i;
        for (size_t j = 1; j <= blen; j++) {
            size_t cost = min((size_t)up[j] + 1, (size_t)row[j - 1] + 1);
            cost = min(cost, up[j - 1] + (size_t)(a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                cost = min(cost, (size_t)up2[j - 2] + 1);
            }
            row[j] = (unsigned char)cost;
            least = min(least, cost);
        }
        /* Also a swap, which reaches back two rows, then ends at the limit or above: the least of
         * two neighbouring rows differ by one at most. */
        if (least >= limit) {
            return limit;
        }
    }
    return min(rows[alen % 3][blen], limit);
}

/* Keeps the candidate when it is nearer than what was offered before. */
void suggest_offer(struct suggest *state, const char *candidate)
{
    if (state->limit == 0 || state->len == 0) {
        return;
    }
    size_t blen = strnlen(candidate, state->len + state->limit);
    size_t gap = blen > state->len ? blen - state->len : state->len - blen;
    if (gap >= state->limit) {
        return;
    }
    char other[SUGGEST_MAX * 2] = "";
    uint64_t letters = 0;
    for (size_t i = 0; i < blen; i++) {
        other[i] = fold(candidate[i]);
        letters |= letter_bit(other[i]);
    }
    /* Every letter that only one of them has takes an edit of its own. */
    if ((size_t)__builtin_popcountll(letters & ~state->letters) >= state->limit ||
        (size_t)__builtin_popcountll(state->letters & ~letters) >= state->limit) {
        return;
    }
    /* What both have in front and behind needs no edit. */
    const char *a = state->word;
    const char *b = other;
    size_t alen = state->len;
    while (alen > 0 && blen > 0 && *a == *b) {
        a++, b++, alen--, blen--;
    }
    while (alen > 0 && blen > 0 && a[alen - 1] == b[blen - 1]) {
        alen--, blen--;
    }
    size_t edits = alen == 0 || blen == 0 ? alen + blen : state->limit;
    if (alen > 0 && blen > 0 && state->limit > 1) {
        edits = distance(a, alen, b, blen, state->limit);
    }
    if (edits < state->limit) {
        state->limit = edits;
        state->best = candidate;
    }
}

/* Returns the candidate nearest to `word`, or NULL when none is near. */
const char *fr_suggest(const char *word, const char *const *candidates, size_t count)
{
    struct suggest state;
    suggest_init(&state, word);
    for (size_t i = 0; i < count; i++) {
        suggest_offer(&state, candidates[i]);
    }
    return state.best;
}
