//! Reports the progress of a nested build. Cargo shows a build script's output only after the script has finished, so
//! progress is appended to the file that `JUMPIN_PROGRESS` specifies, and `.ci/build` prints that file as it grows.

use std::{
    env,
    fs::{File, OpenOptions},
    io::{BufReader, Read, Write as _},
    time::{Duration, Instant},
};

/// The minimum time between two progress lines from the same build.
const PAUSE: Duration = Duration::from_secs(10);

/// Writes progress lines. Does nothing if `JUMPIN_PROGRESS` is not set.
pub(super) struct Progress {
    file: Option<File>,
    what: &'static str,
    reported_at: Instant,
}

impl Progress {
    /// Creates a reporter for a part of the build, such as "dashboard".
    pub(super) fn new(what: &'static str) -> Self {
        let open = |path| OpenOptions::new().create(true).append(true).open(path).ok();
        Self { file: env::var_os("JUMPIN_PROGRESS").and_then(open), what, reported_at: Instant::now() }
    }

    /// Writes a line immediately.
    pub(super) fn report(&mut self, text: &str) {
        if let Some(file) = &mut self.file {
            // Failing to report progress must not fail the build.
            let _ = writeln!(file, "  {}: {text}", self.what);
        }
        self.reported_at = Instant::now();
    }

    /// Reads a nested cargo's stderr until it ends. Occasionally reports its progress bar, and returns everything else
    /// so that it can be shown if the build fails.
    pub(super) fn follow(&mut self, stderr: impl Read) -> String {
        let mut rest = String::new();
        let mut line = Vec::new();
        for byte in BufReader::new(stderr).bytes().map_while(Result::ok) {
            if byte != b'\r' && byte != b'\n' {
                line.push(byte);
                continue;
            }
            let text = String::from_utf8_lossy(&line).into_owned();
            line.clear();
            match text.trim_start().strip_prefix("Building [") {
                Some(bar) if self.reported_at.elapsed() >= PAUSE => {
                    if let Some((_, state)) = bar.split_once("] ") {
                        self.report(state.trim());
                    }
                }
                Some(_) => {}
                None => rest += &(text + "\n"),
            }
        }
        rest
    }
}
