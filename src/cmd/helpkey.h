/* Help for keys of workflow files (helpkey.c). Main thread. */
#ifndef CMD_HELPKEY_H
#define CMD_HELPKEY_H

/* One key, or (NULL) the list of them, to stdout; an exit code. */
int cmd_help_key(const char *key);
/* The hidden subcommand `__keys`, which the manual page is made of: a line for each key, with tabs between table, part, key,
 * type, "required" or "older", section, places, default, example and description. */
int cmd_keys(void);

#endif
