#!/usr/bin/env bash
# Saves the state of the server on the branch SNAPSHOT_BRANCH, where a pipeline without a route to the server finds it.
# Neither secrets nor patient data are in it. The branch has a single commit, so nothing piles up.
set -euo pipefail
: "${SNAPSHOT_BRANCH:?is the name of a branch}"

mkdir -p out
orthanc-state snapshot --out out/snapshot.json "$@"

export GIT_AUTHOR_NAME=orthanc-state GIT_AUTHOR_EMAIL=orthanc-state@localhost
export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
blob=$(git hash-object -w out/snapshot.json)
tree=$(printf '100644 blob %s\tsnapshot.json\n' "$blob" | git mktree)
commit=$(git commit-tree -m "State of the server" "$tree")
git push --quiet --force origin "$commit:refs/heads/$SNAPSHOT_BRANCH"
