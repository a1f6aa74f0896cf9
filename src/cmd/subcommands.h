/* What the commands do: one function each, found by the table. Main thread. Comes with cmd.h. */
#ifndef CMD_SUBCOMMANDS_H
#define CMD_SUBCOMMANDS_H

struct cmd;
struct cmd_opts;

int cmd_run(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_validate(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_plan(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_graph(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_convert(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_types(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_runs(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_show(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_logs(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_events(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_report(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_cancel(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_resume(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_retry(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_approvals(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_approve(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_explain(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_gc(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_init(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_completion(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_schema(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_version(const struct cmd *cmd, struct cmd_opts *opts);
int cmd_help(const struct cmd *cmd, struct cmd_opts *opts);

#endif
