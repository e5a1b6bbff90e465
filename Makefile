# The verbs of this project; `make help` lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := release
JOBS ?= $(shell nproc)
# CI fails on warnings; a developer's newer compiler may know new ones.
WERROR := $(if $(CI),ON,OFF)

.PHONY: help release demo test unit asan lint format bench soak fuzz conformance fresh packages clean

help: ## This list.
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | \
	  awk -F '\t' '{printf "  make %-11s %s\n", $$1, $$2}'

packages: ## Install the Debian packages that are missing (root or sudo).
	@tools/install-packages

release: packages ## Build the optimised daemon and client in build/release.
	@cmake --preset release -DSCANCLOCK_WERROR=$(WERROR) >/dev/null
	cmake --build --preset release -j $(JOBS)

demo: release ## Run the main job for real, here and now (DEMO_SECONDS=60 ends by itself).
	@tools/demo

test: packages ## Build and run every test against real servers.
	@cmake --preset dev -DSCANCLOCK_WERROR=$(WERROR) >/dev/null
	cmake --build --preset dev -j $(JOBS)
	@if command -v clang++ >/dev/null; then $(MAKE) --no-print-directory fuzz-build; fi
	@tools/run-tests build/dev

unit: packages ## Run the tests that need no server.
	@cmake --preset dev -DSCANCLOCK_WERROR=$(WERROR) >/dev/null
	cmake --build --preset dev -j $(JOBS)
	@tools/run-tests build/dev unit component

asan: packages ## Run unit and component tests under the sanitizers.
	@cmake --preset asan >/dev/null
	cmake --build --preset asan -j $(JOBS)
	@tools/run-tests build/asan unit component

lint: packages ## Check format and the rules of the house.
	@tools/lint

format: packages ## Rewrite the sources in the project's format.
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format -i

bench: packages ## Run the benchmarks of bench/README.md.
	@tools/install-packages bench
	@cmake --preset bench >/dev/null
	cmake --build --preset bench -j $(JOBS)
	@bench/run

soak: packages ## Run the kill test for long (SOAK_ROUNDS, the seed is printed).
	@cmake --preset dev >/dev/null
	cmake --build --preset dev -j $(JOBS)
	@tools/soak

fuzz: packages fuzz-build ## Fuzz the parsers for FUZZ_SECONDS each (60).
	@tools/fuzz

fuzz-build:
	@cmake --preset fuzz >/dev/null
	cmake --build --preset fuzz -j $(JOBS)

conformance: release ## Drive it with programs of others: zot, cosign, oras, etcd, kube-apiserver.
	@tools/conformance

fresh: ## Run both commands in an empty Debian 12 root.
	@tools/fresh

clean: ## Remove build/.
	rm -rf build
