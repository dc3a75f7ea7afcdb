#!/bin/sh
# Purity is proved, not promised: the imports of the pure objects (pure.txt), and no state of
# their own (.data, .bss).  The objects are those of the plain build.
cd "${ARCH_ROOT:-$(dirname "$0")/../..}" || exit 2
: "${RUN_PLAIN:?the folder of the plain build}"
list=${ARCH_PURE:-tests/arch/pure.txt}
objects=$RUN_PLAIN/reconciler
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Only objects whose source is there: an old build folder may hold others.
sources() {
    for place in $(sed -n "s/^$1: *//p" "$list"); do
        case $place in
        */*) find reconciler -path "reconciler/$place.c" -o -path "reconciler/${place}_*.c" ;;
        *) find "reconciler/$place" -name '*.c' 2>/dev/null ;;
        esac
    done | LC_ALL=C sort -u
}
words() { sed -n "s/^$1: *//p" "$list" | tr ' ' '\n' | sed '/^$/d'; }
objects_of() { sources "$1" | sed "s|^reconciler/\(.*\)\.c$|$objects/\1.o|"; }

objects_of edge >"$work/edge"
objects_of pure | grep -vxF -f "$work/edge" >"$work/pure"
objects_of base >"$work/base"
for o in $(cat "$work/pure" "$work/base"); do
    [ -e "$o" ] || { echo "$o was not built"; exit 2; }
done
[ -s "$work/pure" ] && [ -s "$work/base" ] || { echo "no pure objects found"; exit 2; }

xargs nm -g --defined-only <"$work/base" | awk 'NF == 3 { print $3 }' >"$work/base.known"
xargs nm -g --defined-only <"$work/pure" | awk 'NF == 3 { print $3 }' >"$work/pure.known"
words import >>"$work/base.known"
cat "$work/base.known" >>"$work/pure.known"
words base-import >>"$work/base.known"

bad=0
check() {
    for o in $(cat "$work/$1"); do
        for s in $(nm -u "$o" | awk '{ print $NF }'); do
            grep -qxF "$s" "$work/$1.known" && continue
            echo "${o#"$RUN_PLAIN"/} imports $s"
            bad=1
        done
        # .data.rel.ro is constant; a plain .data or .bss is memory from one call to the next.
        nm -f sysv "$o" | awk -F'|' -v o="${o#"$RUN_PLAIN"/}" '
            { s = $7; gsub(/ /, "", s) }
            s ~ /^\.(bss|tbss|tdata|data)(\.|$)/ && s !~ /^\.data\.rel\.ro/ && $1 !~ /^\./ {
                gsub(/ /, "", $1)
                print o " keeps state: " $1 " in " s
                bad = 1
            }
            END { exit bad }' || bad=1
    done
}
check pure
check base
exit $bad
