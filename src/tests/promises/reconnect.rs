//! Promise 04: visitors go offline for a while. When they come back, they get every message that was written while they
//! were away. 95% of them have caught up within 2 s of the network coming back.
//!
//! The clients in this test only retry. The actual reconnection logic of the widget and the dashboard is tested in a
//! browser (`restart.spec.ts`).

use std::time::{Duration, Instant};

use anyhow::ensure;
use load::{ConnectionError, Visitor};
use protocol::{chat::Seq, limits, visitor::FromVisitor};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::{task::JoinSet, time::timeout};

use crate::{
    faulty_network::{FaultyProxy, NetworkFaults},
    runner::{TrialResult, TrialSettings, measurements, percentile},
    server_process::{self, ServerProcess},
    writing_visitor::{WritingVisitor, wait_for_all_entries},
};

const HEALED_WITHIN_MS: f64 = 2_000.0;
/// The longest delay between two connection attempts by a client (in milliseconds).
const TRY_EVERY_MS: u64 = 500;
const NO_FAULTS: NetworkFaults = NetworkFaults { held_back: 0, for_up_to: Duration::ZERO, broken: 0 };

pub(crate) async fn check(trial: TrialSettings) -> TrialResult {
    let mut random = StdRng::seed_from_u64(trial.seed);
    let (visitors, absences) = trial.pick((20, &[1, 3][..]), (200, &[1, 30, 600][..]));
    let mut server = ServerProcess::with_fixtures("").await?;
    server.start().await?;
    let network = FaultyProxy::start(server.address, NO_FAULTS, trial.seed).await?;
    let (mut healed, mut missed) = (Vec::new(), 0);
    for seconds in absences {
        let mut away = Vec::new();
        for place in 0..visitors {
            let (mut writer, mut here) =
                WritingVisitor::connect(&server, &format!("visitor {seconds}-{place}")).await?;
            writer.send_until_acknowledged(&mut here).await?;
            // Only the visitor's second tab is on the faulty network.
            let mut tab = server_process::tab(&network.ws(), Some(writer.token()), 0).await?;
            wait_for_all_entries(&mut tab).await?;
            away.push((writer, here, tab));
        }
        network.take_down();
        let back_at = Instant::now() + Duration::from_secs(*seconds);
        let mut coming_back = JoinSet::new();
        for (mut writer, mut here, tab) in away {
            writer.send_until_acknowledged(&mut here).await?;
            let (token, had, at) = (writer.token(), tab.head(), network.ws());
            let first_try = Duration::from_millis(random.random_range(0..TRY_EVERY_MS));
            coming_back.spawn(async move {
                drop(tab);
                let tab = tokio::select! {
                    tab = reconnect_tab(&at, token, had, first_try) => tab?,
                    lost = keep_alive(&mut here) => return Err(lost.into()),
                };
                anyhow::Ok((Instant::now(), tab.messages().len(), tab.head() - had, writer, here))
            });
        }
        tokio::time::sleep_until(back_at.into()).await;
        network.bring_up();
        for one in coming_back.join_all().await {
            let (at, messages, entries, _, _) = one?;
            healed.push(at.saturating_duration_since(back_at).as_secs_f64() * 1_000.0);
            // The tab keeps what it already had and receives only what it missed.
            missed += usize::from(messages != 1 || entries != 1);
        }
    }
    let p95 = percentile(&mut healed, 95.0);
    ensure!(missed == 0, "{missed} screens did not receive exactly what they had missed");
    ensure!(p95 <= HEALED_WITHIN_MS, "p95 recovery time was {p95:.0} ms");
    server.stop().await?;
    Ok(
        measurements! { "absences_s": absences, "screens": healed.len(), "healed_p95_ms": p95.round(), "missed": missed },
    )
}

/// Keeps the visitor's first tab online. Otherwise, a visitor who is offline for ten minutes would be treated as having
/// left, and the chat would end.
async fn keep_alive(tab: &mut Visitor) -> ConnectionError {
    loop {
        let heard = timeout(Duration::from_millis(limits::HEARTBEAT_INTERVAL_MS.into()), tab.next());
        let went_on = match heard.await {
            Ok(heard) => heard.map(drop),
            Err(_) => tab.send_frame(&FromVisitor::Heartbeat).await,
        };
        if let Err(lost) = went_on {
            return lost;
        }
    }
}

/// Retries until the server is reachable, then waits until the tab has every entry.
async fn reconnect_tab(
    at: &str,
    token: protocol::id::VisitorToken,
    had: Seq,
    first_try: Duration,
) -> anyhow::Result<Visitor> {
    tokio::time::sleep(first_try).await;
    loop {
        match server_process::tab(at, Some(token.clone()), had).await {
            Ok(mut tab) => {
                wait_for_all_entries(&mut tab).await?;
                return Ok(tab);
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(TRY_EVERY_MS)).await,
        }
    }
}
