#!/bin/sh
# A test that cannot fail is none: each patch here breaks the program in one way, and the test
# that it names must notice.  tests/README.md has the form of a patch.  TAP.
top=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
cd "$top" || exit 2
: "${RUN_PLAIN:?the folder of the plain build}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cflags="-std=c11 -D_GNU_SOURCE -O1 -w -Ireconciler -I."
cflags="$cflags $(pkg-config --cflags yaml-0.1 libsodium sqlite3 libuv)"
libs="$(pkg-config --libs yaml-0.1 libsodium sqlite3 libuv) -lpthread -lcmocka"
HVGPU_EFFORT=small
export HVGPU_EFFORT

# caught PATCH: 0 when the test notices; what was said is in $work/out
caught() {
    patch=$1
    test=$(sed -n 's/^Caught by: *//p' "$patch" | head -n 1)
    name=${test%% *}
    arguments=${test#"$name"}
    [ -e "tests/$name.c" ] || { echo "names no test (Caught by: $test)"; return 1; }
    rm -rf "$work/tree"
    mkdir -p "$work/tree"
    cp -r reconciler "$work/tree"
    patch -d "$work/tree" -p1 -s --no-backup-if-mismatch <"$patch" || {
        echo "the patch no longer applies"
        return 1
    }
    objects=
    for c in $(sed -n 's|^+++ b/\([^	 ]*\.c\).*|\1|p' "$patch"); do
        o=$work/$(echo "$c" | tr / _).o
        # shellcheck disable=SC2086
        (cd "$work/tree" && gcc $cflags -I"$top" -c -o "$o" "$c") || return 1
        objects="$objects $o"
    done
    [ -n "$objects" ] || { echo "changes no .c file"; return 1; }
    # shellcheck disable=SC2086
    gcc $cflags -c -o "$work/test.o" "tests/$name.c" || return 1
    # The mutated objects come first: the archive's own are then never taken.
    # shellcheck disable=SC2086
    gcc -o "$work/test" "$work/test.o" $objects "$RUN_PLAIN/libtests.a" "$RUN_PLAIN/libhvgpu.a" \
        $libs || return 1
    # shellcheck disable=SC2086
    timeout 120 "$work/test" $arguments >"$work/said" 2>&1
    rc=$?
    [ $rc -ne 0 ] || { echo "$name did not notice"; return 1; }
    [ $rc -ne 124 ] || { echo "$name did not come to an end"; return 1; }
}

n=0
bad=0
for patch in tests/mutants/*.patch; do
    [ -e "$patch" ] || continue
    n=$((n + 1))
    mutant=$(basename "$patch" .patch)
    if caught "$patch" >"$work/out" 2>&1; then
        echo "ok $n - $mutant is caught by $test"
    else
        echo "not ok $n - $mutant"
        sed 's/^/# /' "$work/out"
        bad=1
    fi
done
[ $n -gt 0 ] || { echo "not ok - there are no mutants"; bad=1; }
echo "1..$n"
exit $bad
