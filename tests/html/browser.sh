#!/bin/sh
# The page in a real browser: headless Chromium, without a script of the page's own, without a net.
# look.js asks; each page stands in frames of 375 and 1280 pixels, light and dark.
set -eu
cd "$(dirname "$0")/../.."
top=$PWD
. tests/html/pages.sh

# A page as the value of an attribute.
quoted() { sed 's/&/\&amp;/g; s/"/\&quot;/g' "$1"; }

# frame NAME WIDTH FILE [NAMES]
frame() {
    printf '<iframe title="%s" width=%s height=3000 %s srcdoc="' "$1" "$2" "${4:-}"
    quoted "$3"
    printf '"></iframe>\n'
}

# The names of hostile/world.yaml as a page has to show them: U+202E is no character for a screen.
names='["<script>window.pwned=1</script>", "\"><img src=x onerror=window.pwned=1>",
    "'"' onmouseover='window.pwned=1"'", "&lt;b&gt; &#60; &amp", "</style></title></main><h1>x",
    "<!-- ]]> <![CDATA[ -->", "right?left", "שם של מכונה", "<i>&amp;", "\"'"'"'`>"]'
printf '%s' "$names" | tr '\n' ' ' >"$work/names"
# Without its policy: that a name does not run must not depend on it.
sed '/Content-Security-Policy/d' "$work/hostile.html" >"$work/hostile-open.html"
! cmp -s "$work/hostile.html" "$work/hostile-open.html"

harness() {
    printf '<!DOCTYPE html><html><head><meta charset=utf-8><meta name=color-scheme '
    printf 'content="light dark"><script>\n'
    cat tests/html/look.js
    printf '</script></head><body data-scheme=%s>\n' "$1"
    for width in 375 1280; do
        for page in $pages; do
            frame "$page" "$width" "$work/$page.html"
        done
        frame "hostile, no policy" "$width" "$work/hostile-open.html" \
            "data-names=\"$(quoted "$work/names")\""
    done
    printf '</body></html>\n'
}

# As root, and in a container, there is no sandbox to be had; the pages are our own.
browser() {
    timeout 60 chromium --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
        --no-first-run --disable-extensions --disable-background-networking \
        --user-data-dir="$work/profile" "$@" 2>"$work/browser.log"
}

bad=0
for scheme in dark light; do
    harness $scheme >"$work/harness.html"
    # Blink's own numbers: 0 is dark, 1 is light
    [ $scheme = dark ] && setting=0 || setting=1
    browser --window-size=1400,3000 --blink-settings=preferredColorScheme=$setting \
        --dump-dom "file://$work/harness.html" >"$work/dom"
    # TAP is what stands in the one <pre>
    sed -n '/<pre id="out">/,/<\/pre>/{/<\/*pre/d;p;}' "$work/dom" |
        sed 's/&lt;/</g; s/&gt;/>/g; s/&amp;/\&/g' >"$work/tap"
    grep -q '^1\.\.' "$work/tap" || {
        echo "not ok - the browser said nothing"
        cat "$work/browser.log" >&2
        exit 1
    }
    cat "$work/tap"
    ! grep -q '^not ok' "$work/tap" || bad=1
done

# On paper what is folded is open.
browser --no-pdf-header-footer --print-to-pdf="$work/page.pdf" "file://$work/edge-a2.html"
pdftotext -layout "$work/page.pdf" "$work/paper"
if grep -q 'set partition count of' "$work/paper" && grep -q 'Afterwards\|AFTERWARDS' "$work/paper"
then
    echo "ok - paper shows the steps"
else
    echo "not ok - paper shows the steps"
    bad=1
fi
echo "1..1"
exit $bad
