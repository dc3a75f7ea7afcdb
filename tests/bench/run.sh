#!/bin/sh
# `make bench`: what planning costs as a multiple of the floor F, memory against the bytes read,
# and the makespan of an apply against its bound.  Nothing here fails on time.
#
# F is a bare libyaml parse of the same files by one process (yardstick.c).  R = plan / F.
# BENCH_SIZES: VMs in all.  Everything is measured in this one run, on this machine.
set -eu
cd "$(dirname "$0")/../.."
: "${HVGPU:?the program}" "${BUILD:?where yardstick and measure were built}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
XDG_STATE_HOME=$work/state
export XDG_STATE_HOME
measure=$BUILD/bench/measure
yardstick=$BUILD/bench/yardstick

field() { echo "$1" | tr ' ' '\n' | sed -n "/^$2\$/{n;p;}"; }
calculate() { awk "BEGIN { printf \"$1\", $2 }"; }

# cost LABEL RUNS DIR: plans every cluster below DIR
cost() {
    files=$(find "$3" -name '*.yaml' | LC_ALL=C sort)
    # shellcheck disable=SC2086
    floor=$(echo $files | xargs "$measure" "$2" "$yardstick")
    bytes=$(cat $files | wc -c)
    clusters=$(find "$3" -name spec.yaml | wc -l)
    largest=$(for d in "$3"/*/; do cat "$d"*.yaml | wc -c; done | sort -n | tail -n 1)
    plan=$("$measure" "$2" "$HVGPU" plan "$3")
    f=$(field "$floor" wall)
    w=$(field "$plan" wall)
    kib=$(field "$plan" kib)
    workers=$cores
    [ "$clusters" -ge "$workers" ] || workers=$clusters
    printf '%-22s %8d %9d %8.3f %8.3f %6s %8.3f %8d %6s   exit %s\n' "$1" "$clusters" \
        "$((bytes / 1024))" "$f" "$w" "$(calculate %.2f "$w / $f")" "$(field "$plan" first)" \
        "$kib" "$(calculate %.2f "($kib * 1024 - 8 * 1048576) / ($largest * $workers)")" \
        "$(field "$plan" exit)"
}

fleet() { # fleet DIR VMS PER NODES [NAME=VALUE...]
    out=$1
    vms=$2
    per=$3
    nodes=$4
    shift 4
    set -- "$@" "vms=$vms" "per=$per" "nodes=$nodes" "out=$out"
    for a in "$@"; do set -- "$@" -v "$a"; shift; done
    awk "$@" -f tests/bench/fleet.awk
}

cores=$(nproc)
echo "$("$HVGPU" version | head -n 1); $cores cores"
echo
echo "Planning.  F: bare libyaml parse of the same files.  Targets: R <= 1.3 for one cluster,"
echo "<= 0.8 from ten; memory <= 2 x the largest clusters at work (one per core) + 8 MiB."
printf '%-22s %8s %9s %8s %8s %6s %8s %8s %6s\n' 'VMs' clusters KiB 'F s' 'plan s' R 'first s' \
    'RSS KiB' 'mem x'
for size in ${BENCH_SIZES:-1000 10000 100000 320000}; do
    runs=5
    if [ "$size" -le 10000 ]; then
        fleet "$work/one" "$size" "$size" 16
        cost "$size in one cluster" 5 "$work/one"
        rm -rf "$work/one"
    else
        runs=2
    fi
    if [ "$size" -gt 1000 ]; then
        fleet "$work/many" "$size" 1000 16
        cost "$size by 1000" $runs "$work/many"
        rm -rf "$work/many"
    fi
done
fleet "$work/all" 10000 1000 16 have=4 want=8 budget=1000 side=16
cost '10000, all to change' 3 "$work/all"
rm -rf "$work/all"

# The bound is what one node takes alone, and the off-time of all VMs over the budget.
clock() {
    sed -n 's/^ *"*now"*: *"*\([0-9T:.Z-]*\)"*,*$/\1/p' "$1" | head -n 1
}
took() { # simulated seconds of an apply of the cluster in $1
    from=$(date -d "$(clock "$1/world.yaml")" +%s.%3N)
    "$HVGPU" apply --yes --allow-stops 1000000 "$1/spec.yaml" >"$work/log" 2>&1 || {
        tail -n 20 "$work/log" >&2
        return 1
    }
    to=$(date -d "$(clock "$1/world.yaml")" +%s.%3N)
    calculate %.3f "$to - $from"
}
echo
echo "Makespan of repartitioning 16 nodes x 20 VMs, simulated seconds.  Target: <= 1.05."
fleet "$work/alone" 20 20 1 have=4 want=8 budget=20 side=1
alone=$(took "$work/alone/site-0001")
for budget in 20 40 80 320; do
    rm -rf "$work/sixteen" "$work/state"
    fleet "$work/sixteen" 320 320 16 have=4 want=8 budget=$budget side=$((budget / 20))
    whole=$(took "$work/sixteen/site-0001")
    bound=$(calculate %.3f "(320 * $alone / $budget > $alone) ? 320 * $alone / $budget : $alone")
    printf 'budget %3d VMs, %2d nodes: %9s s, bound %9s s, ratio %s\n' "$budget" \
        "$((budget / 20))" "$whole" "$bound" "$(calculate %.3f "$whole / $bound")"
done
