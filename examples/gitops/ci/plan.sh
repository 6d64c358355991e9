#!/usr/bin/env bash
# Plans the documents that it is given: out/plan.json can be applied, out/plan.md is what a reviewer reads.
# With SNAPSHOT, a file, it plans against that instead of the server.
set -euo pipefail

against=()
if [[ -n ${SNAPSHOT:-} ]]; then
  against=(--against "$SNAPSHOT")
fi

mkdir -p out
orthanc-state plan "${against[@]}" --out out/plan.json --format markdown "$@" > out/plan.md

# A comment has a limit and a plan has none: with the digest of all of it, equal comments are of equal plans.
orthanc-state show --json out/plan.json > out/changes.json
digest=$(sha256sum < out/changes.json)
printf '\nDigest of the whole plan: %s\n' "${digest%% *}" >> out/plan.md

cat out/plan.md
