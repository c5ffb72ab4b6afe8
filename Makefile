# Two commands do everything: `make demo` draws a phase diagram, `make test` runs the tests.

SHELL := /bin/bash
RELEASE := .build/release
# Programs that run on any node, whatever its C library, with nothing to install there; lld does not
# repeat the warnings of the archives of the toolchain.
FLAGS = --static-swift-stdlib -Xswiftc -use-ld=lld $(STATIC)
# Where there are static archives of the C library, SQLite and zlib: Debian's packages have them.
STATIC = $(shell echo 'int main(void) { return 0; }' | cc -static -x c - -lsqlite3 -lz -lm -o /dev/null \
	2>/dev/null && echo -Xswiftc -static-executable)
SOURCES := $(shell find Sources -type f) Package.swift

.PHONY: help setup build demo test test-all test-slurm bench bench-peers bench-compare accuracy docs share dist wheel \
	test-python test-dist gallery reproduced lint format clean

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: ## check for Swift, SQLite and zlib, install the last two where that is allowed
	@bash scripts/setup.sh

# What the programs say they were built from; the file changes when that does.
.build/commit: FORCE
	@mkdir -p .build
	@git describe --always --dirty --abbrev=12 --exclude '*' 2>/dev/null > $@.new || : > $@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@
FORCE:

$(RELEASE)/.built: export GAMMAPLANE_COMMIT = $(shell cat .build/commit)
$(RELEASE)/.built: $(SOURCES) .build/commit | setup
	swift build -c release $(FLAGS) --product gammaplane
	swift build -c release $(FLAGS) --product gammaplane-worker
	@touch $@

build: $(RELEASE)/.built ## the programs, optimised, in .build/release

demo: build ## draw the phase map of grids/quickstart.yaml
	$(RELEASE)/gammaplane run grids/quickstart.yaml

test: setup ## all tests but the slow ones, in under five minutes
	swift build --build-tests
	swift test --skip-build --skip '$(ARITHMETIC)'
	swift test --skip-build --filter '$(ARITHMETIC)'

# These keep both cores busy for minutes, and keep tests that wait for a process from it.
ARITHMETIC := ^(NetworksTests|LimitFitTests)\.

# One target after the other: hours of arithmetic would keep tests with time limits waiting.
test-all: setup ## all tests
	swift build --build-tests
	for tests in $(notdir $(wildcard Tests/*)); do \
		GAMMAPLANE_SLOW_TESTS=1 swift test --skip-build --filter "^$$tests\." || exit 1; \
	done

test-slurm: setup ## all tests on a real Slurm, in about five minutes (apt-get install --no-install-recommends slurm-wlm munge)
	swift build --build-tests
	GAMMAPLANE_SLOW_TESTS=1 swift test --skip-build --filter SlurmTests

bench: build ## speed and memory, beside their targets (BENCH="sampling memory …" for some)
	swift build -c release $(FLAGS) --product gammaplane-bench
	python3 Benchmarks/bench.py $(BENCH)

bench-peers: ## install JAX into .venv-bench, for the comparison with gradient descent
	python3 -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r Benchmarks/peers/requirements.txt

bench-compare: ## compare two results of bench: A=… B=…
	@python3 Benchmarks/compare.py "$(or $(A),A)" "$(or $(B),B)"

# Only the runs that are missing are made; the coverage tests take some minutes.
accuracy: build ## write docs/accuracy.md: the fit of grids/wide.yaml against theory, and its coverage
	mkdir -p results/wide
	$(RELEASE)/gammaplane run grids/wide.yaml
	$(RELEASE)/gammaplane fit grids/wide.yaml --json > results/wide/fit.json
	$(RELEASE)/gammaplane export phase-map grids/wide.yaml --format jsonl --output results/wide/phase-map.jsonl
	swift build --build-tests
	set -o pipefail; GAMMAPLANE_SLOW_TESTS=1 swift test --skip-build --filter CoverageTests | tee results/wide/coverage.txt
	python3 scripts/accuracy.py results/wide/fit.json results/wide/phase-map.jsonl results/wide/coverage.txt > docs/accuracy.md.new
	mv docs/accuracy.md.new docs/accuracy.md

docs: build ## write docs/commands.md and docs/grid.schema.json, which the program tells
	python3 scripts/commands.py $(RELEASE)/gammaplane > docs/commands.md.new
	mv docs/commands.md.new docs/commands.md
	$(RELEASE)/gammaplane schema > docs/grid.schema.json.new
	mv docs/grid.schema.json.new docs/grid.schema.json

dist: share ## the tarball for machines without Swift, in dist
	scripts/dist.sh $(RELEASE) .build/share dist

wheel: share ## the Python package, alone and with the programs, in dist
	python3 scripts/wheel.py $(RELEASE) .build/share dist

# Programs are those of PATH or .build, and what needs them is skipped without; likewise PyTorch, JAX.
test-python: ## lint, types and tests of the Python package; installs its tools into .venv-python
	scripts/test-python.sh

test-dist: dist wheel ## run quickstart from tarball and wheel: empty root, old userland, clean environment
	python3 -m unittest discover --start-directory Tests/Distribution --verbose
	GAMMAPLANE_SLOW_TESTS=1 scripts/test-python.sh tests/test_wheel.py

share: build ## completions for bash, zsh and fish, man pages and the schema of grids, in .build/share
	scripts/share.sh $(RELEASE)/gammaplane .build/share

# What is listed in scripts/gallery.sh, from grids/gallery*.yaml; a minute.
gallery: build ## draw the figures of docs/gallery anew
	scripts/gallery.sh

reproduced: build ## make the figures of docs/reproduced.md anew: the literature, ten minutes
	scripts/reproduced.sh

lint: ## check the style
	swift format lint --strict --recursive --parallel Sources Tests Benchmarks Package.swift

format: ## apply the style
	swift format --in-place --recursive --parallel Sources Tests Benchmarks Package.swift

clean: ## remove everything that was built; results stay
	rm -rf .build .venv-bench .venv-python dist
