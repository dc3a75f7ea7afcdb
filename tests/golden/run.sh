#!/bin/sh
# Golden files: what a person sees in each example and each small case.
#
#   tests/golden/run.sh [FOLDER ...]     all of examples/* and tests/golden/* by default
#   UPDATE=1 or GOLDEN_UPDATE=1          writes what is seen instead of comparing it
#
# A case is a folder with spec.yaml and world.yaml.  It is copied, and `hvgpu`
# runs in the copy, with a store of its own:
#
#   plan.txt    `hvgpu plan spec.yaml`: the difference and the ordered actions
#   plan.json   the same as a document (examples only)
#   run.txt     the lines of `commands`, or: apply, plan again (an example: validate,
#               apply, observe, plan again, drift)
#
# In an example they are kept in expect/, so that its folder stays readable.  The scripts beside
# them (*.ps1) are powershell.sh's.  A folder of many specs, without spec.yaml, has commands and
# run.txt: they run in a copy of all of it.
cd "$(dirname "$0")/../.."
. tests/golden/lib.sh

case_commands='hvgpu apply --yes spec.yaml
hvgpu plan spec.yaml'
example_commands='hvgpu validate spec.yaml
hvgpu apply --yes spec.yaml
hvgpu observe spec.yaml
hvgpu plan spec.yaml
hvgpu drift spec.yaml'

failed=0
cases=0
bad=0

# check WANT GOT: compares, or rewrites.
check() {
    if [ "$update" = 1 ]; then
        mkdir -p "$(dirname "$1")"
        cmp -s "$1" "$2" || {
            cp "$2" "$1"
            echo "wrote $1"
        }
    elif ! diff -u "$1" "$2"; then
        echo "golden: $1 differs; UPDATE=1 tests/golden/run.sh ${1%/*} writes it" >&2
        bad=$((bad + 1))
    fi
}

# offered PAGE: what its foot says to run next is a command that works, in the folder of the case.
offered() {
    # a long one goes on below itself
    awk '
    function tell() { if (line != "") print line; line = "" }
    sub(/^(More|In window|In its turn): +/, "") { tell(); line = $0; next }
    line != "" && sub(/^             /, " ") { line = line $0; next }
    { tell() }
    END { tell() }' "$1" >"$work/offered"
    while IFS= read -r line; do
        code=0
        sh -c "$line" >/dev/null 2>"$work/err" </dev/null || code=$?
        case $code in
        1 | 64 | 12[6-9] | 1[3-9]? | 2??)
            echo "golden: $folder: a page offers \"$line\", exit $code" >&2
            cat "$work/err" >&2
            bad=$((bad + 1))
            ;;
        esac
    done <"$work/offered"
}

# run_lines: what the commands in $work/commands say goes to $work/run.txt.
run_lines() {
    while IFS= read -r line; do
        case $line in '' | '#'*) continue ;; esac
        shown "$line"
        echo
        offered "$work/out"
    done <"$work/commands" >"$work/run.txt"
}

# tell_case: one line of TAP.
tell_case() {
    cases=$((cases + 1))
    if [ "$bad" = 0 ]; then
        echo "ok $cases - $folder"
    else
        echo "not ok $cases - $folder"
        failed=$((failed + 1))
    fi
}

begin_case() {
    folder=${1%/} expect=${1%/} bad=0
    case $folder in examples/*) expect=$folder/expect ;; esac
    rm -rf "$work/case" "$work/state" "$work/home"
    mkdir -p "$work/case" "$work/home"
}

run_tree() {
    begin_case "$1"
    cp -R "$folder"/* "$work/case"
    rm -rf "$work/case/expect"
    cp "$expect/commands" "$work/commands"
    cd "$work/case"
    run_lines
    cd "$top"
    check "$expect/run.txt" "$work/run.txt"
    tell_case
}

run_case() {
    begin_case "$1"
    lines=$case_commands
    case $folder in examples/*) lines=$example_commands ;; esac
    test ! -f "$expect/commands" || lines=$(cat "$expect/commands")
    cp "$folder"/*.yaml "$work/case"
    cp "$folder"/*.json "$work/case" 2>/dev/null || :
    # what comes from outside the specs lies in a folder of its own
    test ! -d "$folder/limits" || cp -R "$folder/limits" "$work/case"
    cd "$work/case"
    shown 'hvgpu plan spec.yaml' >"$work/plan.txt"
    offered "$work/plan.txt"
    # Looking does not touch (law 12): the plan left everything as it was.
    for f in $(find . -type f); do
        cmp -s "$f" "$top/$folder/$f" || {
            echo "golden: $folder: plan changed $f" >&2
            bad=$((bad + 1))
        }
    done
    hvgpu plan -o json spec.yaml >"$work/plan.json" 2>/dev/null || :
    printf '%s\n' "$lines" >"$work/commands"
    run_lines
    cd "$top"
    check "$expect/plan.txt" "$work/plan.txt"
    check "$expect/run.txt" "$work/run.txt"
    case $folder in examples/*) check "$expect/plan.json" "$work/plan.json" ;; esac
    tell_case
}

named=$#
if [ $# = 0 ]; then
    set -- examples/*/ tests/golden/*/
fi
for f; do
    f=${f%/}
    f=${f%/expect}
    if [ -f "$f/spec.yaml" ]; then
        run_case "$f"
    elif [ -f "$f/expect/commands" ] || [ -f "$f/commands" ]; then
        run_tree "$f"
    elif [ "$named" -gt 0 ]; then
        cases=$((cases + 1))
        failed=$((failed + 1))
        echo "not ok $cases - $f has no spec.yaml"
    fi
done
echo "1..$cases"
test "$failed" = 0 && test "$cases" -gt 0
