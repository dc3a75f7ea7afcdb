#!/bin/sh
# The seam over COM: against the WMI server of the tests, and against Wine's own.
. "$(dirname "$0")/lib.sh"
failed=0
for name in hand/test_com test_own; do
    code=0
    timeout 300 wine "$RUN_WINDOWS/wbem/$name.exe" >"$scene/out" 2>&1 </dev/null || code=$?
    tr -d '\r' <"$scene/out" | sed -E "s#^((not )?ok [0-9]* - )#\1${name#*/}: #"
    [ "$code" = 0 ] || failed=1
    if [ "$code" != 0 ] && ! grep -q '^not ok' "$scene/out"; then
        echo "not ok - $name: exit $code"
    fi
done
exit $failed
