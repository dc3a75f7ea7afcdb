#!/bin/sh
# hvgpu.exe dies at a call that acts, at each of them in turn: before it is made, or when it is
# carried out and nobody was told.  Begun again it gets to the same end: as declared, nothing owed,
# everybody on who was at the end undisturbed.
#
# Its hosts have the machine's clock: what nobody knows the outcome of is waited for in real time,
# minutes long.  So it is begun again "an hour later" (posix/later.c).  What runs is waited for as
# well, two seconds at a time, so there are more lanes than processors.
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/windows/hosts.sh"
LANES=${LANES:-8}
own_windows deaths

# program VERB...: in a lane, whose estate is here.  What Wine ends before its first word is begun
# once more (decision 042).
program() {
    for try in 1 2; do
        rm -f report
        code=0
        wine "$RUN_WINDOWS/hvgpu.exe" "$@" --state state >out 2>&1 </dev/null || code=$?
        [ "$code" = 1 ] && [ ! -s out ] || break
    done
}

apply() {
    program apply spec.yaml --yes --no-input --allow-stops 9
}

# For the hosts as well: what was under way there is over.
an_hour_passes() {
    now=$(sed -En 's/^ *"?now"?: "?(20[0-9T:-]+).*/\1/p' world.yaml)
    sed -Ei "s/^( *\"?now\"?: \"?)20[0-9T:-]+/\1$(date -u -d "${now}Z + 1 hour" +%FT%T)/" world.yaml
}

running() {
    grep -c '"power": "running"' world.yaml || :
}

# wrong WHAT: into the lane's verdict
wrong() {
    echo "$example, $when call $at: $*"
    sed 's/^/    /' out | tail -n 30
}

# death WHEN AT
death() {
    when=$1 at=$2
    rm -rf "$site"
    cp -r "$scene/$example" "$site"
    cd "$site"
    served "$site"
    export WBEM_DIE="$when $at"
    apply
    unset WBEM_DIE
    [ "$code" = 9 ] || wrong "exit $code, and it should have died"
    an_hour_passes
    export LATER_SECONDS=3600 LD_PRELOAD="$RUN_WINDOWS/later.so"
    apply
    [ "$code" = 0 ] || wrong "apply again, exit $code"
    grep -q '^live 0 insecure 0 ' report || wrong "apply again: $(cat report)"
    program assert spec.yaml
    [ "$code" = 0 ] || wrong "assert behind it, exit $code"
    program status
    [ "$code" = 0 ] || wrong "status behind it, exit $code"
    unset LATER_SECONDS LD_PRELOAD
    [ "$(running)" = "$want" ] || wrong "$(running) VMs run, not $want"
}

# lane NUMBER: each LANES-th death
lane() {
    site=$scene/lane-$1 n=0 died=0
    for when_to in before after; do
        at_call=1
        while [ $at_call -le "$acts" ]; do
            if [ $((n % LANES)) = "$1" ]; then
                death $when_to $at_call
                died=$((died + 1))
            fi
            n=$((n + 1))
            at_call=$((at_call + 1))
        done
    done
    echo $died >"$scene/lane-$1.died"
}

failed=0
cases=0
all=0
for example in edge-a2 seed-002-two-a2 seed-004-gpu-pool; do
    cases=$((cases + 1))
    hosted $example "$scene/$example" 600
    # Undisturbed: how many calls there are, and how it ends.
    site=$scene/whole
    rm -rf "$site"
    cp -r "$scene/$example" "$site"
    cd "$site"
    served "$site"
    apply
    acts=$(sed -n 's/.* acts \([0-9]*\) .*/\1/p' report || :)
    want=$(running)
    if [ "$code" != 0 ] || [ "${acts:-0}" -lt 4 ] || [ "$want" = 0 ]; then
        echo "# exit $code, ${acts:-no} calls that act, $want VMs run"
        sed 's/^/# /' out
        echo "not ok $cases - $example: undisturbed"
        failed=1
        continue
    fi
    number=0
    rm -f "$scene"/lane-*.*
    while [ $number -lt "$LANES" ]; do
        lane $number >"$scene/lane-$number.wrong" 2>&1 &
        number=$((number + 1))
    done
    wait
    died=$(cat "$scene"/lane-*.died | awk '{ n += $1 } END { print n + 0 }')
    all=$((all + died))
    cat "$scene"/lane-*.wrong >"$scene/wrong"
    if [ -s "$scene/wrong" ] || [ "$died" != $((2 * acts)) ]; then
        sed 's/^/# /' "$scene/wrong"
        echo "not ok $cases - $example: $died deaths of $((2 * acts))"
        failed=1
    else
        echo "ok $cases - $example: dead before and behind each of $acts calls, and begun again"
    fi
done
echo "1..$cases"
echo "# figure: $all deaths of hvgpu.exe, and each time the next apply ended well"
exit $failed
