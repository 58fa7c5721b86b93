#!/bin/sh
# Collects the words of the interface, brings src/shirushi/web/locale/ja up to date and compiles it; lists what still
# needs Japanese. Write it into the msgstr lines and run this again (make messages).
set -eu
cd "$(dirname "$0")/.."
exec .venv/bin/python -m shirushi.web.catalogues
