#!/usr/bin/env bash
# Checks what a build needs and cannot bring along: a Swift toolchain and the headers of SQLite.
set -euo pipefail

if ! command -v swift >/dev/null; then
  echo "gammaplane: error: there is no Swift toolchain; install Swift 6.2 or later from https://swift.org/install" >&2
  exit 1
fi

has_sqlite() {
  echo '#include <sqlite3.h>' | "${CC:-clang}" -E - >/dev/null 2>&1 ||
    echo '#include <sqlite3.h>' | cc -E - >/dev/null 2>&1
}

has_sqlite && exit 0

install="apt-get install -y libsqlite3-dev"
if ! command -v apt-get >/dev/null; then
  echo "gammaplane: error: the development files of SQLite 3 are missing; install them with your package manager" >&2
  exit 1
fi
if [ "$(id -u)" = 0 ]; then
  run() { "$@"; }
elif sudo -n true 2>/dev/null; then
  run() { sudo -n "$@"; }
else
  echo "gammaplane: error: the development files of SQLite 3 are missing; install them and try again:" >&2
  echo "    sudo $install" >&2
  exit 1
fi
echo "gammaplane: installing libsqlite3-dev"
# shellcheck disable=SC2086
run env DEBIAN_FRONTEND=noninteractive $install >/dev/null ||
  { run apt-get update >/dev/null && run env DEBIAN_FRONTEND=noninteractive $install >/dev/null; } ||
  { echo "gammaplane: error: could not install libsqlite3-dev; try: sudo apt-get update && sudo $install" >&2; exit 1; }
has_sqlite || { echo "gammaplane: error: libsqlite3-dev is installed, but sqlite3.h is not found" >&2; exit 1; }
