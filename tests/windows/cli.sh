#!/bin/sh
# The sessions of tests/cli with the Windows program: the same files as on Linux.  What may differ,
# and why, is a row of not-here.txt and a file differs/NAME.diff; UPDATE=1 writes those.
. "$(dirname "$0")/lib.sh"
update=${UPDATE:-}
unset UPDATE
export HVGPU="$hvgpu"
failed=0
once_more tests/cli/run.sh $(others cli $(cd tests/cli/cases && ls | sed 's/\.cli$//')) || failed=1
for name in $(rows cli differs); do
    tests/cli/run.sh "$name" >"$scene/out" || :
    # Without the head of the difference, which has the time in it.
    sed -n 's/^# //p' "$scene/out" | sed 1,2d >"$scene/diff"
    [ -z "$update" ] || cp "$scene/diff" "tests/windows/differs/$name.diff"
    if [ -s "$scene/diff" ] && diff -u "tests/windows/differs/$name.diff" "$scene/diff"; then
        echo "ok - $name, but for what the table says"
    else
        echo "not ok - $name: what differs is not what differs/$name.diff says"
        failed=1
    fi
done
exit $failed
