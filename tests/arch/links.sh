#!/bin/sh
# Every link of a page leads to a file of this tree, and every #anchor to a heading of it.
set -eu
cd "${ARCH_ROOT:-$(dirname "$0")/../..}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A heading as browsers of repositories name it: lower case, signs gone, spaces to hyphens.
anchors() {
    sed -nE 's/^#+ +//p' "$1" | tr 'A-Z' 'a-z' | LC_ALL=C sed -E 's/[^a-z0-9 _-]//g; s/ /-/g'
}

find . -name '*.md' -not -path './build/*' -not -path './.git/*' | LC_ALL=C sort >"$work/pages"
while read -r page; do
    # Code is not text: fenced blocks and `spans` hold no links.
    awk '/^[ \t]*```/ { code = !code; next } !code' "$page" | sed 's/`[^`]*`//g' |
        grep -oE '\]\([^) ]+\)' | sed 's/^](//; s/)$//' >"$work/links" || :
    while read -r link; do
        case $link in http://* | https://* | mailto:*) continue ;; esac
        file=${link%%#*}
        target=$page
        test -z "$file" || target=${page%/*}/$file
        if ! test -e "$target"; then
            echo "links: $page: $link: no such file" >>"$work/bad"
            continue
        fi
        case $link in
        *'#'*)
            anchors "$target" | grep -qxF -e "${link#*#}" ||
                echo "links: $page: $link: no such heading" >>"$work/bad"
            ;;
        esac
    done <"$work/links"
done <"$work/pages"
if test -s "$work/bad"; then
    cat "$work/bad" >&2
    exit 1
fi
