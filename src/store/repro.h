/* A script for a failed step while it is made. Private to store/. */
#ifndef STORE_REPRO_H
#define STORE_REPRO_H

#include "memory.h"

struct repro_script {
    const struct memory_repro *repro;
    const struct fr_failure *failure;
    struct fr_buf body; /* what runs the step; what it needs comes before it */
    struct fr_buf lost; /* what holds a secret that the script cannot put in, in words */
    bool *needs;        /* by secret of the plan: the script asks for it; owned */
    char *stem;         /* "<folder>/repro-<step>", owned */
    char *made;         /* what stands for the private output file; owned; NULL = it makes none */
};

/* Appends the value of a secret to a line; false when the script cannot ask for one of this name. */
bool repro_add_secret(struct repro_script *s, const char *name);
/* Notes that `what` has *** where a secret stood. */
void repro_lose(struct repro_script *s, const char *what);
/* "<stem><ending>", owned. */
char *repro_beside(const struct repro_script *s, const char *ending);

/* repro_data.c */
/* Writes bytes beside the script, and adds the lines that put secrets back into them. *word: what is read, as a word of the
 * shell; owned by the caller. 0 or -errno. */
int repro_keep_bytes(struct repro_script *s, const char *name, const char *data, size_t len,
                     char **word);
/* The same of what is in a file. */
int repro_keep_file(struct repro_script *s, const char *name, const char *from, char **word);

#endif
