#!/bin/sh
# What is written for Windows compiles: the other half of host/, the seam to COM, and its server.
cd "${ARCH_ROOT:-$(dirname "$0")/../..}" || exit 2
bad=0
count=0
for c in reconciler/*/*_windows.c tests/windows/wbem/*.c; do
    case $c in *'*'* | */test_*) continue ;; esac # what needs cmocka is built by who runs it
    count=$((count + 1))
    x86_64-w64-mingw32-gcc -std=c11 -D__USE_MINGW_ANSI_STDIO=1 -D_WIN32_WINNT=0x0A00 -Wall \
        -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Ireconciler -I. \
        -fsyntax-only "$c" || bad=1
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
