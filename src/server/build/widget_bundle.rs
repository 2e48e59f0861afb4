//! Builds the widget bundle that visitors' browsers load: loader, frame, style sheet, glue and WebAssembly.

use std::{fs, path::Path};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest as _, Sha256};
use wasm_bindgen_cli_support::{Bindgen, EncodeInto};

use super::{
    Outcome,
    asset_files::{File, hash_of, list},
    build_options::Plan,
    cargo_build::{NestedBuild, compile, shrink},
    script_minifier::{minify, shorten, strip},
};

/// A second round after flattening saves another one percent.
const PASSES: [&str; 6] = ["-Oz", "--converge", "--flatten", "--rereloop", "-Oz", "-Oz"];

/// The widget bundle.
pub(super) struct Widget {
    /// All files, including the frame's page.
    pub(super) files: Vec<File>,
    /// A hash of all files.
    pub(super) version: String,
}

/// Writes the files, along with `widget.rs`, which lists them.
pub(super) fn write(plan: &Plan) -> Outcome<Widget> {
    let read = |name: &str| fs::read_to_string(plan.root.join("src/widget").join(name));
    let mut files = Vec::new();
    for name in ["loader.js", "files.js", "rating.js", "unreachable.js", "widget.css"] {
        let kind = name.rsplit('.').next().unwrap_or_default();
        files.push(File::write(plan, "widget", name, minify(plan, kind, &read(name)?).as_bytes())?);
    }
    let (glue, wasm) = if plan.has_widget { compile_wasm(plan)? } else { (String::new(), Vec::new()) };
    files.push(File::write(plan, "widget", "widget.js", minify(plan, "js", &glue).as_bytes())?);
    files.push(File::write(plan, "widget", "widget_bg.wasm", &wasm)?);
    let (style, script, frame) =
        (minify(plan, "css", &read("launcher.css")?), minify(plan, "js", &read("boot.js")?), read("frame.html")?);
    let hashes = files.iter().map(|file| file.hash.as_bytes());
    let version = hash_of(hashes.chain([style.as_bytes(), script.as_bytes(), frame.as_bytes()]));
    let script = script.replace("{{version}}", &version);
    let frame = frame.replace("{{style}}", &style).replace("{{script}}", &script);
    let source = list(&files) + &constants(&version, &frame, &[("STYLE", &style), ("SCRIPT", &script)]);
    fs::write(plan.out.join("widget.rs"), source)?;
    files.push(File::write(plan, "widget", "frame.html", frame.as_bytes())?);
    Ok(Widget { files, version })
}

/// Compiles the WebAssembly and its glue, and shortens the names that they share.
fn compile_wasm(plan: &Plan) -> Outcome<(String, Vec<u8>)> {
    let wasm = compile(
        plan,
        &NestedBuild {
            what: "widget",
            package: "widget",
            options: &[],
            // The default 1 MiB stack would be the largest part of the widget's memory.
            flags: &["-Clink-arg=-zstack-size=65536"],
            variables: &[],
        },
    )?;
    // Bundler mode only emits functions. boot.js fetches and starts the wasm.
    let mut output = Bindgen::new()
        .input_path(wasm)
        .typescript(false)
        .encode_into(EncodeInto::Always)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()?;
    let mut glue = strip(output.start().ok_or("wasm-bindgen generated no glue")?);
    let wasm = output.wasm_mut();
    for (place, import) in wasm.imports.iter_mut().enumerate() {
        let name = shorten(&mut glue, &import.name, 'i', place);
        import.name = name.ok_or_else(|| format!("the widget's glue does not contain `{}`", import.name))?;
        import.module = "widget".into();
    }
    let mut unused = Vec::new();
    for (place, export) in wasm.exports.iter_mut().enumerate() {
        // These are referenced by name: memory by the glue, __wbindgen_start by boot.js, start by the glue for boot.js.
        if !["memory", "__wbindgen_start", "start"].contains(&export.name.as_str()) {
            match shorten(&mut glue, &export.name, 'e', place) {
                Some(short) => export.name = short,
                None => unused.push(export.id()),
            }
        }
    }
    for id in unused {
        wasm.exports.delete(id);
    }
    let path = plan.out.join("widget.wasm");
    fs::write(&path, wasm.emit_wasm())?;
    shrink(plan, Path::new(&path), &PASSES)?;
    Ok((glue, fs::read(path)?))
}

/// Returns Rust source that contains the version, the frame's page, and the hashes of its inlined files.
fn constants(version: &str, frame: &str, inlined: &[(&str, &str)]) -> String {
    let mut source = format!(
        "/// A hash of all files.\npub(super) const VERSION: &str = {version:?};\n\
         /// The frame's page. Placeholders in double braces are filled in for each concierge.\n\
         pub(super) const FRAME: &str = {frame:?};\n"
    );
    for (name, text) in inlined {
        let hash = BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()));
        source += &format!(
            "/// The hash of a file inlined in the frame, for the frame's content security policy.\npub(super) const {name}: &str = \"'sha256-{hash}'\";\n"
        );
    }
    source
}
