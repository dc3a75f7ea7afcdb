#!/bin/sh
# Runs suites side by side and adds up: run.sh [SUITE...]; all of tests/ when none is named.
# RUN_SAN, RUN_PLAIN: folders of the sanitized and of the plain build.  See tests/README.md.
set -u

# One test: its output into a file, its figures into another, one line on the screen.
one() {
    label=$1 effort=$2
    shift 2
    name=$(echo "$label" | tr '/ ' '__')
    log=$RUN_OUT/$name.log
    # Not below the build folder: the path of a socket or a lock must stay short.
    TMPDIR=$(mktemp -d "${TMPDIR:-/tmp}/hvgpu-check-XXXXXX")
    export TMPDIR XDG_STATE_HOME="$TMPDIR/state" HOME="$TMPDIR" HVGPU_EFFORT="$effort"
    began=$(date +%s)
    timeout -k 5 "${TEST_SECONDS:-1500}" "$@" >"$log" 2>&1 </dev/null
    rc=$?
    took=$(($(date +%s) - began))
    chmod -R u+rwx "$TMPDIR" 2>/dev/null
    rm -rf "$TMPDIR"
    # cmocka and our scripts speak TAP; who says nothing is judged by the exit code alone.
    # A test that is left out is a test that did not pass.
    # shellcheck disable=SC2046
    set -- $(LC_ALL=C awk -v rc=$rc '
        /^ok( |$)/ { if (/# SKIP/) bad++; else good++ }
        /^not ok( |$)/ { bad++ }
        /^1\.\.[0-9]+$/ { planned += substr($0, 4) }
        END {
            if (good + bad == 0) { if (rc == 0) good = 1; else bad = 1 }
            if (planned > good + bad) bad = planned - good  # it ended in the middle
            if (rc != 0 && !bad) bad = 1                    # all was well until it was not
            print good + 0, bad + 0 }' "$log")
    if [ "$rc" = 124 ]; then
        echo "(given up after ${TEST_SECONDS:-1500} s)" >>"$log"
    fi
    echo "$1 $2" >"$RUN_OUT/$name.sum"
    echo "$took $label" >"$RUN_OUT/$name.took"
    if [ "$2" = 0 ]; then
        printf 'pass  %-44s %5d   %3d s\n' "$label" "$1" "$took"
        sed -n 's/^# figure: /        /p' "$log"
    else
        printf 'FAIL  %-44s %5d passed, %d failed, exit %d\n' "$label" "$1" "$2" "$rc"
        echo "$log" >"$RUN_OUT/$name.bad"
    fi
}

list() {
    for suite in "$@"; do
        for c in tests/"$suite"/test_*.c; do
            # Those are for Windows: windows/units.sh runs them.
            [ -e "$c" ] && [ "$suite" != windows ] || continue
            p=${c#tests/}
            p=${p%.c}
            echo "$p|${HVGPU_EFFORT:-small}|$RUN_SAN/$p"
            # What counts worlds counts more of them without sanitizers.
            case $suite in
            laws | fault)
                [ "$RUN_PLAIN" = "$RUN_SAN" ] ||
                    echo "$p (plain)|${HVGPU_EFFORT:-full}|$RUN_PLAIN/$p"
                ;;
            esac
        done
        for s in tests/"$suite"/*.sh; do
            [ -x "$s" ] && [ "$s" != tests/fuzz/search.sh ] &&
                echo "${s#tests/}|${HVGPU_EFFORT:-small}|$s"
        done
        for c in tests/"$suite"/fuzz_*.c; do
            [ -e "$c" ] || continue
            p=${c#tests/}
            p=${p%.c}
            echo "$p|${HVGPU_EFFORT:-small}|$RUN_SAN/$p tests/fuzz/corpus/${p#fuzz/fuzz_}"
        done
    done
}

if [ "${1:-}" = --one ]; then
    IFS='|' read -r label effort command <<EOT
$2
EOT
    # shellcheck disable=SC2086
    one "$label" "$effort" $command
    exit 0
fi

cd "$(dirname "$0")/.." || exit 1
# What measures time is no test.
[ $# -gt 0 ] || set -- $(cd tests && ls -d */ | tr -d / | grep -vx bench)
RUN_OUT=${RUN_OUT:-$RUN_SAN/results}
TOP=$PWD
HVGPU=$RUN_SAN/hvgpu
HVGPU_PLAIN=$RUN_PLAIN/hvgpu
LC_ALL=C NO_COLOR=1 CMOCKA_MESSAGE_OUTPUT=tap
ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:allocator_may_return_null=1
UBSAN_OPTIONS=print_stacktrace=1
RUN_WINDOWS=${RUN_WINDOWS:-$RUN_PLAIN/windows}
export RUN_OUT RUN_SAN RUN_PLAIN RUN_WINDOWS TOP HVGPU HVGPU_PLAIN LC_ALL NO_COLOR
export CMOCKA_MESSAGE_OUTPUT
export ASAN_OPTIONS UBSAN_OPTIONS
unset XDG_STATE_HOME STATE_DIRECTORY HVGPU_POLICY COLUMNS UPDATE
rm -rf "$RUN_OUT"
mkdir -p "$RUN_OUT"

list "$@" | tr '\n' '\0' | xargs -0 -r -n 1 -P "${JOBS:-1}" "$0" --one
for bad in "$RUN_OUT"/*.bad; do
    [ -e "$bad" ] || continue
    log=$(cat "$bad")
    printf '\n---- %s\n' "$log"
    tail -n 60 "$log"
done
# Where the time goes, for whoever wants to save some.
slowest=$(cat "$RUN_OUT"/*.took 2>/dev/null | sort -rn | awk '$1 >= 10' | head -n 10)
[ -z "$slowest" ] || printf 'slowest, in seconds:\n%s\n' "$slowest"
cat "$RUN_OUT"/*.sum ${RUN_MORE:-} 2>/dev/null | awk '
    { good += $1; bad += $2 }
    END { printf "%d passed, %d failed\n", good, bad; exit bad > 0 || good == 0 }'
