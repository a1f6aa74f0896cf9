/* What a step has printed, for reading. Pure; any thread. */
#ifndef FLOWRUN_UI_OUTPUT_H
#define FLOWRUN_UI_OUTPUT_H

#include "flowrun/base/buf.h"

/* Appends both streams, [0] is standard output, as whole lines in the order in which they came (weave:
 * flowrun/base/weave.h; NULL = unknown). What could move a terminal's cursor is made visible. */
void fr_output_show(const char *const text[2], const size_t len[2], const char *weave,
                    size_t weave_len, struct fr_buf *out);

#endif
