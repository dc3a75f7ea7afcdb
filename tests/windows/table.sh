#!/bin/sh
# not-here.txt is true and short: each row names a test that is there, once, and says why.
. "$(dirname "$0")/lib.sh"
bad=0
say() {
    echo "$table: $*"
    bad=1
}
grep -vE '^(#|$)' "$table" >"$scene/all"
while IFS='|' read -r name how why; do
    name=${name%% *}
    case $name in
    unit/*) file=tests/$name.c ;;
    golden/*) file=tests/$name/spec.yaml ;;
    cli/*) file=tests/cli/cases/${name#cli/}.cli ;;
    *) file=/none ;;
    esac
    [ -e "$file" ] || say "$name: there is no such test"
    [ "$(grep -c "^$name " "$scene/all")" = 1 ] || say "$name: twice"
    [ "$(printf %s "$why" | wc -w)" -ge 4 ] || say "$name: it does not say why"
    case $how in
    ' left out ') ;;
    ' differs ') [ -s "tests/windows/differs/${name#*/}.diff" ] || say "$name: differs in what?" ;;
    *) say "$name: left out, or differs?" ;;
    esac
done <"$scene/all"
for f in tests/windows/differs/*.diff; do
    rows cli differs | grep -qxF "$(basename "$f" .diff)" || say "$f is nobody's"
done
for suite in unit golden cli; do
    echo "# figure: $suite: $(rows $suite 'left out' | wc -l) left out," \
        "$(rows $suite differs | wc -l) with a stated difference"
done
exit $bad
