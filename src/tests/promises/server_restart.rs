//! Promise 05: the server restarts while many sockets are open. Half of the clients are back within 10 s and all of
//! them within 30 s, without a reconnect storm, because each client waits for a random fraction of the time given in
//! the close reason. Acknowledged messages are still there.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use load::Visitor;
use protocol::{close_reason::CloseReason, id::VisitorToken};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::task::JoinSet;

use crate::{
    runner::{TrialResult, TrialSettings, measurements, percentile},
    server_process::{self, ServerProcess},
    writing_visitor::WritingVisitor,
};

const ALL_BACK_MS: f64 = 30_000.0;
const HALF_BACK_MS: f64 = 10_000.0;
/// How many clients connect at the same time before the restart.
const AT_ONCE: usize = 50;

pub(crate) async fn check(trial: TrialSettings) -> TrialResult {
    let sockets = trial.pick(500, 15_000);
    let mut server = ServerProcess::with_fixtures("").await?;
    server.start().await?;
    let mut writers = Vec::new();
    for place in 0..trial.pick(10, 50) {
        let (mut writer, mut tab) = WritingVisitor::connect(&server, &format!("visitor {place}")).await?;
        writer.send_until_acknowledged(&mut tab).await?;
        writers.push((writer, tab));
    }
    let at = server.ws();
    let mut tabs = Vec::with_capacity(sockets);
    while tabs.len() < sockets {
        let some = (0..AT_ONCE.min(sockets - tabs.len())).map(|_| server_process::tab(&at, None, 0));
        tabs.extend(futures::future::try_join_all(some).await?);
    }
    let mut random = StdRng::seed_from_u64(trial.seed);
    let began = Instant::now();
    let mut waiting = JoinSet::new();
    for tab in tabs {
        let (at, patience) = (server.ws(), random.random::<f64>());
        waiting.spawn(
            async move { reconnect_tab(tab, &at, patience).await.map(|within_ms| (began.elapsed(), within_ms)) },
        );
    }
    server.stop().await.context("failed to shut down the server")?;
    let away = began.elapsed();
    server.start().await?;
    let (mut back, mut strangers) = (Vec::with_capacity(sockets), 0);
    for one in waiting.join_all().await {
        let (after, is_known) = one?;
        back.push(after.as_secs_f64() * 1_000.0);
        strangers += usize::from(!is_known);
    }
    for (writer, _) in &writers {
        writer.verify_acknowledged(&server).await?;
    }
    let (half, all) = (percentile(&mut back, 50.0), percentile(&mut back, 100.0));
    let busiest = busiest_second(&back);
    ensure!(all <= ALL_BACK_MS && half <= HALF_BACK_MS, "half were back after {half:.0} ms, all after {all:.0} ms");
    server.stop().await?;
    Ok(measurements! {
        "sockets": sockets, "away_ms": away.as_millis() as u64, "half_back_ms": half.round(), "all_back_ms": all.round(),
        "most_in_one_second": busiest, "without_a_memory": strangers,
    })
}

/// Follows the instructions in the close reason: waits for a fraction of the given time, then retries until the server
/// is back. Returns whether the server had sent a close reason.
async fn reconnect_tab(mut tab: Visitor, at: &str, patience: f64) -> anyhow::Result<bool> {
    while tab.next().await.is_ok() {}
    let (within, within_ms) = match tab.close_reason {
        Some(CloseReason::Restarting { within }) => (within.max(1_000), true),
        Some(close_reason) => anyhow::bail!("unexpected close reason: {close_reason:?}"),
        None => (1_000, false),
    };
    let token: VisitorToken = tab.token();
    let mut wait = Duration::from_millis((f64::from(within) * patience) as u64);
    for _ in 0..60 {
        tokio::time::sleep(wait).await;
        if server_process::tab(at, Some(token.clone()), 0).await.is_ok() {
            return Ok(within_ms);
        }
        wait = Duration::from_millis(500 + (500.0 * patience) as u64);
    }
    anyhow::bail!("the server did not come back online")
}

/// Returns the largest number of clients that reconnected within any one-second window.
fn busiest_second(sorted: &[f64]) -> usize {
    let within = |from: f64| sorted.iter().filter(|at| (from..from + 1_000.0).contains(*at)).count();
    sorted.iter().map(|from| within(*from)).max().unwrap_or_default()
}
