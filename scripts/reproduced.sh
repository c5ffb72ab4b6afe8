#!/usr/bin/env bash
# Draws the figures of docs/reproduced.md anew from the grids of the literature; ten minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
gammaplane=${GAMMAPLANE:-.build/release/gammaplane}

# The name of the file | its sweep, grids/SWEEP.yaml | the options of `render`
figures() {
  cat <<'LIST'
xzz25-fig6-tanh   | xzz25-fig6-tanh   | --figure features --title 'XZZ25, Fig. 6: tanh at epoch 100'
xzz25-fig6-x-tanh | xzz25-fig6-x-tanh | --figure features --title 'XZZ25, Fig. 6: x·tanh x at epoch 200'
xzz25-fig8        | xzz25-fig8        | --figure features --title 'XZZ25, Fig. 8: dropout and none'
luo2021-1d        | luo2021-1d        | --figure scaling --point 0.5,0 --point 1,0 --point 1.75,0 --title 'LXMZ21, Fig. 3: RD against the width'
LIST
}

while IFS='|' read -r name sweep options; do
  name=${name// /} sweep=${sweep// /}
  "$gammaplane" run "grids/$sweep.yaml" >/dev/null
  # The options are quoted as in a shell.
  eval "set -- $options"
  "$gammaplane" render "$sweep" "$@" --output "docs/gallery/$name.svg"
done < <(figures)
