/* How questions look. Private to ui/. */
#ifndef UI_ASK_H
#define UI_ASK_H

#include "flowrun/ui/ask.h"

/* Title, for whom, description, and how to reject. */
void ask_heading(const struct fr_question *question, bool color, struct fr_buf *out);
/* What a field is about: its title and description, its choices. Nothing when the name says it all. */
void ask_about(const struct fr_field *field, struct fr_buf *out);
/* The line that waits for an answer; field NULL: whether the step is approved. */
void ask_prompt(const struct fr_field *field, struct fr_buf *out);

#endif
