#!/bin/sh
# What every printed page keeps, in all golden files and sessions of tests/cli:
#
# - no line has more than 100 columns;
# - every held or blocked line of a plan has a release;
# - every total of a plan is the sum of the lines above it.
set -eu
cd "$(dirname "$0")/../.."
bad=0
LC_ALL=C awk -f tests/golden/lines.awk examples/*/expect/*.txt tests/golden/*/*.txt || bad=1
LC_ALL=C awk -v cli=1 -f tests/golden/lines.awk tests/cli/cases/*.cli || bad=1
# A checker that cannot fail checks nothing: the same with one thing wrong.
plan=tests/golden/stops-default/plan.txt
for wrong in 's/released by/set free by/' 's/^Now: [0-9a-z]*/Now: 7/' \
    's/^Blocked: .*\./Blocked: 9 VMs./' 's/, [0-9]* VM interrupted\././' \
    's/^Plan for.*/& & & & & & & & & & & &/'; do
    sed "$wrong" "$plan" >"${TMPDIR:-/tmp}/lines.$$"
    if LC_ALL=C awk -f tests/golden/lines.awk "${TMPDIR:-/tmp}/lines.$$" >/dev/null; then
        echo "lines: \"$wrong\" is not noticed in $plan"
        bad=1
    fi
    rm -f "${TMPDIR:-/tmp}/lines.$$"
done
exit $bad
