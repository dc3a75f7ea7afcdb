# shellcheck shell=sh
# Shared by run.sh and pages.sh: where the program is, and a world of its own for it.
# Sourced with the top of the tree as the working directory.
set -eu
top=$PWD
update=${GOLDEN_UPDATE:-${UPDATE:-}}
HVGPU=${HVGPU:-build/hvgpu}
case $HVGPU in /*) ;; *) HVGPU=$top/$HVGPU ;; esac
test -x "$HVGPU" || {
    echo "golden: no program at $HVGPU; run make first" >&2
    exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$HVGPU" "$work/bin/hvgpu"

PATH=$work/bin:$PATH
HOME=$work/home XDG_STATE_HOME=$work/state TZ=UTC LC_ALL=C NO_COLOR=1 COLUMNS=100 TERM=dumb
export PATH HOME XDG_STATE_HOME TZ LC_ALL NO_COLOR COLUMNS TERM
who=$(id -un)@$(uname -n) # who gives an override, as plans and the history show it
unset STATE_DIRECTORY HVGPU_POLICY HVGPU_STATE 2>/dev/null || :

# Which of several groups has its turn first is chance, and the log of an apply tells it: its lines
# are left out.  Where a case is about them, its command says 2>&1.
without_log() {
    sed -E '/^[0-9]{4}(-[0-9]{2}){2}T[0-9:]{8}Z /,/^$/{
        /^([0-9]{4}(-[0-9]{2}){2}T[0-9:]{8}Z | {21}[^ ])/d
    }' "$1"
}

# shown LINE: the command as people type it, what it says (errors last, behind $mark), and its
# exit code.  Who runs it is SOMEBODY.
shown() {
    printf '$ %s\n' "$1"
    code=0
    sh -c "$1" >"$work/out" 2>"$work/err" </dev/null || code=$?
    sed "s/ by $who: / by SOMEBODY: /" "$work/out"
    without_log "$work/err" | sed "s/^/${mark-! }/"
    echo "[exit $code]"
    # A sanitizer's report is a failure of its own, whatever a golden file says.
    if grep -q 'Sanitizer\|runtime error:' "$work/err"; then
        echo "golden: a sanitizer spoke: $1" >&2
        cat "$work/err" >&2
        exit 1
    fi
}
