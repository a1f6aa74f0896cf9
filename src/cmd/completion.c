/* `flowrun completion SHELL`: a script for the shell. All that it offers comes from the hidden subcommand __complete, so that
 * it never has to be made anew. Main thread. */
#include <string.h>

#include "cmd.h"

/* Lists of candidates end with NUL bytes, which names cannot hold. bash replaces the word behind the last break, and what it
 * gets for that is quoted; of files it does the quoting itself. zsh's _describe would put those of one description together, in
 * an order of its own. */
static const char bash[] =
    "# Completion of flowrun for bash 4.4 or newer:  source <(flowrun completion bash)\n"
    "_flowrun() {\n"
    "    local program=$1 hint\n"
    "    [[ $program != '~/'* ]] || program=$HOME/${program#'~/'}\n"
    "    mapfile -d '' -t COMPREPLY < <(\"$program\" __complete bash \"$COMP_LINE\" "
    "\"$COMP_POINT\" "
    "\"$COMP_WORDBREAKS\" 2>/dev/null)\n"
    "    hint=${COMPREPLY[0]-}\n"
    "    COMPREPLY=(\"${COMPREPLY[@]:1}\")\n"
    "    [[ $hint != *nospace* ]] || compopt -o nospace\n"
    "    [[ $hint != *files* ]] || compopt -o filenames\n"
    "    [[ $hint != *default* ]] || compopt -o bashdefault -o default\n"
    "}\n"
    "complete -o nosort -F _flowrun flowrun\n";

static const char zsh[] =
    "#compdef flowrun\n"
    "# Completion of flowrun for zsh:  source <(flowrun completion zsh), behind compinit, or as a\n"
    "# file _flowrun in a folder of $fpath.\n"
    "_flowrun() {\n"
    "    local program=${(Q)words[1]} line hint keep value about ret=1 width=0\n"
    "    local -a lines found shown rows nothing\n"
    "    [[ $program != '~/'* ]] || program=$HOME/${program#'~/'}\n"
    "    lines=(\"${(@f)$(\"$program\" __complete zsh \"${(@Q)words[2,CURRENT-1]}\" "
    "\"${(Q)IPREFIX}${(Q)PREFIX}\" 2>/dev/null)}\")\n"
    "    hint=${lines[1]%%$'\\t'*} keep=${lines[1]#*$'\\t'}\n"
    "    for line in \"${(@)lines[2,-1]}\"; do\n"
    "        found+=(\"${line%%$'\\t'*}\")\n"
    "        (( $#found[-1] > width )) && width=$#found[-1]\n"
    "    done\n"
    "    for line in \"${(@)lines[2,-1]}\"; do\n"
    "        value=${line%%$'\\t'*} about=${line#*$'\\t'}\n"
    "        [[ -z $about ]] || { value=\"${(r:width:)value}  -- $about\"; rows=(-l); }\n"
    "        shown+=(\"${value[1,COLUMNS-1]}\")\n"
    "    done\n"
    "    [[ $hint == *nospace* ]] && nothing=(-S '')\n"
    "    (( $#found )) && compadd -V flowrun -d shown \"${rows[@]}\" \"${nothing[@]}\" -a found && "
    "ret=0\n"
    "    if [[ $hint == (files|workflows|folders)* ]]; then\n"
    "        (( keep )) && compset -p $keep\n"
    "        case $hint in\n"
    "        workflows*) _files -g '*.(yaml|yml)(-.)' && ret=0 ;;\n"
    "        folders*) _files -/ && ret=0 ;;\n"
    "        *) _files && ret=0 ;;\n"
    "        esac\n"
    "    fi\n"
    "    return ret\n"
    "}\n"
    "if [[ $funcstack[1] == _flowrun ]]; then\n"
    "    _flowrun \"$@\"\n"
    "else\n"
    "    compdef _flowrun flowrun\n"
    "fi\n";

static const char fish[] =
    "# Completion of flowrun for fish:  flowrun completion fish | source, or as\n"
    "# ~/.config/fish/completions/flowrun.fish\n"
    "function __flowrun_complete\n"
    "    set -l words (commandline -opc)\n"
    "    set -l word (commandline -ct)\n"
    "    set -l program (string replace -r '^~/' \"$HOME/\" -- $words[1])\n"
    "    set -e words[1]\n"
    "    set -l lines ($program __complete fish $words \"$word\" 2>/dev/null)\n"
    "    set -q lines[2]; and printf '%s\\n' $lines[2..-1]\n"
    "end\n"
    "complete -c flowrun -e\n"
    "complete -c flowrun -k -f -a '(__flowrun_complete)'\n";

int cmd_completion(const struct cmd *cmd, struct cmd_opts *opts)
{
    static const struct {
        const char *name, *script;
    } shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};
    struct fr_buf out;

    (void)cmd;
    if (opts->file_count == 0)
        return cmd_fail(CMD_USAGE, "'completion' needs a shell: bash, zsh or fish");
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++)
        if (strcmp(shells[i].name, opts->files[0]) == 0) {
            fr_buf_init(&out, 0);
            fr_buf_str(&out, shells[i].script);
            int code = cmd_write_stdout(&out, CMD_OK);
            fr_buf_release(&out);
            return code;
        }
    return cmd_fail(CMD_USAGE, "'completion' is for bash, zsh or fish, not '%s'", opts->files[0]);
}
