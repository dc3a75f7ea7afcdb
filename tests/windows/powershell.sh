#!/bin/sh
# Scripts of cmdlets, made by the Windows program: the same files as on Linux.
. "$(dirname "$0")/lib.sh"
HVGPU=$hvgpu tests/golden/powershell.sh
