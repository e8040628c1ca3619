# Front door to set-up, build, tests and demo. `make` alone lists the targets.
BUILD := build/release
FUZZ := build/fuzz
JOBS ?= 2
FUZZ_HOURS ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup configure build tools fuzzers test test-full nightly lockstep fuzz bench demo clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup:  ## install the packages of packages.txt (only what is missing)
	@./setup.sh

configure: setup
	@cmake --preset release --log-level=NOTICE

build: configure  ## compile everything into build/release
	@cmake --build $(BUILD) -j $(JOBS) $(if $(VERBOSE),--verbose)

tools: configure  ## compile the command line tools only, without tests
	@cmake --build $(BUILD) -j $(JOBS) --target agcc agc-opt agc-run agc-objdump agc-as $(if $(VERBOSE),--verbose)

lockstep: configure  ## 10^6 random instructions, simulator against Verilog (LOCKSTEP="--instructions N --seed S --memory M")
	@cmake --build $(BUILD) -j $(JOBS) --target agc-lockstep $(if $(VERBOSE),--verbose)
	@$(BUILD)/bin/agc-lockstep $(LOCKSTEP)

# A build of its own: sanitizers and libFuzzer need clang and instrumented code.
fuzzers: setup
	@cmake --preset fuzz --log-level=NOTICE
	@cmake --build $(FUZZ) -j $(JOBS) --target agc-fuzz $(if $(VERBOSE),--verbose)

test: build fuzzers  ## build, then run every test but the long ones, and each fuzz target for a minute
	@ctest --test-dir $(BUILD) -j $(JOBS) --output-on-failure --no-tests=error -LE full
	@ctest --test-dir $(FUZZ) -j $(JOBS) --output-on-failure --no-tests=error -L fuzz

nightly: test-full  ## test-full, then every mutant of the RTL
	@cmake --build $(BUILD) --target rtl_mutants

test-full: build fuzzers  ## build, then run every test, full-size co-simulation included
	@ctest --test-dir $(BUILD) -j $(JOBS) --output-on-failure --no-tests=error
	@ctest --test-dir $(FUZZ) -j $(JOBS) --output-on-failure --no-tests=error -L fuzz

fuzz: fuzzers  ## fuzz for FUZZ_HOURS=1 hours with JOBS=2 workers; goes on where the last call ended
	@python3 -B tests/fuzz/fuzz.py --bin $(FUZZ)/bin --seeds $(FUZZ)/tests/fuzz/seeds --work build/fuzz-work --hours $(FUZZ_HOURS) --workers $(JOBS)

bench: tools  ## measure all that has a bar (minutes); MODELS="a.onnx b.onnx" for other networks
	@.venv/bin/python -B tests/perf/bars.py --tools $(BUILD)/bin $(MODELS)

demo: tools  ## decode a photograph with the example codec, in the simulator and in Verilog
	@.venv/bin/python -B examples/lic_plain/demo.py --tools $(BUILD)/bin --out build/demo

clean:  ## remove what was built; .venv stays
	@rm -rf build
