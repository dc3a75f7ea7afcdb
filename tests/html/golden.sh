#!/bin/sh
# Pages as they were looked at: expect/NAME.html, without the style, which is the same in each, and
# with p-ID for the id of a plan (a digest of all of it).
# A saved plan gives the very page; so does the same plan once more, whatever the lanes.
#   UPDATE=1   writes what is seen instead of comparing it
set -eu
cd "$(dirname "$0")/../.."
top=$PWD
. tests/html/pages.sh

n=0
bad=0
tell() {
    n=$((n + 1))
    if [ "$1" = 0 ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        bad=1
    fi
}

for page in $pages; do
    sed -e '/^<style>$/,/^<\/style>$/d' -e 's/p-[0-9a-f]\{8\}/p-ID/g' \
        "$work/$page.html" >"$work/bare"
    [ -z "$update" ] || cp "$work/bare" "tests/html/expect/$page.html"
    rc=0
    diff -u "tests/html/expect/$page.html" "$work/bare" || rc=1
    tell $rc "$page"
done

# in FOLDER ARGUMENTS..: plan -o html in a copy of the folder
again() {
    rm -rf "$work/case"
    cp -R "$1" "$work/case"
    cd "$work/case"
    hvgpu plan --out plan.json spec.yaml >/dev/null 2>&1 || :
    hvgpu show -o html plan.json >"$work/shown.html" || :
    hvgpu plan -o html --out page.html spec.yaml || :
    cd "$top"
}
for row in "edge-a2 examples/edge-a2" "desktops tests/golden/estate-b-vdi" \
    "pool examples/seed-004-gpu-pool" "hostile tests/html/hostile"; do
    page=${row% *}
    again "${row#* }"
    rc=0
    cmp "$work/$page.html" "$work/shown.html" || rc=1
    tell $rc "$page: a saved plan gives the same page"
    rc=0
    cmp "$work/$page.html" "$work/case/page.html" || rc=1
    tell $rc "$page: --out writes it"
done
for lanes in 1 2 7; do
    rm -rf "$work/case"
    mkdir "$work/case"
    for site in 1 2 3; do
        sed "s/de-ber-014/site-$site/; s/world.yaml/world-$site.yaml/" \
            examples/edge-a2/spec.yaml >"$work/case/spec-$site.yaml"
        sed "s/de-ber-014/site-$site/" examples/edge-a2/world.yaml >"$work/case/world-$site.yaml"
    done
    (cd "$work/case" && hvgpu plan -o html --parallel $lanes spec-?.yaml) >"$work/lanes-$lanes" || :
    rc=0
    cmp "$work/lanes-1" "$work/lanes-$lanes" || rc=1
    tell $rc "$lanes lanes"
done
echo "1..$n"
exit $bad
