//! Promise 01: the process is killed at a random moment while visitors are writing. Every acknowledged message is still
//! there afterward, and the server is ready again within 3 s.

use std::time::Duration;

use anyhow::ensure;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::time::timeout;

use crate::{
    runner::{TrialResult, TrialSettings, measurements},
    server_process::ServerProcess,
    writing_visitor::WritingVisitor,
};

const BACK_WITHIN: Duration = Duration::from_secs(3);

pub(crate) async fn check(trial: TrialSettings) -> TrialResult {
    let mut random = StdRng::seed_from_u64(trial.seed);
    let (rounds, visitors) = trial.pick((3, 10), (200, 50));
    let mut server = ServerProcess::with_fixtures("").await?;
    let mut slowest = server.start().await?;
    let (mut acknowledged, mut stored, mut gone) = (0, 0, Vec::new());
    for round in 0..rounds {
        let alive = Duration::from_millis(random.random_range(100..600));
        let mut talking = tokio::task::JoinSet::new();
        for place in 0..visitors {
            let (mut writer, mut tab) = WritingVisitor::connect(&server, &format!("visitor {round}-{place}")).await?;
            talking.spawn(async move {
                // Keeps writing until the server is gone.
                while writer.send_until_acknowledged(&mut tab).await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                writer
            });
        }
        drop(timeout(alive, std::future::pending::<()>()).await);
        server.kill()?;
        let writers = talking.join_all().await;
        slowest = slowest.max(server.start().await?);
        for writer in &writers {
            acknowledged += writer.acknowledged.len();
            stored += writer.verify_acknowledged(&server).await?;
        }
        gone.extend(writers);
    }
    // Messages from earlier rounds must also have survived all later kills.
    for writer in &gone {
        writer.verify_acknowledged(&server).await?;
    }
    server.stop().await?;
    ensure!(acknowledged >= rounds * visitors, "too few messages for a valid trial: {acknowledged}");
    ensure!(slowest <= BACK_WITHIN, "the slowest start took {slowest:?}");
    server.check_database()?;
    Ok(measurements! {
        "kills": rounds, "acknowledged": acknowledged, "stored": stored, "lost": 0, "slowest_start_ms": slowest.as_millis() as u64,
    })
}
