//! Promises that existing tests already prove. The tests are run again, and if any of them fails, the promise is
//! broken.

use std::{path::Path, process::Command};

use anyhow::{Context, ensure};

use crate::runner::{TrialResult, measurements};

pub(crate) fn run(commands: &[&[&str]], folder: &str) -> TrialResult {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    // The browser stories start the release binary. Its path is relative to cargo's temporary directory, so it is found
    // wherever cargo puts its build output.
    let release = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("release").join("jumpin");
    let program = std::env::var_os("JUMPIN_BIN").unwrap_or_else(|| release.into());
    for words in commands {
        let mut command = Command::new(words[0]);
        command.args(&words[1..]).current_dir(root.join(folder)).env("JUMPIN_BIN", &program);
        let done = command.status();
        let done = done.with_context(|| format!("failed to run {}", words.join(" ")))?;
        ensure!(done.success(), "{} failed", words.join(" "));
    }
    Ok(measurements! { "commands": commands.iter().map(|words| words.join(" ")).collect::<Vec<_>>() })
}
