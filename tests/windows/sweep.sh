#!/bin/sh
# The kill-and-fault sweep with effects over COM: a sample of what has every kind of effect, within
# a minute of one core; in `make soak` every example and golden case.
. "$(dirname "$0")/lib.sh"
[ "${HVGPU_EFFORT:-}" = soak ] || set -- examples/edge-a2 examples/seed-002-two-a2 \
    examples/standalone-workstation examples/emptied-node tests/golden/device-fixed
code=0
# A second mishap in each recovery is for who has no Wine below (fault/wmi.sh).
HVGPU_EFFORT=small wine "$RUN_WINDOWS/wbem/given/test_sweep.exe" "$@" >"$scene/out" </dev/null ||
    code=$?
tr -d '\r' <"$scene/out"
[ "$code" = 0 ] || echo "not ok - exit $code"
exit "$code"
