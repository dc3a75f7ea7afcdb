#!/bin/sh
# specs/reasons.md lists exactly the codes of reconciler/model/reasons.def, with
# their class, rule, meaning and release.  UPDATE=1 rewrites the table.
set -eu
cd "${ARCH_ROOT:-$(dirname "$0")/../..}"
def=reconciler/model/reasons.def
page=specs/reasons.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# REASON(NAME, "code", CLASS, "rule", "text", "release"): the quoted fields
# hold no quote of their own, so a split at quotes is exact.
LC_ALL=C awk -F'"' '
function row(class, title, lead,    i, shown) {
    for (i = 1; i <= n; i++) {
        if (class_of[i] != class)
            continue
        if (!shown++)
            printf "\n## %s\n\n%s\n\n| code | rule | what it means | released by |\n%s\n", \
                title, lead, "| --- | --- | --- | --- |"
        printf "| `%s` | %s | %s | %s |\n", code[i], rule[i], text[i], release[i]
    }
}
/^REASON\(/ {
    n++
    code[n] = $2
    class_of[n] = $3
    gsub(/[ ,]/, "", class_of[n])
    rule[n] = $4
    text[n] = $6
    release[n] = $8
}
END {
    row("BLOCKED", "Blocked",
        "Somebody must change something; exit 11. The order is the order of precedence.")
    row("HELD", "Held",
        "It happens by itself, or when an operator says so; exit 5 when nothing else is pending.")
    row("MANUAL", "By hand",
        "A step that a person must take; hvgpu names it and goes on with the rest.")
    row("WARNING", "Warnings", "Worth knowing; changes neither the plan nor the exit code.")
    row("NOTE", "Notes", "Said once, for the reader.")
}' "$def" >"$work/table"

test "$(grep -c '^REASON(' "$def")" = "$(grep -c '^| `' "$work/table")" || {
    echo "reasons: a row of $def has a class that this script does not know" >&2
    exit 1
}
# A code that stands twice could not be looked up.
twice=$(sed -n 's/^| `\([^`]*\)`.*/\1/p' "$work/table" | LC_ALL=C sort | uniq -d)
test -z "$twice" || {
    echo "reasons: more than one row: $twice" >&2
    exit 1
}

LC_ALL=C awk -v table="$work/table" '
/^<!-- reasons.def: end -->/ { inside = 0 }
!inside { print }
/^<!-- reasons.def: begin -->/ {
    inside = 1
    while ((getline line < table) > 0)
        print line
    print ""
}' "$page" >"$work/page"

if [ "${UPDATE:-}" = 1 ]; then
    cp "$work/page" "$page"
elif ! diff -u "$page" "$work/page"; then
    echo "reasons: $page differs from $def; UPDATE=1 tests/arch/reasons.sh writes it" >&2
    exit 1
fi

# A rule that a reason cites must be on the page of rules.
for r in $(sed -n 's/^| `[^`]*` | \([A-Z][0-9]*\) .*/\1/p' "$work/table" | LC_ALL=C sort -u); do
    grep -q "^### $r\b" specs/rules.md || {
        echo "reasons: rule $r is cited by $def and missing in specs/rules.md" >&2
        exit 1
    }
done
echo "reasons: $(grep -c '^| `' "$work/table") codes, page and table agree"
