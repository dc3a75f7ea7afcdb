#!/bin/sh
# Documents about 22 clusters with names that mean something, read by those who read documents: a
# Markdown renderer, the XML and JSON validators, Graphviz.  And about 300: time and size; and the
# comment under a change of 19 edge sites of 300, two blocked, one not seen, word by word
# (UPDATE=1 writes documents/estate.md).
# With HVGPU_SCHEMAS=FOLDER the published schemas that lie there (junit-10.xsd,
# sarif-schema-2.1.0.json) are asked as well; decisions/082 says why they are not here.
cd "$(dirname "$0")/../.."
. tests/golden/lib.sh
here=$top/tests/golden/documents
cd "$work"
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE

# document FORMAT FILE [OPTION...]: the same bytes from one lane and from four
document() {
    format=$1 file=$2
    shift 2
    hvgpu plan -o "$format" --parallel 4 "$@" sites >"$file" 2>log || code=$?
    hvgpu plan -o "$format" --parallel 1 "$@" sites >again 2>>log || :
    ! grep 'Sanitizer\|runtime error:' log || exit 1
    cmp "$file" again
}

python3=/usr/bin/python3
$python3 "$here/fleet.py" sites
document markdown plan.md
document junit plan.xml
document sarif plan.sarif
document dot plan.dot
document mermaid plan.mermaid
cmark-gfm --unsafe -e table -e autolink -e strikethrough plan.md >plan.html
dot -Tjson0 plan.dot >plan.dot.json
dot -Tsvg plan.dot | xmllint --noout -
for schema in "$here/junit.xsd" ${HVGPU_SCHEMAS:+"$HVGPU_SCHEMAS/junit-10.xsd"}; do
    xmllint --noout --schema "$schema" plan.xml
done
bad=0
$python3 "$here/check.py" "$work" || bad=1

# What is cut to be small enough, and that it is said.
document markdown small.md --max-size 16384
test "$(wc -c <small.md)" -lt 16384
grep '^\*\*Cut\*\* to stay below 16384 bytes: lists of clusters' small.md >/dev/null
grep '^| \*\*blocked\*\* | 22 |' small.md >/dev/null

rm -r sites
$python3 "$here/fleet.py" sites 300
began=$(date +%s%N)
hvgpu plan -o markdown --out many.md sites 2>log || :
echo "# figure: a comment about 300 clusters: $(wc -c <many.md) bytes in" \
    "$((($(date +%s%N) - began) / 1000000)) ms"
test "$(wc -c <many.md)" -lt 65536
grep '^Clusters: site-023..300$' many.md >/dev/null

$python3 "$here/estate.py" estate
(cd estate && hvgpu plan --from snapshots -o markdown sites 2>../log) |
    sed 's/p-[0-9a-f]\{8\}/p-ID/g' >estate.md
test -z "$update" || cp estate.md "$here/estate.md"
diff -u "$here/estate.md" estate.md || bad=1
exit $bad
