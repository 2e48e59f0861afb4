//! Promises that other tests try: they are run anew, and a failure of theirs is one of ours.

use std::process::Command;

use anyhow::{Context, ensure};

use crate::trial::{Ended, figures};

pub(crate) fn run(commands: &[&[&str]], folder: &str) -> Ended {
    for words in commands {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
        let done = Command::new(words[0]).args(&words[1..]).current_dir(root.join(folder)).status();
        let done = done.with_context(|| format!("{} cannot be run", words.join(" ")))?;
        ensure!(done.success(), "{} failed", words.join(" "));
    }
    Ok(figures! { "commands": commands.iter().map(|words| words.join(" ")).collect::<Vec<_>>() })
}
