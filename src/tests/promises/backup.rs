//! Promise 12: a backup is made while visitors are writing and is then restored into another directory. Every message
//! that was acknowledged before the backup began is there, and every visitor finds it in their chat.

use std::time::Duration;

use anyhow::{Context, bail, ensure};
use tokio::{sync::watch, task::JoinSet};

use crate::{
    runner::{TrialResult, TrialSettings, measurements},
    server_process::ServerProcess,
    writing_visitor::WritingVisitor,
};

pub(crate) async fn check(trial: TrialSettings) -> TrialResult {
    let (visitors, before) = trial.pick((10, 10), (200, 100));
    let mut server = ServerProcess::with_fixtures("").await?;
    server.start().await?;
    let (reached, mut all) = watch::channel(0);
    let stop = tokio_util::sync::CancellationToken::new();
    let mut talking = JoinSet::new();
    for place in 0..visitors {
        let (mut writer, mut tab) = WritingVisitor::connect(&server, &format!("visitor {place}")).await?;
        let (stop, reached) = (stop.clone(), reached.clone());
        talking.spawn(async move {
            let mut known = None;
            for number in 0.. {
                if number == before {
                    // Everything acknowledged by this point must be in the backup.
                    known = Some(writer.clone());
                    reached.send_modify(|reached| *reached += 1);
                }
                if stop.is_cancelled() && known.is_some() {
                    break;
                }
                writer.send_until_acknowledged(&mut tab).await?;
                // Stays below the per-visitor rate limit.
                tokio::time::sleep(Duration::from_millis(110)).await;
            }
            anyhow::Ok((known.context("the visitor stopped before the backup began")?, writer))
        });
    }
    tokio::select! {
        reached = all.wait_for(|reached| *reached == visitors) => drop(reached?),
        // No visitor should finish before `stop` is canceled.
        Some(ended) = talking.join_next() => bail!("a visitor stopped early: {:?}", ended?.err()),
    }
    let elsewhere = tempfile::tempdir()?;
    let archive = elsewhere.path().join("chat.tar");
    let output = server.command(&["backup", &archive.display().to_string()])?;
    stop.cancel();
    let mut writers = Vec::new();
    for one in talking.join_all().await {
        writers.push(one?);
    }
    server.stop().await?;

    let data = elsewhere.path().join("data");
    server.command(&["restore", &archive.display().to_string(), "--data", &data.display().to_string()])?;
    let mut restored = ServerProcess::in_folder(&data, "")?;
    restored.start().await?;
    let (mut due, mut found) = (0, 0);
    for (known, _) in &writers {
        due += known.acknowledged.len();
        found += known.verify_acknowledged(&restored).await?;
    }
    restored.stop().await?;
    restored.check_database()?;
    ensure!(due >= visitors, "too few messages for a valid trial: {due}");
    Ok(
        measurements! { "acknowledged_before": due, "restored": found, "lost": 0, "bytes": std::fs::metadata(&archive)?.len(), "told": output.trim() },
    )
}
