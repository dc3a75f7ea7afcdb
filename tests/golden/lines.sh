#!/bin/sh
# What every printed page keeps, in all golden files and sessions of tests/cli:
#
# - no line has more than 100 columns (one of a document of specs/documents.md may);
# - every held or blocked line of a plan, drift or `why` has a release;
# - every total of a plan or drift is the sum of the lines above it;
# - no VM was off for longer than its plan said.
set -eu
cd "$(dirname "$0")/../.."
bad=0
LC_ALL=C awk -f tests/golden/lines.awk examples/*/expect/*.txt tests/golden/*/*.txt || bad=1
LC_ALL=C awk -v cli=1 -f tests/golden/lines.awk tests/cli/cases/*.cli || bad=1
# A checker that cannot fail checks nothing: the same with one thing wrong.
broken=$(mktemp)
trap 'rm -f "$broken"' EXIT
notices() { # notices SED-COMMAND FILE
    sed "$1" "$2" >"$broken"
    if LC_ALL=C awk -f tests/golden/lines.awk "$broken" >/dev/null; then
        echo "lines: \"$1\" is not noticed in $2"
        bad=1
    fi
}
for wrong in 's/released by/set free by/' 's/^Now: [0-9a-z]*/Now: 7/' \
    's/^Blocked: .*\./Blocked: 9 VMs./' 's/, [0-9]* VM interrupted\././' \
    's/^Plan for.*/& & & & & & & & & & & &/'; do
    notices "$wrong" tests/golden/stops-default/plan.txt
done
notices 's/, [0-9]* moved\././' examples/emptied-node/expect/plan.txt
for wrong in 's/released by/set free by/' 's/^[0-9]* findings: 1/9 findings: 2/' \
    's/ [0-9]* warnings/ 77 warnings/' 's/^  vm.ml-02 power /  vm\/ml-02..03 power /'; do
    notices "$wrong" tests/golden/estate-c-ml/run.txt
done
notices '/WHAT WOULD RUN/,$s/released by/set free by/' tests/golden/estate-c-ml/run.txt
notices 's/was off for .*/was off for 12 min 1 s./' tests/golden/start-fails-once/run.txt
exit $bad
