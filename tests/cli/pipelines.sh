#!/bin/sh
# What lies in contrib/pipelines beside the way of git-ops.sh: the comment, with programs in the
# place of gh and curl that record what is asked of them; the three YAML files, the shell in them
# and the scripts they name; the pre-commit hook.  TAP.
: "${HVGPU:?the program}" "${TOP:?the top of the tree}" "${TMPDIR:?a folder of its own}"
export HVGPU
scripts=$TOP/contrib/pipelines
base=$(mktemp -d "$TMPDIR/pipelines-XXXXXX") || exit 1
trap 'rm -rf "$base"' EXIT
GIT_CONFIG_GLOBAL=$base/gitconfig GIT_CONFIG_NOSYSTEM=1
export GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM base
unset HVGPU_POLICY HVGPU_SPECS
n=0
bad=0
: >"$base/said"
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

# ---- the comment ----

mkdir "$base/bin"
# Answers $base/answer, through the filter of --jq as gh does.
cat >"$base/bin/gh" <<'EOT'
#!/bin/sh
printf '%s\n' "$@" >>"$base/arguments"
filter=
method=GET
while [ $# -gt 0 ]; do
    case $1 in
    --jq) filter=$2 && shift ;;
    --method) method=$2 && shift ;;
    body=@*) cp "${1#body=@}" "$base/sent" ;;
    esac
    shift
done
[ "$method" != GET ] || jq -r "$filter" "$base/answer"
EOT
# Answers $base/answer; what it reads on its standard input is its configuration.
cat >"$base/bin/curl" <<'EOT'
#!/bin/sh
cat >>"$base/input"
printf '%s\n' "$@" >>"$base/arguments"
while [ $# -gt 0 ]; do
    case $1 in
    body@*) cp "${1#body@}" "$base/sent" ;;
    @*) cp "${1#@}" "$base/sent" ;;
    esac
    shift
done
cat "$base/answer"
EOT
chmod +x "$base/bin/gh" "$base/bin/curl"
PATH=$base/bin:$PATH
GH_TOKEN=secret-token GITHUB_REPOSITORY=org/sites PULL_REQUEST=12
GITLAB_TOKEN=secret-token CI_API_V4_URL=https://gitlab.example/api/v4 CI_PROJECT_ID=7
CI_MERGE_REQUEST_IID=12 SYSTEM_ACCESSTOKEN=secret-token
SYSTEM_COLLECTIONURI=https://dev.azure.example/org/ SYSTEM_TEAMPROJECT=gpu
BUILD_REPOSITORY_ID=sites SYSTEM_PULLREQUEST_PULLREQUESTID=12
export GH_TOKEN GITHUB_REPOSITORY PULL_REQUEST GITLAB_TOKEN CI_API_V4_URL CI_PROJECT_ID
export CI_MERGE_REQUEST_IID SYSTEM_ACCESSTOKEN SYSTEM_COLLECTIONURI SYSTEM_TEAMPROJECT
export BUILD_REPOSITORY_ID SYSTEM_PULLREQUEST_PULLREQUESTID
cd "$TOP" || exit 1
"$HVGPU" plan -o markdown --mark specs --out "$base/plan.md" examples/edge-a2/spec.yaml \
    >/dev/null 2>&1
[ "$(head -n 1 "$base/plan.md")" = '<!-- hvgpu:plan key=specs -->' ]
verdict "a plan begins with the mark that the script looks for"

# post PLATFORM ANSWER: what was asked is in $base/arguments, what was sent in $base/sent
post() {
    rm -f "$base/arguments" "$base/input" "$base/sent"
    : >"$base/input"
    printf '%s' "$2" >"$base/answer"
    "$scripts/comment.sh" "$1" "$base/plan.md" >"$base/said" 2>&1
}
asked() { # asked LINE...: each is an argument
    for line; do
        grep -qxF -e "$line" "$base/arguments" || echo "# not asked: $line"
        grep -qxF -e "$line" "$base/arguments" || return 1
    done
}
no_token() { ! grep -q secret-token "$base/arguments" "$base/said"; }
its_token() { grep -q "^header = \".*secret-token\"\$" "$base/input"; }
other='<!-- hvgpu:plan key=other -->'
mark='<!-- hvgpu:plan key=specs -->'

post github "[{\"id\":4,\"body\":\"$other\\nx\"},{\"id\":5,\"body\":\"talk of $mark\"}]"
asked POST repos/org/sites/issues/12/comments && cmp -s "$base/sent" "$base/plan.md" && no_token
verdict "github: a comment is made where none begins with the mark"
post github "[{\"id\":4,\"body\":\"$other\"},{\"id\":9,\"body\":\"$mark\\nthe last plan\"}]"
asked PATCH repos/org/sites/issues/comments/9 && cmp -s "$base/sent" "$base/plan.md" && no_token
verdict "github: it is replaced the second time"

notes=https://gitlab.example/api/v4/projects/7/merge_requests/12/notes
post gitlab "[{\"id\":4,\"body\":\"$other\"}]"
asked POST "$notes" && cmp -s "$base/sent" "$base/plan.md" && no_token && its_token
verdict "gitlab: a comment is made, and the token is no argument"
post gitlab "[{\"id\":4,\"body\":\"$other\"},{\"id\":9,\"body\":\"$mark\\nthe last plan\"}]"
asked PUT "$notes/9" && cmp -s "$base/sent" "$base/plan.md" && no_token && its_token
verdict "gitlab: it is replaced the second time"

threads=https://dev.azure.example/org/gpu/_apis/git/repositories/sites/pullRequests/12/threads
post azure '{"value":[{"id":3,"comments":[{"id":1,"content":null}]}]}'
asked POST "$threads?api-version=7.1" && no_token && its_token &&
    [ "$(jq -r '.comments[0].content' "$base/sent")" = "$(cat "$base/plan.md")" ]
verdict "azure: a thread is made, and the token is no argument"
post azure "{\"value\":[{\"id\":3,\"comments\":[{\"id\":1,\"content\":\"$mark\\nthe last\"}]}]}"
asked PATCH "$threads/3/comments/1?api-version=7.1" && no_token && its_token &&
    [ "$(jq -r .content "$base/sent")" = "$(cat "$base/plan.md")" ]
verdict "azure: it is replaced the second time"
echo "no mark" >"$base/other.md"
"$scripts/comment.sh" github "$base/other.md" >"$base/said" 2>&1
[ $? = 65 ] && grep -q 'does not begin with a mark' "$base/said"
verdict "what has no mark is not posted: 65"
"$scripts/comment.sh" gitea "$base/plan.md" >"$base/said" 2>&1
[ $? = 64 ]
verdict "another platform: 64"

# ---- the pipelines ----

mkdir "$base/blocks"
/usr/bin/python3 - "$scripts" "$base/blocks" <<'EOT' >"$base/said" 2>&1
import os, re, sys, yaml
scripts, blocks = sys.argv[1:]
found = []
def shell(node, key=None):
    if isinstance(node, dict):
        for k, v in node.items():
            shell(v, k)
    elif isinstance(node, list):
        for v in node:
            shell(v, key)
    elif key in ("run", "bash", "script") and isinstance(node, str):
        found.append(node)
for name in "github.yml", "gitlab.yml", "azure.yml":
    text = open(os.path.join(scripts, name)).read()
    before = len(found)
    shell(yaml.safe_load(text))
    assert len(found) - before >= 3, name
    for script in re.findall(r"ci/([a-z-]+\.sh)", text):
        path = os.path.join(scripts, script)
        assert os.access(path, os.X_OK), f"{name} names {script}"
    for job in "review.sh", "comment.sh", "apply.sh", "nightly.sh":
        assert "ci/" + job in text, f"{name} has no {job}"
    for line in text.splitlines():
        assert len(line) <= 100, f"{name}: {line}"
for i, block in enumerate(found):
    with open(os.path.join(blocks, f"{i}.sh"), "w") as f:
        f.write("#!/bin/bash\n" + block + "\n")
EOT
verdict "the three files are YAML, and every script they name is there"
shellcheck --exclude SC2154,SC2153 "$base"/blocks/*.sh >"$base/said" 2>&1
verdict "the shell in them is clean"
shellcheck "$scripts"/*.sh "$scripts/pre-commit" >"$base/said" 2>&1
verdict "the scripts are clean"

# ---- the hook ----

git init -q "$base/repository" && cd "$base/repository" || exit 1
git config user.name Ann && git config user.email ann@example.com
mkdir sites policy
cp "$scripts/pre-commit" .git/hooks/pre-commit
HVGPU_SPECS=sites
export HVGPU_SPECS
sed 's/world.yaml/..\/world.yaml/' "$TOP/examples/edge-a2/spec.yaml" >sites/a.yaml
echo 'on: [push]' >.pipeline.yml
git add -A && git commit -q -m good >"$base/said" 2>&1
verdict "the hook lets a good spec pass"
echo 'partitions: [' >>sites/a.yaml
git add -A
! git commit -q -m bad >"$base/said" 2>&1 && grep -q 'sites/a.yaml:[0-9]*' "$base/said" &&
    [ "$(git rev-list --count HEAD)" = 1 ]
verdict "it refuses one that is not valid, with its place"
git show HEAD:sites/a.yaml >sites/a.yaml
! git commit -q -m bad >"$base/said" 2>&1
verdict "what counts is what would be committed, not what lies in the folder"
git add -A
echo 'partitions: [' >>sites/a.yaml
echo words >README.md && git add README.md && git commit -q -m words >"$base/said" 2>&1
verdict "a commit without specs is nobody's business"
printf 'apiVersion: hvgpu/v1\nkind: Policy\nmetadata: {name: p}\nspec: {disruption: naver}\n' \
    >policy/p.yaml
git add policy
! git commit -q -m policy >"$base/said" 2>&1 && grep -q 'policy/p.yaml:4' "$base/said"
verdict "it refuses a Policy that is not valid"
echo "1..$n"
exit $bad
