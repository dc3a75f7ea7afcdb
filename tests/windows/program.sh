#!/bin/sh
# hvgpu.exe itself: it needs no DLL but those of every Windows, knows long paths, and the same
# sources give the same bytes.
. "$(dirname "$0")/lib.sh"
exe=$RUN_WINDOWS/hvgpu.exe
failed=0
n=0
expect() { # expect WHAT COMMAND...
    n=$((n + 1)) what=$1
    shift
    if "$@"; then
        echo "ok $n - $what"
    else
        echo "not ok $n - $what"
        failed=1
    fi
}
no_path_of_ours() {
    ! grep -qaF -e "$TOP" -e "$RUN_WINDOWS" "$exe"
}

x86_64-w64-mingw32-objdump -p "$exe" >"$scene/head"
sed -n 's/.*DLL Name: *//p' "$scene/head" | tr 'A-Z' 'a-z' | LC_ALL=C sort >"$scene/dlls"
echo 1..5
expect 'only the DLLs of imports.txt' diff -u tests/windows/imports.txt "$scene/dlls"
expect 'its manifest is in it' grep -qa '<longPathAware' "$exe"
expect 'no time of the build in it' grep -q '^Time/Date.*Jan  1 00:00:00 1970' "$scene/head"
expect 'no path of this machine in it' no_path_of_ours
expect 'linked again it is the same' cmp "$exe" "$RUN_WINDOWS/again.exe"
exit $failed
