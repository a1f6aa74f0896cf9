/* What editors are told (schema.c). Main thread. */
#ifndef CMD_EDITOR_H
#define CMD_EDITOR_H

struct fr_buf;

/* Appends the line by which yaml-language-server finds the schema: the one that was installed with this program, else
 * workflow.schema.json in the folder of the file. */
void cmd_editor_line(struct fr_buf *out);
/* The templates of `init`, for help, to stdout (init.c). */
void cmd_list_templates(void);

#endif
