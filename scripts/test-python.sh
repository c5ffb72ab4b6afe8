#!/usr/bin/env bash
# Lint, types and tests of the Python package, in a virtual environment of its own; without one, for
# want of a network, with what this Python has.
set -euo pipefail
cd "$(dirname "$0")/.."
python=.venv-python/bin/python
tools="pytest ruff mypy numpy pandas xarray matplotlib"

if ! "$python" -c "import $(echo $tools jax | tr ' ' ',')" 2>/dev/null; then
  rm -rf .venv-python
  if ! { python3 -m venv .venv-python &&
    "$python" -m pip install --quiet --disable-pip-version-check $tools jax optax; }; then
    rm -rf .venv-python
    if ! python3 -c 'import pytest' 2>/dev/null; then
      echo "skipping the tests of the Python package: $tools could not be installed"
      exit 0
    fi
    python=python3
  fi
fi

cd python
[ "$python" = python3 ] || python=$PWD/../$python
if "$python" -c 'import ruff, mypy' 2>/dev/null; then
  "$python" -m ruff check src tests
  "$python" -m ruff format --check src tests
  "$python" -m mypy
fi
# Small arrays: threads would only wait for each other.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 XLA_FLAGS=--xla_cpu_multi_thread_eigen=false
PYTHONPATH=$PWD/src "$python" -m pytest "$@"
