//! Builds the dashboard and the widget into `OUT_DIR`, where the server embeds them.
//!
//! Both are WebAssembly, so each is compiled by a nested cargo build (`build/cargo_build.rs`). What gets built depends
//! on the kind of build:
//!
//! | build | dashboard | widget |
//! |---|---|---|
//! | `cargo build --release`, `make run` | yes | yes |
//! | cargo-leptos (`make watch`), which compiles the dashboard itself | no | yes |
//! | a debug build: `cargo test`, `cargo check` in an editor | no | no |
//! | a debug build with `JUMPIN_BUNDLES=1` | yes | yes |
//!
//! A server without these bundles compiles and passes the tests, but it refuses to start.

#[cfg(feature = "ssr")]
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[cfg(feature = "ssr")]
#[path = "build/asset_files.rs"]
mod asset_files;
#[cfg(feature = "ssr")]
#[path = "build/budgets.rs"]
mod budgets;
#[cfg(feature = "ssr")]
#[path = "build/build_options.rs"]
mod build_options;
#[cfg(feature = "ssr")]
#[path = "build/cargo_build.rs"]
mod cargo_build;
#[cfg(feature = "ssr")]
#[path = "build/dashboard_bundle.rs"]
mod dashboard_bundle;
#[cfg(feature = "ssr")]
#[path = "build/progress.rs"]
mod progress;
#[cfg(feature = "ssr")]
#[path = "build/script_minifier.rs"]
mod script_minifier;
#[cfg(feature = "ssr")]
#[path = "build/styles.rs"]
mod styles;
#[cfg(feature = "ssr")]
#[path = "build/widget_bundle.rs"]
mod widget_bundle;

#[cfg(not(feature = "ssr"))]
fn main() {
    // The browser build embeds nothing. Without this line, cargo would rerun the script whenever any file changes.
    println!("cargo::rerun-if-changed=src/server/build.rs");
}

#[cfg(feature = "ssr")]
fn main() -> Outcome<()> {
    let plan = build_options::Plan::read()?;
    let widget = widget_bundle::write(&plan)?;
    let dashboard = dashboard_bundle::write(&plan, &widget.version)?;
    plan.describe()?;
    if plan.has_dashboard {
        budgets::write(&plan, &widget.files, &dashboard)?;
    }
    Ok(())
}
