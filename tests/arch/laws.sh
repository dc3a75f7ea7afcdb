#!/bin/sh
# specs/testing.md is true: every law is named where it is said to be checked, every mutant that
# it names is there and is caught by a test, and every mutant of a law or of the protocol is named.
cd "${ARCH_ROOT:-$(dirname "$0")/../..}" || exit 2
page=specs/testing.md
bad=0
say() {
    echo "$*"
    bad=1
}
[ "$(grep -c '^| [0-9]* | \*\*' $page)" = 15 ] || say "$page: there are fifteen laws"
law=1
while [ $law -le 15 ]; do
    row=$(grep "^| $law | " $page)
    for where in $(echo "$row" | cut -d'|' -f4 | grep -o '`[^`]*`' | tr -d '`'); do
        file=$(ls "tests/$where" "tests/$where.c" 2>/dev/null | head -n 1)
        [ -n "$file" ] || { say "$page: law $law: there is no tests/$where"; continue; }
        # "law 7", "laws 1, 2 and 7"
        grep -oiE 'laws? [0-9]+([, and:]+[0-9]+)*' "$file" | grep -qw "$law" ||
            say "$file does not name law $law"
    done
    echo "$row" | cut -d'|' -f5 | grep -q '`law-' || say "$page: law $law has no mutant"
    law=$((law + 1))
done
for mutant in $(grep -oE '`(law|protocol|rule|budget)-[a-z0-9-]*[a-z0-9]`' $page | tr -d '`'); do
    [ -e "tests/mutants/$mutant.patch" ] || say "$page: there is no mutant $mutant"
done
for patch in tests/mutants/law-*.patch tests/mutants/protocol-*.patch; do
    name=$(basename "$patch" .patch)
    grep -q "$name" $page || say "$page does not name $name"
done
exit $bad
