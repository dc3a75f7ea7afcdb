#!/bin/sh
# Ctrl-C, the whole program.  Once: the group that is open is finished, no other is begun, exit 9,
# and the next apply goes on.  Twice: what was begun is put back, exit 7, and only --retry tries it
# again.  Time runs here, so that a signal meets a VM on its way down: the world tells when that is,
# and the program that it has taken note of the signal.
cd "$(dirname "$0")/../.." || exit 2
: "${HVGPU:?the program}"
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
echo 1..2
failed=0

cat >"$work/spec.yaml" <<'END'
apiVersion: hvgpu/v1
kind: Cluster
metadata: {name: two}
spec:
  connect: {sim: world.yaml}
  gpus:
    - {name: a2, match: {model: NVIDIA A2}, perNode: 1, partitions: 4}
  vms:
    - {names: cam-1..2, gpu: partition}
END

fresh() {
    rm -rf "$work/state"
    cat >"$work/world.yaml" <<'END'
apiVersion: hvgpu/v1
kind: World
metadata: {name: two}
spec:
  now: 2026-11-19T13:00:00Z
  speed: 2
  cluster: {name: two}
  nodes:
    - {name: hv-1, build: 25398, gpus: [{card: NVIDIA A2, instance: 4&1&0&0000, partitions: 16}]}
    - {name: hv-2, build: 25398, gpus: [{card: NVIDIA A2, instance: 4&1&0&0000, partitions: 16}]}
  defaults:
    vm:
      power: running
      role: {offlineAction: 3}
      settings:
        automaticStopAction: ShutDown
        checkpoints: disabled
        guestControlledCacheTypes: true
        mmio: {low: 1 GiB, high: 32 GiB}
      timing: {shutdown: 8s, start: 1s}
  vms:
    - {name: cam-1, node: hv-1, adapters: [{}]}
    - {name: cam-2, node: hv-2, adapters: [{}]}
END
}

# begin [OPTION]: becomes the program, so that a signal meets that
begin() {
    exec "$HVGPU" apply "$work/spec.yaml" --state "$work/state" --yes --no-input \
        --allow-stops 2 "$@" >"$work/out" 2>"$work/err"
}

apply() {
    (begin "$@")
}

# interrupted TIMES: an apply, interrupted so often while its first VM goes down; its exit code
interrupted() {
    begin &
    pid=$!
    until grep -q '"stopping"' "$work/world.yaml"; do kill -0 $pid || return 99; done
    for line in 'Interrupted:' 'Interrupted again:'; do
        [ "$1" = 1 ] && [ "$line" != 'Interrupted:' ] && break
        kill -INT $pid
        until grep -q "^$line" "$work/err"; do kill -0 $pid || return 99; done
    done
    wait $pid
    code=$?
    sed -i 's/"speed": 2/"speed": 0/' "$work/world.yaml" # what follows need not wait
    return $code
}

# expect CODE GOT WHAT
expect() {
    [ "$1" = "$2" ] && return
    echo "# $3: $2, not $1"
    sed 's/^/# /' "$work/out" "$work/err"
    bad=1
}

verdict() {
    if [ $bad = 0 ]; then
        echo "ok $1 - $2"
    else
        echo "not ok $1 - $2"
        failed=1
    fi
}

counts() {
    sed -n 's/.*"partitions": \([0-9]*\).*/\1/p' "$work/world.yaml" | tr '\n' ' '
}

running() {
    grep -c '"power": "running"' "$work/world.yaml"
}

bad=0
fresh
interrupted 1
expect 9 $? 'interrupted once, exit'
expect '4 16 ' "$(counts)" 'interrupted once, counts'
expect 2 "$(running)" 'interrupted once, VMs that run'
apply
expect 0 $? 'after it, exit'
expect '4 4 ' "$(counts)" 'after it, counts'
verdict 1 'once: the open group is finished, and no other is begun'

bad=0
fresh
interrupted 2
expect 7 $? 'interrupted twice, exit'
expect '16 16 ' "$(counts)" 'interrupted twice, counts'
expect 2 "$(running)" 'interrupted twice, VMs that run'
apply
expect 11 $? 'after it, exit'
expect '16 16 ' "$(counts)" 'after it, counts'
apply --retry
expect 0 $? 'with --retry, exit'
expect '4 4 ' "$(counts)" 'with --retry, counts'
expect 2 "$(running)" 'with --retry, VMs that run'
verdict 2 'twice: what was begun is put back, and --retry is the way on'
exit $failed
