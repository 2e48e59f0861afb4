//! Minifies handwritten and generated scripts in simple ways that never change the meaning of a line.

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
