#!/bin/sh
# The runner adds up rightly, and nothing that goes wrong looks like success.  TAP.
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset RUN_OUT RUN_MORE
n=0
bad=0

# expect NAME LAST-LINE EXIT SCRIPT: what the runner makes of a suite with this one script
expect() {
    n=$((n + 1))
    rm -rf "$work/tests" "$work/build"
    mkdir -p "$work/tests/suite" "$work/build"
    cp "$here/run.sh" "$work/tests"
    printf '#!/bin/sh\n%s\n' "$4" >"$work/tests/suite/one.sh"
    chmod +x "$work/tests/suite/one.sh"
    said=$(RUN_SAN=$work/build RUN_PLAIN=$work/build JOBS=2 TEST_SECONDS=2 \
        "$work/tests/run.sh" suite 2>&1)
    rc=$?
    last=$(printf '%s\n' "$said" | tail -n 1)
    if [ "$last" = "$2" ] && [ $rc = "$3" ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1: \"$last\", exit $rc"
        bad=1
    fi
}

expect 'TAP is counted' '2 passed, 0 failed' 0 'echo "ok 1 - a"; echo "ok 2"; echo 1..2'
expect 'one case of three fails' '2 passed, 1 failed' 1 \
    'echo ok 1; echo "not ok 2 - b"; echo ok 3; exit 1'
expect 'a failed case counts though the exit code is 0' '0 passed, 1 failed' 1 'echo not ok 1'
expect 'silence and 0' '1 passed, 0 failed' 0 'true'
expect 'silence and 3' '0 passed, 1 failed' 1 'exit 3'
expect 'all well, then a crash' '1 passed, 1 failed' 1 'echo ok 1; kill -SEGV $$'
expect 'ends before its plan does' '1 passed, 2 failed' 1 'echo 1..3; echo ok 1'
expect 'a skip is no success' '1 passed, 1 failed' 1 'echo ok 1; echo "ok 2 # SKIP no time"'
expect 'a test that hangs' '0 passed, 1 failed' 1 'exec tail -f /dev/null'
expect 'words that only look like TAP' '1 passed, 0 failed' 0 \
    'echo okay; echo "# not ok"; echo okra'
expect 'a folder of its own, and no input' '1 passed, 0 failed' 0 \
    'read x && exit 1; [ -d "$TMPDIR" ] && [ "$HOME" = "$TMPDIR" ] && [ -z "$(ls -A "$HOME")" ]'

# Several at once, one of them not executable, and nothing at all.
rm "$work/tests/suite/one.sh"
for i in 1 2 3 4 5 6; do
    printf '#!/bin/sh\necho ok %s\n' $i >"$work/tests/suite/t$i.sh"
    chmod +x "$work/tests/suite/t$i.sh"
done
chmod -x "$work/tests/suite/t6.sh"
all() {
    n=$((n + 1))
    last=$(RUN_SAN=$work/build RUN_PLAIN=$work/build JOBS=3 "$work/tests/run.sh" 2>&1 | tail -n 1)
    [ "$last" = "$2" ] && echo "ok $n - $1" && return
    echo "not ok $n - $1: \"$last\""
    bad=1
}
all 'every suite, side by side' '5 passed, 0 failed'
rm "$work"/tests/suite/*
all 'nothing found is not a success' '0 passed, 0 failed'
echo "1..$n"
exit $bad
