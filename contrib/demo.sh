#!/bin/sh
# `make demo`: the main job on a copy of a shipped example: observe, plan, apply, drift.
# The world keeps its own clock; here a simulated minute takes three seconds.
set -u
cd "$(dirname "$0")/.." || exit 1
: "${HVGPU:=$PWD/build/hvgpu}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r examples/edge-a2 "$work/edge-a2"
chmod -R u+w "$work"
mkdir "$work/bin"
ln -s "$HVGPU" "$work/bin/hvgpu"
PATH=$work/bin:$PATH XDG_STATE_HOME=$work/state
export PATH XDG_STATE_HOME
unset STATE_DIRECTORY HVGPU_POLICY 2>/dev/null
cd "$work/edge-a2" || exit 1
sed -i 's/^  now: /  speed: 20\n  now: /' world.yaml

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$(printf '\033[1m') plain=$(printf '\033[0m')
else
    bold='' plain=''
fi
say() { printf '\n%s# %s%s\n' "$bold" "$*" "$plain"; }
# run EXPECTED COMMAND: shown as typed; another exit code ends the demo
run() {
    want=$1
    printf '\n%s$ %s%s\n' "$bold" "$2" "$plain"
    sh -c "$2"
    got=$?
    case " $want " in
    *" $got "*) ;;
    *)
        echo "demo: exit code $got, expected $want" >&2
        exit 1
        ;;
    esac
}

say 'A retail site: two nodes, one NVIDIA A2 each, cut differently. What is there?'
run 0 'hvgpu observe spec.yaml'
say 'The spec asks for 4 partitions on both. What has to be done, and who is off for how long?'
run 2 'hvgpu plan spec.yaml'
say 'Do it. A simulated minute takes three seconds.'
run 0 'hvgpu apply --yes spec.yaml'
say 'Once more: nothing is left to do.'
run 0 'hvgpu plan spec.yaml'
say 'Somebody sets the roles back to "save" in Failover Cluster Manager, behind our back.'
run 0 "sed -i 's/\"offlineAction\": 3/\"offlineAction\": 1/' world.yaml"
run 3 'hvgpu drift spec.yaml'
say 'And it is put right.'
run 0 'hvgpu apply --yes spec.yaml'
run 0 'hvgpu drift spec.yaml'
run 0 'hvgpu history spec.yaml'
