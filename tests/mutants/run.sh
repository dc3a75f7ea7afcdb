#!/bin/sh
# A test that cannot fail is none: each patch here breaks the program in one way, and the test
# that it names must notice.  tests/README.md has the form of a patch.  TAP.
#
#   run.sh [PATCH...]     all of tests/mutants/ when none is named
#
# What stays the same is built once; then JOBS of them at a time.
top=${TOP:-$(cd "$(dirname "$0")/../.." && pwd)}
cd "$top" || exit 2
: "${RUN_PLAIN:?the folder of the plain build}"
cflags="-std=c11 -D_GNU_SOURCE -O1 -w -Ireconciler -I."
cflags="$cflags $(pkg-config --cflags yaml-0.1 libsodium sqlite3 libuv)"
libs="$(pkg-config --libs yaml-0.1 libsodium sqlite3 libuv) -lpthread -lcmocka"
HVGPU_EFFORT=mutant
export HVGPU_EFFORT

said_by() { # the test that a patch names, with its arguments
    sed -n 's/^Caught by: *//p' "$1" | head -n 1
}

# The part of a test that no patch changes: its own object.
object_of() {
    echo "$work/$(echo "$1" | tr / _).o"
}

# notices FOLDER OBJECTS TEST: what the test ends with when these objects are in the program, of
# the sources in FOLDER/tree; 99: it was not built
notices() {
    own=$1 objects=$2 name=${3%% *} arguments=${3#"${3%% *}"}
    # A test that builds a source into itself must build the broken one.
    case $name in
    *.sh) main=$(object_of reconciler/main) program=$own/hvgpu ;;
    *) main=$(object_of "tests/$name") program=$own/test ;;
    esac
    if [ "$name" = laws/test_steps ]; then
        main=$own/main.o
        # shellcheck disable=SC2086
        gcc $cflags -I"$own/tree/reconciler" -c -o "$main" -iquote "$own/tree/reconciler" \
            "tests/$name.c" || return 99
        objects=$(echo "$objects" | sed "s|[^ ]*_plan_order.c.o||")
    fi
    # The mutated objects come first: the archive's own are then never taken.
    # shellcheck disable=SC2086
    gcc -o "$program" "$main" $objects "$RUN_PLAIN/libtests.a" "$RUN_PLAIN/libhvgpu.a" $libs ||
        return 99
    case $name in
    *.sh) set -- "tests/$name" ;;
    *) set -- "$own/test" ;;
    esac
    # shellcheck disable=SC2086
    HVGPU=$own/hvgpu HVGPU_PLAIN=$own/hvgpu timeout 60 "$@" $arguments >"$own/said" 2>&1
}

# tree FOLDER [PATCH]: the sources, by other names for the same files, since to make some hundred
# new ones takes as long as to build a mutant; what the patch changes is its own
tree() {
    mkdir -p "$1/tree"
    cp -al reconciler "$1/tree" 2>/dev/null || cp -r reconciler "$1/tree"
    [ $# -lt 2 ] || for f in $(sed -n 's|^+++ b/\([^ 	]*\).*|\1|p' "$2"); do
        rm -f "$1/tree/$f"
        [ ! -e "$f" ] || cp "$f" "$1/tree/$f"
    done
}

# passes TEST FOLDER: a test that fails without a mutant notices nothing
passes() {
    tree "$2"
    notices "$2" "" "$1" && return 0
    echo "$1 fails by itself:"
    tail -n 20 "$2/said"
    return 1
}

# caught PATCH FOLDER: 0 when the test notices
caught() {
    patch=$1 own=$2
    test=$(said_by "$patch")
    tree "$own" "$patch"
    patch -d "$own/tree" -p1 -s --no-backup-if-mismatch <"$patch" || {
        echo "the patch no longer applies"
        return 1
    }
    objects=
    for c in $(sed -n 's|^+++ b/\([^	 ]*\.c\).*|\1|p' "$patch"); do
        o=$own/$(echo "$c" | tr / _).o
        # shellcheck disable=SC2086
        (cd "$own/tree" && gcc $cflags -I"$top" -c -o "$o" "$c") || return 1
        objects="$objects $o"
    done
    [ -n "$objects" ] || { echo "changes no .c file"; return 1; }
    notices "$own" "$objects" "$test"
    rc=$?
    [ $rc -ne 0 ] || { echo "$test did not notice"; return 1; }
    [ $rc -ne 124 ] || { echo "$test did not come to an end"; return 1; }
    [ $rc -ne 99 ]
}

if [ "${1:-}" = --one ]; then # --one WORK PATCH
    work=$2 mutant=$(basename "$3" .patch)
    caught "$3" "$work/$mutant" >"$work/$mutant.out" 2>&1 && : >"$work/$mutant.ok"
    rm -rf "${work:?}/$mutant"
    exit 0
fi
if [ "${1:-}" = --unbroken ]; then # --unbroken WORK TEST
    work=$2 place=$2/$(echo "$3" | tr '/ ' __)
    passes "$3" "$place" >"$place.fails" 2>&1 && rm "$place.fails"
    rm -rf "$place"
    exit 0
fi

[ $# -gt 0 ] || set -- tests/mutants/*.patch
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
tests=$(for p; do said_by "$p" | sed 's/ .*//; /\.sh$/d; s|^|tests/|'; done | sort -u)
for name in reconciler/main $tests; do
    # shellcheck disable=SC2086
    gcc $cflags -c -o "$(object_of "$name")" "$name.c" || echo "# $name does not build"
done
for p; do said_by "$p"; done | sort -u | tr '\n' '\0' |
    xargs -0 -n 1 -P "${JOBS:-2}" "$0" --unbroken "$work"
n=1
cat "$work"/*.fails >"$work/fails" 2>/dev/null || :
if [ -s "$work/fails" ]; then
    echo "not ok 1 - each of these tests passes without a mutant"
    sed 's/^/# /' "$work/fails"
    bad=1
else
    echo "ok 1 - each of these tests passes without a mutant"
fi
printf '%s\0' "$@" | xargs -0 -n 1 -P "${JOBS:-2}" "$0" --one "$work"
for patch; do
    n=$((n + 1))
    mutant=$(basename "$patch" .patch)
    if [ -e "$work/$mutant.ok" ]; then
        echo "ok $n - $mutant is caught by $(said_by "$patch")"
    else
        echo "not ok $n - $mutant"
        sed 's/^/# /' "$work/$mutant.out"
        bad=1
    fi
done
[ $n -gt 1 ] || { echo "not ok - there are no mutants"; bad=1; }
echo "1..$n"
exit $bad
