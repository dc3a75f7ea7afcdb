#!/bin/sh
# Every source that code, data or a page cites is a section of specs/platform.md, which
# has no section that nobody cites.
set -eu
cd "${ARCH_ROOT:-$(dirname "$0")/../..}"
bad=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
kinds='hyperv-wmi|failover-cluster|field-behaviour|samples'

grep -rnoE --include='*.[ch]' --include='*.def' "($kinds) [0-9]+(\.[0-9]+)?" reconciler \
    >"$work/cited" || :
grep -noE "($kinds) [0-9]+(\.[0-9]+)?" specs/world.md reconciler/data/*.yaml \
    /dev/null >>"$work/cited" || :
test -s "$work/cited" || {
    echo "sources: nothing is cited: the pattern is wrong" >&2
    exit 1
}
while IFS=: read -r file line source; do
    grep -q "^### $source " specs/platform.md || {
        echo "sources: $file:$line cites $source, which specs/platform.md does not have" >&2
        bad=1
    }
done <"$work/cited"

# Nothing on the page that nobody uses.
sed -nE "s/^### (($kinds) [0-9.]+) .*/\1/p" specs/platform.md >"$work/sections"
while read -r source; do
    grep -q ":$source\$" "$work/cited" || {
        echo "sources: specs/platform.md: nothing cites $source" >&2
        bad=1
    }
done <"$work/sections"

exit $bad
