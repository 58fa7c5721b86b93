#!/bin/sh
# Writes the lock files: every package pinned, with the hashes of all its files, and no registry named.
# Run it after changing pyproject.toml or requirements/*.in (make lock). Needs the network and uv from the .venv.
set -eu
cd "$(dirname "$0")/.."
lock() {
  out=$1
  shift
  .venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
    --no-emit-index-url --no-emit-find-links "$@" -o "requirements/$out.txt"
}
lock dev --all-extras pyproject.toml requirements/build.in requirements/dev.in
lock run pyproject.toml requirements/build.in -c requirements/dev.txt
lock serve --extra s3 --extra postgresql pyproject.toml requirements/build.in -c requirements/dev.txt
lock uv requirements/uv.in
lock postgres requirements/postgres.in
for name in requirements/clients/*.in; do
  lock "clients/$(basename "$name" .in)" "$name"
done
