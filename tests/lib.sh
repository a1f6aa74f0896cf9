# shellcheck shell=sh
# What tests/run, tests/docs and tests/units share: a private world for each test, the search for
# processes and files it left behind, and the tally. Read with `.`; needs $here, the tests' folder.

source=$(dirname "${here:?}")

# The build under test; every runner takes another one from the environment.
: "${O:=build/release}"
: "${FLOWRUN:=$O/flowrun}"
case $O in
/*) ;;
*) O=$source/$O ;;
esac
case $FLOWRUN in
/*) ;;
*) FLOWRUN=$source/$FLOWRUN ;;
esac
: "${VARIANT:=release}"

# What hangs is ended after so many seconds; that is far more than any test takes, on a busy machine
# as well. Sanitized programs run several times slower.
case $VARIANT in
asan | tsan) : "${LIMIT:=600}" ;;
*) : "${LIMIT:=180}" ;;
esac

# One mark for everything this runner starts; each test adds its own name to it.
: "${MARK:=$$-$(date +%s%N)}"

# enclosed DIR NAME COMMAND...: run COMMAND in DIR/cwd for at most $LIMIT seconds, in an environment
# of its own that is the same on every machine and carries a mark by which its processes are known.
# intercept_tls_get_addr=0: the leak checker misreads the thread-local data of libraries loaded at run
# time (libjq), and ends the program for it.
enclosed() (
    dir=$1 name=$2
    shift 2
    mkdir -p "$dir/cwd" "$dir/home" "$dir/tmp" "$dir/state" || exit 1
    cd "$dir/cwd" || exit 1
    exec env -i \
        PATH="${FLOWRUN%/*}:$PATH" \
        HOME="$dir/home" TMPDIR="$dir/tmp" XDG_STATE_HOME="$dir/state" \
        LC_ALL=C.UTF-8 TZ=UTC TERM=dumb \
        FLOWRUN="$FLOWRUN" \
        FLOWRUN_SOURCE="$source" \
        FLOWRUN_TEST_CASE="$MARK:$name:" \
        FLOWRUN_TEST_VARIANT="$VARIANT" \
        ASAN_OPTIONS="detect_leaks=1:intercept_tls_get_addr=0:halt_on_error=1:exitcode=99:log_path=$dir/sanitizer" \
        UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1:log_path=$dir/sanitizer" \
        TSAN_OPTIONS="halt_on_error=1:exitcode=99:log_path=$dir/sanitizer" \
        timeout -k 5 "$LIMIT" "$@" </dev/null
)

# marked NAME: the ids of processes that belong to test NAME; without NAME, to any test of this run.
marked() {
    grep -lF -e "FLOWRUN_TEST_CASE=$MARK:${1:+$1:}" /proc/[0-9]*/environ 2>/dev/null | cut -d/ -f3
}

# leftovers DIR NAME: what test NAME left behind, a line each; its processes are ended. Nothing is
# printed, and the status is 0, when it left nothing.
leftovers() {
    # A process that was just killed may take a moment to go; what still lives then was left.
    if [ -n "$(marked "$2")" ]; then
        sleep 0.2
        for pid in $(marked "$2"); do
            printf 'a process was left behind: %s: %s\n' "$pid" \
                "$(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)"
            kill -KILL "$pid" 2>/dev/null
        done
    fi
    find "$1/tmp" -mindepth 1 2>/dev/null | sed "s|^$1/tmp/|a file was left behind in TMPDIR: |"
    for report in "$1"/sanitizer.*; do
        [ ! -f "$report" ] || cat "$report"
    done
}

# end_marked: end every process this run's tests have started; for a runner that is interrupted.
end_marked() {
    for pid in $(marked); do
        kill -KILL "$pid" 2>/dev/null
    done
}

# private_folder: print the path of a new folder for this runner's work.
private_folder() {
    mktemp -d "${TMPDIR:-/tmp}/flowrun-test.XXXXXX"
}

# discard DIR: remove a folder whatever modes a test has left in it.
discard() {
    chmod -R u+rwX "$1" 2>/dev/null
    rm -rf "$1"
}

# tally SUITE PASSED FAILED SKIPPED: the last line of a runner, and a line for tests/check.
tally() {
    [ -z "${TALLY:-}" ] || echo "$2 $3 $4" >>"$TALLY"
    if [ "$4" -gt 0 ]; then
        echo "$1: $2 passed, $3 failed, $4 skipped"
    else
        echo "$1: $2 passed, $3 failed"
    fi
    [ "$3" -eq 0 ]
}
