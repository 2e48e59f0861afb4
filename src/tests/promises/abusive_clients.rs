//! Promise 06: neither abusive clients nor visitors who use their limits to the full affect other visitors. Messages
//! are acknowledged almost as fast as before (the 99th percentile rises by at most 20%), and the server's memory use
//! stays bounded.

use std::{
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use load::{Agent, connection::Connection, visitor::hello};
use protocol::{agent::FromAgent, codec, visitor::FromVisitor};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;

use crate::{
    fixtures::{KEY, SHOP, page},
    polite_visitors::PoliteVisitors,
    runner::{TrialResult, TrialSettings, measurements, percentile},
    server_process::{self, ServerProcess},
    writing_visitor::WritingVisitor,
};

/// The first command-line argument of the process that plays the abusive clients.
pub(crate) const MISBEHAVE: &str = "misbehave";
/// Memory that the server may allocate once and keep regardless of load, in bytes.
const ROOM: u64 = 64 << 20;
/// How long the polite visitors may take to start or stop.
const SETTLES_WITHIN: Duration = Duration::from_millis(1_000);
/// 17 messages in 10 s; 20 are allowed.
const MESSAGE_EVERY: Duration = Duration::from_millis(600);

pub(crate) async fn check(trial: TrialSettings) -> TrialResult {
    let mut measured = abusive_clients(trial).await?;
    measured.extend(polite_visitors(trial).await?);
    Ok(measured)
}

/// Tests visitors who stay just under every limit. The measured visitors also stay within the limits. Time windows with
/// and without the other visitors alternate, and the medians of both are compared, because the load from other programs
/// on the machine varies.
async fn polite_visitors(trial: TrialSettings) -> TrialResult {
    let (visitors, each, polite, windows) = trial.pick((10, 6, 60, 3), (100, 16, 1_000, 5));
    let mut server = ServerProcess::with_fixtures("").await?;
    server.use_default_visitor_limits()?;
    let cookie = server.cookie("ben").await?;
    server.start().await?;
    let mut dashboard = server.dashboard(&cookie).await?;
    let watching = tokio::spawn(async move {
        let mut beats = tokio::time::interval(Duration::from_secs(20));
        loop {
            let done = tokio::select! {
                frame = dashboard.next() => frame.map(drop),
                _ = beats.tick() => dashboard.send_frame(&FromAgent::Heartbeat).await,
            };
            if done.is_err() {
                return;
            }
        }
    });
    let mut measured = Vec::new();
    for place in 0..visitors {
        measured.push(WritingVisitor::connect(&server, &format!("measured {place}")).await?);
    }
    let mut flood = PoliteVisitors::start(&server.ws(), polite)?;
    let (mut quiet, mut loud) = (Vec::new(), Vec::new());
    for _ in 0..windows {
        for (active, p99s) in [(false, &mut quiet), (true, &mut loud)] {
            flood.set_active(active)?;
            tokio::time::sleep(SETTLES_WITHIN).await;
            let mut took = window(&mut measured, each).await?;
            p99s.push(percentile(&mut took, 99.0));
        }
    }
    let (stored, refused) = flood.end()?;
    watching.abort();
    server.stop().await?;
    ensure!(stored > 0 && refused == 0, "{stored} messages of the polite visitors were stored, {refused} refused");
    let (before, during) = (percentile(&mut quiet, 50.0), percentile(&mut loud, 50.0));
    let mark = trial.pick(before * 3.0 + 200.0, before * 1.2 + 5.0);
    ensure!(during <= mark, "p99 time to tick: {before:.1} ms without polite visitors, {during:.1} ms with them");
    Ok(measurements! {
        "polite": polite, "polite_messages": stored, "tick_p99_ms_without_polite": before.round(),
        "tick_p99_ms_with_polite": during.round(),
    })
}

/// Sends some messages from each visitor, within the limits. Returns how long their ticks took, in milliseconds.
async fn window(measured: &mut [(WritingVisitor, load::Visitor)], each: usize) -> anyhow::Result<Vec<f64>> {
    let writing = measured.iter_mut().map(async |(writer, tab)| {
        let mut took = Vec::with_capacity(each);
        for _ in 0..each {
            let said = Instant::now();
            writer.send_until_acknowledged(tab).await?;
            took.push(said.elapsed().as_secs_f64() * 1_000.0);
            tokio::time::sleep(MESSAGE_EVERY).await;
        }
        anyhow::Ok(took)
    });
    Ok(futures::future::try_join_all(writing).await?.concat())
}

async fn abusive_clients(trial: TrialSettings) -> TrialResult {
    let (visitors, each, hostile) = trial.pick((20, 30, 10), (200, 200, 500));
    let mut server = ServerProcess::with_fixtures("").await?;
    let cookie = server.cookie("ben").await?;
    server.start().await?;
    let quiet = acknowledgement_times(&server, "quiet", visitors, each).await?;
    let before = server.memory();

    let mut bad = Command::new("nice");
    bad.arg("-n19").arg(std::env::current_exe()?).args([MISBEHAVE, &server.address.to_string(), &cookie]);
    let mut bad = bad.arg(hostile.to_string()).spawn().context("failed to start the abusive clients")?;
    let loud = acknowledgement_times(&server, "loud", visitors, each).await?;
    let during = server.memory();
    bad.kill()?;
    bad.wait()?;
    ensure!(server.is_ready().await, "the server was not ready after the attack");
    server.stop().await?;

    let (mut quiet, mut loud) = (quiet, loud);
    let (before_p99, during_p99) = (percentile(&mut quiet, 99.0), percentile(&mut loud, 99.0));
    // In the small trial, the abusive clients share two cores and a debug build with everyone else.
    let mark = trial.pick(before_p99 * 3.0 + 200.0, before_p99 * 1.2 + 5.0);
    ensure!(during_p99 <= mark, "p99 time to tick: {before_p99:.1} ms before the attack, {during_p99:.1} ms during it");
    ensure!(during <= before + before / 2 + ROOM, "memory grew from {before} to {during} bytes");
    Ok(measurements! {
        "hostile": hostile * 2, "tick_p99_ms_before": before_p99.round(), "tick_p99_ms_during": during_p99.round(),
        "memory_mb_before": before >> 20, "memory_mb_during": during >> 20,
    })
}

/// Runs the abusive clients. The arguments are `HOST:PORT COOKIE COUNT`. They run in a separate process with the lowest
/// priority so that they do not slow down the clients being measured.
pub(crate) fn misbehave(words: &[String]) -> ExitCode {
    let [address, cookie, many] = words else { return ExitCode::FAILURE };
    let many: usize = many.parse().expect("the count is a number");
    let (socket, origin) = (format!("ws://{address}"), format!("http://{address}"));
    tokio::runtime::Runtime::new().expect("the runtime starts").block_on(async {
        // Dashboards that never read anything while the board is busy.
        let mut deaf = Vec::new();
        for _ in 0..many {
            deaf.extend(Agent::connect(&socket, &origin, cookie, None).await);
        }
        futures::future::join_all((0..many).map(|place| send_abuse(&socket, place))).await;
    });
    ExitCode::SUCCESS
}

/// Returns the time between each message and its tick, in milliseconds.
async fn acknowledgement_times(
    server: &ServerProcess,
    name: &str,
    visitors: usize,
    each: usize,
) -> anyhow::Result<Vec<f64>> {
    let mut talking = JoinSet::new();
    for place in 0..visitors {
        let (mut writer, mut tab) = WritingVisitor::connect(server, &format!("{name} {place}")).await?;
        talking.spawn(async move {
            let mut took = Vec::with_capacity(each);
            for _ in 0..each {
                let said = Instant::now();
                writer.send_until_acknowledged(&mut tab).await?;
                took.push(said.elapsed().as_secs_f64() * 1_000.0);
                // Stays below the per-visitor rate limit.
                tokio::time::sleep(Duration::from_millis(110)).await;
            }
            anyhow::Ok(took)
        });
    }
    let mut all = Vec::new();
    for one in talking.join_all().await {
        all.extend(one?);
    }
    Ok(all)
}

/// Connects over and over, sending noise, a length prefix that claims gigabytes, a flood of frames, or half a frame.
async fn send_abuse(at: &str, place: usize) {
    let url = format!("{at}/socket/visitor/v1");
    let noise: [Vec<u8>; 4] =
        [vec![0xff; 512], vec![0, 1, 0xff, 0xff, 0xff, 0xff, 0x0f], vec![0; 40_000], b"GET / HTTP/1.1".to_vec()];
    for round in place.. {
        match round % 3 {
            0 => {
                if let Ok(mut socket) = Connection::open(&url, &[]).await {
                    let noise = noise[round % noise.len()].clone();
                    if socket.send_raw(Message::Binary(noise.into())).await.is_ok() {
                        while socket.next::<protocol::visitor::ToVisitor>().await.is_ok() {}
                    }
                }
            }
            1 => {
                if let Ok(mut tab) = server_process::tab(at, None, 0).await {
                    while tab.send_frame(&FromVisitor::Page(page(&format!("/flood/{round}")))).await.is_ok() {}
                }
            }
            _ => {
                if let Ok(mut socket) = Connection::open(&url, &[]).await {
                    let hello = codec::encode(&FromVisitor::Hello(hello(KEY, SHOP, page("/"), None)));
                    // An incomplete frame. The rest never arrives.
                    drop(socket.send_raw(Message::Binary(hello[..hello.len() / 2].to_vec().into())).await);
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
