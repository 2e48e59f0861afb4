//! Cases about memory and descriptors, which a process has once: each in a process of its own.

use std::{env, fs, process::Command};

use tokio::runtime::Builder;

/// What a case may leave behind, bytes.
pub(super) const MAY_GROW: usize = 64 * 1024 * 1024;
const ISOLATED: &str = "JUMPIN_TEST_ISOLATED";

/// Runs a case in a process in which there is nothing else: this very program, asked for the test of this name.
pub(super) fn run(name: &str, case: impl AsyncFnOnce()) {
    run_with_descriptors("unlimited", name, case);
}

/// The same, in a process that may have so many files and connections open.
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

/// What this process has in memory, bytes; 0 where the system does not say.
pub(super) fn memory() -> usize {
    const PAGE: usize = 4_096;
    let pages = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    pages.split(' ').nth(1).and_then(|resident| resident.parse::<usize>().ok()).unwrap_or_default() * PAGE
}
