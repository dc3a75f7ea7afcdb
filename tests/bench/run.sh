#!/bin/sh
# `make bench`: what planning costs as a multiple of the floor F, memory against the bytes read,
# the makespan of an apply against its bound, and looks against the number of VMs.  Nothing here
# fails on time.
#
# F: process start and a bare libyaml parse, on one thread, of every document that the plan reads
# (yardstick.c); floor and plan run turn by turn, so that other work on the machine meets both.
# The plan is `plan SPECS --from SNAPSHOTS`; the snapshots are what `observe --out` writes, and
# nothing has to be done.  BENCH_SIZES: VMs in all, 320000 as well when there is time for it.
set -eu
cd "$(dirname "$0")/../.."
: "${HVGPU:?the program}" "${BUILD:?where yardstick and measure were built}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
XDG_STATE_HOME=$work/state
export XDG_STATE_HOME
measure=$BUILD/bench/measure
yardstick=$BUILD/bench/yardstick
cores=$(nproc)

field() { echo "$1" | tr ' ' '\n' | sed -n "/^$2\$/{n;p;}"; }
calculate() { awk "BEGIN { printf \"$1\", $2 }"; }

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

# cost LABEL ROUNDS DIR: plans every cluster below DIR/specs against DIR/snap
cost() {
    set -- "$1" "$2" "$3" "$3"/specs/*.yaml
    clusters=$(($# - 3))
    largest=0
    bytes=0
    for spec in "$3"/specs/*.yaml; do
        snap=$3/snap/$(basename "$spec" .yaml).json
        n=$(($(wc -c <"$spec") + $(wc -c <"$snap")))
        bytes=$((bytes + n))
        [ "$n" -le "$largest" ] || largest=$n
    done
    workers=$cores
    [ "$clusters" -ge "$workers" ] || workers=$clusters
    got=$(find "$3/specs" "$3/snap" -type f | LC_ALL=C sort |
        xargs sh -c 'm=$1 r=$2 y=$3 h=$4 d=$5; shift 5
            exec "$m" "$r" "$y" "$@" -- "$h" plan "$d/specs" --from "$d/snap"' \
            sh "$measure" "$2" "$yardstick" "$HVGPU" "$3")
    target='<= 1.3'
    [ "$clusters" -eq 1 ] || target='-'
    [ "$clusters" -lt 10 ] || target='<= 0.8'
    [ "$cores" -gt 1 ] || target='<= 1.3'
    [ "$(field "$got" exit)" -eq 0 ] || target='-' # the targets are of plans that find nothing
    printf '%-28s %4d %8d %8s %8s %6s %-7s %6s %8s %8d %6s  %s\n' "$1" "$clusters" \
        "$((bytes / 1024))" "$(field "$got" floor)" "$(field "$got" wall)" \
        "$(field "$got" ratio)" "$target" "$(field "$got" cpu)" "$(field "$got" first)" \
        "$(field "$got" kib)" \
        "$(calculate %.2f "$(field "$got" kib) * 1024 / (8 * 1048576 + 2 * $largest * $workers)")" \
        "$(field "$got" exit)"
}

# planning LABEL ROUNDS VMS PER FORM [NAME=VALUE...]
planning() {
    label=$1
    rounds=$2
    size=$3
    per=$4
    form=$5
    shift 5
    fleet "$work/fleet" "$size" "$per" 16 "form=$form" "$@"
    mkdir "$work/fleet/snap"
    for spec in "$work"/fleet/specs/*.yaml; do
        "$HVGPU" observe "$spec" --out "$work/fleet/snap/$(basename "$spec" .yaml).json" \
            2>/dev/null
    done
    rm -rf "$work/fleet/worlds"
    cost "$label" "$rounds" "$work/fleet"
    rm -rf "$work/fleet"
}

echo "$("$HVGPU" version | head -n 1); $cores cores, load $(cut -d' ' -f1 /proc/loadavg)"
echo
cat <<'WORDS'
Planning, nothing to do.  F: bare libyaml parse of the same files on one thread; R = plan / F, of
the clock and (cpu) of processor time.  mem: memory over what is allowed, 8 MiB and twice the spec
and snapshot of the largest cluster for each core at work; target <= 1.
WORDS
printf '%-28s %4s %8s %8s %8s %6s %-7s %6s %8s %8s %6s  %s\n' 'VMs, form of the spec' n KiB \
    'F s' 'plan s' R target cpu 'first s' 'RSS KiB' mem exit
for size in ${BENCH_SIZES:-1000 10000 100000}; do
    rounds=9
    [ "$size" -le 10000 ] || rounds=3
    if [ "$size" -le 10000 ]; then
        planning "$size in one, ranges" 9 "$size" "$size" ranges
        planning "$size in one, rows" 9 "$size" "$size" rows
    fi
    if [ "$size" -gt 1000 ]; then
        planning "$size by 1000, ranges" "$rounds" "$size" 1000 ranges
        planning "$size by 1000, rows" "$rounds" "$size" 1000 rows
    fi
done
planning '10000 by 1000, all to change' 3 10000 1000 ranges have=4 want=8

# The bound is what one node takes alone, and the off-time of all VMs over the budget.
clock() {
    sed -n 's/^ *"*now"*: *"*\([0-9T:.Z-]*\)"*,*$/\1/p' "$1" | head -n 1
}
took() { # simulated seconds of an apply of the cluster in $1
    from=$(date -d "$(clock "$1/worlds/site-0001.yaml")" +%s.%3N)
    "$HVGPU" apply --yes --allow-stops 1000000 "$1/specs/site-0001.yaml" >"$work/log" 2>&1 || {
        tail -n 20 "$work/log" >&2
        return 1
    }
    to=$(date -d "$(clock "$1/worlds/site-0001.yaml")" +%s.%3N)
    calculate %.3f "$to - $from"
}
echo
echo 'Makespan of repartitioning 16 nodes x 20 VMs, in simulated seconds.  Bound: the larger of'
echo 'what one node takes alone and the off-time of all VMs over the budget; target <= 1.05.'
fleet "$work/alone" 20 20 1 form=rows have=4 want=8 budget=20 side=1
alone=$(took "$work/alone")
for budget in 20 40 80 320; do
    rm -rf "$work/sixteen" "$work/state"
    fleet "$work/sixteen" 320 320 16 form=rows have=4 want=8 budget=$budget side=$((budget / 20))
    whole=$(took "$work/sixteen")
    bound=$(calculate %.3f "(320 * $alone / $budget > $alone) ? 320 * $alone / $budget : $alone")
    printf 'budget %3d VMs, %2d nodes: %9s s, bound %9s s, ratio %s\n' "$budget" \
        "$((budget / 20))" "$whole" "$bound" "$(calculate %.3f "$whole / $bound")"
done

echo
echo 'Looks at the world that a plan takes, 16 nodes: the same, however many VMs.'
for size in 320 3200; do
    rm -rf "$work/looks"
    fleet "$work/looks" "$size" "$size" 16 form=rows have=4 want=8 budget=40 side=2
    "$BUILD/bench/looks" "$work"/looks/specs/site-0001.yaml "$work"/looks/worlds/site-0001.yaml
done

echo
echo 'The page of a plan (-o html) against its text: all of 10000 VMs change, the best of five.'
fleet "$work/page" 10000 10000 16 form=rows have=4 want=8 side=4
best() { # seconds of the quickest of five
    for turn in 1 2 3 4 5; do
        from=$(date +%s.%N)
        "$HVGPU" plan "$@" >"$work/said" 2>/dev/null || :
        calculate '%.3f\n' "$(date +%s.%N) - $from"
    done | sort -n | head -n 1
}
for form in text html; do
    eval "$form=$(best -o $form "$work/page/specs/site-0001.yaml")"
    eval "${form}_bytes=$(wc -c <"$work/said")"
done
printf 'text %s s, %d KiB; html %s s, %d KiB; ratio %s of time, %s of bytes\n' "$text" \
    "$((text_bytes / 1024))" "$html" "$((html_bytes / 1024))" \
    "$(calculate %.2f "$html / $text")" "$(calculate %.1f "$html_bytes / $text_bytes")"
