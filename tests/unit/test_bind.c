/* Values in shell text: the bound script is really run, by every shell that is installed, with values made to break
 * out of it. What it prints must be the value's bytes, and no file may appear beside it. Places where no quoting
 * helps must be refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "exprs.h"
#include "flowrun/base/fd.h"

static struct fixture fix;
static char folder[] = "/tmp/flowrun-bind-XXXXXX";

static const char *const shells[][3] = {
    {"sh", NULL}, {"dash", NULL}, {"bash", NULL}, {"busybox", "sh", NULL}};
enum { SHELLS = COUNT(shells), BASH_ONLY = 1 };

/* Each is given to each place. */
static const char *const values[] = {
    "plain",
    "two words",
    "",
    " leading and trailing ",
    "$(touch pwned)",
    "`touch pwned`",
    "$(touch pwned); \"`rm -rf x`'\\''",
    "'; touch pwned; '",
    "\"; touch pwned; \"",
    "$HOME ${HOME} $0 $$ $'\\n'",
    "a\nb\n\nc",
    "trailing newline\n",
    "-n",
    "-e",
    "--",
    "* ? [a-z] {a,b} ~ ~root",
    "\\ \\\\ \\n \\$ \\`",
    "a[$(touch pwned)0]",
    "HOME[$(touch pwned)]",
    "($(touch pwned))",
    "x=1; touch pwned #",
    "E\nE\n\tE\ntouch pwned\n",
    "# comment",
    "& | ; < > ( ) { } !",
    "touch${IFS}pwned",
    "\xc3\xa9\xe2\x82\xac \xf0\x9f\x98\x80",
    "bad \xff\xfe bytes \xc3",
    "\t\x01\x7f tab and control",
    "=ls =(touch pwned)",
    "%s %n %d",
};

/* Scripts that print the value once, exactly. */
static const struct {
    const char *name, *script;
    int needs;
} places[] = {
    {"bare", "printf %s ${{ .input }}", 0},
    {"double quotes", "printf %s \"${{ .input }}\"", 0},
    {"glued to text", "x=$(printf %s a${{ .input }}b; echo .); x=${x%b.*}; printf %s \"${x#a}\"",
     0},
    {"between quotes", "x='['${{ .input }}\"]\"; x=${x#?}; printf %s \"${x%?}\"", 0},
    {"assignment", "x=${{ .input }}\nprintf %s \"$x\"", 0},
    {"assignment before a command", "x=${{ .input }} sh -c 'printf %s \"$x\"'", 0},
    {"export", "export x=${{ .input }}; sh -c 'printf %s \"$x\"'", 0},
    {"command substitution", "x=$(printf %s ${{ .input }}; echo .); printf %s \"${x%.*}\"", 0},
    {"quoted command substitution",
     "x=\"$(printf %s \"${{ .input }}\"; echo .)\"; printf %s \"${x%.*}\"", 0},
    {"nested substitution",
     "x=$(y=$(printf %s ${{ .input }}; echo .); printf %s \"$y\"); printf %s \"${x%.*}\"", 0},
    {"backticks", "x=`printf %s ${{ .input }}; echo .`; printf %s \"${x%.*}\"", 0},
    {"here-document", "x=$(cat <<E\n${{ .input }}.\nE\n); printf %s \"${x%.*}\"", 0},
    {"indented here-document", "x=$(cat <<-E\n\t${{ .input }}.\n\tE\n); printf %s \"${x%.*}\"", 0},
    {"substitution in a here-document",
     "x=$(cat <<E\n$(printf %s ${{ .input }}; echo .)\nE\n); printf %s \"${x%.*}\"", 0},
    {"two here-documents",
     "cat <<A >&2; x=$(cat <<B\n${{ .input }}.\nB\n)\n${{ .input }}\nA\nprintf %s \"${x%.*}\"", 0},
    {"argument of a function", "f() { printf %s \"$1\"; }; f ${{ .input }}", 0},
    {"inside a function", "f() { printf %s ${{ .input }}; }; f", 0},
    {"local", "f() { local x=${{ .input }}; printf %s \"$x\"; }; f", 0},
    {"loop", "for x in ${{ .input }}; do printf %s \"$x\"; done", 0},
    {"case", "case ${{ .input }} in ${{ .input }}) printf %s ${{ .input }};; *) echo no;; esac", 0},
    {"test", "if [ ${{ .input }} = ${{ .input }} ]; then printf %s ${{ .input }}; fi", 0},
    {"after and", "true && printf %s ${{ .input }} || echo no", 0},
    {"subshell", "(printf %s ${{ .input }})", 0},
    {"braces", "{ printf %s ${{ .input }}; }", 0},
    {"pipe", "printf %s ${{ .input }} | cat", 0},
    {"argument of sh -c", "sh -c 'printf %s \"$1\"' sh ${{ .input }}", 0},
    {"set --", "set -- ${{ .input }}; printf %s \"$1\"", 0},
    {"env", "env x=${{ .input }} sh -c 'printf %s \"$x\"'", 0},
    {"comment with a quote", "# it's ${{ .input }}\nprintf %s ${{ .input }} # it's", 0},
    {"continued line", "printf \\\n  %s \\\n  ${{ .input }}", 0},
    {"beside parameters", "y=\"it's\"; x=\"${y#it}${{ .input }}\"; printf %s \"${x#\\'s}\"", 0},
    {"older form", "printf %s \"{{input}}\"", 0},
    {"array", "a=(x ${{ .input }} y); printf %s \"${a[1]}\"", BASH_ONLY},
    {"here-string", "x=$(cat <<< ${{ .input }}; echo .); x=${x%.}; printf %s \"${x%?}\"",
     BASH_ONLY},
    {"process substitution", "cat <(printf %s ${{ .input }})", BASH_ONLY},
    {"C-like loop", "for ((i = 0; i < 1; i++)); do printf %s ${{ .input }}; done", BASH_ONLY},
    {"ANSI quotes before", "printf '%.0s%s' $'it\\'s' ${{ .input }}", BASH_ONLY},
    {"declare", "declare x=${{ .input }}; printf %s \"$x\"", BASH_ONLY},
};

/* Reads what a process wrote; the descriptor is closed. */
static void read_end(int fd, struct fr_buf *out)
{
    assert_int_equal(fr_read_all(fd, out), 0);
    fr_close(&fd);
}

/* Runs `shell -ec script` in the folder with the value bound; false when there is no such shell. */
static bool run(const char *const *shell, const char *script, const char *value, struct fr_buf *out)
{
    char variable[4096];
    int fds[2];
    (void)snprintf(variable, sizeof(variable), FR_BIND_PREFIX "1=%s", value);
    char path[] = "PATH=/usr/local/bin:/usr/bin:/bin";
    char *environment[] = {path, variable, NULL};
    const char *argv[6];
    size_t n = 0;
    for (; *shell != NULL; shell++) {
        argv[n++] = *shell;
    }
    argv[n++] = "-ec";
    argv[n++] = script;
    argv[n] = NULL;

    assert_int_equal(fr_pipe(fds, 0), 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, folder);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, fds[1], 1);
    pid_t pid;
    int error = posix_spawnp(&pid, argv[0], &actions, NULL, (char *const *)argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    fr_close(&fds[1]);
    read_end(fds[0], out);
    int status = 0;
    if (error == 0) {
        assert_int_equal(waitpid(pid, &status, 0), pid);
    }
    return error == 0 && !(WIFEXITED(status) && WEXITSTATUS(status) == 127);
}

static unsigned files_in_folder(void)
{
    unsigned count = 0;
    DIR *dir = opendir(folder);
    assert_non_null(dir);
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        count += entry->d_name[0] != '.';
    }
    closedir(dir);
    return count;
}

static const struct fr_script *bound(const char *text)
{
    const struct fr_script *script = fr_script_parse(&fix.ctx, text, fixture_mark(), true);
    if (script == NULL) {
        fail_msg("%s: %s", text, reported(&fix));
    }
    return script;
}

/* The shell drops newlines at the end of what a substitution of ours without `echo .` yields: none does. */
static void check(const char *const *shell, size_t place, const char *script, const char *value)
{
    struct fr_buf out;
    fr_buf_init(&out, 0);
    if (run(shell, script, value, &out)) {
        if (strcmp(fr_buf_cstr(&out), value) != 0 || files_in_folder() != 0) {
            fail_msg("%s, %s: %s\nvalue <%s>\nprints <%s>, %u new files", shell[0],
                     places[place].name, script, value, fr_buf_cstr(&out), files_in_folder());
        }
    }
    fr_buf_release(&out);
}

static bool is_installed(const char *name)
{
    char *path = fr_find_program(name, "/usr/local/bin:/usr/bin:/bin", "/");
    free(path);
    return path != NULL;
}

/* Values that echoes treat in ways of their own, and the shells whose echo is to be bash's. */
static const char *const echoed[] = {"C:\\new\\table \\c x",
                                     "\\c",
                                     "a\\0101\\x41\\e[0m",
                                     "\\",
                                     "-n",
                                     "-e",
                                     "-E",
                                     "-neE",
                                     "-",
                                     "--",
                                     "-nx",
                                     "",
                                     "%s%d%%",
                                     " a  b ",
                                     "a\nb\n",
                                     "$(touch pwned)"};
static const char *const echo_shells[][4] = {
    {"sh", NULL},   {"dash", NULL},           {"busybox", "sh", NULL}, {"busybox", "ash", NULL},
    {"bash", NULL}, {"bash", "--posix", NULL}};

/* Runs a script as the run would, and compares what it prints. bash under the name of sh is given the prelude too. */
static void echo_once(const char *const *shell, const struct fr_script *script, const char *value,
                      const char *expected)
{
    static const char *const any[] = {"sh", "-c"};
    struct fr_buf text, out;
    fr_buf_init(&text, 0);
    fr_buf_init(&out, 0);
    fr_buf_printf(&text, "%s%s", fr_script_prelude(script, any, 2), script->text);
    if (is_installed(shell[0]) && run(shell, fr_buf_cstr(&text), value, &out) &&
        (strcmp(fr_buf_cstr(&out), expected) != 0 || files_in_folder() != 0)) {
        fail_msg("%s %s: %s\nvalue <%s>\nprints <%s>\nbash   <%s>", shell[0], shell[1],
                 script->text, value, fr_buf_cstr(&out), expected);
    }
    fr_buf_release(&text);
    fr_buf_release(&out);
}

static void every_value_arrives_byte_for_byte_in_every_place(void **state)
{
    (void)state;
    for (size_t place = 0; place < COUNT(places); place++) {
        const struct fr_script *script = bound(places[place].script);
        assert_int_equal(script->value_count, 1);
        for (size_t s = 0; s < SHELLS; s++) {
            if (!is_installed(shells[s][0]) ||
                (places[place].needs == BASH_ONLY && strcmp(shells[s][0], "bash") != 0)) {
                continue;
            }
            /* All values in dash and bash, a sample of them in the others. */
            size_t step = s == 1 || s == 2 ? 1 : 5;
            for (size_t v = place % step; v < COUNT(values); v += step) {
                check(shells[s], place, script->text, values[v]);
            }
        }
    }
}

static void the_text_says_how_it_is_bound(void **state)
{
    static const char *const cases[][2] = {
        {"echo ${{ .input }}", "echo \"${FLOWRUN_VALUE_1}\""},
        {"echo \"a ${{.input}} b\"", "echo \"a ${FLOWRUN_VALUE_1} b\""},
        {"cat <<E\n${{ .input }}\nE\n", "cat <<E\n${FLOWRUN_VALUE_1}\nE\n"},
        {"echo ${{ .input }} ${{ .params.a }} ${{ .input }}",
         "echo \"${FLOWRUN_VALUE_1}\" \"${FLOWRUN_VALUE_2}\" \"${FLOWRUN_VALUE_1}\""},
        {"# ${{ .inptu | }} stays\necho ${{ .input }}",
         "# ${{ .inptu | }} stays\necho \"${FLOWRUN_VALUE_1}\""},
        {"echo '$${{ x }}' {{.Id}}", "echo '${{ x }}' {{.Id}}"},
        {"echo \"${{ \"a }} \\\" b\" }}\"", "echo \"${FLOWRUN_VALUE_1}\""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_string_equal(bound(cases[i][0])->text, cases[i][1]);
    }
}

#define INTEGERS                                                                                   \
    "an expression cannot stand in a script that declares integers or references, which "          \
    "evaluate what they are given"
static void places_where_no_quoting_helps_are_refused(void **state)
{
    static const char *const cases[][2] = {
        {"echo 'a ${{ .input }}'", "10:13+13 an expression cannot stand inside single quotes"},
        {"echo $'${{ .input }}'", "10:12+13 an expression cannot stand inside $'…'"},
        {"echo $'it\\'s ${{ .input }}'", "10:18+13 an expression cannot stand inside $'…'"},
        {"cat <<'E'\n${{ .input }}\nE",
         "11:5+13 an expression cannot stand in a here-document whose delimiter is quoted"},
        {"cat <<\\E\n${{ .input }}\nE",
         "11:5+13 an expression cannot stand in a here-document whose delimiter is quoted"},
        {"cat <<${{ .input }}\nE",
         "10:11+13 an expression cannot stand in the delimiter of a here-document"},
        {"echo $((1 + ${{ .input }}))",
         "10:17+13 an expression cannot stand in arithmetic, which runs commands found in data"},
        {"echo \"$((1 + ${{ .input }}))\"",
         "10:18+13 an expression cannot stand in arithmetic, which runs commands found in data"},
        {"echo $[ ${{ .input }} ]",
         "10:13+13 an expression cannot stand in arithmetic, which runs commands found in data"},
        {"echo $[\n${{ .input }}\n]",
         "11:5+13 an expression cannot stand in arithmetic, which runs commands found in data"},
        {"(( a = ${{ .input }} ))",
         "10:12+13 an expression cannot stand in arithmetic, which runs commands found in data"},
        {"for ((i = 0; i < ${{ .input }}; i++)); do :; done",
         "10:22+13 an expression cannot stand in arithmetic, which runs commands found in data"},
        {"echo $(( $(echo ${{ .input }}) ))",
         "10:21+13 an expression cannot stand in arithmetic, which runs commands found in data"},
        {"[[ ${{ .input }} == a ]]",
         "10:8+13 an expression cannot stand inside [[ ]], which may evaluate data"},
        {"if [[ -n $x && a < ${{ .input }} ]]; then :; fi",
         "10:24+13 an expression cannot stand inside [[ ]], which may evaluate data"},
        {"${{ .input }} x", "10:5+13 an expression cannot stand as a command's name"},
        {"a-${{ .input }} x", "10:7+13 an expression cannot stand as a command's name"},
        {"\"${{ .input }}\" x", "10:6+13 an expression cannot stand as a command's name"},
        {"x=1 ${{ .input }}", "10:9+13 an expression cannot stand as a command's name"},
        {"true | ${{ .input }}", "10:12+13 an expression cannot stand as a command's name"},
        {"if true; then ${{ .input }}; fi",
         "10:19+13 an expression cannot stand as a command's name"},
        {"! ${{ .input }}", "10:7+13 an expression cannot stand as a command's name"},
        {"echo $(${{ .input }})", "10:12+13 an expression cannot stand as a command's name"},
        {"exec ${{ .input }}", "10:10+13 an expression cannot stand as a command's name"},
        {"sudo -u bob ${{ .input }}", "10:17+13 an expression cannot stand as a command's name"},
        {"env A=1 ${{ .input }}", "10:13+13 an expression cannot stand as a command's name"},
        {"timeout 5 ${{ .input }}", "10:15+13 an expression cannot stand as a command's name"},
        {"eval ${{ .input }}", "10:10+13 an expression cannot stand where the command runs its "
                               "arguments as program text"},
        {"eval \"$(echo ${{ .input }})\"", "10:18+13 an expression cannot stand where the command "
                                           "runs its arguments as program text"},
        {"command eval ${{ .input }}", "10:18+13 an expression cannot stand where the command runs "
                                       "its arguments as program text"},
        {"trap ${{ .input }} EXIT", "10:10+13 an expression cannot stand where the command runs "
                                    "its arguments as program text"},
        {". ${{ .input }}",
         "10:7+13 an expression cannot stand where the command runs its arguments as program text"},
        {"alias a=${{ .input }}", "10:13+13 an expression cannot stand where the command runs its "
                                  "arguments as program text"},
        {"let a=${{ .input }}", "10:11+13 an expression cannot stand where the command runs its "
                                "arguments as program text"},
        {"sh -c ${{ .input }}",
         "10:11+13 an expression cannot stand in program text for another interpreter"},
        {"/bin/bash -euo pipefail -c \"echo ${{ .input }}\"",
         "10:38+13 an expression cannot stand in program text for another interpreter"},
        {"find . -exec sh -c \"${{ .input }}\" \\;",
         "10:25+13 an expression cannot stand in program text for another interpreter"},
        {"sudo sh -c ${{ .input }}",
         "10:16+13 an expression cannot stand in program text for another interpreter"},
        {"python3 -c \"print(${{ .input }})\"",
         "10:23+13 an expression cannot stand in program text for another interpreter"},
        {"echo ${x:-${{ .input }}}", "10:15+13 an expression cannot stand inside ${ }"},
        {"echo \"${x:-${{ .input }}}\"", "10:16+13 an expression cannot stand inside ${ }"},
        {"read ${{ .input }}",
         "10:10+13 an expression cannot stand where the shell reads a variable's name"},
        {"unset ${{ .input }}",
         "10:11+13 an expression cannot stand where the shell reads a variable's name"},
        {"export ${{ .input }}=1",
         "10:12+13 an expression cannot stand where the shell reads a variable's name"},
        {"local a${{ .input }}=1",
         "10:12+13 an expression cannot stand where the shell reads a variable's name"},
        {"printf -v ${{ .input }} x",
         "10:15+13 an expression cannot stand where the shell reads a variable's name"},
        {"test -v ${{ .input }}",
         "10:13+13 an expression cannot stand where the shell reads a variable's name"},
        {"for ${{ .input }} in a; do :; done",
         "10:9+13 an expression cannot stand where the shell reads a variable's name"},
        {"a[${{ .input }}]=1",
         "10:7+13 an expression cannot stand in a subscript, which the shell evaluates"},
        {"a=([${{ .input }}]=1)",
         "10:9+13 an expression cannot stand in a subscript, which the shell evaluates"},
        {"declare -i n; n=${{ .input }}", "10:21+13 " INTEGERS},
        {"typeset -ri n=1; read n <<< ${{ .input }}", "10:33+13 " INTEGERS},
        {"f() { local -i n; for n in ${{ .input }}; do :; done; }", "10:32+13 " INTEGERS},
        {"declare -n r; printf %s ${{ .input }} | read r", "10:29+13 " INTEGERS},
        {"a=(1); declare a=${{ .input }}",
         "10:22+13 an expression cannot stand in a declaration of an array, or in a script that "
         "declares arrays, which may evaluate it"},
        {"PS4=${{ .input }}; set -x",
         "10:9+13 an expression cannot stand in a variable whose value the shell evaluates"},
        {"BASH_ENV=${{ .input }} bash x",
         "10:14+13 an expression cannot stand in a variable whose value the shell evaluates"},
        {"set ${{ .input }}", "10:9+13 an expression cannot stand where 'set' reads options"},
        {"echo x >&${{ .input }}", "10:14+13 an expression cannot stand behind '>&' or '<&'"},
        {"echo \"`echo ${{ .input }}`\"", "10:17+13 an expression cannot stand in backticks that "
                                          "hold backslashes or stand in double quotes"},
        {"echo `echo \\`echo ${{ .input }}\\``", "10:23+13 an expression cannot stand in backticks "
                                                 "that hold backslashes or stand in double quotes"},
        {"echo \\${{ .input }}", "10:11+13 an expression cannot stand behind a backslash"},
        {"echo @(a|${{ .input }})", "10:14+13 an expression cannot stand in a pattern group"},
        {"echo ${{ .input }} 'it", "10:24+1 single quotes are not closed"},
        {"echo ${{ .input }} \"it", "10:24+1 double quotes are not closed"},
        {"echo ${{ .input }} $(true", "10:24+1 a bracket is not closed"},
        {"echo ${{ .input }} `true", "10:24+1 backticks are not closed"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char expected[512];
        const struct fr_script *script =
            fr_script_parse(&fix.ctx, cases[i][0], fixture_mark(), true);
        if (script != NULL) {
            fail_msg("%s: became %s", cases[i][0], script->text);
        }
        (void)snprintf(expected, sizeof(expected), "unsafe-expression %s", cases[i][1]);
        assert_non_null(fix.diags.items[0].help);
        assert_one(&fix, expected);
    }
}

/* Commands that would run the value, as a program or by its name. */
static void commands_that_run_their_arguments_take_no_expressions(void **state)
{
    static const char *const script = "in program text for another interpreter";
    static const char *const name = "as a command's name";
    static const char *const evaluated = "where the command runs its arguments as program text";
    const struct {
        const char *text, *where;
    } cases[] = {
        {"env -S ${{ .input }}", script},
        {"env -S${{ .input }}", script},
        {"env -iS \"cmd ${{ .input }}\"", script},
        {"env --split-string=${{ .input }}", script},
        {"env --split-string ${{ .input }}", script},
        {"env --chdir /tmp ${{ .input }}", name},
        {"env -u A B=1 ${{ .input }}", name},
        {"sudo --user bob ${{ .input }}", name},
        {"timeout --signal KILL 5 ${{ .input }}", name},
        {"timeout -k\"$k\" 5 ${{ .input }}", name},
        {"xargs -i ${{ .input }}", name},
        {"flock /tmp/lock ${{ .input }}", name},
        {"flock -w 5 /tmp/lock -c ${{ .input }}", script},
        {"find . -exec ${{ .input }} \\;", name},
        {"find . -name x -execdir ${{ .input }} {} +", name},
        {"find . -ok ${{ .input }} ';'", name},
        {"find . -okdir ${{ .input }} ';'", name},
        {"find . -exec rm {} \\; -exec ${{ .input }} \\;", name},
        {"find . -exec env ${{ .input }} \\;", name},
        {"find . -exec awk ${{ .input }} {} +", script},
        {"/usr/bin/find . -exec sh -ec ${{ .input }} \\;", script},
        {"$x -c ${{ .input }}", script},
        {"$SHELL -c ${{ .input }}", script},
        {"\"${SHELL}\" -ec ${{ .input }}", script},
        {"${SHELL:-sh} -eu -c \"echo ${{ .input }}\"", script},
        {"$sudo sh -c ${{ .input }}", script},
        {"env $SHELL -c ${{ .input }}", script},
        {"hash -p ${{ .input }} ls", evaluated},
        {"awk ${{ .input }}", script},
        {"awk \"{ print ${{ .input }} }\" file", script},
        {"awk -F : -v a=1 ${{ .input }}", script},
        {"awk -F: -- ${{ .input }}", script},
        {"gawk -e ${{ .input }}", script},
        {"gawk --source=${{ .input }}", script},
        {"busybox awk ${{ .input }}", script},
        {"lua -e ${{ .input }}", script},
        {"lua5.4 -l m -e ${{ .input }}", script},
        {"node --eval=${{ .input }}", script},
        {"node --eval ${{ .input }}", script},
        {"node -p ${{ .input }}", script},
        {"node -pe ${{ .input }}", script},
        {"node --print ${{ .input }}", script},
        {"node -r m --no-warnings -e ${{ .input }}", script},
        {"deno eval ${{ .input }}", evaluated},
        {"deno --quiet eval --ext=ts ${{ .input }}", evaluated},
        {"Rscript --vanilla -e ${{ .input }}", script},
        {"php -r ${{ .input }}", script},
        {"php -d a=1 -r ${{ .input }}", script},
        {"ruby -e ${{ .input }}", script},
        {"ruby -rjson -ne ${{ .input }}", script},
        {"perl -e ${{ .input }}", script},
        {"perl -e${{ .input }}", script},
        {"perl -I lib -lne ${{ .input }}", script},
        {"perl -MList::Util -E \"say ${{ .input }}\"", script},
        {"perl -i.bak -pe ${{ .input }} file", script},
        {"perl -e 1 -e ${{ .input }}", script},
        {"python3.12 -Bc ${{ .input }}", script},
        {"python3 -W ignore -c ${{ .input }}", script},
        {"python3 $options -c ${{ .input }}", script},
        {"bash -o pipefail -c ${{ .input }}", script},
        {"bash --rcfile x -c ${{ .input }}", script},
        {"bash --norc -c ${{ .input }}", script},
        {"su bob -c ${{ .input }}", script},
        {"osascript -l JavaScript -e ${{ .input }}", script},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct fr_script *bad =
            fr_script_parse(&fix.ctx, cases[i].text, fixture_mark(), true);
        if (bad != NULL || strstr(reported(&fix), cases[i].where) == NULL) {
            fail_msg("%s: %s", cases[i].text, bad != NULL ? bad->text : reported(&fix));
        }
        fr_diags_release(&fix.diags);
        fr_diags_init(&fix.diags);
    }
}

/* What is like the places above, and safe. */
static void ordinary_arguments_take_expressions(void **state)
{
    static const char *const cases[] = {
        "find . -name ${{ .input }}",
        "find ${{ .input }} -exec grep -c ${{ .input }} {} +",
        "find . -exec sh -c 'cat \"$1\"' sh ${{ .input }} \\;",
        "find . -exec cp {} ${{ .input }} \\; -name ${{ .input }}",
        "awk '{ print }' ${{ .input }}",
        "awk -v x=${{ .input }} '{ print x }' ${{ .input }}",
        "awk -F ${{ .input }} '{ print $1 }'",
        "awk -F${{ .input }} '{ print $1 }' ${{ .input }}",
        "awk -f prog.awk ${{ .input }}",
        "awk -fprog.awk -v x=1 ${{ .input }}",
        "awk 'BEGIN { print ARGV[1] }' -e ${{ .input }}",
        "env A=${{ .input }} cmd ${{ .input }}",
        "env -u X -C ${{ .input }} cmd ${{ .input }}",
        "env --chdir=${{ .input }} cmd",
        "timeout ${{ .input }} sleep ${{ .input }}",
        "timeout --foreground -s KILL 5 sleep ${{ .input }}",
        "flock ${{ .input }} cp a ${{ .input }}",
        "xargs -n 1 -I{} cp {} ${{ .input }}",
        "sudo -u ${{ .input }} rm -- ${{ .input }}",
        "$tool ${{ .input }} --config ${{ .input }}",
        "\"$CC\" -march ${{ .input }} -o ${{ .input }} -dc ${{ .input }}",
        "python3 x.py -c ${{ .input }}",
        "python3 -m module -c ${{ .input }}",
        "python3 -c 'import sys' ${{ .input }}",
        "perl -MFile::Slurp x.pl ${{ .input }}",
        "perl -ne 'print' ${{ .input }}",
        "perl -i.been -p x.pl ${{ .input }}",
        "node x.js -e ${{ .input }}",
        "node -e 'x()' ${{ .input }}",
        "deno run x.ts ${{ .input }}",
        "lua x.lua -e ${{ .input }}",
        "bash x.sh -c ${{ .input }}",
        "bash -o pipefail x.sh ${{ .input }}",
        "sh -c 'echo \"$1\"' sh ${{ .input }}",
        "psql -c ${{ .input }}; sqlite3 x.db ${{ .input }}",
        "ssh host ${{ .input }}; git -C ${{ .input }} log -c ${{ .input }}",
        "grep -e ${{ .input }} -c ${{ .input }}",
        "declare -r x=${{ .input }}; declare -x y=${{ .input }}",
        "a=(x); a=(${{ .input }}); read x <<< ${{ .input }}",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_non_null(bound(cases[i]));
    }
}

static void every_problem_of_a_script_is_reported(void **state)
{
    (void)state;
    assert_null(fr_script_parse(&fix.ctx,
                                "echo '${{ .input }}'\necho ${{ .input }}\neval ${{ .input }}",
                                fixture_mark(), true));
    assert_int_equal(fix.diags.count, 2);
    assert_int_equal(fix.diags.items[0].mark.line, 10);
    assert_int_equal(fix.diags.items[1].mark.line, 12);
    fr_diags_release(&fix.diags);
    fr_diags_init(&fix.diags);
}

/* Scripts with an echo of data; what bash prints and says is what the others must. */
static void echo_acts_like_bashs_in_every_shell(void **state)
{
    static const char *const scripts[] = {
        "echo ${{ .input }}",
        "echo \"Hello ${{ .input }}\"",
        "echo a ${{ .input }} '' ${{ .input }} '\\t' \"  b\"",
        "echo -n ${{ .input }}",
        "echo -n -n -E ${{ .input }}; echo - -nx -- --",
        "echo -Een 'a\\tb' x; echo -neE 'a\\tb'; echo -e '\\\\' 'x\\cy' z; echo ${{ .input }}",
        "set -eu; echo; echo ''; echo ${{ .input }}; echo $# $?",
        "IFS=:; set -- a b; echo \"$*\" ${{ .input }} \"$@\"; echo \"$*$IFS\"",
        "unset IFS; echo a ${{ .input }}; echo ${IFS+set}; set -- $(echo 'a b  c'); echo $#",
        "x=$(echo ${{ .input }}); (echo \"$x\" | cat); ! echo ${{ .input }} >/dev/full; echo $?",
        "if echo ${{ .input }} && false; then :; else echo $?; fi",
        "echo() { printf '<%s>' \"$@\"; }; echo ${{ .input }}; unset -f echo; command echo x",
        "# first\necho ${{ .input }}\n\necho $?",
        "\necho ${{ .input }} <<E\nE\n",
    };
    (void)state;
    for (size_t i = 0; i < COUNT(scripts); i++) {
        const struct fr_script *script = bound(scripts[i]);
        for (size_t v = 0; v < COUNT(echoed); v++) {
            struct fr_buf expected;
            fr_buf_init(&expected, 0);
            assert_true(run(shells[2], script->text, echoed[v], &expected));
            for (size_t s = 0; s < COUNT(echo_shells); s++) {
                echo_once(echo_shells[s], script, echoed[v], fr_buf_cstr(&expected));
            }
            fr_buf_release(&expected);
        }
    }
}

static void echo_is_defined_only_where_it_is_needed(void **state)
{
    static const char *const sh[] = {"sh", "-ec"}, *const bash[] = {"bash", "-c"},
                             *const env[] = {"/usr/bin/env", "/bin/bash", "-c"},
                             *const busybox[] = {"busybox", "sh", "-c"};
    (void)state;
    const struct fr_script *echoes = bound("echo ${{ .input }}");
    const struct fr_script *prints = bound("printf %s ${{ .input }}");
    const struct fr_script *valueless = bound("echo 'a\\tb'");
    assert_string_not_equal(fr_script_prelude(echoes, sh, 2), "");
    assert_string_not_equal(fr_script_prelude(echoes, busybox, 3), "");
    assert_null(strchr(fr_script_prelude(echoes, sh, 2), '\n'));
    assert_string_equal(fr_script_prelude(echoes, bash, 2), "");
    assert_string_equal(fr_script_prelude(echoes, env, 3), "");
    assert_string_equal(fr_script_prelude(prints, sh, 2), "");
    assert_string_equal(fr_script_prelude(valueless, sh, 2), "");
}

static void other_shells_take_no_expressions(void **state)
{
    static const char *const bourne[][4] = {{"sh", "-ec"},
                                            {"bash", "-euo", "pipefail", "-c"},
                                            {"/bin/dash", "-c"},
                                            {"/usr/bin/env", "bash", "-c"},
                                            {"busybox", "sh", "-c"}};
    static const char *const other[][4] = {
        {"zsh", "-c"}, {"yash", "-c"}, {"fish", "-c"},       {"mksh", "-c"},      {"python3", "-c"},
        {"sh"},        {"sh", "-e"},   {"sh", "-c", "eval"}, {"bash", "--rcfile"}};
    (void)state;
    for (size_t i = 0; i < COUNT(bourne); i++) {
        uint32_t count = 0;
        while (count < 4 && bourne[i][count] != NULL) {
            count++;
        }
        assert_true(fr_shell_is_bourne(bourne[i], count));
    }
    for (size_t i = 0; i < COUNT(other); i++) {
        uint32_t count = 0;
        while (count < 4 && other[i][count] != NULL) {
            count++;
        }
        assert_false(fr_shell_is_bourne(other[i], count));
    }
    assert_null(fr_script_parse(&fix.ctx, "print(${{ .input }})", fixture_mark(), false));
    assert_one(&fix,
               "unsafe-expression 10:11+13 an expression cannot stand in a script for this shell, "
               "whose quoting is not known or which evaluates numbers");
    assert_non_null(fr_script_parse(&fix.ctx, "print(1)", fixture_mark(), false));
}

static void plain_words_need_no_shell(void **state)
{
    static const char *const plain[][2] = {
        {"mytool", "mytool"},
        {"  mytool a\tb=c --d=e/f.g \n", "mytool|a|b=c|--d=e/f.g"},
        {"/usr/bin/true", "/usr/bin/true"},
        {"./x @a +1 1%", "./x|@a|+1|1%"}};
    static const char *const shell[] = {"true",       "echo a",       "cd /tmp",     "A=1 mytool",
                                        "mytool $x",  "mytool 'a'",   "mytool a; b", "mytool &",
                                        "mytool *",   "mytool ~",     "mytool a#b",  "# comment",
                                        "",           " \n",          "mytool\nb",   "-x",
                                        "a | b",      "mytool =ls",   "if true",     ". ./x",
                                        "mytool \\a", "mytool >x",    "test a",      "[ a ]",
                                        "kill 1",     "mytool {a,b}", "time mytool", "\xc3\xa9"};
    (void)state;
    for (size_t i = 0; i < COUNT(plain); i++) {
        const struct fr_script *script = bound(plain[i][0]);
        assert_non_null(script->words);
        struct fr_buf joined;
        fr_buf_init(&joined, 0);
        for (const char **word = script->words; *word != NULL; word++) {
            fr_buf_printf(&joined, "%s%s", word == script->words ? "" : "|", *word);
        }
        assert_string_equal(fr_buf_cstr(&joined), plain[i][1]);
        fr_buf_release(&joined);
    }
    for (size_t i = 0; i < COUNT(shell); i++) {
        if (bound(shell[i])->words != NULL) {
            fail_msg("<%s> needs a shell", shell[i]);
        }
    }
    assert_null(fr_script_parse(&fix.ctx, "mytool a", fixture_mark(), false)->words);
}

static int set_up(void **state)
{
    (void)state;
    fixture_init(&fix);
    return mkdtemp(folder) == NULL;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_release(&fix);
    return fr_remove_tree(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_text_says_how_it_is_bound),
        cmocka_unit_test(places_where_no_quoting_helps_are_refused),
        cmocka_unit_test(commands_that_run_their_arguments_take_no_expressions),
        cmocka_unit_test(ordinary_arguments_take_expressions),
        cmocka_unit_test(echo_acts_like_bashs_in_every_shell),
        cmocka_unit_test(echo_is_defined_only_where_it_is_needed),
        cmocka_unit_test(every_problem_of_a_script_is_reported),
        cmocka_unit_test(other_shells_take_no_expressions),
        cmocka_unit_test(plain_words_need_no_shell),
        cmocka_unit_test(every_value_arrives_byte_for_byte_in_every_place),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
