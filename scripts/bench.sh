#!/bin/sh
# Runs every benchmark, one after the other. Each prints a ratio against a peer or a physical limit measured in the same run.
set -eu
cd "$(dirname "$0")/.."
for bench in describe_limits profile describe forms search record_page oai store many_files upload; do
  echo "== bench/$bench.py"
  .venv/bin/python "bench/$bench.py"
done
