# The one door to the checks. Each target can be run again and again.
.PHONY: test
test: ## everything that CI runs
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --document-private-items
	cargo test --workspace
