#!/bin/sh
# A hundred clusters, ten runs of plan: files made in another order, arguments in another order,
# other locales, other numbers of workers.  The same bytes, in every form (law 3).  TAP.
: "${HVGPU:?the program}" "${TOP:?the top of the tree}" "${TMPDIR:?a folder of its own}"
base=$(mktemp -d "$TMPDIR/same-bytes-XXXXXX") || exit 1
trap 'rm -rf "$base"' EXIT
unset HVGPU_POLICY
numbers=$(seq 100 199)
# The same numbers in another order: digits from behind, and those of one parity first.
shuffled=$(for i in $numbers; do echo "$((i * 37 % 101)) $i"; done | sort -n | cut -d ' ' -f 2)

# A site; every third has a name that sorts otherwise where letters count by language.
name() {
    case $(($1 % 3)) in
    0) echo "site-$1" ;;
    1) echo "Site_$1" ;;
    2) echo "site.$1" ;;
    esac
}
make() { # make FOLDER NUMBERS: the estate, its files made in this order
    mkdir -p "$1/sites" "$1/profiles" "$1/worlds"
    for i in $2; do
        site=$(name "$i")
        sed "s/de-ber-014/$site/g; s/ber014/n$i/g" "$TOP/examples/edge-a2/world.yaml" \
            >"$1/worlds/$i.yaml"
        printf '%s\n' 'apiVersion: hvgpu/v1' 'kind: Cluster' \
            "metadata: {name: $site, labels: {shape: edge, third: t$((i % 3))}}" 'spec:' \
            "  connect: {sim: ../worlds/$i.yaml}" >"$1/sites/$i.yaml"
    done
    cat >"$1/profiles/edge.yaml" <<'EOT'
apiVersion: hvgpu/v1
kind: Profile
metadata: {name: edge}
spec:
  appliesTo: {matchLabels: {shape: edge}}
  gpus:
    - {name: a2, match: {model: NVIDIA A2}, perNode: 1, partitions: 4}
  vms:
    - {names: <cluster>-vision-1..2, gpu: partition, power: running}
---
apiVersion: hvgpu/v1
kind: Profile
metadata: {name: third}
spec:
  appliesTo: {matchLabels: {third: t1}}
  priority: 10
  policy: {disruption: allowed}
EOT
}
make "$base/a" "$numbers"
make "$base/b" "$shuffled"
backwards=$(for i in $numbers; do echo "sites/$i.yaml"; done | LC_ALL=C sort -r)
mixed=$(for i in $shuffled; do echo "sites/$i.yaml"; done)

# German, where the machine has it; a locale that it lacks is as C, which says nothing.
locales="C C.UTF-8"
for l in de_DE.UTF-8 de_DE.utf8; do
    if locale -a 2>/dev/null | grep -qx "$l"; then
        locales="$locales $l"
        break
    fi
done
# run FOLDER LOCALE WORKERS FORMAT SPEC...
run() {
    cd "$base/$1" || exit 2
    locale=$2 workers=$3 format=$4
    shift 4
    LC_ALL=$locale LANG=$locale TZ=UTC "$HVGPU" plan --parallel "$workers" -o "$format" "$@" 2>&1
    echo "exit $?"
}
n=0
bad=0
for format in text json markdown html junit sarif dot; do
    n=$((n + 1))
    good=yes
    run a C 1 "$format" profiles sites >"$base/first"
    tail -n 1 "$base/first" | grep -qx 'exit [2-5]' || good=no
    count=1
    again() {
        count=$((count + 1))
        run "$@" | cmp -s - "$base/first" && return
        echo "# $format: another answer of: $1, locale $2, --parallel $3"
        good=no
    }
    for l in $locales; do
        again a "$l" 2 "$format" profiles sites
        again b "$l" 8 "$format" sites profiles
        again b "$l" 1 "$format" profiles sites
        again a "$l" 8 "$format" profiles sites
    done
    again b C 2 "$format" sites profiles sites
    while [ $count -lt 10 ]; do again b C 8 "$format" profiles sites; done
    # Named one by one, in whatever order.
    # shellcheck disable=SC2086
    run a C 1 "$format" profiles $backwards >"$base/first"
    # shellcheck disable=SC2086
    again b C 8 "$format" $mixed profiles
    if [ $good = yes ]; then
        echo "ok $n - $format of a hundred clusters, $count runs"
    else
        echo "not ok $n - $format of a hundred clusters"
        bad=1
    fi
done
echo "1..$n"
echo "# figure: locales $locales; 1, 2 and 8 workers"
exit $bad
