//! Size budgets for the bundles, in bytes as transferred (compressed with brotli). This script only writes the table.
//! `make release` and `make sizes` (`.ci/sizes`) print it and fail if a budget is exceeded. A plain `cargo build` does
//! not fail.

use std::fs;

use super::{Outcome, asset_files::File, build_options::Plan};

/// The budgets, each with its name, the files it covers, and its limit in bytes.
const BUDGETS: [(&str, &[&str], usize); 7] = [
    ("the script in the host page", &["loader.js"], 2_000),
    ("everything needed to show the launcher", &["loader.js", "frame.html"], 6_000),
    (
        "everything needed for an open chat",
        &["loader.js", "frame.html", "widget.css", "widget.js", "widget_bg.wasm"],
        32_000,
    ),
    ("loaded with the first file", &["files.js"], 3_000),
    ("loaded when a chat ends", &["rating.js"], 1_000),
    ("loaded if the server cannot be reached", &["unreachable.js"], 1_200),
    ("the dashboard's first load", &["jumpin.wasm", "jumpin.js", "jumpin.css"], 437_000),
];

/// How many bytes the concierge's own strings may add to the frame. A test in `server::concierge` enforces this. The
/// compressed size of the rest varies by a few bytes depending on the version's digits.
const STRINGS: usize = 680;

/// Writes `sizes.txt` to `OUT_DIR`, but only in complete builds. It contains a line `file, bytes, compressed` for each
/// file and a line `name: bytes of budget` for each budget.
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
