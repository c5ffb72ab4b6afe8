# Two commands do everything: `make demo` draws a phase diagram, `make test` runs the tests.

SHELL := /bin/bash
RELEASE := .build/release
# A program that runs on any node, with nothing to install there; lld does not repeat the warnings of the
# archives of the toolchain.
FLAGS := --static-swift-stdlib -Xswiftc -use-ld=lld
SOURCES := $(shell find Sources -type f) Package.swift

.PHONY: help setup build demo test test-all lint format clean

help: ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

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

lint: ## check the style
	swift format lint --strict --recursive --parallel Sources Tests Package.swift

format: ## apply the style
	swift format --in-place --recursive --parallel Sources Tests Package.swift

clean: ## remove everything that was built; results stay
	rm -rf .build
