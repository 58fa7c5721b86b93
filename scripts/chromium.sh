#!/bin/sh
# Installs Debian's Chromium and a Japanese font, which the browser tests need. Without root, or where there is no apt, it says so; those
# tests then skip loudly.
set -eu
if command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1; then
  exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "Chromium is missing and cannot be installed without root and apt: the browser tests will be skipped." >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
(apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk) >/dev/null 2>&1 ||
  echo "Chromium could not be installed: the browser tests will be skipped." >&2
