#!/bin/sh
# Nothing lies about that is not built, and no test that is not run.
cd "${ARCH_ROOT:-$(dirname "$0")/../..}" || exit 2
: "${RUN_PLAIN:?the folder of the plain build}"
bad=0
say() {
    echo "$*"
    bad=1
}

for c in $(find reconciler -name '*.c'); do
    case $c in
    reconciler/host/*_windows.c | reconciler/cim/cim_com*_windows.c) ;; # windows.sh compiles them
    *_windows.c) say "$c: Windows files live in host/, and in cim/ what speaks to COM" ;;
    *) [ -e "$RUN_PLAIN/${c%.c}.o" ] || say "$c is not built" ;;
    esac
done
for h in $(find reconciler -name '*.h' -o -name '*.def'); do
    grep -rqF "\"${h#reconciler/}\"" reconciler tests --include='*.[ch]' ||
        say "$h is included by nobody"
done
for c in tests/*/*.c; do
    case ${c##*/} in
    test_*.c)
        # Each function of a test's form is in the table of its program.
        for f in $(sed -n 's/^static void \([a-z_0-9]*\)(void \*\*[a-z_]*)$/\1/p' "$c"); do
            [ "$(grep -c "\b$f\b" "$c")" -ge 2 ] || say "$c: $f is never run"
        done
        ;;
    fuzz_*.c)
        d=tests/fuzz/corpus/$(basename "$c" .c | sed 's/^fuzz_//')
        [ -n "$(ls "$d" 2>/dev/null)" ] || say "$c has no corpus in $d"
        ;;
    esac
    case $c in
    tests/unit/test_*) ;;
    tests/unit/*) say "$c: a file here is test_*.c, or a header" ;;
    esac
done
for s in tests/*/*.sh; do
    [ -x "$s" ] || [ ! -e "$s" ] && continue
    # Not run by itself: then somebody must source it.
    grep -rqF "${s##*/}" tests --include='*.sh' --exclude="${s##*/}" ||
        say "$s is not executable: never run"
done
# A test that is switched off does not count as one.
if grep -rnE '^[ 	]*(skip\(\)|#if 0)' tests --include='*.[ch]'; then
    say "switched off"
fi
exit $bad
