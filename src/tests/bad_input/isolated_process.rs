//! Runs the cases about memory and file descriptors in their own processes.

use std::{env, fs, process::Command};

use tokio::runtime::Builder;

/// The most memory that a case may leave in use, in bytes.
pub(super) const MAY_GROW: usize = 64 * 1024 * 1024;
const ISOLATED: &str = "JUMPIN_TEST_ISOLATED";

/// Runs a case in its own process, which is this same binary filtered to the test with this name.
pub(super) fn run(name: &str, case: impl AsyncFnOnce()) {
    run_with_descriptors("unlimited", name, case);
}

/// Like [`run`], but limits the number of open files and connections.
pub(super) fn run_with_descriptors(most: &str, name: &str, case: impl AsyncFnOnce()) {
    if env::var(ISOLATED).as_deref() == Ok(name) {
        return Builder::new_multi_thread().enable_all().build().unwrap().block_on(case());
    }
    let limited = "[ $1 = unlimited ] || ulimit -n $1; shift; exec \"$@\"";
    let mut this = Command::new("sh");
    this.args(["-c", limited, "sh", most]).arg(env::current_exe().unwrap());
    let ran = this.args([name, "--exact", "--nocapture"]).env(ISOLATED, name).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success() && out.contains("1 passed"), "{out}\n{err}");
}

/// Returns the resident memory of this process in bytes, or 0 if the operating system does not report it.
pub(super) fn memory() -> usize {
    const PAGE: usize = 4_096;
    let pages = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|resident| resident.parse::<usize>().ok()).unwrap_or_default() * PAGE
}
