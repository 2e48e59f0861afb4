//! What this build makes, and how: read once from what cargo says.

use std::{
    cell::Cell,
    env, fs,
    path::{Path, PathBuf},
};

use super::Outcome;

/// What every build embeds or reads, relative to the root of the repository.
const COMMON_SOURCES: [&str; 8] = [
    "src/server/build.rs",
    "src/server/build",
    "src/widget",
    "src/protocol",
    "public/favicon.svg",
    "public/files.js",
    "Cargo.toml",
    "Cargo.lock",
];
/// What only the dashboard's bundle is made of. In other builds these must not run the script again.
const DASHBOARD_SOURCES: [&str; 3] = ["src/lib.rs", "src/dashboard", "style"];

/// What is built, where from, and where to.
pub(super) struct Plan {
    /// The root of the repository.
    pub(super) root: PathBuf,
    /// Cargo's `OUT_DIR`.
    pub(super) out: PathBuf,
    /// The target folder of the nested builds, inside the outer one.
    pub(super) target: PathBuf,
    /// The dashboard is compiled and embedded.
    pub(super) has_dashboard: bool,
    /// The widget is compiled and embedded.
    pub(super) has_widget: bool,
    /// Everything that makes the bundles small is done, whatever it takes. Otherwise this is the quick build of `make run`.
    pub(super) is_complete: bool,
    /// `wasm-opt`, when a complete build has found it.
    pub(super) wasm_opt: Option<PathBuf>,
    /// `wasm-opt` has not failed.
    pub(super) is_optimized: Cell<bool>,
}

impl Plan {
    /// Reads cargo's variables and tells cargo when to run this script again.
    pub(super) fn read() -> Outcome<Self> {
        let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
        let out = PathBuf::from(env::var("OUT_DIR")?);
        let is_release = env::var("PROFILE")? == "release";
        let is_watched = env::var_os("LEPTOS_OUTPUT_NAME").is_some();
        let is_bundled = is_release || env::var("JUMPIN_BUNDLES").is_ok_and(|value| value == "1");
        let has_dashboard = is_release || (is_bundled && !is_watched);
        let has_widget = is_bundled || is_watched;
        let sources = COMMON_SOURCES.iter().chain(DASHBOARD_SOURCES.iter().filter(|_| has_dashboard));
        for source in sources {
            println!("cargo::rerun-if-changed={}", root.join(source).display());
        }
        for name in ["LEPTOS_OUTPUT_NAME", "JUMPIN_BUNDLES", "JUMPIN_WASM_OPT"] {
            println!("cargo::rerun-if-env-changed={name}");
        }
        if (has_dashboard || is_watched) && env::var_os("CARGO_CFG_ERASE_COMPONENTS").is_none() {
            return Err("the flag `--cfg erase_components` is missing, which .cargo/config.toml sets: build inside the \
                        repository, and when RUSTFLAGS or rustflags of your own replace that line, repeat the flag there"
                .into());
        }
        // TARGET/[TRIPLE/]PROFILE/build/PACKAGE/out. Cargo does not pass the profile's name.
        let profile = out.ancestors().nth(3).and_then(Path::file_name).unwrap_or_default();
        let is_complete = is_release && profile != "quick";
        let triple = env::var_os("TARGET").unwrap_or_default();
        let target = out.ancestors().skip(4).find(|folder| folder.file_name() != Some(&triple)).unwrap_or(&out);
        let target = target.join("bundles");
        let wasm_opt = (is_complete && has_widget).then(find_wasm_opt).flatten();
        match &wasm_opt {
            Some(program) => println!("cargo::rerun-if-changed={}", program.display()),
            None if is_complete && has_widget => println!(
                "cargo::warning=wasm-opt was not found, so dashboard and widget are larger than they could be (`make release` installs it)"
            ),
            None => {}
        }
        Ok(Self { root, out, target, has_dashboard, has_widget, is_complete, wasm_opt, is_optimized: Cell::new(true) })
    }

    /// Cargo's name of the profile of the nested builds (Cargo.toml).
    pub(super) fn profile(&self) -> &'static str {
        if self.is_complete { "wasm-release" } else { "wasm-quick" }
    }

    /// `build_info.rs`: what `jumpin check` says of this program.
    pub(super) fn describe(&self) -> Outcome<()> {
        let mut omitted_features = Vec::new();
        if !self.has_dashboard {
            omitted_features.push("the dashboard");
        }
        if !self.has_widget {
            omitted_features.push("the widget");
        }
        if !self.is_complete {
            omitted_features.extend(["full optimization", "link-time optimization", "compressed files"]);
        }
        if self.wasm_opt.is_none() || !self.is_optimized.get() {
            omitted_features.push("wasm-opt");
        }
        let info = format!(
            "/// What this build leaves out; nothing, in a release.\npub(super) const OMITTED_FEATURES: &[&str] = &{omitted_features:?};\n"
        );
        Ok(fs::write(self.out.join("build_info.rs"), info)?)
    }
}

/// The one that `JUMPIN_WASM_OPT` names, or the one on PATH.
fn find_wasm_opt() -> Option<PathBuf> {
    if let Some(named) = env::var_os("JUMPIN_WASM_OPT") {
        return Some(named.into());
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join("wasm-opt")).find(|program| program.is_file())
}
