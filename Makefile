# Two commands do everything: `make demo` draws a phase diagram, `make test` runs the tests.

SHELL := /bin/bash
RELEASE := .build/release
# A program that runs on any node, with nothing to install there; lld does not repeat the warnings of the
# archives of the toolchain.
FLAGS := --static-swift-stdlib -Xswiftc -use-ld=lld
SOURCES := $(shell find Sources -type f) Package.swift

.PHONY: help setup build demo test test-all bench bench-peers bench-compare lint format clean

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: ## check for Swift and SQLite, install SQLite where that is allowed
	@bash scripts/setup.sh

$(RELEASE)/.built: $(SOURCES) | setup
	swift build -c release $(FLAGS) --product phasesweep
	swift build -c release $(FLAGS) --product phasesweep-worker
	@touch $@

build: $(RELEASE)/.built ## the programs, optimised, in .build/release

demo: build ## draw the phase map of grids/quickstart.yaml
	$(RELEASE)/phasesweep run grids/quickstart.yaml

test: setup ## all tests but the slow ones, in under five minutes
	swift build --build-tests
	swift test --skip-build

test-all: setup ## all tests
	swift build --build-tests
	PHASESWEEP_SLOW_TESTS=1 swift test --skip-build

bench: setup ## speed and memory as ratios, beside their targets (BENCH="sampling memory …" for some)
	swift build -c release $(FLAGS) --product phasesweep-bench
	python3 Benchmarks/bench.py $(BENCH)

bench-peers: ## install JAX into .venv-bench, for the comparison with gradient descent
	python3 -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check -r Benchmarks/peers/requirements.txt

bench-compare: ## compare two results of bench: A=… B=…
	@python3 Benchmarks/compare.py "$(or $(A),A)" "$(or $(B),B)"

lint: ## check the style
	swift format lint --strict --recursive --parallel Sources Tests Benchmarks Package.swift

format: ## apply the style
	swift format --in-place --recursive --parallel Sources Tests Benchmarks Package.swift

clean: ## remove everything that was built; results stay
	rm -rf .build .venv-bench
