/* "Did you mean": candidates are offered one by one, the nearest is kept. Private to base/. */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>
#include <stdint.h>

enum { SUGGEST_MAX = 64 }; /* longer words get no suggestion */

struct suggest {
    const char *best; /* borrowed from the offers; NULL = none near enough */
    size_t limit;     /* edits the next offer may need at most */
    size_t len;       /* of the folded word */
    uint64_t letters; /* which letters it has, a bit each; letters may share one */
    char word[SUGGEST_MAX];
};

void suggest_init(struct suggest *state, const char *word);
void suggest_offer(struct suggest *state, const char *candidate);

#endif
