#!/bin/sh
# The unit suites and the tests of the Windows half, cross-built, in Wine.
. "$(dirname "$0")/lib.sh"
failed=0
count=0
for c in tests/unit/test_*.c tests/windows/test_*.c; do
    name=${c#tests/}
    name=${name%.c}
    [ -z "$(rows "${name%/*}" 'left out' | grep -xF "${name##*/}")" ] || continue
    count=$((count + 1))
    code=0
    timeout 300 wine "$RUN_WINDOWS/$name.exe" >"$scene/out" 2>&1 </dev/null || code=$?
    tr -d '\r' <"$scene/out" | sed -E "s#^((not )?ok [0-9]* - )#\1$name: #"
    [ "$code" = 0 ] || failed=1
    if [ "$code" != 0 ] && ! grep -q '^not ok' "$scene/out"; then
        echo "not ok - $name: exit $code"
    fi
done
echo "# figure: $count programs"
exit $failed
