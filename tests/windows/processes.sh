#!/bin/sh
# Several Windows programs at once, and what a death or Ctrl-C leaves: the lock of a ledger names
# its holder, a death lets go, the next apply goes on, and one history takes what two programs
# write.
. "$(dirname "$0")/lib.sh"
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
expect() { # expect WANT GOT WHAT
    [ "$1" = "$2" ] && return
    echo "# $3: $2, not $1"
    sed 's/^/# /' "$scene"/out* "$scene"/err*
    bad=1
}
bad=0

# A world in which time runs, so that a VM is on its way down for a while; `timing` says how long.
fresh() { # fresh NAME TIMING SPEED
    mkdir -p "$scene/$1"
    cat >"$scene/$1/spec.yaml" <<END
apiVersion: hvgpu/v1
kind: Cluster
metadata: {name: $1}
spec:
  connect: {sim: world.yaml}
  gpus:
    - {name: a2, match: {model: NVIDIA A2}, perNode: 1, partitions: 4}
  vms:
    - {name: cam-1, gpu: partition}
END
    cat >"$scene/$1/world.yaml" <<END
apiVersion: hvgpu/v1
kind: World
metadata: {name: $1}
spec:
  now: 2026-11-19T13:00:00Z
  speed: $3
  cluster: {name: $1}
  nodes:
    - {name: hv-1, build: 25398, gpus: [{card: NVIDIA A2, instance: 4&1&0&0000, partitions: 16}]}
  vms:
    - {name: cam-1, node: hv-1, power: running, adapters: [{}], timing: {$2}}
END
}

apply() { # apply NAME [OPTION...]: becomes the program, so that a signal meets that
    name=$1
    shift
    exec "$hvgpu" apply "$scene/$name/spec.yaml" --state "$scene/state" --yes --no-input \
        --allow-stops 1 "$@" >"$scene/out-$name" 2>"$scene/err-$name"
}

fresh one 'shutdown: 8s, start: 1s' 1
(apply one) &
holder=$!
until grep -q '"stopping"' "$scene/one/world.yaml"; do kill -0 $holder || break; done
code=0
"$hvgpu" apply "$scene/one/spec.yaml" --state "$scene/state" --yes --no-input \
    >"$scene/out-two" 2>"$scene/err-two" || code=$?
expect 10 $code 'the second one, exit'
grep -qE 'it is locked by process [0-9]+ on [^ ]+ since 2' "$scene/err-two" ||
    expect 'the holder' nobody 'who is named'
verdict 'the second apply says who holds the lock'

kill -9 $holder
wait $holder 2>/dev/null || code=$?
expect 137 $code 'the first one was killed, exit'
sed -i 's/"speed": 1/"speed": 0/' "$scene/one/world.yaml" # what follows need not wait
code=0
(apply one) || code=$?
expect 0 $code 'the next one, exit'
grep -q 'That is done: steps [1-9][0-9]* done, 0 failed' "$scene/out-one" "$scene/err-one" ||
    expect 'an end' 'none' 'what was begun'
expect 1 "$(grep -c '"power": "running"' "$scene/one/world.yaml")" 'VMs that run'
expect 4 "$(sed -n 's/.*"partitions": \([0-9]*\).*/\1/p' "$scene/one/world.yaml")" 'partitions'
expect 'drwxr-x---' "$(ls -ld "$scene/state" | cut -c1-10)" 'who may look into the store'
verdict 'after a death the lock is free, and the next apply ends what was begun'

fresh left 'shutdown: 2s, start: 1s' 2
fresh right 'shutdown: 2s, start: 1s' 2
(apply left) &
left=$!
(apply right) &
right=$!
code=0
wait $left || code=$?
expect 0 $code 'left, exit'
wait $right || code=$?
expect 0 $code 'right, exit'
"$hvgpu" history --state "$scene/state" >"$scene/out-history" 2>"$scene/err-history" || code=$?
expect 2 "$(grep -cE '^r-[0-9]+ .* (left|right)  apply +exit 0' "$scene/out-history")" \
    'their runs in the history'
verdict 'two programs write one history side by side'

cp "$scene/left/spec.yaml" "$scene/left/kept"
code=0
(cd "$scene/left" && wine cmd /c "$(wine winepath -w "$RUN_WINDOWS/hvgpu.exe" | tr -d '\r')" \
    'plan --out spec.yaml - <spec.yaml' >"$scene/out-over" 2>"$scene/err-over") || code=$?
expect 64 $code 'a file that came by standard input is not written over, exit'
cmp "$scene/left/spec.yaml" "$scene/left/kept" || expect 'as it was' 'another' 'the spec'
verdict 'what standard input is, is known'

for script in interrupt.sh kill.sh; do
    HVGPU=$hvgpu tests/fault/$script edge-a2 seed-004-gpu-pool >"$scene/out-$script" 2>&1 || bad=1
    sed 's/^/# /' "$scene/out-$script"
    verdict "fault/$script with the Windows program"
done
echo "1..$n"
exit $failed
