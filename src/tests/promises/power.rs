//! 02: the power may fail. What a disk may lose is what was written and not yet synced; so between the writing of a message
//! into the log of the database and its tick there must be an `fdatasync` that began after the one and ended before the other.
//! `strace` shows the order of all three as the kernel saw it. A disk that lies about its syncs is not tried.

use std::{collections::HashMap, fmt::Write as _, path::Path};

use anyhow::{Context, ensure};

use crate::{
    chatter::Chatter,
    program::Program,
    trial::{Ended, Trial, figures},
};

/// The calls that write, sync and answer.
const CALLS: &str = "trace=pwrite64,pwritev,write,writev,sendto,sendmsg,fdatasync,fsync";

pub(crate) async fn may_fail(trial: Trial) -> Ended {
    if std::process::Command::new("strace").arg("-V").output().is_err() {
        return Ok(figures! { "not_tried": "strace is not installed" });
    }
    let (visitors, each) = trial.pick((4, 10), (50, 200));
    let mut program = Program::furnished("").await?;
    let traced = program.folder().join("traced");
    program.under(&["strace", "-f", "-qq", "-xx", "-s", "8192", "-e", CALLS, "-o", &traced.display().to_string()]);
    program.start().await?;
    let mut talking = tokio::task::JoinSet::new();
    for place in 0..visitors {
        let (mut chatter, mut tab) = Chatter::begins(&program, &format!("power {}-{place}", trial.seed)).await?;
        talking.spawn(async move {
            let mut said = Vec::new();
            for number in 1..=each {
                let client_id = chatter.says_and_waits(&mut tab).await?;
                // The end of the marker is a byte that no digit is.
                said.push((
                    hex(format!("power {}-{place} says {number}", trial.seed).as_bytes()),
                    hex(client_id.0.as_bytes()),
                ));
                // Below what one visitor may say.
                tokio::time::sleep(std::time::Duration::from_millis(110)).await;
            }
            anyhow::Ok(said)
        });
    }
    let mut said = Vec::new();
    for one in talking.join_all().await {
        said.extend(one?);
    }
    // strace passes the end on to the server.
    program.stop_traced().await?;
    let calls = Calls::read(&traced)?;
    for (text, client_id) in &said {
        calls.synced_between(text, client_id)?;
    }
    // The check itself: without any sync each of them is found out.
    let unsynced = Calls { syncs: Vec::new(), ..Calls::read(&traced)? };
    ensure!(
        said.iter().all(|(text, client_id)| unsynced.synced_between(text, client_id).is_err()),
        "the check sees nothing"
    );
    Ok(figures! { "messages": said.len(), "syncs": calls.syncs.len(), "ticks_without_a_sync_before": 0 })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "\\x{byte:02x}").expect("a string takes everything");
        text
    })
}

/// What the kernel saw, by its place in the order.
struct Calls {
    lines: Vec<String>,
    /// From when to when each sync took.
    syncs: Vec<(usize, usize)>,
}

impl Calls {
    fn read(file: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let (mut syncs, mut begun) = (Vec::new(), HashMap::new());
        for (at, line) in lines.iter().enumerate() {
            let (thread, call) = line.split_once(' ').unwrap_or_default();
            let call = call.trim_start();
            if call.starts_with("fdatasync(") || call.starts_with("fsync(") {
                if call.contains("<unfinished") {
                    begun.insert(thread.to_owned(), at);
                } else if call.ends_with("= 0") {
                    syncs.push((at, at));
                }
            } else if (call.contains("fdatasync resumed>") || call.contains("fsync resumed>"))
                && call.ends_with("= 0")
                && let Some(from) = begun.remove(thread)
            {
                syncs.push((from, at));
            }
        }
        Ok(Self { lines, syncs })
    }

    /// The message was written, then synced, then acknowledged.
    fn synced_between(&self, text: &str, client_id: &str) -> anyhow::Result<()> {
        let written = self.first(|line| line.contains("pwrite") && contains_whole(line, text));
        let written = written.context("a message was never seen in a write")?;
        let acknowledged = self.first(|line| {
            ["write(", "writev(", "sendto(", "sendmsg("].iter().any(|call| line.contains(call))
                && line.contains(client_id)
        });
        let acknowledged = acknowledged.context("a tick was never seen on a socket")?;
        let synced = self.syncs.iter().any(|(from, to)| *from > written && *to < acknowledged);
        ensure!(
            synced,
            "a tick went out at line {acknowledged} of the trace without a sync after its write at {written}"
        );
        Ok(())
    }

    fn first(&self, is_it: impl Fn(&str) -> bool) -> Option<usize> {
        self.lines.iter().position(|line| is_it(line))
    }
}

/// The text stands there and no further digit follows: `says 1` is not `says 11`.
fn contains_whole(line: &str, text: &str) -> bool {
    line.match_indices(text).any(|(at, _)| {
        let next = &line[at + text.len()..];
        !(b'0'..=b'9').any(|digit| next.starts_with(&format!("\\x{digit:02x}")))
    })
}
