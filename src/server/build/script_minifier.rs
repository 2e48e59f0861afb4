//! Minifies handwritten and generated scripts and style sheets. If esbuild was found, it does the work, which saves a
//! sixth of the loader. Otherwise, the build makes only simple changes that never affect the meaning of a line.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use super::{Outcome, build_options::Plan};

/// The oldest browsers that the bundles must run in (docs/embedding.md). esbuild replaces newer syntax.
const BROWSERS: &str = "--target=chrome111,firefox115,safari16.4";

/// Minifies a script (`js`) or a style sheet (`css`). Exported names stay the same. Without esbuild, or if it fails,
/// this only strips the source.
pub(super) fn minify(plan: &Plan, kind: &str, source: &str) -> String {
    let Some(esbuild) = &plan.esbuild else { return strip(source) };
    let run = || -> Outcome<String> {
        let format = (kind == "js").then_some("--format=esm");
        let mut program = Command::new(esbuild)
            .args(["--minify", "--charset=utf8", "--log-level=warning", BROWSERS, &format!("--loader={kind}")])
            .args(format)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        // Dropping the pipe tells esbuild that the source is complete. It reads everything before it writes.
        program.stdin.take().ok_or("no pipe")?.write_all(source.as_bytes())?;
        let output = program.wait_with_output()?;
        if !output.status.success() {
            return Err(output.status.to_string().into());
        }
        Ok(String::from_utf8(output.stdout)?)
    };
    run().unwrap_or_else(|error| {
        plan.is_optimized.set(false);
        println!("cargo::warning={} failed ({error}), so the scripts are larger than necessary", esbuild.display());
        strip(source)
    })
}

/// Strips indentation, blank lines and comment lines. No line of a template string in the sources may begin with a
/// comment marker.
pub(super) fn strip(source: &str) -> String {
    let mut stripped = String::with_capacity(source.len());
    let mut in_comment = false;
    for line in source.lines().map(str::trim) {
        in_comment |= line.starts_with("/*");
        if !in_comment && !line.is_empty() && !line.starts_with("//") {
            stripped += line;
            stripped.push('\n');
        }
        in_comment &= !line.ends_with("*/");
    }
    stripped
}

/// Renames an identifier in the glue to a short name and returns that name so that it can be used in the wasm. Returns
/// `None` if the glue does not contain the identifier.
pub(super) fn shorten(glue: &mut String, name: &str, kind: char, place: usize) -> Option<String> {
    let short = format!("_{kind}{place}");
    let mut renamed = String::with_capacity(glue.len());
    let mut found = false;
    let mut rest = glue.as_str();
    while let Some(at) = rest.find(name) {
        let end = at + name.len();
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '$';
        let is_whole = !rest[..at].ends_with(is_part) && !rest[end..].starts_with(is_part);
        renamed += &rest[..at];
        renamed += if is_whole { &short } else { name };
        found |= is_whole;
        rest = &rest[end..];
    }
    renamed += rest;
    *glue = renamed;
    found.then_some(short)
}
