#!/bin/sh
# Every source that code cites is a section of specs/platform.md, and the table of
# refusals in specs/simulation.md is that of reconciler/sim/refusals.def.
# UPDATE=1 rewrites the table.
set -eu
cd "${ARCH_ROOT:-$(dirname "$0")/../..}"
bad=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
kinds='hyperv-wmi|failover-cluster|field-behaviour|samples'

grep -rnoE --include='*.[ch]' --include='*.def' "($kinds) [0-9]+(\.[0-9]+)?" reconciler >"$work/cited" || :
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
sed -nE "s/^### (($kinds) [0-9.]+) .*/\1/p" specs/platform.md | while read -r source; do
    grep -qE ":$source\$" "$work/cited" || echo "sources: nothing cites $source" >&2
done

LC_ALL=C awk -F'"' '
/^REFUSAL\(/ {
    split($1, head, ",")
    code = head[2]
    gsub(/ /, "", code)
    printf "| %s | `%s` | %s |\n", $2, code, $4
}' reconciler/sim/refusals.def >"$work/rows"
test "$(grep -c '^REFUSAL(' reconciler/sim/refusals.def)" = "$(wc -l <"$work/rows")"
LC_ALL=C awk -v rows="$work/rows" '
/^<!-- refusals.def: end -->/ { inside = 0 }
!inside { print }
/^<!-- refusals.def: begin -->/ {
    inside = 1
    print "| refused because | answer | source |"
    print "| --- | --- | --- |"
    while ((getline line < rows) > 0)
        print line
}' specs/simulation.md >"$work/page"
if [ "${UPDATE:-}" = 1 ]; then
    cp "$work/page" specs/simulation.md
elif ! diff -u specs/simulation.md "$work/page"; then
    echo "sources: specs/simulation.md differs from refusals.def; UPDATE=1 tests/arch/sources.sh writes it" >&2
    bad=1
fi
exit $bad
