/* Workflows to begin with (templates.c). Constant; any thread. */
#ifndef CMD_TEMPLATES_H
#define CMD_TEMPLATES_H

struct template
{
    const char *name, *about; /* about: one line */
    const char
        *text; /* of the file, but for its first line; \1 is ` FILE`, where one has to be named */
};

extern const struct template cmd_templates
    []; /* the first is taken without --template; ends with a NULL name */

#endif
