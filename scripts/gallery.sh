#!/usr/bin/env bash
# Draws every figure of docs/gallery anew. To add one, add a line to the list below, and show it in
# docs/figures.md.
set -euo pipefail
cd "$(dirname "$0")/.."
gammaplane=${GAMMAPLANE:-.build/release/gammaplane}
results=results/gallery-of-figures

# The name of the file | its sweep, grids/SWEEP.yaml | the options of `render`
figures() {
  cat <<'LIST'
quickstart              | quickstart      |
phase-map               | gallery         | --title 'Phase diagram of two-layer ReLU networks'
phase-map-dark          | gallery         | --title 'Phase diagram of two-layer ReLU networks' --theme dark
trend-map               | gallery         | --figure trend-map --title 'Regimes of two-layer ReLU networks'
slope-map               | gallery         | --figure slope-map --title 'Slope of RD over the widths'
residual-map            | gallery         | --figure residual-map --title 'Exponent less theory'
quickstart-slopes       | quickstart      | --figure slope-map --title 'Slope over m = 10³ … 10⁵: quickstart'
crossover-map           | gallery         | --figure crossover-map --title 'Crossover widths'
limit                   | gallery         | --figure limit --point 1.25,0.5 --point 1.5,0.5 --point 1.75,0 --point 1,0.5 --title 'RD over all decades of the width'
orientation-map         | gallery         | --figure orientation-map --title 'Orientations after training'
phase-map-refined       | gallery-refined | --title 'A coarse grid, refined along the boundary'
stationary-map          | gallery-narrow  | --figure stationary-map --title 'Stationary runs of narrow networks'
phase-map-narrow        | gallery-narrow  | --title 'Narrow networks, with marks'
scaling                 | gallery         | --figure scaling --point 1.25,-0.5 --title 'RD against the width'
scaling-row             | gallery         | --figure scaling --gamma-prime -0.5 --title 'RD against the width along a row of the plane'
features                | gallery-neurons | --figure features --title 'Neurons before and after training'
trajectories            | gallery         | --figure trajectories --point 0.5,0 --point 1,0 --point 1.75,0 --title 'Training in the three regimes'
functions               | gallery         | --figure functions --title 'What is learned'
tanh                    | tanh            | --title 'Phase diagram: tanh'
functions-dark          | gallery         | --figure functions --title 'What is learned' --theme dark
LIST
}

sweeps() { figures | cut -d'|' -f2 | tr -d ' ' | sort -u; }

for sweep in $(sweeps); do
  "$gammaplane" run "grids/$sweep.yaml" --results "$results" >/dev/null
done
mkdir -p docs/gallery
while IFS='|' read -r name sweep options; do
  name=${name// /} sweep=${sweep// /}
  # The options are quoted as in a shell.
  eval "set -- $options"
  "$gammaplane" render "$sweep" --results "$results" "$@" --output "docs/gallery/$name.svg"
done < <(figures)
