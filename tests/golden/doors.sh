#!/bin/sh
# Two doors, one plan: each case is planned as the simulated world shows itself, and through WMI
# (--wmi) by the Hyper-V provider.  Text and document must be the same, save in the cases of
# doors.txt, which must differ.
#
#   tests/golden/doors.sh [FOLDER ...]     all of examples/* and tests/golden/* by default
cd "$(dirname "$0")/../.."
. tests/golden/lib.sh

table=tests/golden/doors.txt
cases=0
failed=0

# planned DOOR ...: the plan as text and as a document, as if it had been asked for without DOOR.
# Errors come last; a node that hangs costs this test no more than 3 s.
planned() {
    for form in text json; do
        code=0
        hvgpu plan -o "$form" --timeout 9s "$@" spec.yaml >"$work/out" 2>"$work/err" </dev/null ||
            code=$?
        cat "$work/out" "$work/err"
        echo "[exit $code]"
    done | sed 's/ --wmi//'
}

compare() {
    folder=$1
    cases=$((cases + 1))
    rm -rf "$work/case" "$work/state" "$work/home"
    mkdir -p "$work/case" "$work/home"
    cp "$folder"/*.yaml "$work/case"
    cp "$folder"/*.json "$work/case" 2>/dev/null || :
    cd "$work/case"
    planned >"$work/sim"
    planned --wmi >"$work/wmi"
    cd "$top"
    same=yes
    diff -u "$work/sim" "$work/wmi" >"$work/diff" || same=no
    listed=no
    ! grep -q "^$folder  " "$table" || listed=yes
    if grep -q 'Sanitizer\|runtime error:' "$work/sim" "$work/wmi"; then
        cat "$work/sim" "$work/wmi" >&2
        say=sanitizer
    else
        say=$same$listed
    fi
    case $say in
    yesno | noyes)
        echo "ok $cases - $folder"
        return
        ;;
    nono) cat "$work/diff" >&2 ;;
    yesyes) echo "doors: $folder is the same through both: take it out of $table" >&2 ;;
    esac
    failed=$((failed + 1))
    echo "not ok $cases - $folder"
}

if [ $# = 0 ]; then
    set -- examples/*/ tests/golden/*/
    sed -n 's/^\([^# ][^ ]*\)  .*/\1/p' "$table" | while IFS= read -r f; do
        test -f "$f/spec.yaml" || echo "doors: $table: there is no case $f" >&2
    done >"$work/gone" 2>&1
    cat "$work/gone" >&2
    test ! -s "$work/gone" || failed=1
fi
for f; do
    f=${f%/}
    test ! -f "$f/spec.yaml" || compare "$f"
done
echo "1..$cases"
test "$failed" = 0 && test "$cases" -gt 0
