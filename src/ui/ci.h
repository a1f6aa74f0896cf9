/* Commands to a CI service, for those who write the log. Private to ui/. */
#ifndef UI_CI_H
#define UI_CI_H

#include "flowrun/ui/ci.h"

/* A section that can be folded: `name` for the service, `title` for people; times in seconds. Only ids go into them. */
void ci_section_begin(enum fr_ci_kind kind, const char *name, const char *title, int64_t wall_s,
                      struct fr_buf *out);
void ci_section_end(enum fr_ci_kind kind, const char *name, int64_t wall_s, struct fr_buf *out);

/* Between these two the service looks for no commands at all. */
void ci_deaf_begin(const struct fr_ci *ci, struct fr_buf *out);
void ci_deaf_end(const struct fr_ci *ci, struct fr_buf *out);

#endif
