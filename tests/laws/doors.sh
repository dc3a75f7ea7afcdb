#!/bin/sh
# The whole program through both doors: where a plan through WMI is the plan through the simulated
# world's own door, an apply prints the same, ends the same, and leaves the same world behind.
# Where it is another plan (WMI does not tell everything) there is nothing to compare.  TAP.
#
#   doors.sh [FOLDER...]     all examples and golden cases when none is named
top=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
cd "$top" || exit 2
: "${HVGPU:?the program}"
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- examples/*/ tests/golden/*/
every=1
[ "${HVGPU_EFFORT:-}" = soak ] || every=3

# apply FOLDER [OPTION]: what it prints and its code; the world as it leaves it
apply() {
    where=$1
    shift
    (cd "$where" && timeout 120 "$HVGPU" apply "$@" --state state --no-input --yes \
        --allow-stops 99 spec.yaml >said 2>&1 </dev/null
        echo "exit $?" >>said)
}

# The owner record is given back by both; that nobody has it is written by one of them.
world() {
    sed '/"owner": {/,/}/d; s/"epoch": "[0-9]*"//' "$1/world.yaml"
}

n=0 same=0 bad=0 turn=0
for folder; do
    turn=$((turn + 1))
    [ $((turn % every)) -eq 0 ] && [ -f "$folder/spec.yaml" ] && [ -f "$folder/world.yaml" ] ||
        continue
    # What kills or hangs the program is the sweep's; a lie is told by another call through WMI.
    grep -Eq 'die: |hang: |lie: |state: hangs' "$folder/world.yaml" && continue
    rm -rf "$work/sim" "$work/wmi"
    cp -r "$folder" "$work/sim" && cp -r "$folder" "$work/wmi"
    (cd "$work/sim" && "$HVGPU" plan spec.yaml >plan 2>&1)
    (cd "$work/wmi" && "$HVGPU" plan --wmi spec.yaml 2>&1 | sed 's/ --wmi//' >plan)
    cmp -s "$work/sim/plan" "$work/wmi/plan" || continue
    n=$((n + 1))
    apply "$work/sim"
    apply "$work/wmi" --wmi
    sed -i 's/ --wmi//' "$work/wmi/said"
    world "$work/sim" >"$work/sim/left"
    world "$work/wmi" >"$work/wmi/left"
    if grep -q '^  failed ' "$work/sim/said"; then # each door has words of its own for it
        for door in sim wmi; do
            tail -n 1 "$work/$door/said" >"$work/$door/code"
            mv "$work/$door/code" "$work/$door/said"
        done
    fi
    if cmp -s "$work/sim/said" "$work/wmi/said" && cmp -s "$work/sim/left" "$work/wmi/left"; then
        echo "ok $n - $folder"
        same=$((same + 1))
    else
        echo "not ok $n - $folder"
        { diff "$work/sim/said" "$work/wmi/said"; diff "$work/sim/left" "$work/wmi/left"; } |
            head -n 20 | sed 's/^/# /'
        bad=1
    fi
done
echo "1..$n"
echo "# figure: $same applies alike through two doors"
[ $n -ge 5 ] || { echo "# too few to say anything"; exit 1; }
exit $bad
