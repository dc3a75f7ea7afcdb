#!/bin/sh
# A checker that cannot fail checks nothing: each is shown a good tree, then the same tree with
# one thing wrong.  TAP.
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ARCH_ROOT=$work/tree RUN_PLAIN=$work/tree/build
export ARCH_ROOT RUN_PLAIN
n=0
bad=0

tree() { # the good one, anew
    rm -rf "$work/tree"
    mkdir -p "$work/tree/contrib" "$work/tree/specs" "$work/tree/build"
    cd "$work/tree" || exit 2
    mkdir -p reconciler/base reconciler/model reconciler/codec reconciler/host reconciler/plan
    mkdir -p tests/arch tests/unit tests/laws tests/fuzz/corpus/x
    cp "$here/layers.txt" tests/arch
    printf 'pure: model plan codec/json\nbase: base\nimport: memcpy qsort\n' >tests/arch/pure.txt
    printf 'base-import: malloc\n' >>tests/arch/pure.txt
    mkdir -p tests/mutants
    printf '### C4 No count under an adapter\n### M2 Not now\n' >specs/rules.md
    for rule in C4 M2; do printf 'Because: %s\n' $rule >tests/mutants/rule-$rule.patch; done
    header base/b.h 'int b(int x);'
    header model/m.h 'int m(int x); /* C4 */'
    source base/b.c '#include "base/b.h"
#include <stdlib.h>
int b(int x) { void *p = malloc(9); return x + (p != 0); }'
    source model/m.c '#include "model/m.h"
#include "base/b.h"
#include <string.h>
static const int T[] = {1, 2}; /* M2 */
int m(int x) { return b(x) + T[x & 1]; }'
    source codec/json.c '#include "base/b.h"
extern int j(void);
int j(void) { return b(3); }'
    source tests/unit/test_m.c '#include "model/m.h" /* C4, M2 */
static void one(void **state) { (void)state; }
void *table[] = {one};'
    source tests/fuzz/fuzz_x.c 'int f(int x) { return x; }'
    echo seed >tests/fuzz/corpus/x/1
    printf 'void host_a(void)\n{\n}\n' >reconciler/host/a_posix.c
    printf 'void host_a(void);\nvoid host_a(void)\n{\n}\n' >reconciler/host/a_windows.c
    UPDATE=1 "$here/kept.sh"
}

header() {
    guard=$(echo "$1" | tr 'a-z/.' 'A-Z__')
    printf '#ifndef %s\n#define %s\n%s\n#endif\n' "$guard" "$guard" "$2" >"reconciler/$1"
}
source() {
    case $1 in tests/*) p=$1 ;; *) p=reconciler/$1 ;; esac
    printf '%s\n' "$2" >"$p"
}
compile() {
    for c in $(find reconciler -name '*.c' -not -name '*_windows.c'); do
        mkdir -p "build/${c%/*}"
        gcc -O1 -Ireconciler -c -o "build/${c%.c}.o" "$c" || exit 2
    done
}

say() { # say WELL NAME
    n=$((n + 1))
    [ "$1" = yes ] && echo "ok $n - $2" && return
    bad=1
    echo "not ok $n - $2"
    sed 's/^/# /' "$work/out"
}
good() { # good CHECKER
    tree
    compile
    "$here/$1.sh" >"$work/out" 2>&1 && say yes "$1 lets a good tree pass" ||
        say no "$1 lets a good tree pass"
}
wrong() { # wrong CHECKER WORDS WHAT: what the tree holds now is refused, in these words
    "$here/$1.sh" >"$work/out" 2>&1
    rc=$?
    well=no
    [ $rc -ne 0 ] && grep -qF -- "$2" "$work/out" && well=yes
    say $well "$1 refuses $3"
    tree
}

good layers
source base/b.c '#include "model/m.h"'
wrong layers 'base may not include model/m.h' 'an arrow against the stream'
source model/m.c '#include <stdio.h>'
wrong layers 'model may not include <stdio.h>' 'input and output in a pure folder'
source host/a_posix.c '#include <sqlite3.h>'
wrong layers 'host may not include <sqlite3.h>' 'a library outside its home'
source codec/json.c '#include <yaml.h>'
wrong layers 'codec/json may not include <yaml.h>' 'a file stricter than its folder'
mkdir reconciler/extra
source extra/e.c '#include "base/b.h"'
wrong layers 'in no layer' 'a folder that nobody placed'
source model/m.c '#ifdef _WIN32'
wrong layers 'the folder is the #ifdef' 'a platform outside host/'
rm -rf reconciler/*
wrong layers 'no files found' 'an empty tree'

good pure
source model/m.c '#include <stdlib.h>
char *m(void); char *m(void) { return getenv("X"); }'
compile
wrong pure 'model/m.o imports getenv' 'the environment in a pure object'
source model/m.c 'int m(int x) { static int calls; return calls += x; }'
compile
wrong pure 'model/m.o keeps state: calls' 'memory from one call to the next'
source base/b.c '#include <stdio.h>
int b(int x) { return puts("x") + x; }'
compile
wrong pure 'base/b.o imports puts' 'printing in base'
compile
source model/new.c 'int new_file;'
wrong pure 'model/new.o was not built' 'a pure file that is not built'

mkdir reconciler/apply
source apply/drive.c '#include <stdio.h>
int d(void); int d(void) { return puts("x"); }'
echo 'edge: apply/drive' >>tests/arch/pure.txt
sed -i 's/^pure: .*/& apply/' tests/arch/pure.txt
compile
"$here/pure.sh" >"$work/out" 2>&1 && say yes 'pure leaves the edges alone' ||
    say no 'pure leaves the edges alone'
source apply/other.c '#include <stdio.h>
int d(void); int d(void) { return puts("x"); }'
compile
wrong pure 'apply/other.o imports puts' 'a file beside an edge that is none'

good tidy
source model/m.c "/* $(printf '%0100d' 0) */"
wrong tidy 'more than 100 columns' 'a long line'
{ echo 'void m(void)'; echo '{'; yes '    x();' | head -n 69; echo '}'; } >reconciler/model/m.c
wrong tidy 'has 71 lines' 'a long function'
yes 'int x;' | head -n 901 >reconciler/model/m.c
wrong tidy '901 lines' 'a long file'
for f in strcpy sprintf atoi strtok localtime system rand sscanf strtod toupper; do
    source model/m.c "    $f(x);"
    wrong tidy "$f() is banned" "$f()"
done
for f in sleep usleep time getenv clock_gettime; do
    source model/m.c "    x = $f(x);"
    wrong tidy "$f() belongs into host/" "$f() outside host/"
done
source model/m.c '/* TODO: later */'
wrong tidy 'unfinished work' 'a note to oneself'
source model/m.c 'int x; '
wrong tidy 'white space' 'white space at the end of a line'
printf '\tint x;\n' >reconciler/model/m.c
wrong tidy 'a tab' 'a tab'
source model/m.c '/* sprintf(x) is banned, v->time(x) is not, "rand(x)" neither */ int x; /* gets(
   nothing, rand(x) */ char *s = "system(x)"; v->time(1);'
"$here/tidy.sh" >"$work/out" 2>&1 && say yes 'tidy reads comments, texts and members as such' ||
    say no 'tidy reads comments, texts and members as such'

good headers
header model/m.h 'struct x { size_t n; };'
wrong headers 'size_t' 'a header that needs another one before it'
source model/m.h 'struct x { int n; };'
wrong headers 'MODEL_M_H' 'a header without a guard'

good complete
compile
source model/new.c 'int new_file;'
wrong complete 'reconciler/model/new.c is not built' 'a source that is not built'
header model/lonely.h 'int x;'
wrong complete 'lonely.h is included by nobody' 'a header that nobody includes'
source tests/unit/test_m.c 'static void one(void **state)'
wrong complete 'one is never run' 'a test that is not in the table'
source tests/unit/other.c 'int x;'
wrong complete 'tests/unit/other.c' 'a file among the unit tests that is none'
rm tests/fuzz/corpus/x/1
wrong complete 'has no corpus' 'a fuzz target without a corpus'
echo 'exit 1' >tests/laws/forgotten.sh
wrong complete 'forgotten.sh is not executable' 'a script that is never run'
source tests/unit/test_m.c '    skip();'
wrong complete 'switched off' 'a test that is skipped'

good kept
echo >specs/kept.md
wrong kept 'is not current' 'a table of rules that was made before the code moved'
header model/m.h 'int x;'
wrong kept 'C4 is cited by no code' 'a rule that no code cites'
source tests/unit/test_m.c '/* C40, xC4, M2 */'
wrong kept 'C4 is cited by no test' 'a rule that no test cites'
rm tests/mutants/rule-C4.patch
wrong kept 'C4 is broken by no mutant' 'a rule that no mutant breaks'

good windows
source host/a_windows.c 'void host_a(void) { undeclared(); }'
wrong windows 'undeclared' 'Windows files that do not compile'
source host/a_windows.c 'int x;'
wrong windows 'host_a' 'a function that one platform lacks'
echo "1..$n"
exit $bad
