#!/bin/sh
# Every document of examples/ is read with the same values by PyYAML and yq as by us, and yamllint
# has nothing to say: other tools of a pipeline see what we see.
#
# We give every scalar as it is written.  Another reader may make a number, a boolean or a date of
# it: then that must be written as the text is.  TAP.
: "${RUN_SAN:?the folder of the build with the tests}"
cd "${TOP:?the top of the tree}" || exit 2
n=0
bad=0
verdict() { # verdict CODE WHAT
    n=$((n + 1))
    if [ "$1" = 0 ]; then
        echo "ok $n - $2"
    else
        echo "not ok $n - $2"
        bad=1
    fi
}

# Without the lengths of lines: worlds have long rows.
rules='{extends: default, rules: {line-length: disable, document-start: disable,
    comments: {min-spaces-from-content: 1}, braces: {max-spaces-inside: 0},
    truthy: {allowed-values: ["true", "false"]}, octal-values: enable}}'

cat >"$TMPDIR/compare.py" <<'PY'
import datetime, json, subprocess, sys, yaml

def when(text):
    t = datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))
    return t if t.tzinfo else t.replace(tzinfo=datetime.timezone.utc)

def same(ours, theirs):
    if isinstance(theirs, dict):
        return (isinstance(ours, dict) and list(ours) == [str(k) for k in theirs]
                and all(same(ours[str(k)], v) for k, v in theirs.items()))
    if isinstance(theirs, list):
        return (isinstance(ours, list) and len(ours) == len(theirs)
                and all(same(a, b) for a, b in zip(ours, theirs)))
    if ours is None or theirs is None:
        return ours is theirs
    if not isinstance(ours, str):
        return False
    if isinstance(theirs, bool):
        return ours == ("true" if theirs else "false")
    if isinstance(theirs, datetime.datetime):
        return when(ours) == (theirs if theirs.tzinfo else
                              theirs.replace(tzinfo=datetime.timezone.utc))
    if isinstance(theirs, datetime.date):
        return ours == theirs.isoformat()
    return ours == str(theirs)

def where(ours, theirs, path=""):
    if isinstance(ours, dict) and isinstance(theirs, dict) and list(ours) == list(theirs):
        for key in ours:
            if not same(ours[key], theirs[key]):
                return where(ours[key], theirs[key], path + "." + key)
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        for i, row in enumerate(ours):
            if not same(row, theirs[i]):
                return where(row, theirs[i], path + "[%d]" % i)
    return "%s is %r here and %r there" % (path or ".", ours, theirs)

def run(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()

for path in sys.argv[2:]:
    ours = [json.loads(line) for line in run(sys.argv[1], path)]
    with open(path, encoding="utf-8") as f:
        seen = {"PyYAML": list(yaml.safe_load_all(f))}
    seen["yq"] = [json.loads(line) for line in run("/usr/bin/yq", "-c", ".", path)]
    for who, theirs in seen.items():
        if not same(ours, theirs):
            print("%s: %s: %s" % (path, who, where(ours, theirs)))
PY
compare() {
    /usr/bin/python3 "$TMPDIR/compare.py" "$RUN_SAN/unit/test_doc_dump" "$@"
}

# That the comparison can fail: what YAML 1.1 makes of these is not what is written.
for text in 'a: 22:00' 'a: no' 'a: 0x10' 'a: 1_000' 'a: 1.50' 'a: 010' 'on: a'; do
    printf '%s\n' "$text" >"$TMPDIR/bites.yaml"
    compare "$TMPDIR/bites.yaml" | grep -q PyYAML
    verdict $? "$text is told apart"
done

files=$(find examples -name '*.yaml' -o -name '*.json' | grep -v /expect/ | LC_ALL=C sort)
# shellcheck disable=SC2086
compare $files >"$TMPDIR/said"
verdict $? "every document is read by all"
# shellcheck disable=SC2046
yamllint -f parsable -s -d "$rules" $(echo "$files" | grep yaml$) >>"$TMPDIR/said"
for file in $files; do
    code=0
    grep "^$file:" "$TMPDIR/said" | sed 's/^/# /' >"$TMPDIR/here"
    test ! -s "$TMPDIR/here" || code=1
    cat "$TMPDIR/here"
    verdict $code "$file"
done
echo "1..$n"
exit $bad
