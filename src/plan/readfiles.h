/* The files besides its own that a plan is made from. Private to plan/. */
#ifndef PLAN_READFILES_H
#define PLAN_READFILES_H

#include <stddef.h>

struct build;

void read_files_hash(const char *text, size_t len, char out[65]);
/* Notes a file that the plan is made from. */
void read_files_note(struct build *b, const char *path, const char *sha256);

#endif
