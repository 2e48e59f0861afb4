//! This build's options, read from the environment variables that cargo sets.

use std::{
    cell::Cell,
    env, fs,
    path::{Path, PathBuf},
};

use super::Outcome;

/// The sources used by every build, relative to the repository root.
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
/// The sources used only by the dashboard bundle. In other builds, changing them must not rerun the script.
const DASHBOARD_SOURCES: [&str; 3] = ["src/lib.rs", "src/dashboard", "style"];

/// What to build, from which sources, and where to put the result.
pub(super) struct Plan {
    /// The repository root.
    pub(super) root: PathBuf,
    /// Cargo's `OUT_DIR`.
    pub(super) out: PathBuf,
    /// The target directory for nested builds, inside the outer target directory.
    pub(super) target: PathBuf,
    /// Whether the dashboard is compiled and embedded.
    pub(super) has_dashboard: bool,
    /// Whether the widget is compiled and embedded.
    pub(super) has_widget: bool,
    /// Whether the bundles are fully optimized, no matter how long that takes. If not, this is the quick build for
    /// `make run`.
    pub(super) is_complete: bool,
    /// The path to `wasm-opt`, if a complete build found it.
    pub(super) wasm_opt: Option<PathBuf>,
    /// The path to `esbuild`, if a complete build found it.
    pub(super) esbuild: Option<PathBuf>,
    /// Whether `wasm-opt` and `esbuild` have succeeded so far.
    pub(super) is_optimized: Cell<bool>,
}

impl Plan {
    /// Reads cargo's variables and tells cargo when to rerun this script.
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
        for name in ["LEPTOS_OUTPUT_NAME", "JUMPIN_BUNDLES", "JUMPIN_WASM_OPT", "JUMPIN_ESBUILD"] {
            println!("cargo::rerun-if-env-changed={name}");
        }
        if (has_dashboard || is_watched) && env::var_os("CARGO_CFG_ERASE_COMPONENTS").is_none() {
            return Err("the flag `--cfg erase_components` from .cargo/config.toml is missing; build inside the repository, and if your \
                        own RUSTFLAGS or rustflags override that file, add the flag there"
                .into());
        }
        // TARGET/[TRIPLE/]PROFILE/build/PACKAGE/out. Cargo does not pass the name of the profile.
        let profile = out.ancestors().nth(3).and_then(Path::file_name).unwrap_or_default();
        let is_complete = is_release && profile != "quick";
        let triple = env::var_os("TARGET").unwrap_or_default();
        let target = out.ancestors().skip(4).find(|folder| folder.file_name() != Some(&triple)).unwrap_or(&out);
        let target = target.join("bundles");
        let [wasm_opt, esbuild] = [("wasm-opt", "JUMPIN_WASM_OPT"), ("esbuild", "JUMPIN_ESBUILD")].map(|(name, variable)| {
            let found = (is_complete && has_widget).then(|| find_tool(name, variable)).flatten();
            match &found {
                Some(program) => println!("cargo::rerun-if-changed={}", program.display()),
                None if is_complete && has_widget => println!(
                    "cargo::warning={name} was not found, so the dashboard and the widget are larger than necessary (`make release` installs it)"
                ),
                None => {}
            }
            found
        });
        let is_optimized = Cell::new(true);
        Ok(Self { root, out, target, has_dashboard, has_widget, is_complete, wasm_opt, esbuild, is_optimized })
    }

    /// Returns the name of the profile for the nested builds (see Cargo.toml).
    pub(super) fn profile(&self) -> &'static str {
        if self.is_complete { "wasm-release" } else { "wasm-quick" }
    }

    /// Writes `build_info.rs`, which tells `jumpin check` what this build leaves out.
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
        if self.wasm_opt.is_none() || self.esbuild.is_none() || !self.is_optimized.get() {
            omitted_features.push("minification");
        }
        let info = format!(
            "/// What this build leaves out. Empty in a release build.\npub(super) const OMITTED_FEATURES: &[&str] = &{omitted_features:?};\n"
        );
        Ok(fs::write(self.out.join("build_info.rs"), info)?)
    }
}

/// Returns the program that the environment variable specifies. If the variable is not set, returns the one on `PATH`.
fn find_tool(name: &str, variable: &str) -> Option<PathBuf> {
    if let Some(named) = env::var_os(variable) {
        return Some(named.into());
    }
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.is_file())
}
