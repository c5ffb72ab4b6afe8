#!/usr/bin/env bash
# What belongs beside the program: share.sh PROGRAM FOLDER. Shells and man find it in the folder
# `share` of any prefix, such as /usr/local.
set -euo pipefail
program=$(realpath "$1") folder=$2
scripts=$(dirname "$0")

completions() { mkdir -p "$(dirname "$folder/$2")" && "$program" --generate-completion-script "$1" > "$folder/$2"; }

rm -rf "$folder"
completions bash bash-completion/completions/gammaplane
completions zsh zsh/site-functions/_gammaplane
completions fish fish/vendor_completions.d/gammaplane.fish
python3 "$scripts/manual.py" "$program" "$folder/man/man1"
mkdir -p "$folder/gammaplane"
"$program" schema > "$folder/gammaplane/grid.schema.json"
