/* A scheduler that is played by hand: given a plan, steps end, and these moves are expected. For the unit tests of the
 * scheduler; no process, no time. */
#ifndef TESTS_PLAY_H
#define TESTS_PLAY_H

#include "sched.h"

struct play {
    struct fr_plan *plan;
    struct sched sched;
    uint32_t open; /* branches that a group is opened with; 0 = all */
};

/* Begins with the plan of a workflow; ended by play_over. */
void play_given(struct play *p, const char *yaml, uint32_t workers);
void play_over(struct play *p);
/* All moves there are, "start:a merge:g"; verdicts are reported back at once, containers opened. Static storage, until
 * the next call. */
const char *play_moves(struct play *p);
void play_ends(struct play *p, const char *id, enum sched_outcome outcome);

#define EXPECT(play, text) assert_string_equal(play_moves(play), text)

#endif
