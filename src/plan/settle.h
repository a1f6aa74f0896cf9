/* Places inside scalars that the file does not hold as they read. Private to plan/. */
#ifndef PLAN_SETTLE_H
#define PLAN_SETTLE_H

#include "flowrun/base/diag.h"
#include "quote.h"

/* Makes a mark with `skip` a place of its own, from the text of its file. */
void settle_place(struct quote_lines *lines, struct fr_mark *mark);

#endif
