#!/bin/sh
# Looks at every cluster, says what drifted, and keeps what was seen for the
# reviews of tomorrow.
#
#   nightly.sh SPEC...
#
# HVGPU            the program (hvgpu)
# HVGPU_SNAPSHOTS  folder of snapshots (snapshots)
# HVGPU_BRANCH     where they are pushed to; absent: they are only committed
#
# Ends with the exit code of `hvgpu drift`: 0, or 3 where something drifted.
# What could not be seen keeps its last snapshot, and ends it with 69.
set -u
hvgpu=${HVGPU:-hvgpu}
snapshots=${HVGPU_SNAPSHOTS:-snapshots}
if [ $# -lt 1 ]; then
    echo "usage: nightly.sh SPEC..." >&2
    exit 64
fi
"$hvgpu" observe --out "$snapshots/" "$@" >/dev/null
seen=$?
"$hvgpu" drift "$@"
drifted=$?
git add -- "$snapshots" || exit 1
if ! git diff --cached --quiet -- "$snapshots"; then
    git commit --quiet --message "snapshots: what was seen tonight" -- "$snapshots" || exit 1
    if [ -n "${HVGPU_BRANCH:-}" ]; then
        git push --quiet origin "HEAD:$HVGPU_BRANCH" || exit 1
    fi
fi
[ "$seen" = 0 ] || exit "$seen"
exit "$drifted"
