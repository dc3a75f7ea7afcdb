#!/bin/sh
# hvgpu.exe on real hosts, as far as it can tell: the examples' worlds through COM, by the WMI
# server of the tests.  What it prints is what the Linux program prints of the same world through
# --wmi, but for what clock.sed names; and on simulated worlds without COM it is that to the byte.
# What it holds of COM it gives back, and nobody is asked over a connection that is not private.
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/windows/hosts.sh"
: "${HVGPU_PLAIN:?the Linux program}"
failed=0
n=0
verdict() { # verdict WHAT; $bad says how
    n=$((n + 1))
    if [ $bad = 0 ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        failed=1
    fi
    bad=0
}
bad=0

own_windows wmi

# estate NAME [SPEED]
estate() {
    hosted "$1" "$scene/$1" "${2:-0}"
    cd "$scene/$1"
    served "$scene/$1"
}

# com VERB...: the Windows program; its server says at the end what is alive
com() {
    rm -f report
    code=0
    wine "$RUN_WINDOWS/hvgpu.exe" "$@" >"$scene/out" 2>"$scene/err" </dev/null || code=$?
}
clean() {
    grep -q '^live 0 insecure 0 ' report && return
    sed 's/^/# /' report
    bad=1
}
expect() { # expect WANT GOT WHAT
    [ "$1" = "$2" ] && return
    echo "# $3: $2, not $1"
    sed 's/^/# /' "$scene/out" "$scene/err" | tail -n 40
    bad=1
}
untimed() {
    sed -E -f "$TOP/tests/windows/clock.sed"
}

for example in $(cd examples && ls */spec.yaml | sed 's,/.*,,'); do
    (
        estate "$example"
        rm -rf "$scene/linux"
        cp -r "$TOP/examples/$example" "$scene/linux"
        for verb in observe plan; do
            com "$verb" spec.yaml
            clean
            untimed <"$scene/out" >"$scene/windows"
            mine=$code
            code=0
            (cd "$scene/linux" && "$HVGPU_PLAIN" "$verb" --wmi spec.yaml) >"$scene/out" \
                2>"$scene/err" || code=$?
            untimed <"$scene/out" >"$scene/expected"
            expect "$code" "$mine" "$verb, exit"
            diff -u "$scene/expected" "$scene/windows" || bad=1
        done
        exit $bad
    ) || bad=1
    verdict "$example: observe and plan as on Linux"
done

# The worlds' clocks go with ours, since one that differs is a finding.
for example in edge-a2 seed-004-gpu-pool; do
    (
        estate "$example"
        rm -rf "$scene/linux"
        cp -r "$TOP/examples/$example" "$scene/linux"
        for world in world.yaml "$scene/linux/world.yaml"; do
            sed -i "s/^  now: .*/  now: $(date -u +%Y-%m-%dT%H:%M:%SZ)/" "$world"
        done
        com doctor spec.yaml
        clean
        untimed <"$scene/out" >"$scene/windows"
        mine=$code
        code=0
        (cd "$scene/linux" && "$HVGPU_PLAIN" doctor --wmi spec.yaml) >"$scene/out" \
            2>"$scene/err" || code=$?
        untimed <"$scene/out" >"$scene/expected"
        expect "$code" "$mine" "doctor, exit"
        diff -u "$scene/expected" "$scene/windows" || bad=1
        exit $bad
    ) || bad=1
    verdict "$example: doctor as on Linux"
done

# Alone, with nothing said: this machine and its cluster.
estate edge-a2
com
clean
expect 0 $code 'alone, exit'
grep -q 'looking at the cluster of this machine: de-ber-014-cl' "$scene/out" ||
    expect yes no 'looks'
grep -q 'ber014-hv2/gpu0  *NVIDIA A2' "$scene/out" || expect yes no 'another node'
verdict 'alone: this machine and its cluster'
cd "$TOP"

# life COMMAND [OPTION]: an estate's, here: applied, at rest, meddled with, repaired.  What is
# said on either stream, and how it ends.
life() {
    command=$1
    shift
    for step in "apply $* spec.yaml --yes --no-input --allow-stops 9" \
        "apply $* spec.yaml --no-input" "drift $* spec.yaml" \
        meddle "drift $* spec.yaml" "plan $* spec.yaml" \
        "apply $* spec.yaml --yes --no-input" "drift $* spec.yaml" status history; do
        if [ "$step" = meddle ]; then
            sed -i '0,/"offlineAction": [0-9]/s//"offlineAction": 2/' world.yaml
            continue
        fi
        rm -f report
        code=0
        "$command" $step --state state >"$scene/out" 2>"$scene/err" </dev/null || code=$?
        printf '\n$ %s, exit %s\n' "${step%% *}" "$code"
        cat "$scene/out" "$scene/err"
        [ ! -e report ] || clean
    done
}
copied() { # copied EXAMPLE: as it is
    rm -rf "$scene/copy"
    cp -r "$TOP/examples/$1" "$scene/copy"
    cd "$scene/copy"
}
for example in edge-a2 seed-001-limits seed-002-two-a2 seed-004-gpu-pool; do
    (
        for door in '' --wmi; do
            copied "$example"
            life "$HVGPU_PLAIN" $door >"$scene/linux-life$door"
            copied "$example"
            life "$hvgpu" $door >"$scene/life"
            diff -u "$scene/linux-life$door" "$scene/life" || bad=1
        done
        estate "$example" 600
        life "$hvgpu" >"$scene/life"
        grep -q '^Done and verified. Nothing is owed' "$scene/life" || bad=1
        [ "$(grep -c '^No drift' "$scene/life")" = 2 ] || bad=1
        [ "$(grep -c '^1 finding' "$scene/life")" = 1 ] || bad=1
        untimed <"$scene/linux-life--wmi" >"$scene/expected"
        untimed <"$scene/life" | diff -u "$scene/expected" - || bad=1
        exit $bad
    ) || bad=1
    verdict "$example: applied, meddled with and repaired as on Linux, on hosts and without"
done
exit $failed
