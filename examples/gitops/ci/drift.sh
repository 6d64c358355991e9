#!/usr/bin/env bash
# Compares the server with the documents that it is given, and keeps one issue open for as long as they differ.
# Exit code 2, which fails the job, when they do.
set -euo pipefail

mkdir -p out
code=0
orthanc-state drift --format markdown "$@" > out/drift.md || code=$?
cat out/drift.md
case $code in
  0) python ci/forge.py close-issue out/drift.md ;;
  2) python ci/forge.py open-issue out/drift.md ;;
  *) ;; # it could not be told: what is wrong was said
esac
exit "$code"
