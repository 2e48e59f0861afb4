//! 12: a backup is made while people write, and restored on a folder of its own. Every message that had its tick before the
//! backup began is there, each visitor finds it in his chat.

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
                    // What has a tick by now must be in the backup.
                    known = Some(writer.clone());
                    reached.send_modify(|reached| *reached += 1);
                }
                if stop.is_cancelled() && known.is_some() {
                    break;
                }
                writer.send_until_acknowledged(&mut tab).await?;
                // Below what one visitor may say.
                tokio::time::sleep(Duration::from_millis(110)).await;
            }
            anyhow::Ok((known.context("it was reached")?, writer))
        });
    }
    tokio::select! {
        reached = all.wait_for(|reached| *reached == visitors) => drop(reached?),
        // Nobody ends before he is told to.
        Some(ended) = talking.join_next() => bail!("a visitor came no further: {:?}", ended?.err()),
    }
    let elsewhere = tempfile::tempdir()?;
    let archive = elsewhere.path().join("chat.tar");
    let told = server.command(&["backup", &archive.display().to_string()])?;
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
    ensure!(due >= visitors, "too little was said to prove anything: {due}");
    Ok(
        measurements! { "acknowledged_before": due, "restored": found, "lost": 0, "bytes": std::fs::metadata(&archive)?.len(), "told": told.trim() },
    )
}
