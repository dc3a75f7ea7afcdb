#!/bin/sh
# The examples and the golden cases with the Windows program: the same files as on Linux.
. "$(dirname "$0")/lib.sh"
set -- $(others golden $(cd tests/golden && ls -d */ | tr -d /) | sed 's,.*,tests/golden/&/,')
export HVGPU="$hvgpu"
once_more tests/golden/run.sh examples/*/ "$@"
