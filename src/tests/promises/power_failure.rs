//! Promise 02: a message with a tick survives a power failure. A power failure loses data that was written but not yet
//! synced, so between writing a message to the database's log and sending its tick, there must be an `fdatasync` that
//! started after the write and finished before the tick. `strace` shows the order of all three as the kernel saw it.
//! Disks that lie about syncing are out of scope.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
    fs::File,
    io::{BufRead as _, BufReader},
    path::Path,
};

use anyhow::{Context, ensure};

use crate::{
    runner::{TrialResult, TrialSettings, measurements},
    server_process::ServerProcess,
    writing_visitor::WritingVisitor,
};

/// The system calls that write data, sync it, and send responses.
const CALLS: &str = "trace=pwrite64,pwritev,write,writev,sendto,sendmsg,fdatasync,fsync";

pub(crate) async fn check(trial: TrialSettings) -> TrialResult {
    if std::process::Command::new("strace").arg("-V").output().is_err() {
        return Ok(measurements! { "not_tried": "strace is not installed" });
    }
    let (visitors, each) = trial.pick((4, 10), (50, 200));
    let mut server = ServerProcess::with_fixtures("").await?;
    let traced = server.folder().join("traced");
    server.set_wrapper(&["strace", "-f", "-qq", "-xx", "-s", "8192", "-e", CALLS, "-o", &traced.display().to_string()]);
    server.start().await?;
    let mut talking = tokio::task::JoinSet::new();
    for place in 0..visitors {
        let (mut writer, mut tab) = WritingVisitor::connect(&server, &format!("power {}-{place}", trial.seed)).await?;
        talking.spawn(async move {
            let mut said = Vec::new();
            for number in 1..=each {
                let client_id = writer.send_until_acknowledged(&mut tab).await?;
                // A marker ends at the last digit so that message 1 does not match message 10.
                said.push((
                    hex(format!("power {}-{place} says {number}", trial.seed).as_bytes()),
                    hex(client_id.0.as_bytes()),
                ));
                // Stays below the per-visitor rate limit.
                tokio::time::sleep(std::time::Duration::from_millis(110)).await;
            }
            anyhow::Ok(said)
        });
    }
    let mut said = Vec::new();
    for one in talking.join_all().await {
        said.extend(one?);
    }
    // strace exits along with the server.
    server.stop_traced().await?;
    let calls = Calls::read(&traced, &hex(format!("power {}-", trial.seed).as_bytes()), &said)?;
    for (text, client_id) in &said {
        calls.synced_between(text, client_id)?;
    }
    let syncs = calls.syncs.len();
    // Makes sure the check itself works: without any syncs, it must fail for every message.
    let unsynced = Calls { syncs: Vec::new(), ..calls };
    ensure!(
        said.iter().all(|(text, client_id)| unsynced.synced_between(text, client_id).is_err()),
        "the check passes even without any syncs"
    );
    Ok(measurements! { "messages": said.len(), "syncs": syncs, "ticks_without_a_sync_before": 0 })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "\\x{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}

/// The relevant system calls, identified by their line number in the trace.
struct Calls {
    /// Maps each message text to the first write that contains it.
    written: HashMap<String, usize>,
    /// Maps each client id to the first socket write that contains it.
    answered: HashMap<String, usize>,
    /// The first and last line of each sync.
    syncs: Vec<(usize, usize)>,
}

impl Calls {
    /// Reads the trace in a single pass because ten thousand messages produce more than a gigabyte.
    fn read(file: &Path, marker: &str, said: &[(String, String)]) -> anyhow::Result<Self> {
        let trace = File::open(file).with_context(|| format!("failed to read {}", file.display()))?;
        let client_ids: HashSet<&str> = said.iter().map(|(_, client_id)| client_id.as_str()).collect();
        let mut calls = Self { written: HashMap::new(), answered: HashMap::new(), syncs: Vec::new() };
        let mut begun = HashMap::new();
        for (at, line) in BufReader::new(trace).lines().enumerate() {
            let line = line?;
            let (thread, call) = line.split_once(' ').unwrap_or_default();
            calls.sync(at, thread, call.trim_start(), &mut begun);
            if line.contains("pwrite") {
                for text in line.match_indices(marker).filter_map(|(from, _)| message_in(&line[from..])) {
                    calls.written.entry(text).or_insert(at);
                }
            } else if ["write(", "writev(", "sendto(", "sendmsg("].iter().any(|call| line.contains(call)) {
                for (from, _) in line.match_indices("\\x") {
                    // 16 bytes, each written as 4 characters.
                    let Some(bytes) = line.get(from..from + 64).filter(|bytes| client_ids.contains(bytes)) else {
                        continue;
                    };
                    calls.answered.entry(bytes.to_owned()).or_insert(at);
                }
            }
        }
        calls.syncs.sort_unstable();
        Ok(calls)
    }

    fn sync(&mut self, at: usize, thread: &str, call: &str, begun: &mut HashMap<String, usize>) {
        if call.starts_with("fdatasync(") || call.starts_with("fsync(") {
            if call.contains("<unfinished") {
                begun.insert(thread.to_owned(), at);
            } else if call.ends_with("= 0") {
                self.syncs.push((at, at));
            }
        } else if (call.contains("fdatasync resumed>") || call.contains("fsync resumed>"))
            && call.ends_with("= 0")
            && let Some(from) = begun.remove(thread)
        {
            self.syncs.push((from, at));
        }
    }

    /// Checks that the message was written, then synced, and only then acknowledged.
    fn synced_between(&self, text: &str, client_id: &str) -> anyhow::Result<()> {
        let written = *self.written.get(text).context("a message was never written to the log")?;
        let acknowledged = *self.answered.get(client_id).context("a message's tick was never sent")?;
        let first_after = self.syncs.partition_point(|(from, _)| *from <= written);
        let synced = self.syncs[first_after..].iter().take_while(|(from, _)| *from < acknowledged);
        ensure!(
            synced.into_iter().any(|(_, to)| *to < acknowledged),
            "tick sent at trace line {acknowledged} without a sync after the write at line {written}"
        );
        Ok(())
    }
}

/// Returns the complete message at the start of these bytes, through the last digit of its number.
fn message_in(bytes: &str) -> Option<String> {
    let says = hex(b" says ");
    let number = bytes.find(&says)? + says.len();
    let is_digit = |byte: &[u8]| matches!(byte, [b'\\', b'x', b'3', b'0'..=b'9']);
    let digits = bytes.as_bytes()[number..].chunks(4).take_while(|byte| is_digit(byte)).count();
    (digits > 0).then(|| bytes[..number + 4 * digits].to_owned())
}
