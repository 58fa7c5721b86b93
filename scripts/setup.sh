#!/bin/sh
# Makes .venv and installs the pinned packages, each checked against the hashes in requirements/*.txt.
# usage: scripts/setup.sh run|dev
set -eu
cd "$(dirname "$0")/.."
set_name=$1
python=${PYTHON:-python3}

"$python" - <<'PY' || { echo "shirushi needs Python 3.11 or later as '$python'. Set PYTHON, for example: make run PYTHON=python3.12" >&2; exit 1; }
import sys
sys.exit(sys.version_info < (3, 11))
PY
if [ ! -x .venv/bin/python ]; then
  "$python" -m venv .venv || {
    echo "Could not make .venv. On Debian and Ubuntu: apt-get install python3-venv" >&2
    rm -rf .venv
    exit 1
  }
fi
echo "Installing the pinned packages into .venv (once; about a minute) ..." >&2
# uv is several times faster; where it does not run, or does not know this network's settings, pip does the same work.
pip="env PIP_DISABLE_PIP_VERSION_CHECK=1 .venv/bin/python -m pip install -q"
$pip --require-hashes --only-binary :all: -r requirements/uv.txt 2>/dev/null || echo "uv is not to be had here; going on with pip." >&2
if [ -x .venv/bin/uv ] && .venv/bin/uv pip install -q --require-hashes -r "requirements/$set_name.txt"; then
  .venv/bin/uv pip install -q --no-deps --no-build-isolation -e .
else
  $pip --require-hashes -r "requirements/$set_name.txt"
  $pip --no-deps --no-build-isolation -e .
fi
touch .venv/.run
[ "$set_name" = run ] || touch .venv/.dev
