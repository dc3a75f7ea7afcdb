#!/bin/sh
# hvgpu.exe on real hosts, as far as it can tell: the examples' worlds through COM, by the WMI
# server of the tests.  What it prints is what the Linux program prints of the same world through
# --wmi, but for the clock (these hosts have the machine's).  What it holds of COM it gives back,
# and nobody is asked over a connection that is not private.
. "$(dirname "$0")/lib.sh"
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

# A Windows of its own, where WMI is ours: the files are the other one's.
home=$RUN_WINDOWS/prefix-wmi
rm -rf "$home"
mkdir "$home"
cp -al "$WINEPREFIX/drive_c" "$home"
cp -a "$WINEPREFIX"/*.reg "$WINEPREFIX/dosdevices" "$home"
[ ! -e "$WINEPREFIX/.update-timestamp" ] || cp -a "$WINEPREFIX/.update-timestamp" "$home"
WINEPREFIX=$home
wineserver -p30 2>/dev/null || :
for class in 4590F811-1D3A-11D0-891F-00AA004B2E24 8D1C559D-84F0-4BB3-A7D5-56A7435A9BA6; do
    key="HKLM\\Software\\Classes\\CLSID\\{$class}\\InprocServer32"
    wine reg add "$key" /ve /d "Z:$(echo "$RUN_WINDOWS/wbem/sim/hvgpu_wbem.dll" | tr / '\\')" /f
    wine reg add "$key" /v ThreadingModel /d Both /f
done >"$scene/reg" 2>&1

# estate NAME [SPEED]: a copy of the example, whose hosts are reached through WMI
estate() {
    rm -rf "$scene/$1"
    cp -r "$TOP/examples/$1" "$scene/$1"
    hosts=$(sed -n '/^  nodes:/,/^  [a-z]*:/s/.*name: \([A-Za-z0-9-]*\).*/\1/p' \
        "$scene/$1/world.yaml" | paste -sd, -)
    sed -i "s|connect: .*|connect: {hyperv: {hosts: [$hosts]}}|" "$scene/$1/spec.yaml"
    sed -i "0,/^  now: .*/s//&\n  speed: ${2:-0}/" "$scene/$1/world.yaml"
    cd "$scene/$1"
    export WBEM_WORLD="Z:$(echo "$scene/$1/world.yaml" | tr / '\\')"
    export WBEM_REPORT="Z:$(echo "$scene/report" | tr / '\\')"
}

# com VERB...: the Windows program; its server says at the end what is alive
com() {
    rm -f "$scene/report"
    code=0
    wine "$RUN_WINDOWS/hvgpu.exe" "$@" >"$scene/out" 2>"$scene/err" </dev/null || code=$?
}
clean() {
    grep -q '^live 0 insecure 0 ' "$scene/report" && return
    sed 's/^/# /' "$scene/report"
    bad=1
}
expect() { # expect WANT GOT WHAT
    [ "$1" = "$2" ] && return
    echo "# $3: $2, not $1"
    sed 's/^/# /' "$scene/out" "$scene/err" | tail -n 40
    bad=1
}
untimed() { # the clock differs, and the door in what to type next
    tr -d '\r' | sed -E 's/20[0-9-]+ [0-9:]+ [A-Z]+/TIME/; s/ --wmi//; s/ +$//'
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

# Nothing is left to do.
settled() {
    com plan spec.yaml --state state
    clean
    expect 0 $code 'plan behind it, exit'
    grep -q '^Nothing to do: everything is as declared' "$scene/out" || expect yes no 'as declared'
    com drift spec.yaml --state state
    expect 0 $code 'drift behind it, exit'
}
for example in edge-a2 seed-001-limits seed-002-two-a2 seed-004-gpu-pool; do
    (
        estate "$example" 600
        com apply spec.yaml --state state --yes --no-input --allow-stops 9
        clean
        expect 0 $code 'apply, exit'
        settled
        exit $bad
    ) || bad=1
    verdict "$example: applied, and at rest"
done

# The process dies at a call that acts: before it, or when it is carried out and nobody was told.
# Begun again it gets to the same end, with everybody on who was.  These hosts have the machine's
# clock: what nobody knows the outcome of is waited for in real time, so a few deaths have to do.
step=9
[ "${HVGPU_EFFORT:-small}" = small ] || step=1
deaths=0
for when in before after; do
    at=1
    while :; do
        estate edge-a2 6000
        export WBEM_DIE="$when $at"
        com apply spec.yaml --state state --yes --no-input --allow-stops 9
        unset WBEM_DIE
        [ "$code" = 9 ] || break # it needs fewer calls than that
        deaths=$((deaths + 1))
        com apply spec.yaml --state state --yes --no-input --allow-stops 9
        clean
        expect 0 $code "apply again, $when call $at, exit"
        settled
        expect 3 "$(grep -c '"power": "running"' world.yaml)" "VMs that run, $when call $at"
        at=$((at + step))
    done
    expect 0 $code 'apply, exit'
done
[ $deaths -ge 4 ] || bad=1
verdict "edge-a2: dead at a call that acts, and begun again"
echo "# figure: $deaths deaths"
exit $failed
