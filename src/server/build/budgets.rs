//! Size budgets of the bundles, in bytes as transferred (brotli). This script only writes the table; `make release` and
//! `make sizes` (`.ci/sizes`) print it and fail if a budget is exceeded. A plain `cargo build` does not fail.

use std::fs;

use super::{Outcome, asset_files::File, build_options::Plan};

/// Each budget: its name, the files it covers, and the limit in bytes.
const BUDGETS: [(&str, &[&str], usize); 6] = [
    ("the script in the host page", &["loader.js"], 2_000),
    ("everything until the launcher shows", &["loader.js", "frame.html"], 6_000),
    (
        "everything with the chat open",
        &["loader.js", "frame.html", "widget.css", "widget.js", "widget_bg.wasm"],
        30_500,
    ),
    ("loaded with the first file", &["files.js"], 3_000),
    ("loaded when a chat ends", &["rating.js"], 1_000),
    ("the dashboard's first load", &["jumpin.wasm", "jumpin.js", "jumpin.css"], 433_000),
];

/// The maximum that the concierge's own strings add to the frame, in bytes; enforced by a test of `server::concierge`.
/// The compressed size of the rest varies by a few bytes with the digits of the version.
const STRINGS: usize = 624;

/// Writes `sizes.txt` into `OUT_DIR`, for complete builds only: a line `file, bytes, compressed` per file, and a line
/// `name: bytes of budget` per budget.
pub(super) fn write(plan: &Plan, widget: &[File], dashboard: &[File]) -> Outcome<()> {
    let mut table = String::from("file, bytes, brotli\n");
    let mut weights = Vec::new();
    for file in widget.iter().chain(dashboard) {
        let Some(compressed) = file.compressed else { return Ok(()) };
        let name = file.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        table += &format!("{name}, {}, {compressed}\n", file.size);
        weights.push((name, compressed));
    }
    for (what, names, budget) in BUDGETS {
        let strings = if names.contains(&"frame.html") { STRINGS } else { 0 };
        let of_files: usize = weights.iter().filter(|(name, _)| names.contains(name)).map(|(_, weight)| weight).sum();
        table += &format!("{what}: {} of {budget}\n", strings + of_files);
    }
    Ok(fs::write(plan.out.join("sizes.txt"), table)?)
}
