#!/bin/sh
# Every header compiles alone, twice in a row, and guards itself under its own name.
cd "${ARCH_ROOT:-$(dirname "$0")/../..}" || exit 2
bad=0
count=0
cflags=$(pkg-config --cflags yaml-0.1 libsodium sqlite3 libuv)
for h in $(find reconciler -name '*.h' | LC_ALL=C sort); do
    count=$((count + 1))
    name=${h#reconciler/}
    # shellcheck disable=SC2086
    case $h in
    *_windows.h) cc=x86_64-w64-mingw32-gcc ;;
    *) cc=gcc ;;
    esac
    printf '#include "%s"\n#include "%s"\nextern int not_empty;\n' "$name" "$name" |
        $cc -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Ireconciler $cflags -fsyntax-only \
            -x c - || bad=1
    guard=$(echo "$name" | tr 'a-z/.' 'A-Z__')
    grep -q "^#ifndef $guard\$" "$h" || {
        echo "$h: its guard is not $guard"
        bad=1
    }
done
[ $count -gt 0 ] || exit 2
exit $bad
