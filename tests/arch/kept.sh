#!/bin/sh
# specs/kept.md: for each rule of specs/rules.md the code that cites it most, the tests that cite
# it most, and the mutants that break it.  A rule without code, without a test or without a mutant
# is a failure: with no mutant nothing shows that a test fails without the rule.
# UPDATE=1 rewrites the page.
set -eu
cd "${ARCH_ROOT:-$(dirname "$0")/../..}"
page=specs/kept.md
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Where each rule stands, as words: RULE FILE, once for each line that cites it.
cited() {
    grep -rowE --include='*.[ch]' --include='*.def' --include='*.sh' --include=spec.yaml \
        --include='*.cli' --exclude-dir=arch --exclude-dir=bad '[A-Z][0-9]{1,2}' "$@" |
        sed 's/^\(.*\):\([A-Z][0-9]*\)$/\2 \1/'
}
cited reconciler >"$work/code"
cited tests >"$work/tests"
grep -oE '^Because: [A-Z][0-9]{1,2}' tests/mutants/*.patch /dev/null 2>/dev/null |
    sed 's/^tests\/mutants\/\(.*\)\.patch:Because: \(.*\)/\2 \1/' >"$work/mutants"

LC_ALL=C awk -v work="$work" '
function count(file, of,    line, f) {
    while ((getline line < (work "/" file)) > 0) {
        split(line, f, " ")
        sub(/^reconciler\//, "", f[2])
        sub(/^tests\//, "", f[2])
        sub(/\/spec\.yaml$/, "", f[2])
        sub(/\.[a-z]+$/, "", f[2])
        if (!((f[1], f[2]) in of)) names[file, f[1]] = names[file, f[1]] " " f[2]
        of[f[1], f[2]]++
    }
}
# The three that cite it most; those that cite it as often by name.
function above(of, rule, x, y) {
    return of[rule, x] > of[rule, y] || (of[rule, x] == of[rule, y] && x < y)
}
function most(file, rule, of,    list, n, i, k, swap, out) {
    n = split(names[file, rule], list, " ")
    for (i = 2; i <= n; i++)
        for (k = i; k > 1 && above(of, rule, list[k], list[k - 1]); k--) {
            swap = list[k]; list[k] = list[k - 1]; list[k - 1] = swap
        }
    for (i = 1; i <= n && i <= 3; i++) out = out (i > 1 ? " " : "") "`" list[i] "`"
    return n > 3 ? out " and " n - 3 " more" : out
}
BEGIN {
    count("code", code); count("tests", tests); count("mutants", mutants)
    print "# Which rule is kept where"
    print ""
    print "Each rule of [rules.md](rules.md): the files below `reconciler/` that cite it most,"
    print "the tests below `tests/` that cite it most, and the mutants that break it, each of which"
    print "a test must catch ([testing.md](testing.md)). A rule without code, without a test or"
    print "without a mutant is a failure. Made by `tests/arch/kept.sh`."
    print ""
    print "| rule | about | code | tests | mutants |"
    print "| --- | --- | --- | --- | --- |"
}
/^### [A-Z][0-9]+ / {
    rule = $2
    about = $0
    sub(/^### [A-Z][0-9]+ /, "", about)
    c = most("code", rule, code)
    t = most("tests", rule, tests)
    if (c == "") print "kept: " rule " is cited by no code" > "/dev/stderr"
    if (t == "") print "kept: " rule " is cited by no test" > "/dev/stderr"
    m = most("mutants", rule, mutants)
    if (m == "") print "kept: " rule " is broken by no mutant" > "/dev/stderr"
    if (c == "" || t == "" || m == "") bad = 1
    printf "| %s | %s | %s | %s | %s |\n", rule, about, c, t, m
}
END { exit bad }' specs/rules.md >"$work/page"

if [ -n "${UPDATE:-}" ]; then
    cp "$work/page" "$page"
elif ! diff -u "$page" "$work/page"; then
    echo "kept: $page is not current: UPDATE=1 tests/arch/kept.sh writes it" >&2
    exit 1
fi
