#!/bin/sh
# What a person sees: the real program, command by command.
#
# A case is a file cases/NAME.cli, a session: lines "$ command", below each what it
# prints, "! " before what goes to standard error, and last "[exit N]".  Lines with #
# before the first command are for people.  It runs in a scratch folder with a copy of examples/
# and of files/.  What differs from run to run is shown as a word: the scratch
# folder as WORK, the process and host of a lock's holder as SOMEBODY, the id of a plan
# (a digest of all of it) as p-ID.
#
#   tests/cli/run.sh [NAME...]      UPDATE=1: writes what is printed into the cases
cd "$(dirname "$0")/../.."
. tests/golden/lib.sh

cases=$top/tests/cli/cases
[ $# -gt 0 ] || set -- $(cd "$cases" && LC_ALL=C ls | sed 's/\.cli$//')

# session FILE: its commands run again, with what they print now
session() {
    begun=no
    while IFS= read -r line || [ -n "$line" ]; do
        case $begun$line in
        'no#'*) printf '%s\n' "$line" ;;
        *'$ '*)
            case $line in
            '$ '*)
                begun=yes
                shown "${line#\$ }"
                ;;
            esac
            ;;
        esac
    done <"$1" | sed -e "s#$work#WORK#g" \
        -e 's/p-[0-9a-f]\{8\}/p-ID/g' \
        -e 's/process [0-9]* on [^ ]* since [^ ,;)]*/SOMEBODY/g'
}

n=0
bad=0
echo "1..$#"
for name; do
    n=$((n + 1))
    rm -rf "$work/try" "$work/state" "$work/home"
    mkdir -p "$work/try"
    cp -r examples "$work/try/"
    cp -r tests/cli/files/. "$work/try/"
    chmod -R u+w "$work/try"
    cd "$work/try"
    session "$cases/$name.cli" >"$work/got"
    cd "$top"
    if [ -n "$update" ]; then
        cp "$work/got" "$cases/$name.cli"
    fi
    if diff -u "$cases/$name.cli" "$work/got" >"$work/diff"; then
        echo "ok $n - $name"
    else
        echo "not ok $n - $name"
        bad=1
        sed 's/^/# /' "$work/diff"
    fi
done
test "$bad" = 0
