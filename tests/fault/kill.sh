#!/bin/sh
# The real program dies at every effect in turn, and once more while it recovers; its ledger and
# its lasting world are files.  The next apply ends what was begun: exit 0, nothing owed, the same
# VMs running as without a death.  kill.sh [EXAMPLE...]
cd "$(dirname "$0")/../.." || exit 2
: "${HVGPU:?the program}"
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- edge-a2 seed-004-gpu-pool standalone-workstation vdi-budget
echo "1..$#"

# with_fault FILE ROWS: the first faults of a world
with_fault() {
    if grep -q '^  faults: \[\]' "$1"; then
        sed "s/^  faults: \[\].*/  faults: [$2]/" "$1"
    elif grep -q '^  faults:' "$1"; then
        sed "/^  faults:/a\\    - $(echo "$2" | sed 's/}, {/}\\n    - {/')" "$1"
    else
        cat "$1"
        printf '  faults: [%s]\n' "$2"
    fi
}

apply() {
    "$HVGPU" apply "$work/site/spec.yaml" --state "$work/state" --yes --no-input \
        --allow-stops 50 --allow-removals 50 >"$work/out" 2>&1
}

# fresh EXAMPLE [ROW]
fresh() {
    rm -rf "$work/site" "$work/state"
    cp -r "examples/$1" "$work/site"
    chmod -R u+w "$work/site"
    [ $# -lt 2 ] || with_fault "examples/$1/world.yaml" "$2" >"$work/site/world.yaml"
}

running() {
    grep -c '"power": "running"' "$work/site/world.yaml"
}

fail() {
    echo "# $*"
    sed 's/^/# /' "$work/out"
    bad=1
}

all=0
n=0
for example; do
    n=$((n + 1))
    bad=0
    fresh $example
    apply || fail "$example: without a death: exit $?"
    want=$(running)
    [ "$want" -gt 0 ] || fail "$example: nothing runs"
    after=0
    while [ $bad = 0 ]; do
        # At effect number `after`, and at the third one behind it, which is the recovery's.
        fresh $example "{on: any, times: 1, after: $after, die: true}, {on: any, times: 1, \
after: $((after + 2)), die: true}"
        apply
        first=$?
        [ $first = 137 ] || break
        deaths=1
        for try in 1 2 3; do
            apply
            code=$?
            [ $code = 0 ] && break
            [ $code = 137 ] && deaths=$((deaths + 1))
        done
        [ $code = 0 ] || fail "$example: effect $after: $deaths deaths, then exit $code"
        [ "$(running)" = "$want" ] || fail "$example: effect $after: $(running) run, not $want"
        "$HVGPU" assert "$work/site/spec.yaml" --state "$work/state" >"$work/out" 2>&1 ||
            fail "$example: effect $after: assert says $?"
        after=$((after + 1))
        all=$((all + deaths))
    done
    [ $after -gt 3 ] || [ $bad = 1 ] || fail "$example: only $after deaths, exit $first"
    [ $bad = 0 ] && echo "ok $n - $example" || echo "not ok $n - $example"
done
echo "# figure: the program died $all times at an effect, and each time the next run ended well"
