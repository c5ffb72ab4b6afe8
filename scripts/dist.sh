#!/usr/bin/env bash
# The tarball for machines without Swift: dist.sh PROGRAMS SHARE FOLDER. PROGRAMS has the two programs,
# SHARE what share.sh has made; FOLDER gets gammaplane-VERSION-SYSTEM-MACHINE.tar.xz and SHA256SUMS.
set -euo pipefail
programs=$1 share=$2 folder=$3
top=$(dirname "$0")/..

version=$("$programs/gammaplane" --version)
version=${version%% *}
name=gammaplane-$version-$(uname -s | tr '[:upper:]' '[:lower:]')-$(uname -m)
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
root=$staging/$name

mkdir -p "$root/bin" "$root/share/doc/gammaplane" "$root/share/gammaplane"
for program in gammaplane gammaplane-worker; do
  install -m 755 "$programs/$program" "$root/bin/$program"
  strip "$root/bin/$program"
done
cp -R "$share/." "$root/share/"
cp -R "$top/grids" "$root/share/gammaplane/grids"
cp "$top/LICENSE" "$top/README.md" "$top/CHANGELOG.md" "$top/CITATION.cff" "$root/share/doc/gammaplane/"
find "$root" -type f ! -path '*/bin/*' -exec chmod 644 {} +
find "$root" -type d -exec chmod 755 {} +
(cd "$root" && find . -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort | xargs sha256sum > SHA256SUMS)

mkdir -p "$folder"
rm -f "$folder/$name.tar.xz"
# The same content gives the same bytes.
tar -C "$staging" --sort=name --owner=0 --group=0 --numeric-owner --mtime='2000-01-01 00:00Z' \
  -c "$name" | xz -T0 -6 > "$folder/$name.tar.xz"
(cd "$folder" && find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%P\n' | LC_ALL=C sort \
  | xargs sha256sum > SHA256SUMS)
echo "$folder/$name.tar.xz"
