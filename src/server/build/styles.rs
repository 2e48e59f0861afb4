//! Bundles the dashboard's style sheets by replacing each `@import "file" layer(name);` in `style/main.css` with the
//! file's content.

use std::{fs, path::Path};

use super::{Outcome, script_minifier::strip};

/// Returns the dashboard's complete style sheet.
pub(super) fn bundle(folder: &Path) -> Outcome<String> {
    let main = fs::read_to_string(folder.join("main.css"))?;
    let mut bundle = String::new();
    for line in strip(&main).lines() {
        let Some(import) = line.strip_prefix("@import ") else {
            bundle += &[line, "\n"].concat();
            continue;
        };
        let parts = import
            .split_once(" layer(")
            .and_then(|(file, layer)| Some((file.strip_prefix('"')?.strip_suffix('"')?, layer.strip_suffix(");")?)));
        let (file, layer) = parts
            .ok_or_else(|| format!("main.css: `{line}` does not have the form `@import \"file\" layer(name);`"))?;
        let text = fs::read_to_string(folder.join(file)).map_err(|error| format!("style/{file}: {error}"))?;
        bundle += &["@layer ", layer, " {\n", &strip(&text), "}\n"].concat();
    }
    Ok(bundle)
}
