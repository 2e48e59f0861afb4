//! Reports how far a nested build is. Cargo shows the output of a build script only after the script has ended, so the lines go
//! into the file that `JUMPIN_PROGRESS` names, which `.ci/build` prints as it grows.

use std::{
    env,
    fs::{File, OpenOptions},
    io::{BufReader, Read, Write as _},
    time::{Duration, Instant},
};

/// Between two lines about the same build.
const PAUSE: Duration = Duration::from_secs(10);

/// Where the lines go; nowhere, when nobody asked for them.
pub(super) struct Progress {
    file: Option<File>,
    what: &'static str,
    reported_at: Instant,
}

impl Progress {
    /// For the part that is built, such as "dashboard".
    pub(super) fn new(what: &'static str) -> Self {
        let open = |path| OpenOptions::new().create(true).append(true).open(path).ok();
        Self { file: env::var_os("JUMPIN_PROGRESS").and_then(open), what, reported_at: Instant::now() }
    }

    /// One line, at once.
    pub(super) fn report(&mut self, text: &str) {
        if let Some(file) = &mut self.file {
            // Progress that nobody can read is no reason to fail.
            let _ = writeln!(file, "  {}: {text}", self.what);
        }
        self.reported_at = Instant::now();
    }

    /// Reads what a nested cargo writes to stderr until it ends. Its progress bar becomes a line now and then; everything
    /// else is returned, for the case that the build fails.
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
