#!/bin/sh
# Makes an environment for each client of others that the tests speak with and that cannot share one: .venv/clients/<name>, from the
# pinned packages of requirements/clients/<name>.txt. One that cannot be had is told; its tests are then skipped, which they say.
# usage: scripts/clients.sh [name ...]
set -u
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- $(ls requirements/clients/*.txt | sed 's:.*/::; s:\.txt$::')
for name in "$@"; do
  list=requirements/clients/$name.txt
  home=.venv/clients/$name
  if [ -f "$home/.made" ] && cmp -s "$list" "$home/.made"; then continue; fi
  rm -rf "$home"
  echo "Installing the client $name into $home ..." >&2
  if [ -x .venv/bin/uv ] && .venv/bin/uv venv -q --python .venv/bin/python "$home" &&
    .venv/bin/uv pip install -q --python "$home/bin/python" --require-hashes -r "$list"; then
    cp "$list" "$home/.made"
  elif .venv/bin/python -m venv "$home" && "$home/bin/python" -m pip install -q --require-hashes -r "$list"; then
    cp "$list" "$home/.made"
  else
    rm -rf "$home"
    echo "The client $name cannot be had here: its tests will be skipped." >&2
  fi
done
