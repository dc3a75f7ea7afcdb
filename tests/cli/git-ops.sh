#!/bin/sh
# A change from its branch to the hosts, in real git repositories, by the scripts of
# contrib/pipelines: a bare origin, a clone of somebody who changes specs, and one of the runner
# that reaches the (simulated) hosts.  Then what is refused, with exit code and text.  TAP.
: "${HVGPU:?the program}" "${TOP:?the top of the tree}" "${TMPDIR:?a folder of its own}"
export HVGPU
scripts=$TOP/contrib/pipelines
base=$(mktemp -d "$TMPDIR/git-ops-XXXXXX") || exit 1
trap 'rm -rf "$base"' EXIT
XDG_STATE_HOME=$base/state GIT_CONFIG_GLOBAL=$base/gitconfig GIT_CONFIG_NOSYSTEM=1
export XDG_STATE_HOME GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM
unset HVGPU_POLICY HVGPU_BASE HVGPU_SNAPSHOTS HVGPU_APPROVALS HVGPU_MARK STATE_DIRECTORY
git config --global user.name Ann
git config --global user.email ann@example.com
git config --global init.defaultBranch main
git config --global advice.detachedHead false
n=0
bad=0
verdict() { # verdict WHAT: of the last command
    code=$?
    n=$((n + 1))
    if [ "$code" = 0 ]; then
        echo "ok $n - $1"
    else
        echo "not ok $n - $1"
        sed 's/^/# /' "$base/said"
        bad=1
    fi
}
# ends CODE TEXT COMMAND...: it ends so, and says so (TEXT is a basic regular expression; or '')
ends() {
    want=$1 text=$2
    shift 2
    "$@" >"$base/said" 2>&1
    got=$?
    [ "$got" = "$want" ] || echo "# wanted exit $want, got $got: $*"
    [ "$got" = "$want" ] || return 1
    [ -z "$text" ] || tr '\n' ' ' <"$base/said" | tr -s ' ' | grep -q -e "$text"
}
commit() { git add -A && git commit -q -m "$1"; }

# ---- an empty repository, and two sites ----

mkdir -p "$base/worlds"
for site in site-1 site-2; do
    cat >"$base/worlds/$site.yaml" <<EOT
apiVersion: hvgpu/v1
kind: World
metadata: {name: $site}
spec:
  now: 2026-11-19T13:00:00Z
  cluster: {name: $site}
  nodes:
    - name: $site-hv1
      build: 25398
      boot: 2026-11-01T01:00:00Z
      state: up
      gpus:
        - card: NVIDIA A2
          instance: 4&18416dc3&0&0000
          locationPath: PCIROOT(16)#PCI(0200)#PCI(0000)
          state: partitioned
          partitions: 4
  vms:
    - name: $site-app
      id: c0000000-0000-4000-8000-000000000001
      node: $site-hv1
      generation: 2
      power: running
      settings:
        automaticStopAction: ShutDown
        dynamicMemory: false
        checkpoints: disabled
        guestControlledCacheTypes: true
        mmio: {low: 1 GiB, high: 32 GiB}
      role: {offlineAction: 3}
      timing: {shutdown: 40s, start: 25s}
EOT
done
git init -q --bare "$base/origin.git"
git clone -q "$base/origin.git" "$base/change" 2>/dev/null
cd "$base/change" || exit 1
mkdir profiles sites policy snapshots ci
cp "$scripts"/*.sh "$scripts/pre-commit" ci/
for site in site-1 site-2; do
    cat >sites/$site.yaml <<EOT
apiVersion: hvgpu/v1
kind: Cluster
metadata: {name: $site, labels: {shape: small}}
spec:
  connect: {sim: ../../worlds/$site.yaml}
EOT
done
cat >profiles/small.yaml <<'EOT'
apiVersion: hvgpu/v1
kind: Profile
metadata: {name: small}
spec:
  appliesTo: {matchLabels: {shape: small}}
  gpus:
    - {name: a2, match: {model: NVIDIA A2}, partitions: 4}
  policy: {disruption: allowed}
EOT
for who in eva ben ann; do
    "$HVGPU" approve --new-key "$base/$who.key" >"$base/$who.out" 2>&1 || exit 1
    sed -n 's/.*\(ed25519:[A-Za-z0-9+\/=]*\).*/\1/p' "$base/$who.out" | head -n 1 >"$base/$who.pub"
done
# policy NEED WITH: NEED approvals of others than the author; WITH more rows below `spec:`
policy() {
    cat <<EOT
apiVersion: hvgpu/v1
kind: Policy
metadata: {name: limits}
spec:
  maxUnavailable: {vms: 4, nodes: 1}
  approvals:
    - when: {interrupts: 0}
      need: $1
      notAuthor: true
      signers:
        - {name: eva, key: "$(cat "$base/eva.pub")"}
        - {name: ben, key: "$(cat "$base/ben.pub")"}
        - {name: ann, key: "$(cat "$base/ann.pub")"}
$2
EOT
}
policy 1 >policy/limits.yaml
export HVGPU_POLICY=policy
commit "the sites as they are" && git push -q origin main
verdict "an empty repository has its first commit"
ends 0 'Nothing to do' "$HVGPU" apply --yes --no-input profiles sites
verdict "what is there is what is declared"
rm -f snapshots/*
ends 0 '' ci/nightly.sh profiles sites
git log -1 --format=%s | grep -qx 'snapshots: what was seen tonight' &&
    [ -s snapshots/site-1.json ] && git diff --quiet && git push -q origin main
verdict "the nightly run keeps snapshots in the repository"
ends 0 '' ci/nightly.sh profiles sites && [ "$(git rev-list --count HEAD)" = 2 ]
verdict "a night in which nothing happened makes no commit"

# ---- a change on a branch, and its review ----

git checkout -q -b app
printf '  vms:\n    - {name: <cluster>-app, gpu: partition}\n' >>profiles/small.yaml
commit "a partition for the app"
mv "$base/worlds" "$base/out-of-reach"
export HVGPU_BASE=origin/main
ends 0 'Held: 1 VM' ci/review.sh review profiles sites
verdict "the review sees what the change does, with no host in reach"
[ "$(cat review/exit)" = 5 ] && for f in plan.txt plan.html plan.xml plan.sarif findings.sarif \
    plan.md plans/site-1.json plans/site-2.json; do [ -s "review/$f" ] || echo "# no $f"; done |
    (! grep .)
verdict "it leaves comment, page, tests, findings and plans"
head -n 1 review/plan.md | grep -qx '<!-- hvgpu:plan key=specs -->' &&
    grep -q 'limits.yaml' review/plan.md
verdict "the comment has its mark, and says which line wants an approval"
/usr/bin/python3 - <<'EOT' >"$base/said" 2>&1
import json, xml.dom.minidom
for f in "plan.sarif", "findings.sarif":
    assert json.load(open("review/" + f))["version"] == "2.1.0"
plan = json.load(open("review/plans/site-1.json"))
assert plan["head"]["specs"] == ["profiles", "sites"], plan["head"]["specs"]
assert plan["base"]["name"] == "origin/main" and plan["base"]["commit"]
assert plan["head"]["revision"]["commit"] and not plan["head"]["revision"]["dirty"]
xml.dom.minidom.parse("review/plan.xml")
EOT
verdict "they are what they say: SARIF, JUnit, a plan held against origin/main"
cp review/plans/site-1.json "$base/first.json"
ends 0 '' ci/review.sh review profiles sites && cmp -s review/plans/site-1.json "$base/first.json"
verdict "the same change has the same plan, to the byte"

HVGPU_BASE=nowhere ends 64 'git knows no such revision' ci/review.sh other profiles sites &&
    head -n 1 other/plan.md | grep -qx '<!-- hvgpu:plan key=specs -->' &&
    grep -q '^    hvgpu: --base nowhere' other/plan.md
verdict "a base that is none: 64, and the comment says so"
cp profiles/small.yaml "$base/small.yaml"
sed -i 's/partitions: 4/partitions: @all/' profiles/small.yaml
ends 65 '' ci/review.sh other profiles sites
head -n 1 other/plan.md | grep -qx '<!-- hvgpu:plan key=specs -->' &&
    ! grep -v '^    ' other/plan.md | grep -q '@all' && [ ! -e other/plans/site-1.json ] &&
    grep -q '"ruleId"' other/findings.sarif
verdict "specs that are not valid: 65, a comment that calls nobody, and findings"
cp "$base/small.yaml" profiles/small.yaml
mv snapshots/site-2.json "$base/site-2.json"
ends 65 'site-2: .* cannot read snapshots/site-2.json' ci/review.sh other profiles sites &&
    [ -s other/plans/site-1.json ]
verdict "a site without a snapshot: 65, and the others have their plans"
cp "$base/site-2.json" snapshots/
policy 1 '  maxSnapshotAge: 1h' >"$base/young.yaml"
HVGPU_POLICY=$base/young.yaml ends 69 'maxSnapshotAge.*observe again\|not come yet; observe again' \
    ci/review.sh other profiles sites
verdict "snapshots older than the Policy wants: 69"

# ---- approval, merge, apply ----

approve() { # approve SITE WHO: signed, into approvals/
    "$HVGPU" approve "review/plans/$1.json" --reason "CHG0042" --key "$base/$2.key" \
        --out "approvals/$1-$2.json" >/dev/null 2>&1
}
mkdir approvals
approve site-1 eva && rm -rf other review/said && git status --short | grep -q '?? approvals/'
verdict "eva approves the plan that was reviewed"
rm -rf "$base/review" && mv review "$base/review"
commit "approved by eva"
git checkout -q main && git merge -q --no-ff -m "Merge the change" app && git push -q origin main
verdict "the change is merged"
mv "$base/out-of-reach" "$base/worlds"
git clone -q "$base/origin.git" "$base/runner" 2>/dev/null
cd "$base/runner" || exit 1
mkdir -p "$base/plans-1" "$base/plans-2"
cp "$base/review/plans/site-1.json" "$base/plans-1"
cp "$base/review/plans/site-2.json" "$base/plans-2"
unset HVGPU_BASE
ends 0 'Done and verified' ci/apply.sh "$base/plans-1"
verdict "the runner carries out that very plan"
grep -q "$(sed -n 's/^  "id": "\(.*\)",/\1/p' "$base/first.json")" "$base/said"
verdict "it is the plan of the review, by its id"
ends 0 '' "$HVGPU" drift profiles sites/site-1.yaml
verdict "nothing drifted"
ends 0 '' "$HVGPU" assert profiles sites/site-1.yaml
verdict "it is as declared"
"$HVGPU" history --limit 1 profiles sites/site-1.yaml >"$base/said" 2>&1
grep -q 'CHG0042' "$base/said"
verdict "the history has who approved it, and why"

# ---- what is refused ----

# shellcheck disable=SC2317 # ends() calls it
apply_2() { ci/apply.sh "$base/plans-2" "$@"; }
ends 6 'was used by run .* is stale: make the plan again' ci/apply.sh "$base/plans-1"
verdict "used twice: 6"
ends 5 'approv' apply_2
verdict "approved by nobody: 5"
cp approvals/site-1-eva.json "$base/other-site.json"
ends 5 'approv' apply_2 --approval "$base/other-site.json"
verdict "approved for another site: 5"
plan_2=$base/plans-2/site-2.json
"$HVGPU" approve "$plan_2" --reason "I say so" --out "$base/claim.json" >/dev/null 2>&1
ends 5 'not signed' apply_2 --approval "$base/claim.json"
verdict "approved by a claim, where signatures are asked for: 5"
"$HVGPU" approve "$plan_2" --reason "mine" --key "$base/ann.key" --out "$base/ann.json" \
    >/dev/null 2>&1
ends 5 'author' apply_2 --approval "$base/ann.json"
verdict "approved by the author: 5"

cp "$plan_2" "$base/kept.json"
"$HVGPU" observe profiles sites/site-2.yaml >"$base/before"
cp "$base/worlds/site-2.yaml" "$base/kept-world.yaml"
"$HVGPU" approve "$plan_2" --reason "fine" --key "$base/eva.key" --out "$base/eva.json" \
    >/dev/null 2>&1
sed -i 's/"power": "running"/"power": "stopped"/; s/power: running/power: stopped/' \
    "$base/worlds/site-2.yaml"
ends 6 'vm/site-2-app power: planned with running, now stopped' apply_2 --approval "$base/eva.json"
verdict "the world moved: 6, with object, field, planned and now"
cp "$base/kept-world.yaml" "$base/worlds/site-2.yaml"
cp profiles/small.yaml "$base/small.yaml"
sed -i 's/gpu: partition/gpu: none/' profiles/small.yaml
ends 6 'the spec of site-2 (sites/site-2.yaml) was .* when the plan was made, and is .* now' \
    apply_2 --approval "$base/eva.json"
verdict "the spec moved, by its profile: 6"
cp "$base/small.yaml" profiles/small.yaml
policy 1 '  protect: ["*-pay"]' >"$base/moved.yaml"
HVGPU_POLICY=$base/moved.yaml ends 6 'policy limits .* was .* when the plan was made' \
    apply_2 --approval "$base/eva.json"
verdict "the Policy moved: 6"
sed 's/"g1.s1"/"g1.s9"/' "$base/kept.json" >"$plan_2"
[ "$(wc -c <"$plan_2")" = "$(wc -c <"$base/kept.json")" ] && ! cmp -s "$plan_2" "$base/kept.json" &&
    ends 65 'edited-plan' apply_2 --approval "$base/eva.json"
verdict "one byte edited: 65"
cp "$base/kept.json" "$plan_2"
ends 65 '' apply_2 --approval "$base/kept.json"
verdict "an approval that is none: 65"
"$HVGPU" observe profiles sites/site-2.yaml 2>&1 | cmp - "$base/before" >"$base/said"
verdict "nothing was changed by any of these"

# Two are asked for: a new Policy, so a new plan.
policy 2 >policy/limits.yaml
commit "two must approve" && git push -q origin main
ends 0 '' ci/nightly.sh profiles sites
ends 0 '' ci/review.sh review profiles sites
mkdir -p "$base/approvals-2"
for who in eva ann; do
    "$HVGPU" approve review/plans/site-2.json --reason "CHG0043" --key "$base/$who.key" \
        --out "$base/approvals-2/$who.json" >/dev/null 2>&1
done
rm -f review/plans/site-1.json
HVGPU_APPROVALS=$base/approvals-2
export HVGPU_APPROVALS
ends 5 'author' ci/apply.sh review/plans
verdict "two are asked for, and one of two is the author: 5"
"$HVGPU" approve review/plans/site-2.json --reason "CHG0043" --key "$base/ben.key" \
    --out "$base/approvals-2/ben.json" >/dev/null 2>&1
ends 0 'Done and verified' ci/apply.sh review/plans
verdict "with ben it is done"
HVGPU_POLICY=$base/runner/policy
cd "$base/plans-1" && ends 65 'is not there .*apply it from the folder' \
    "$base/runner/ci/apply.sh" .
verdict "from another folder its world is not there: 65"
cd "$base" || exit 1
ends 64 usage "$scripts/apply.sh" nowhere && ends 64 usage "$scripts/review.sh" out &&
    ends 64 usage "$scripts/nightly.sh"
verdict "scripts that are called wrongly: 64"
echo "1..$n"
exit $bad
