#!/bin/sh
# The examples and the golden cases with the Windows program: the same files as on Linux.
. "$(dirname "$0")/lib.sh"
cases=$(cd tests/golden && ls -d */spec.yaml) # a folder without is for a suite of its own
# shellcheck disable=SC2046,SC2086
set -- $(others golden $(printf '%s\n' $cases | cut -d / -f 1) | sed 's,.*,tests/golden/&/,')
export HVGPU="$hvgpu"
once_more tests/golden/run.sh examples/*/ "$@"
