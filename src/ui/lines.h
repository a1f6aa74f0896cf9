/* Pieces of text that progress and summary share. Private to ui/. */
#ifndef UI_LINES_H
#define UI_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "flowrun/base/buf.h"
#include "flowrun/run/run.h"

/* Steps that do work themselves and are counted; groups, races, chains, batches and loops are only frames. */
bool lines_is_leaf(const struct fr_step *step);
/* SGR codes, or "" without colour. */
const char *lines_red(bool color);
const char *lines_green(bool color);
const char *lines_dim(bool color);
const char *lines_off(bool color);
const char *lines_color_of(enum fr_status status, bool color);

/* Appends text of a workflow line by line, each with `prefix` before it; a cut last line is ended. */
void lines_quote(const char *prefix, const char *text, size_t len, struct fr_buf *out);
/* Appends one line that a program has printed with `prefix` before it and an end; `shorten`: only the beginning of a long one. */
void lines_quote_line(const char *prefix, const char *text, size_t len, bool shorten, bool color,
                      struct fr_buf *out);

/* waiting.c: the steps that wait for a person, with their forms, and how to answer them. */
void lines_waiting(const struct fr_run *run, struct fr_buf *out);

/* An end that is no failure and no one's fault. */
bool lines_is_good(enum fr_status status);
/* How a step came out, in a word or two; `kept`: in an earlier run. */
const char *lines_end_of(enum fr_status status, bool kept);

#endif
