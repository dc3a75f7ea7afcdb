#!/bin/sh
# `make check`: three builds, then every suite.  The last line is "N passed, N failed".
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
more=$build/builds.sum
mkdir -p "$build"
: >"$more"
make="${MAKE:-make} --no-print-directory -s -j${JOBS:-1}"

build() {
    label=$1
    shift
    if $make "$@"; then
        printf 'pass  build/%s\n' "$label"
        echo 1 0 >>"$more"
    else
        printf 'FAIL  build/%s\n' "$label"
        echo 0 1 >>"$more"
        failed=yes
    fi
}

# The Windows build waits for its libraries, which come over the net the first time: meanwhile the
# others are built.
JOBS=1 contrib/windows-deps.sh &
libraries=$!

# Sanitizers see most at -O1; the warnings of gcc need -O2; clang sees others than gcc.
failed=no
build gcc BUILD="$build" CC=gcc program plain-programs benches
build sanitized BUILD="$build/san" CC=gcc OPT='-O1 -g' SAN="$SANITIZE" program programs replays
build clang BUILD="$build/clang" CC=clang program programs replays
build format format-check
wait $libraries
build windows BUILD="$build" windows-suite
if [ "$failed" = yes ] && ! { [ -x "$build/hvgpu" ] && [ -x "$build/san/hvgpu" ]; }; then
    awk '{ good += $1; bad += $2 } END { printf "%d passed, %d failed\n", good, bad }' "$more"
    exit 1
fi
RUN_SAN=$build/san RUN_PLAIN=$build RUN_MORE=$more JOBS=${JOBS:-1} exec tests/run.sh
