#!/bin/sh
# Laws of the whole program, over the examples, the golden cases, the worlds of the laws and
# random estates.  TAP, one line for a case.
#
#   law 2   an apply after one that is done does nothing, and says so with exit code 0
#   law 3   the same input gives the same bytes, whatever the order of files, keys and rows
#   law 10  plan of an export has no step; a plan that is written and read is the same plan
#   law 12  looking does not touch: no verb but apply changes the world or makes a store
cd "${TOP:-$(dirname "$0")/../..}" || exit 2
top=$PWD
H=${HVGPU_PLAIN:-${HVGPU:-$top/build/hvgpu}}
writer=${RUN_PLAIN:-$top/build}/laws/test_seeded
case ${HVGPU_EFFORT:-small} in soak) seeds=2000 ;; full) seeds=200 ;; *) seeds=40 ;; esac
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
XDG_STATE_HOME=$work/state TZ=UTC LC_ALL=C NO_COLOR=1
export XDG_STATE_HOME TZ LC_ALL NO_COLOR
unset STATE_DIRECTORY HVGPU_POLICY COLUMNS
bad=0
n=0
wrong=

say() {
    echo "# $name: $*"
    wrong=1
}
begin() {
    name=$1
    wrong=
    n=$((n + 1))
}
end() {
    if [ -z "$wrong" ]; then
        echo "ok $n - $name"
    else
        echo "not ok $n - $name"
        bad=1
    fi
}
# Of one case in the current folder: laws 10 and 12.
there_and_back() {
    rm -rf "$work/out" && mkdir "$work/out"
    cksum ./* >"$work/before"
    "$H" plan spec.yaml >"$work/out/plan" 2>&1
    planned=$?
    "$H" plan -o json spec.yaml >"$work/out/plan.json" 2>/dev/null
    "$H" plan --out "$work/out/file.json" spec.yaml >/dev/null 2>&1
    for verb in validate observe drift assert status history; do
        "$H" $verb spec.yaml >"$work/out/$verb" 2>&1
    done
    "$H" export --out "$work/out/export.yaml" spec.yaml >/dev/null 2>&1
    cksum ./* | cmp -s - "$work/before" || say "looking has changed a file (law 12)"
    [ ! -e "$work/state" ] || say "looking has made a store (law 12)"
    if [ -s "$work/out/file.json" ]; then
        cmp -s "$work/out/file.json" "$work/out/plan.json" ||
            say "plan --out and plan -o json differ (law 3)"
        "$H" show -o json "$work/out/file.json" 2>&1 | cmp -s - "$work/out/file.json" ||
            say "a plan that is written and read is another one (law 10)"
    elif [ "$planned" != 65 ]; then
        say "no plan file, exit $planned"
    fi
    [ -s "$work/out/export.yaml" ] || return
    cp "$work/out/export.yaml" mine.yaml
    "$H" plan -o json mine.yaml >"$work/out/mine.json" 2>"$work/out/mine.err"
    rc=$?
    grep -q '"verb"' "$work/out/mine.json" && say "plan of the export has steps (law 10)"
    case $rc in 0 | 11) ;; *) say "plan of the export: exit $rc (law 10)" ;; esac
}
# Of the same: law 2, where there is nothing left to do.
applied=0
twice() {
    set -- --yes --no-input --state "$work/twice" --allow-stops 99 --allow-removals 99
    rm -rf "$work/twice"
    "$H" apply "$@" spec.yaml >"$work/out/first" 2>&1 || return
    applied=$((applied + 1))
    cp world.yaml "$work/before"
    "$H" apply "$@" spec.yaml >"$work/out/second" 2>&1 || say "the second apply: exit $? (law 2)"
    grep -q '^Nothing to do' "$work/out/second" || say "the second apply does not say so (law 2)"
    # The writer's own record counts the writers.
    diff world.yaml "$work/before" | grep '^[<>]' | grep -qv '"epoch":' &&
        say "the second apply has changed the world (law 2)"
}
# Without the places, which name lines of the spec.
placeless() {
    sed -e 's/^ *[0-9]* [|]/|/' -e 's/\(spec\.yaml:[0-9:]*\)\(\.\.\|, \)[0-9][0-9]*/\1/g' \
        -e 's/spec\.yaml:[0-9:]*//g' -e 's/  *$//' -e 's/  */ /g' "$1"
}

for folder in examples/*/ tests/golden/*/ tests/laws/worlds/*/; do
    [ -e "$folder/spec.yaml" ] && [ -e "$folder/world.yaml" ] || continue
    begin "${folder%/}"
    rm -rf "$work/case" && mkdir "$work/case"
    cp "$folder"/*.yaml "$work/case"
    cd "$work/case" || exit 2
    there_and_back
    twice
    cd "$top" || exit 2
    end
done

"$writer" -w "$work/seeds" 1 "$seeds" || exit 2
for folder in "$work"/seeds/*/; do
    begin "seed $(basename "$folder")"
    cd "$folder/a" || exit 2
    there_and_back
    rm -f mine.yaml
    cp "$work/out/plan" "$work/plan-a"
    cp "$work/out/plan.json" "$work/json-a"
    # Nodes and VMs of the world in another order: the same bytes.
    cp ../b/world.yaml world.yaml
    "$H" plan spec.yaml 2>&1 | cmp -s - "$work/plan-a" ||
        say "another order of nodes and VMs gives another text (law 3)"
    "$H" plan -o json spec.yaml 2>/dev/null | cmp -s - "$work/json-a" ||
        say "another order of nodes and VMs gives another document (law 3)"
    # Keys and rows of the spec as well: the same but for the places.
    cp ../b/spec.yaml spec.yaml
    "$H" plan spec.yaml >"$work/plan-b" 2>&1
    placeless "$work/plan-a" >"$work/a"
    placeless "$work/plan-b" | cmp -s - "$work/a" ||
        say "another order of keys and rows gives another text (law 3)"
    cd "$top" || exit 2
    end
done

# Several files: in any order.
begin "files in any order"
set -- examples/*/spec.yaml
"$H" plan "$@" >"$work/forth" 2>&1
back=
for f; do back="$f $back"; done
# shellcheck disable=SC2086
"$H" plan $back 2>&1 | cmp -s - "$work/forth" ||
    say "another order of files gives another text (law 3)"
end
echo "1..$n"
echo "# figure: $n cases planned, exported and planned again, shown again;" \
    "$seeds of them in another order; $applied done by one apply, and none by the next"
exit $bad
