#!/usr/bin/env bash
# Applies out/plan.json, as ci/plan.sh has just made it, where it is the plan that the request showed before the merge.
# out/report.md is what came of it and is shown in the request too, out/journal.jsonl is what was sent.
set -euo pipefail

if grep -q '"in_sync": true' out/changes.json; then
  exit 0
fi
python ci/forge.py approved out/plan.md

code=0
orthanc-state apply --yes --journal out/journal.jsonl --format markdown out/plan.json > out/report.md || code=$?
if [[ -s out/report.md ]]; then
  cat out/report.md
  python ci/forge.py comment out/report.md
fi
exit "$code"
