#!/bin/sh
# What README.md, specs/ and the examples show, with the Windows program.
. "$(dirname "$0")/lib.sh"
HVGPU=$hvgpu tests/golden/pages.sh
