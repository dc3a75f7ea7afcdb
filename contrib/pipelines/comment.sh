#!/bin/sh
# Puts the comment into the pull request, in place of the one before.
#
#   comment.sh github|gitlab|azure FILE
#
# The first line of FILE is a mark that stays the same; the comment that begins
# with it is replaced, and made when there is none.
#
# github  GH_TOKEN, GITHUB_REPOSITORY, PULL_REQUEST          gh
# gitlab  GITLAB_TOKEN, CI_API_V4_URL, CI_PROJECT_ID,
#         CI_MERGE_REQUEST_IID                               curl, jq
# azure   SYSTEM_ACCESSTOKEN, SYSTEM_COLLECTIONURI,
#         SYSTEM_TEAMPROJECT, BUILD_REPOSITORY_ID,
#         SYSTEM_PULLREQUEST_PULLREQUESTID                   curl, jq
#
# A token goes to curl through its standard input, never as an argument.
set -eu
case "${1:-}" in
github | gitlab | azure) platform=$1 ;;
*) platform= ;;
esac
if [ $# != 2 ] || [ -z "$platform" ] || [ ! -r "$2" ]; then
    echo "usage: comment.sh github|gitlab|azure FILE" >&2
    exit 64
fi
file=$2
mark=$(head -n 1 "$file")
case $mark in
'<!-- hvgpu:'*' -->') ;;
*)
    echo "comment.sh: $file does not begin with a mark; make it with: hvgpu plan -o markdown" >&2
    exit 65
    ;;
esac

# call HEADER [CURL-ARGUMENT...]
call() {
    header=$1
    shift
    printf 'header = "%s"\n' "$header" |
        curl --config - --fail --silent --show-error --retry 3 "$@"
}

github() {
    comments=repos/$GITHUB_REPOSITORY/issues/$PULL_REQUEST/comments
    id=$(MARK=$mark gh api --paginate "$comments" \
        --jq '.[] | select(.body | startswith(env.MARK)) | .id' | head -n 1)
    if [ -n "$id" ]; then
        gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$id" -F "body=@$file"
    else
        gh api --method POST "$comments" -F "body=@$file"
    fi >/dev/null
}

gitlab() {
    notes=$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes
    page=1
    id=
    while [ -z "$id" ]; do
        found=$(call "PRIVATE-TOKEN: $GITLAB_TOKEN" "$notes?per_page=100&page=$page")
        id=$(printf '%s' "$found" | jq -r --arg mark "$mark" \
            'first(.[] | select(.body | startswith($mark)) | .id) // empty')
        [ "$(printf '%s' "$found" | jq length)" = 100 ] || break
        page=$((page + 1))
    done
    if [ -n "$id" ]; then
        call "PRIVATE-TOKEN: $GITLAB_TOKEN" --request PUT --data-urlencode "body@$file" "$notes/$id"
    else
        call "PRIVATE-TOKEN: $GITLAB_TOKEN" --request POST --data-urlencode "body@$file" "$notes"
    fi >/dev/null
}

azure() {
    threads=$SYSTEM_COLLECTIONURI$SYSTEM_TEAMPROJECT/_apis/git/repositories/$BUILD_REPOSITORY_ID
    threads=$threads/pullRequests/$SYSTEM_PULLREQUEST_PULLREQUESTID/threads
    bearer="Authorization: Bearer $SYSTEM_ACCESSTOKEN"
    at=$(call "$bearer" "$threads?api-version=7.1" | jq -r --arg mark "$mark" \
        'first(.value[] | . as $t | .comments[]? |
           select((.content // "") | startswith($mark)) | "\($t.id)/comments/\(.id)") // empty')
    if [ -n "$at" ]; then
        method=PATCH
        to=$threads/$at
        body=$(jq -Rs '{content: .}' <"$file")
    else
        method=POST
        to=$threads
        body=$(jq -Rs '{comments: [{parentCommentId: 0, content: ., commentType: "text"}],
                        status: "closed"}' <"$file")
    fi
    sent=$(mktemp)
    trap 'rm -f "$sent"' EXIT
    printf '%s' "$body" >"$sent"
    call "$bearer" --request "$method" --header 'Content-Type: application/json' \
        --data-binary "@$sent" "$to?api-version=7.1" >/dev/null
}

$platform
