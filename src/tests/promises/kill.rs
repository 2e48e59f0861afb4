//! 01: the process is killed at a random moment while visitors write. What had a tick is there afterwards, and the server is
//! back in service within three seconds.

use std::time::Duration;

use anyhow::ensure;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use tokio::time::timeout;

use crate::{
    chatter::Chatter,
    program::Program,
    trial::{Ended, Trial, figures},
};

const BACK_WITHIN: Duration = Duration::from_secs(3);

pub(crate) async fn is_survived(trial: Trial) -> Ended {
    let mut random = StdRng::seed_from_u64(trial.seed);
    let (rounds, visitors) = trial.pick((3, 10), (200, 50));
    let mut program = Program::furnished("").await?;
    let mut slowest = program.start().await?;
    let (mut acknowledged, mut stored, mut gone) = (0, 0, Vec::new());
    for round in 0..rounds {
        let alive = Duration::from_millis(random.random_range(100..600));
        let mut talking = tokio::task::JoinSet::new();
        for place in 0..visitors {
            let (mut chatter, mut tab) = Chatter::begins(&program, &format!("visitor {round}-{place}")).await?;
            talking.spawn(async move {
                // Until the server is gone; below what one visitor may say.
                while chatter.says_and_waits(&mut tab).await.is_ok() {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                chatter
            });
        }
        drop(timeout(alive, std::future::pending::<()>()).await);
        program.kill()?;
        let chatters = talking.join_all().await;
        slowest = slowest.max(program.start().await?);
        for chatter in &chatters {
            acknowledged += chatter.acknowledged.len();
            stored += chatter.finds_everything(&program).await?;
        }
        gone.extend(chatters);
    }
    // Those of the first rounds too, after all the killing.
    for chatter in &gone {
        chatter.finds_everything(&program).await?;
    }
    program.stop().await?;
    ensure!(acknowledged >= rounds * visitors, "too little was said to prove anything: {acknowledged}");
    ensure!(slowest <= BACK_WITHIN, "back in service after {slowest:?} only");
    program.is_sound()?;
    Ok(figures! {
        "kills": rounds, "acknowledged": acknowledged, "stored": stored, "lost": 0, "slowest_start_ms": slowest.as_millis() as u64,
    })
}
