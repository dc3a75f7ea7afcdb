# shellcheck shell=sh
# Sourced by the scripts beside it: Wine, and in $hvgpu the Windows program as a command of this
# system.  Where the state folder lies is said as a service says it, so that each test has its own.
set -eu
cd "$(dirname "$0")/../.."
: "${RUN_WINDOWS:?the folder of the Windows build}"
table=tests/windows/not-here.txt
# Wine knows by it which letters the names of files may have.
export LC_ALL=C.UTF-8
export TOP="$PWD" WINEPREFIX="$RUN_WINDOWS/prefix" WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml='
unset DISPLAY
test -e "$WINEPREFIX/system.reg" || { echo "no Wine in $WINEPREFIX: make check-windows"; exit 2; }
# It is there already, or goes when nobody has needed it for so long; what ails it is kept.
wineserver -p30 2>>"$RUN_WINDOWS/wineserver.log" || :

scene=$(mktemp -d)
trap 'rm -rf "$scene"' EXIT
hvgpu=$scene/hvgpu
cat >"$hvgpu" <<END
#!/bin/sh
[ -z "\${XDG_STATE_HOME-}" ] || export STATE_DIRECTORY="\$XDG_STATE_HOME/hvgpu"
LC_ALL=C.UTF-8 exec wine "$RUN_WINDOWS/hvgpu.exe" "\$@"
END
chmod +x "$hvgpu"

# rows SUITE HOW: the names that the table has of it
rows() {
    sed -n "s,^$1/\([^ ]*\) *| $2 *|.*,\1,p" "$table"
}
# others SUITE NAME...: the names without those of the table
others() {
    sed -n "s,^$1/\([^ ]*\) *|.*,\1,p" "$table" >"$scene/rows"
    shift
    printf '%s\n' "$@" | grep -vxF -f "$scene/rows"
}

# once_more COMMAND NAME...: runs these cases.  Wine ends a program before its first word now and
# then, with 1 and without a message (decision 042): up to three cases that fail get a second try,
# which is shown.  More are no accident.
once_more() {
    command=$1
    shift
    "$command" "$@" >"$scene/first" 2>&1 && code=0 || code=$?
    again=$(sed -n 's/^not ok [0-9]* - //p' "$scene/first")
    if [ "$code" = 0 ] || [ -z "$again" ] || [ "$(echo "$again" | wc -l)" -gt 3 ]; then
        cat "$scene/first"
        return "$code"
    fi
    grep -vE '^(not ok|1\.\.)' "$scene/first"
    echo "# figure: a second try for" $again
    # shellcheck disable=SC2086
    "$command" $again
}
