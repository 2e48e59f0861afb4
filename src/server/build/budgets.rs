//! What the widget may weigh, in bytes as a browser gets them (brotli): the design's budgets, and 250 bytes more for
//! all of it, since files and ratings came. Over budget, a release does not build.

use std::{fs, path::Path};

use super::{Outcome, bundle::brotli};

/// What is weighed together, and how much it may be.
const BUDGETS: [(&str, &[&str], usize); 5] = [
    ("the script in the host page", &["loader.js"], 2_000),
    ("everything until the launcher shows", &["loader.js", "frame.html"], 6_000),
    (
        "everything with the chat open",
        &["loader.js", "frame.html", "widget.css", "widget.js", "widget_bg.wasm"],
        32_250,
    ),
    ("what comes with the first file, and not before", &["files.js"], 3_000),
    ("what comes when a chat has ended", &["rating.js"], 1_000),
];

/// What the concierge's own words add to the frame, at most; a test of `server::concierge` holds them to it.
const WORDS: usize = 612;

/// Writes `sizes.txt` beside the files; an error names the first budget that is broken.
pub(super) fn check(folder: &Path, is_release: bool) -> Outcome<()> {
    let mut table = String::from("file, bytes, brotli\n");
    let (_, all, _) = BUDGETS[2];
    let mut weights = Vec::new();
    for name in all.iter().chain(BUDGETS[3].1).chain(BUDGETS[4].1) {
        let raw = fs::read(folder.join(name))?;
        let weight = brotli(&raw)?.len();
        table += &format!("{name}, {}, {weight}\n", raw.len());
        weights.push((*name, weight));
    }
    let mut broken = None;
    for (what, names, budget) in BUDGETS {
        let words = if names.contains(&"frame.html") { WORDS } else { 0 };
        let weight: usize =
            words + weights.iter().filter(|(name, _)| names.contains(name)).map(|(_, weight)| weight).sum::<usize>();
        table += &format!("{what}: {weight} of {budget}\n");
        if weight > budget && broken.is_none() {
            broken = Some(format!("the widget is too heavy: {what} is {weight} bytes in brotli, and may be {budget}"));
        }
    }
    fs::write(folder.join("sizes.txt"), &table)?;
    match broken {
        Some(broken) if is_release => {
            Err(format!("{broken} (wasm-opt on PATH makes it a sixth smaller)\n{table}").into())
        }
        _ => Ok(()),
    }
}
