#!/bin/sh
# Scripts of cmdlets, as files that a person can open: FOLDER/NAME.ps1 (an example's: in expect/).
#
# Each is made of a plan, and made again of that plan's file on its own (`show`): the same bytes.
# It is ASCII, at most 100 columns wide, and making it changed nothing.
#
#   UPDATE=1 or GOLDEN_UPDATE=1   writes what is seen instead of comparing it
cd "$(dirname "$0")/../.."
. tests/golden/lib.sh

n=0
bad=0

# one FOLDER NAME VERB OPTIONS...: the script of that case
one() {
    folder=$1 name=$2
    kept=$folder
    case $folder in examples/*) kept=$folder/expect ;; esac
    shift 2
    n=$((n + 1)) wrong=
    rm -rf "$work/case" "$work/state"
    mkdir -p "$work/case"
    cp "$folder"/*.yaml "$work/case"
    cd "$work/case"
    hvgpu "$@" -o powershell spec.yaml >"$work/got.ps1" 2>"$work/err" </dev/null || :
    test ! -s "$work/err" || wrong="$wrong, $(cat "$work/err")"
    if [ "$1" = plan ]; then
        hvgpu "$@" --out plan.json spec.yaml >"$work/out" 2>&1 </dev/null || :
        mkdir "$work/case/alone"
        mv plan.json alone
        (cd alone && hvgpu show -o powershell plan.json) >"$work/shown.ps1" 2>&1 || :
        cmp "$work/got.ps1" "$work/shown.ps1" >&2 || wrong="$wrong, show says otherwise"
    fi
    for f in *.yaml; do
        cmp -s "$f" "$top/$folder/$f" || wrong="$wrong, $f was changed"
    done
    cd "$top"
    if LC_ALL=C grep -n '[^ -~]' "$work/got.ps1" >&2; then wrong="$wrong, not ASCII"; fi
    if grep -n '.\{101\}' "$work/got.ps1" >&2; then wrong="$wrong, too wide"; fi
    if [ "$update" = 1 ]; then
        cmp -s "$kept/$name.ps1" "$work/got.ps1" || {
            cp "$work/got.ps1" "$kept/$name.ps1"
            echo "wrote $kept/$name.ps1"
        }
    elif ! diff -u "$kept/$name.ps1" "$work/got.ps1"; then
        wrong="$wrong, differs"
    fi
    if [ -z "$wrong" ]; then
        echo "ok $n - $folder/$name"
    else
        echo "not ok $n - $folder/$name$wrong"
        bad=1
    fi
}

one examples/seed-002-two-a2 plan plan
one examples/seed-004-gpu-pool plan plan
one examples/seed-004-gpu-pool why why pool/GpuChildPool
one examples/standalone-workstation plan plan
one examples/standalone-workstation plan-stops plan --allow-stops 1
one examples/standalone-workstation why why node/ws-render-01
one examples/edge-a2 plan plan
one examples/edge-a2 why why vm/de-ber-014-vision-1
one examples/blocked-holder plan plan
one examples/emptied-node plan plan
one tests/golden/device-came-back plan-stops plan --allow-stops 1
one tests/golden/device-fixed plan plan
one tests/golden/guest-forced plan-stops plan --allow-stops 2
one tests/golden/leaving plan-stops plan --allow-stops 2 --allow-removals 3
one tests/golden/leaving-host plan-stops plan --allow-stops 2 --allow-removals 3
one tests/golden/limits-after plan-stops plan --allow-stops 2
one tests/golden/window-shuts plan plan
echo "1..$n"
exit $bad
