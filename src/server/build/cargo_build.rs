//! Runs a nested cargo build that compiles the dashboard or the widget to WebAssembly, and shrinks its output.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use super::{Outcome, build_options::Plan, progress::Progress};

const TRIPLE: &str = "wasm32-unknown-unknown";

/// The parameters of a nested build.
pub(super) struct NestedBuild<'a> {
    /// The name to use in messages: "dashboard" or "widget".
    pub(super) what: &'static str,
    /// The package whose library is built.
    pub(super) package: &'a str,
    /// Additional arguments for cargo, such as features.
    pub(super) options: &'a [&'a str],
    /// Additional compiler flags, for this library only.
    pub(super) flags: &'a [&'a str],
    /// Environment variables that the sources read at compile time.
    pub(super) variables: &'a [(&'a str, &'a str)],
}

/// Compiles a library to WebAssembly and returns the path to the resulting file.
pub(super) fn compile(plan: &Plan, nested: &NestedBuild<'_>) -> Outcome<PathBuf> {
    let mut progress = Progress::new(nested.what);
    progress.report("compiling");
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // `cdylib` must be the only crate type. With `["cdylib", "rlib"]`, cargo skips link-time optimization, which saves
    // a sixth of all bytes.
    cargo
        .current_dir(&plan.root)
        .args(["rustc", "--locked", "--package", nested.package, "--lib", "--crate-type", "cdylib"])
        .args(["--target", TRIPLE, "--profile", plan.profile()])
        .args(nested.options)
        // The outer cargo locks the default target directory.
        .arg("--target-dir")
        .arg(&plan.target)
        .arg("--")
        .args(nested.flags)
        .envs(nested.variables.iter().copied())
        // Both halves need this flag, no matter how the machine is configured. RUSTFLAGS, the settings of other
        // profiles, and wrappers such as clippy's are only meant for the outer build.
        .env("CARGO_ENCODED_RUSTFLAGS", "--cfg\u{1f}erase_components")
        .env_remove("RUSTFLAGS")
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        // `Progress` parses the progress bar.
        .env("CARGO_TERM_PROGRESS_WHEN", "always")
        .env("CARGO_TERM_PROGRESS_WIDTH", "100")
        .env("CARGO_TERM_COLOR", "never")
        .stderr(Stdio::piped());
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("CARGO_PROFILE_") || name == "CARGO_BUILD_TARGET") {
            cargo.env_remove(name);
        }
    }
    let mut child = cargo.spawn()?;
    let output = child.stderr.take().map(|stderr| progress.follow(stderr)).unwrap_or_default();
    if !child.wait()?.success() {
        eprintln!("{output}");
        return Err(match output.contains("can't find crate for `core`")
            || output.contains("target may not be installed")
        {
            true => format!("the {} needs the target {TRIPLE}; run `rustup target add {TRIPLE}`", nested.what),
            false => format!("failed to build the {}", nested.what),
        }
        .into());
    }
    progress.report("compiled");
    Ok(plan.target.join(TRIPLE).join(plan.profile()).join(nested.package).with_extension("wasm"))
}

/// Shrinks a file with `wasm-opt`, if it is available in this build. A failure does not fail the build, because the
/// original file works too.
pub(super) fn shrink(plan: &Plan, wasm: &Path, passes: &[&str]) -> Outcome<()> {
    let Some(wasm_opt) = &plan.wasm_opt else { return Ok(()) };
    let smaller = wasm.with_extension("small");
    let problem = match Command::new(wasm_opt).args(passes).arg(wasm).arg("-o").arg(&smaller).status() {
        Ok(status) if status.success() => return Ok(fs::rename(smaller, wasm)?),
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    };
    let file = wasm.file_name().unwrap_or_default().to_string_lossy();
    plan.is_optimized.set(false);
    println!("cargo::warning={} failed ({problem}), so {file} is larger than necessary", wasm_opt.display());
    Ok(())
}
