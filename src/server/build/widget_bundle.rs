//! The files of the bundle: compiled, put together, compressed, and listed for the server.

use std::{
    env, fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use sha2::{Digest, Sha256};
use wasm_bindgen_cli_support::{Bindgen, EncodeInto};

use super::{
    Outcome,
    glue::{shorten, strip},
    weight,
};

/// What the compiler makes, and what is written by hand for everybody.
const SERVED: [&str; 6] = ["loader.js", "files.js", "rating.js", "widget.css", "widget.js", "widget_bg.wasm"];

pub(super) fn write() -> Outcome<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let folder = out.join("widget");
    for path in ["src/server/build.rs", "src/server/build", "src/widget", "src/protocol", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed={}", root.join(path).display());
    }
    for name in ["LEPTOS_OUTPUT_NAME", "CARGO_TARGET_DIR"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    fs::create_dir_all(&folder)?;
    let read = |name: &str| fs::read_to_string(root.join("src/widget").join(name));
    for name in ["loader.js", "files.js", "rating.js", "widget.css"] {
        fs::write(folder.join(name), strip(&read(name)?))?;
    }
    let is_built = env::var_os("LEPTOS_OUTPUT_NAME").is_some();
    if is_built {
        compile(&root, &folder)?;
    } else {
        for name in ["widget.js", "widget_bg.wasm"] {
            fs::write(folder.join(name), "")?;
        }
    }
    let (style, script, frame) = (strip(&read("launcher.css")?), strip(&read("boot.js")?), read("frame.html")?);
    let version = hash_of(&folder, &[&style, &script, &frame])?;
    let script = script.replace("{{version}}", &version);
    fs::write(folder.join("frame.html"), frame.replace("{{style}}", &style).replace("{{script}}", &script))?;
    list(&out, &folder, &version, &[("STYLE", &style), ("SCRIPT", &script)])?;
    weight::check(&folder, is_built && env::var("PROFILE")? == "release")
}

fn compile(root: &Path, folder: &Path) -> Outcome<()> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from).join("widget");
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(root)
        .args(["build", "--package", "widget", "--lib", "--profile", "widget", "--target", "wasm32-unknown-unknown"])
        .arg("--target-dir")
        .arg(&target)
        // The outer build's flags are for another target; its wrapper may be clippy.
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTC_WORKSPACE_WRAPPER")
        // The default stack of 1 MiB is the largest part of a small widget's memory.
        .env("RUSTFLAGS", "-Clink-arg=-zstack-size=65536")
        .status()?;
    if !status.success() {
        return Err("the widget does not build".into());
    }
    // For a bundler: functions only. Fetching and starting the wasm is boot.js's.
    let mut output = Bindgen::new()
        .input_path(target.join("wasm32-unknown-unknown/widget/widget.wasm"))
        .typescript(false)
        .encode_into(EncodeInto::Always)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()?;
    let mut glue = strip(output.start().ok_or("wasm-bindgen has written no glue")?);
    let wasm = output.wasm_mut();
    for (place, import) in wasm.imports.iter_mut().enumerate() {
        let name = shorten(&mut glue, &import.name, 'i', place);
        import.name = name.ok_or_else(|| format!("the widget's glue does not know `{}`", import.name))?;
        import.module = "widget".into();
    }
    let mut unused = Vec::new();
    for (place, export) in wasm.exports.iter_mut().enumerate() {
        // These are called by name: by the glue, by boot.js, by the glue for boot.js.
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
    fs::write(folder.join("widget.js"), glue)?;
    fs::write(folder.join("widget_bg.wasm"), wasm.emit_wasm())?;
    shrink(&folder.join("widget_bg.wasm"))
}

/// `wasm-opt` when there is one on PATH; the widget works without, a sixth larger.
fn shrink(wasm: &Path) -> Outcome<()> {
    // Flattened and put together anew, it finds what it had not found: another hundredth.
    const PASSES: [&str; 6] = ["-Oz", "--converge", "--flatten", "--rereloop", "-Oz", "-Oz"];
    let smaller = wasm.with_extension("small");
    match Command::new("wasm-opt").args(PASSES).arg(wasm).arg("-o").arg(&smaller).status() {
        Ok(status) if status.success() => fs::rename(smaller, wasm)?,
        Ok(status) => println!("cargo::warning=wasm-opt failed ({status}): the widget is embedded as it is"),
        Err(_) => {}
    }
    Ok(())
}

/// Changes with any of the files.
fn hash_of(folder: &Path, inlined: &[&str]) -> Outcome<String> {
    let mut hash = Sha256::new();
    let mut add = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    for name in SERVED {
        add(&fs::read(folder.join(name))?);
    }
    for text in inlined {
        add(text.as_bytes());
    }
    Ok(hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect())
}

/// `bundle.rs`: every file with its bytes, raw and compressed, the frame's page, and what its policy must name.
fn list(out: &Path, folder: &Path, version: &str, inlined: &[(&str, &str)]) -> Outcome<()> {
    let mut lines = String::new();
    for name in SERVED {
        let file = folder.join(name);
        let beside = folder.join([name, ".br"].concat());
        fs::write(&beside, brotli(&fs::read(&file)?)?)?;
        lines += &format!("    ({name:?}, include_bytes!({file:?}), include_bytes!({beside:?})),\n");
    }
    let mut bundle = format!(
        "/// Name, bytes, bytes compressed by brotli.\npub(super) const FILES: &[(&str, &[u8], &[u8])] = &[\n{lines}];\n\
         /// Changes with any of the files.\npub(super) const VERSION: &str = {version:?};\n\
         /// The page of the frame; what is in double braces is the concierge's.\n\
         pub(super) const FRAME: &str = include_str!({:?});\n",
        folder.join("frame.html")
    );
    for (name, text) in inlined {
        let hash = BASE64_STANDARD.encode(Sha256::digest(text.as_bytes()));
        bundle += &format!(
            "/// What the policy calls the frame's own.\npub(super) const {name}: &str = \"'sha256-{hash}'\";\n"
        );
    }
    Ok(fs::write(out.join("bundle.rs"), bundle)?)
}

pub(super) fn brotli(raw: &[u8]) -> Outcome<Vec<u8>> {
    let mut compressed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut compressed, 4096, 11, 22);
    writer.write_all(raw)?;
    drop(writer);
    Ok(compressed)
}
