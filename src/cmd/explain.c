#include "cmd.h"
int cmd_explain(const struct cmd *cmd, struct cmd_opts *opts){(void)cmd;(void)opts;return 0;}
