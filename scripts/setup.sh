#!/usr/bin/env bash
# Checks what a build needs and cannot bring along: Swift, and the headers of SQLite and zlib.
set -euo pipefail

if ! command -v swift >/dev/null; then
  echo "gammaplane: error: there is no Swift toolchain; install Swift 6.2 or later from https://swift.org/install" >&2
  exit 1
fi

has_headers() {
  printf '#include <%s>\n' sqlite3.h zlib.h | "${CC:-clang}" -E - >/dev/null 2>&1 ||
    printf '#include <%s>\n' sqlite3.h zlib.h | cc -E - >/dev/null 2>&1
}

has_headers && exit 0

packages="libsqlite3-dev zlib1g-dev"
install="apt-get install -y $packages"
missing="the development files of SQLite 3 or of zlib are missing"
if ! command -v apt-get >/dev/null; then
  echo "gammaplane: error: $missing; install them with your package manager" >&2
  exit 1
fi
if [ "$(id -u)" = 0 ]; then
  run() { "$@"; }
elif sudo -n true 2>/dev/null; then
  run() { sudo -n "$@"; }
else
  echo "gammaplane: error: $missing; install them and try again:" >&2
  echo "    sudo $install" >&2
  exit 1
fi
echo "gammaplane: installing $packages"
# shellcheck disable=SC2086
run env DEBIAN_FRONTEND=noninteractive $install >/dev/null ||
  { run apt-get update >/dev/null && run env DEBIAN_FRONTEND=noninteractive $install >/dev/null; } ||
  { echo "gammaplane: error: could not install $packages; try: sudo apt-get update && sudo $install" >&2; exit 1; }
has_headers || { echo "gammaplane: error: $packages are installed, but sqlite3.h or zlib.h is not found" >&2; exit 1; }
