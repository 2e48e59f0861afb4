# The commands of the README. Each can be run again and again, says what it does, and installs what it lacks (.ci/tools).
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: run watch release sizes bench test check fuzz advisories end2end promises postgres help

tools   := $(or $(JUMPIN_TOOLS),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/jumpin/tools)
export PATH := $(tools)/bin:$(PATH)
target  := $(or $(CARGO_TARGET_DIR),target)

help: ## this list
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

run: release ## the demo: a shop, a dashboard and twelve visitors (first time: up to half an hour for tools and build)
	$(target)/release/jumpin demo --visitors 12

watch: ## build and run the demo anew at each edit of dashboard, server or widget
	.ci/tools build
	cargo leptos watch -- demo --visitors 3

release: ## the program and the dashboard's files, ready to be copied together: target/release/jumpin and target/site
	.ci/tools build
	@echo "building release (about 6 minutes the first time)"
	cargo leptos build --release --precompress

sizes: ## bytes over the wire of what `make release` has built, beside their budgets
	@.ci/sizes $(target)

bench: release ## every budget of speed and memory on this machine, beside peers (QUICK=1: with less of everything)
	.ci/tools test
	cargo build --release -p load --bin jumpin-load
	npm ci --silent --no-fund --no-audit --prefix src/load/bench/peers
	node src/load/bench/run.mjs

check: ## what finds a mistake without running anything
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --features ssr -- -D warnings
	cargo clippy --lib --target wasm32-unknown-unknown --features hydrate -- -D warnings
	cargo clippy -p widget --target wasm32-unknown-unknown -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items --features ssr
	cargo deny --all-features check bans licenses sources

fuzz: ## what reads a stranger's bytes and words, fed by chance for longer than in the tests: make fuzz SECONDS=60
	BOLERO_RANDOM_ITERATIONS=1000000000 BOLERO_RANDOM_TEST_TIME_MS=$(or $(SECONDS),60)000 \
		cargo test -p protocol -p engine -p widget --lib any_

advisories: ## known holes in what Cargo.lock names (needs the advisory database, so a network)
	cargo deny --all-features check advisories

end2end: release ## the stories in a real browser
	cd end2end && JUMPIN_BIN=$(abspath $(target))/release/jumpin npx playwright test

promises: ## what we promise, each tried with its fault: ONLY=01 SEEDS=200 SEED=1 FULL=1 (08 and 09 need `make release`)
	cargo test --workspace --features ssr --test promises -- $(ONLY) $(if $(SEEDS),--seeds $(SEEDS)) $(if $(SEED),--seed $(SEED)) $(if $(FULL),--full)

postgres: ## the store's tests and all stories on PostgreSQL: make postgres DATABASE_URL=postgres://user:password@host/database
	@[ -n "$$DATABASE_URL" ] || { echo "make postgres: say where PostgreSQL is, DATABASE_URL=postgres://user:password@host/database; its user makes and drops a database for each test"; exit 1; }
	cargo test --workspace --features ssr --lib --test stories

test: ## everything that CI runs
	.ci/tools test
	$(MAKE) check
	env -u DATABASE_URL cargo test --workspace --features ssr
ifdef DATABASE_URL
	$(MAKE) postgres
else
	@echo
	@echo "SKIPPED: everything on PostgreSQL. To test it too, set DATABASE_URL=postgres://user:password@host/database;"
	@echo "its user makes a database for each test, and drops it."
	@echo
endif
	$(MAKE) release sizes
	$(MAKE) end2end
