//! Builds the dashboard bundle: WebAssembly and its JavaScript glue, the style sheet, and a few scripts and icons.

use std::fs;

use wasm_bindgen_cli_support::Bindgen;

use super::{
    Outcome,
    asset_files::{File, list},
    build_options::Plan,
    cargo_build::{NestedBuild, compile, shrink},
    script_minifier::{minify, strip},
    styles,
};

/// Optimizes for size, but does not inline functions that have a single caller. That way, brotli finds more repetition,
/// which saves a tenth of all bytes.
const PASSES: [&str; 4] =
    ["-Oz", "--one-caller-inline-max-function-size=0", "--enable-bulk-memory", "--enable-nontrapping-float-to-int"];

/// Writes the files, along with `dashboard.rs`, which lists them. Returns the files needed for the first load.
pub(super) fn write(plan: &Plan, widget_version: &str) -> Outcome<Vec<File>> {
    let public = |name: &str| fs::read_to_string(plan.root.join("public").join(name));
    let favicon = File::write(plan, "dashboard", "favicon.svg", public("favicon.svg")?.as_bytes())?;
    // This script imports the widget script of the same name. With the version in its URL, browsers can cache that
    // script too.
    let imported = "/concierge/v1/files.js";
    let files_script = minify(plan, "js", &public("files.js")?);
    if !files_script.contains(imported) {
        return Err(format!("public/files.js does not import {imported}").into());
    }
    let files_script = files_script.replace(imported, &format!("{imported}?v={widget_version}"));
    let files_script = File::write(plan, "dashboard", "files.js", files_script.as_bytes())?.hashed();
    let address = |file: &File| format!("/pkg/{}", file.name);
    let mut first_load = Vec::new();
    let mut source = String::new();
    // cargo-leptos uses these names.
    let mut addresses = ["/pkg/jumpin.js", "/pkg/jumpin.wasm", "/pkg/jumpin.css"].map(String::from);
    if plan.has_dashboard {
        let files_address = address(&files_script);
        println!("cargo::rustc-env=JUMPIN_FILES_SCRIPT={files_address}");
        let (glue, wasm) = compile_wasm(plan, &files_address)?;
        let style = minify(plan, "css", &styles::bundle(&plan.root.join("style"))?);
        for (name, bytes) in [("jumpin.js", glue.as_bytes()), ("jumpin.wasm", &wasm), ("jumpin.css", style.as_bytes())]
        {
            first_load.push(File::write(plan, "dashboard", name, bytes)?.hashed());
        }
        addresses = [&first_load[0], &first_load[1], &first_load[2]].map(address);
    }
    for (name, address) in ["SCRIPT", "WASM", "STYLE"].into_iter().zip(&addresses) {
        source +=
            &format!("/// A URL that every dashboard page loads.\npub(super) const {name}: &str = {address:?};\n");
    }
    let mut files = vec![favicon, files_script];
    files.append(&mut first_load);
    source += &list(&files);
    fs::write(plan.out.join("dashboard.rs"), source)?;
    Ok(files.split_off(2))
}

/// Compiles the dashboard's WebAssembly and glue.
fn compile_wasm(plan: &Plan, files_address: &str) -> Outcome<(String, Vec<u8>)> {
    let wasm = compile(
        plan,
        &NestedBuild {
            what: "dashboard",
            package: "jumpin",
            options: &["--no-default-features", "--features", "hydrate"],
            flags: &[],
            variables: &[("JUMPIN_FILES_SCRIPT", files_address)],
        },
    )?;
    let mut output = Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()?;
    let glue = strip(output.js());
    if glue.lines().any(|line| line.starts_with("import ")) {
        return Err("the dashboard's glue imports other scripts, which the server does not serve".into());
    }
    let path = plan.out.join("dashboard.wasm");
    fs::write(&path, output.wasm_mut().emit_wasm())?;
    shrink(plan, &path, &PASSES)?;
    Ok((minify(plan, "js", &glue), fs::read(path)?))
}
