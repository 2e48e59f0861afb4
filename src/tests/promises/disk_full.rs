//! Promise 10: the disk fills up while visitors are writing. No message is acknowledged unless it has been stored,
//! senders are notified immediately, and once space is available again, resent messages get through. The disk is a
//! small file system in the server's own mount namespace.

use std::{
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use protocol::{refusal::Refusal, visitor::ToVisitor};
use tokio::time::timeout;

use crate::{
    runner::{TrialResult, TrialSettings, measurements},
    server_process::ServerProcess,
    writing_visitor::WritingVisitor,
};

const REFUSED_WITHIN: Duration = Duration::from_secs(5);
const HEALED_WITHIN: Duration = Duration::from_secs(10);
const SIZE: &str = "size=24m";

pub(crate) async fn check(trial: TrialSettings) -> TrialResult {
    if !Command::new("unshare").args(["-Urm", "true"]).status().is_ok_and(|status| status.success()) {
        return Ok(measurements! { "not_tried": "mount namespaces are not allowed on this machine" });
    }
    let mut server = ServerProcess::with_fixtures("").await?;
    let folder = server.folder().display().to_string();
    // Copies the data to the small file system, then mounts it over the original directory.
    let script = format!(
        "mkdir /tmp/small-$$ && mount -t tmpfs -o {SIZE} none /tmp/small-$$ && cp -a {folder}/. /tmp/small-$$ && \
         mount --bind /tmp/small-$$ {folder} && cd / && exec \"$@\""
    );
    server.set_wrapper(&["unshare", "-Urm", "sh", "-c", &script, "small-disk"]);
    server.start().await?;
    let (mut writer, mut tab) = WritingVisitor::connect(&server, &format!("visitor {}", trial.seed)).await?;
    writer.send_until_acknowledged(&mut tab).await?;

    let filler = PathBuf::from(format!("/proc/{}/root{folder}/filler", server.id()));
    fill(&filler)?;
    let full_since = Instant::now();
    let mut ticks = 0;
    // Messages that still fit in the database's log may be acknowledged.
    let refused = timeout(REFUSED_WITHIN, async {
        loop {
            let said = writer.send_message(&mut tab).await?;
            match answer(&mut tab, said).await? {
                Answer::Tick => ticks += 1,
                Answer::Refused(refusal) => return anyhow::Ok(refusal),
            }
            tokio::time::sleep(Duration::from_millis(110)).await;
        }
    });
    let refusal = refused.await.context("the full disk was not reported")??;
    ensure!(refusal == Refusal::StorageFull, "unexpected refusal: {refusal:?}");
    let told_after = full_since.elapsed();

    std::fs::remove_file(&filler).context("failed to remove the filler")?;
    let room_since = Instant::now();
    let healed = timeout(HEALED_WITHIN, writer.resend_unacknowledged(&mut tab));
    healed.await.context("resent messages did not arrive")??;
    writer.verify_acknowledged(&server).await?;
    let healed_after = room_since.elapsed();
    // The file system disappears with the process, so the messages had to be verified above, while the server was still
    // running.
    server.kill()?;
    Ok(measurements! {
        "ticks_that_still_fitted": ticks, "told_after_ms": told_after.as_millis() as u64,
        "healed_after_ms": healed_after.as_millis() as u64, "false_ticks": 0,
    })
}

enum Answer {
    Tick,
    Refused(Refusal),
}

async fn answer(tab: &mut load::Visitor, said: protocol::id::ClientId) -> Result<Answer, load::ConnectionError> {
    loop {
        match tab.next().await? {
            ToVisitor::Acknowledged { client_id, .. } if client_id == said => return Ok(Answer::Tick),
            ToVisitor::Refused { client_id: Some(client_id), refusal } if client_id == said => {
                return Ok(Answer::Refused(refusal));
            }
            _ => {}
        }
    }
}

/// Fills up all of the free space.
fn fill(filler: &std::path::Path) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut file = std::fs::File::create(filler).context("failed to create the filler")?;
    let piece = vec![0; 4_096];
    while file.write_all(&piece).is_ok() {}
    Ok(())
}
