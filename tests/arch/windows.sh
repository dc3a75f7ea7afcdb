#!/bin/sh
# host/ is written twice; the Windows half compiles, though nothing links it yet.
cd "${ARCH_ROOT:-$(dirname "$0")/../..}" || exit 2
bad=0
count=0
for c in reconciler/host/*_windows.c; do
    [ -e "$c" ] || continue
    count=$((count + 1))
    x86_64-w64-mingw32-gcc -std=c11 -D__USE_MINGW_ANSI_STDIO=1 -Wall -Wextra -Werror -Wshadow \
        -Wstrict-prototypes -Wmissing-prototypes -Ireconciler -fsyntax-only "$c" || bad=1
done
[ $count -gt 0 ] || exit 2
# Both halves define the same names.
names() {
    cat "$@" | grep -oE '^[a-z].*\bhost_[a-z_]+\(' | grep -v ';' |
        grep -oE 'host_[a-z_]+\($' | LC_ALL=C sort -u
}
posix=$(names reconciler/host/*_posix.c)
windows=$(names reconciler/host/*_windows.c)
[ "$posix" = "$windows" ] || {
    echo "posix:   " $posix
    echo "windows: " $windows
    bad=1
}
exit $bad
