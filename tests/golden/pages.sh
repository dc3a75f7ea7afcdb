#!/bin/sh
# Every command that a page shows works, and says what the page shows.
#
# In README.md, specs/ and examples/*/README.md a block that begins with
# ```console is a session: lines "$ command", each followed by what it prints.
# The commands run, page by page from the top, in a scratch copy of the tree's
# examples and contrib (for an example: in a copy of its folder).  A line "..." stands for
# any number of lines.  A command with no lines below it is only run.  A last line
# "[exit N]" gives its exit code, and may stand alone; without it any code will do
# but 1 and a crash.
#
#   UPDATE=1   rewrites the lines below the commands of blocks without "..."
cd "$(dirname "$0")/../.."
. tests/golden/lib.sh

mark='' # a reader sees one screen
failed=0
commands=0

# matches SHOWN GOT: SHOWN is GOT, where a line "..." is any number of lines.
matches() {
    LC_ALL=C awk -v got="$2" '
    BEGIN { while ((getline line < got) > 0) have[++n] = line }
    { want[++m] = $0 }
    END {
        # ok[j]: the lines of the page so far can be the first j lines that were seen
        ok[0] = 1
        for (i = 1; i <= m; i++) {
            delete next_ok
            if (want[i] == "...") {
                open = 0
                for (j = 0; j <= n; j++) {
                    if (j in ok) open = 1
                    if (open) next_ok[j] = 1
                }
            } else
                for (j = 1; j <= n; j++)
                    if (((j - 1) in ok) && have[j] == want[i]) next_ok[j] = 1
            delete ok
            for (j in next_ok) ok[j] = 1
        }
        exit !(n in ok)
    }' "$1"
}

# one PAGE LINE COMMAND: what the page shows is in $work/shown; what it should show goes into
# $work/new.
one() {
    shown "$3" | sed 1d >"$work/got"
    commands=$((commands + 1))
    code=$(sed -n '$s/^\[exit \([0-9]*\)\]$/\1/p' "$work/got")
    if ! grep -q '^\[exit [0-9]*\]$' "$work/shown"; then
        sed '$d' "$work/got" >"$work/got2" && mv "$work/got2" "$work/got"
    fi
    if [ "$code" -ge 126 ] || [ "$code" = 1 ]; then
        echo "pages: $1:$2: exit $code: $3" >&2
        cat "$work/got" >&2
        failed=$((failed + 1))
    fi
    if [ ! -s "$work/shown" ]; then
        : >"$work/new"
    elif [ "$(cat "$work/shown")" = "[exit $code]" ]; then
        cp "$work/shown" "$work/new"
    elif [ "$update" = 1 ] && ! grep -qx '\.\.\.' "$work/shown"; then
        cp "$work/got" "$work/new"
    else
        cp "$work/shown" "$work/new"
        matches "$work/shown" "$work/got" || {
            echo "pages: $1:$2: $3" >&2
            diff -u "$work/shown" "$work/got" >&2 || :
            failed=$((failed + 1))
        }
    fi
}

# Runs the sessions of a page; the page as it should be goes to $work/page.
page() {
    page=$1 number=0 inside=0 command='' at=0
    : >"$work/page"
    : >"$work/shown"
    while IFS= read -r line || [ -n "$line" ]; do
        number=$((number + 1))
        if [ "$inside" = 1 ]; then
            case $line in
            '$ '* | '```')
                if [ -n "$command" ]; then
                    one "$page" "$at" "$command"
                    cat "$work/new" >>"$work/page"
                fi
                : >"$work/shown"
                command=''
                case $line in
                '```') inside=0 ;;
                *) command=${line#??} at=$number ;;
                esac
                printf '%s\n' "$line" >>"$work/page"
                ;;
            *) printf '%s\n' "$line" >>"$work/shown" ;;
            esac
        else
            case $line in '```console'*) inside=1 ;; esac
            printf '%s\n' "$line" >>"$work/page"
        fi
    done <"$top/$1"
    if [ "$update" = 1 ] && ! cmp -s "$work/page" "$top/$1"; then
        cp "$work/page" "$top/$1"
        echo "wrote $1"
    fi
}

if [ $# = 0 ]; then
    set -- README.md specs/*.md examples/*/README.md
fi
pages=0
for f; do
    test -f "$f" || continue
    grep -q '^```console' "$f" || continue
    rm -rf "$work/tree" "$work/state" "$work/home"
    mkdir -p "$work/tree/build" "$work/home"
    ln -s "$HVGPU" "$work/tree/build/hvgpu"
    cp -R examples contrib "$work/tree/"
    case $f in
    examples/*) cd "$work/tree/${f%/*}" ;;
    *) cd "$work/tree" ;;
    esac
    before=$failed
    page "$f"
    cd "$top"
    pages=$((pages + 1))
    if [ "$failed" = "$before" ]; then
        echo "ok $pages - $f"
    else
        echo "not ok $pages - $f"
    fi
done
echo "1..$pages"
echo "# figure: $commands commands of $pages pages"
test "$failed" = 0
