#!/bin/sh
# The sweep with effects through the Hyper-V provider, on the world shown as WMI: a sample of what
# has every kind of effect; in `make soak` every example and golden case.
cd "$(dirname "$0")/../.." || exit 2
programs=$RUN_PLAIN
[ "${HVGPU_EFFORT:-}" = small ] && programs=$RUN_SAN
[ "${HVGPU_EFFORT:-}" = soak ] && exec "$programs/fault/test_sweep" -w
exec "$programs/fault/test_sweep" -w examples/edge-a2 examples/standalone-workstation \
    examples/emptied-node tests/golden/device-fixed
