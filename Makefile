# Everything a developer or a CI machine calls. `make help` lists it. Builds are incremental; the folders are
# build/release, build/asan-ubsan, build/tsan, build/fuzz (see CMakePresets.json).
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

JOBS ?= $(shell nproc)
# More than two cores: the long tests wait for sockets and clocks most of the time.
TEST_JOBS ?= $(shell echo $$(($$(nproc) + 1)))
FUZZ_SECONDS ?= 60
KILLS ?= 200
KILL_SEED ?= 20261123
BENCH ?=
SEEDS ?= 1000
FIRST ?= 1
MINUTES ?= 10
SPEED ?= 20
CTEST := ctest --output-on-failure --no-tests=error -j$(TEST_JOBS)
CPP_FILES = git ls-files -co --exclude-standard '*.hpp' '*.cpp'

.PHONY: help setup build up sim soak kill test test-shipped test-release test-asan test-tsan bench bench-all fuzz format lint clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The stamp is named after the package list, so that a changed list is looked at again.
PACKAGES_KEY := $(shell cksum < tools/packages.txt | cut -d' ' -f1)
build/.packages-%-$(PACKAGES_KEY): tools/packages.txt tools/bootstrap.sh
	@tools/bootstrap.sh $*
	@mkdir -p build && rm -f build/.packages-$*-* && touch $@

setup: build/.packages-build-$(PACKAGES_KEY) ## install the Debian packages that are missing (root or sudo)

# Configuring again costs seconds; ninja does it by itself when a CMake file or the list of sources changes.
build/%/build.ninja: CMakePresets.json | setup
	cmake --preset $*

build: build/release/build.ninja ## build everything (release)
	cmake --build build/release -j $(JOBS)

sim: build/release/build.ninja ## simulate the whole system with faults, a third of a second a seed; SEEDS=1000 FIRST=1
	cmake --build build/release -j $(JOBS) --target system_simulation
	build/release/bin/system_simulation --first $(FIRST) --seeds $(SEEDS) --jobs $(JOBS)

soak: build/release/bin/parallax ## trade on simulated venues that misbehave, then compare everything; MINUTES=10 SPEED=20
	tools/soak.sh $(MINUTES) $(SPEED)

up: build/release/bin/parallax ## build and start Parallax against simulated venues; ARGS="--seconds 60" and the like
	build/release/bin/parallax up $(ARGS)

.PHONY: build/release/bin/parallax
build/release/bin/parallax: build/release/build.ninja
	cmake --build build/release -j $(JOBS) --target parallax

test: ## all tests under the address and undefined-behaviour sanitizers, then what the shipped binary has to show
	$(MAKE) test-asan
	$(MAKE) test-shipped

test-shipped: build/release/build.ninja ## the product as shipped: whole runs, kills, allocations, benchmarks that start, the sources
	cmake --build build/release -j $(JOBS) --target parallax release_tests
	cd build/release && $(CTEST) -L release

test-release: build ## all tests, release build
	cd build/release && $(CTEST)

test-asan: build/.packages-test-$(PACKAGES_KEY) build/asan-ubsan/build.ninja ## test programs under AddressSanitizer and UndefinedBehaviorSanitizer
	cmake --build build/asan-ubsan -j $(JOBS) --target tests
	cd build/asan-ubsan && $(CTEST) -L unit

test-tsan: build/.packages-test-$(PACKAGES_KEY) build/tsan/build.ninja ## test programs under ThreadSanitizer
	cmake --build build/tsan -j $(JOBS) --target tests
	cd build/tsan && $(CTEST) -L unit

bench: build build/.packages-prove-$(PACKAGES_KEY) ## measure every budget beside its reference, instructions included; BENCH=text picks
	@tools/budgets --only "$(BENCH)"

bench-all: build ## every benchmark there is, as it prints itself; BENCH=name-part picks programs
	@while read -r program; do \
	    if [[ $$program == *"$(BENCH)"* ]]; then echo "== $${program##*/}"; "$$program"; fi; \
	done < build/release/benches.txt

kill: build/release/build.ninja ## kill -9 a live run KILLS (200) times and compare it with the venues each time
	cmake --build build/release -j $(JOBS) --target kill_test
	KILLS=$(KILLS) KILL_SEED=$(KILL_SEED) build/release/bin/kill_test

fuzz: build/.packages-test-$(PACKAGES_KEY) build/.packages-prove-$(PACKAGES_KEY) build/fuzz/build.ninja ## fuzz every parser for FUZZ_SECONDS (60) each
	cmake --build build/fuzz -j $(JOBS) --target fuzzers
	FUZZ_SECONDS=$(FUZZ_SECONDS) tools/fuzz.sh

format: build/.packages-prove-$(PACKAGES_KEY) ## clang-format on what changed since origin; ALL=1 for all files
	@tools/lint.sh format $(if $(ALL),all,changed)

lint: build/.packages-test-$(PACKAGES_KEY) build/.packages-prove-$(PACKAGES_KEY) ## clang-tidy and format check on what changed; ALL=1 for all files
	@tools/lint.sh check $(if $(ALL),all,changed)

clean: ## remove all build folders
	rm -rf build
