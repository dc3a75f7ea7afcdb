#!/bin/sh
# Every rule of rules.txt is explained in specs/rules.md, kept by code that cites it and held by
# a test that cites it.
cd "${ARCH_ROOT:-$(dirname "$0")/../..}" || exit 2
bad=0
say() {
    echo "$*"
    bad=1
}
cites() { # cites RULE FOLDER...: as a word, and not in the checkers' own lists
    rule=$1
    shift
    grep -rqwE --include='*.[ch]' --include='*.def' --include='*.sh' --include='*.md' \
        --include='*.txt' --include='*.yaml' --exclude-dir=arch --exclude=README.md \
        "$rule" "$@" 2>/dev/null
}
for rule in $(sed '/^#/d' "${ARCH_RULES:-tests/arch/rules.txt}"); do
    grep -q "^### $rule " specs/rules.md 2>/dev/null || say "$rule is not in specs/rules.md"
    cites "$rule" reconciler || say "$rule is cited by nothing below reconciler/"
    cites "$rule" tests || say "$rule is cited by no test"
done
exit $bad
