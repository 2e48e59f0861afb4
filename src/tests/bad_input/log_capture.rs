//! Checks the log while the tests run. No line may contain a secret, data from the second tenant, or a control
//! character that could split the line or move a terminal's cursor.

use std::{
    io,
    sync::{Mutex, Once, PoisonError},
};

use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

use crate::second_tenant::CANARY;

/// A secret used in visitors' page addresses. It must be neither stored nor logged.
pub(super) const SECRET: &str = "SECRET-4111";

// There is only one log per process, so there is only one capture.
static FORBIDDEN_LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());
static INSTALLED: Once = Once::new();

#[derive(Clone, Copy)]
struct LogCapture;

/// Starts capturing the log.
pub(super) fn install() {
    INSTALLED.call_once(|| {
        let everything_of_ours = EnvFilter::new("info,jumpin=trace,engine=trace,tower_http=debug,sqlx=warn");
        let log =
            tracing_subscriber::fmt().with_env_filter(everything_of_ours).with_ansi(false).with_writer(LogCapture);
        log.try_init().unwrap();
    });
}

/// Returns the captured lines that should not have been logged.
pub(super) fn forbidden_lines() -> Vec<String> {
    FORBIDDEN_LINES.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

impl io::Write for LogCapture {
    /// Each call receives a single log event.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let is_one_line = text.strip_suffix('\n').is_some_and(|line| !line.chars().any(char::is_control));
        if !is_one_line || text.contains(CANARY) || text.contains(SECRET) {
            FORBIDDEN_LINES.lock().unwrap_or_else(PoisonError::into_inner).push(text.into_owned());
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for LogCapture {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}
