//! Builds the visitor's bundle (widget, loader, frame) into `OUT_DIR`, where the server embeds it.
//!
//! cargo-leptos builds one wasm, the dashboard's; so the widget is built here, by a cargo of its own in a target folder of
//! its own, because the outer cargo holds the lock of the usual one. Only for the server, and only under cargo-leptos
//! (`LEPTOS_OUTPUT_NAME`): an editor's `cargo check` stays cheap, and a server without a widget refuses to start.

#[cfg(feature = "ssr")]
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

#[cfg(feature = "ssr")]
#[path = "build/bundle.rs"]
mod bundle;
#[cfg(feature = "ssr")]
#[path = "build/glue.rs"]
mod glue;
#[cfg(feature = "ssr")]
#[path = "build/weight.rs"]
mod weight;

#[cfg(not(feature = "ssr"))]
fn main() {
    // The browser's half embeds nothing: without a line here cargo would run this script at each change of any file.
    println!("cargo::rerun-if-changed=src/server/build.rs");
}

#[cfg(feature = "ssr")]
fn main() -> Outcome<()> {
    bundle::write()
}
