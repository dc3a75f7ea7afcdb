#!/bin/sh
# windows-prefix.sh FOLDER: a Windows of Wine's in FOLDER, whole or not at all; for check-windows.
set -eu
work=$1.part
rm -rf "$work"
export WINEPREFIX="$work" WINEARCH=win64 WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml='
unset DISPLAY
wineboot -i >"$work.log" 2>&1 </dev/null || {
    cat "$work.log" >&2
    exit 1
}
wineserver -w
rm -rf "$1" "$work.log"
mv "$work" "$1"
