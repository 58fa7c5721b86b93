#!/bin/sh
# Builds the S3 server that the tests of the store use: Versity's gateway (Apache-2.0), which keeps objects as plain files of a folder and
# so outlives being killed. It goes to .cache, once for each version. Where Go or its module proxy is absent, it says so; the tests
# that need it then skip loudly.
set -eu
cd "$(dirname "$0")/.."
version=v1.8.0
target=.cache/s3/versitygw-$version
if [ ! -x "$target" ]; then
  if ! command -v go >/dev/null 2>&1; then
    echo "Go is missing: the tests against an S3 server will be skipped." >&2
    exit 0
  fi
  echo "Building the S3 server for the tests (once; some minutes) ..." >&2
  mkdir -p .cache/s3/build
  if GOBIN="$PWD/.cache/s3/build" GOFLAGS=-buildvcs=false go install "github.com/versity/versitygw/cmd/versitygw@$version" 2>.cache/s3/build.log; then
    mv .cache/s3/build/versitygw "$target"
  else
    echo "The S3 server could not be built (.cache/s3/build.log): the tests that need it will be skipped." >&2
    exit 0
  fi
fi
ln -sf "versitygw-$version" .cache/s3/versitygw
