//! 10: the disk fills while people write. Nobody gets a tick for what is not stored, everybody is told at once, and once there
//! is room again what is sent anew arrives. The disk is a small file system in a mount namespace of the server's own.

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
        return Ok(measurements! { "not_tried": "this machine allows no mount namespace" });
    }
    let mut server = ServerProcess::with_fixtures("").await?;
    let folder = server.folder().display().to_string();
    // What is there is copied into the small disk, which then stands in its place.
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
    // What still fits into the log of the database may get its tick.
    let told = timeout(REFUSED_WITHIN, async {
        loop {
            let said = writer.send_message(&mut tab).await?;
            match answer(&mut tab, said).await? {
                Answer::Tick => ticks += 1,
                Answer::Refused(refusal) => return anyhow::Ok(refusal),
            }
            tokio::time::sleep(Duration::from_millis(110)).await;
        }
    });
    let refusal = told.await.context("nobody was told that the disk is full")??;
    ensure!(refusal == Refusal::StorageFull, "told {refusal:?}");
    let told_after = full_since.elapsed();

    std::fs::remove_file(&filler).context("the filler goes")?;
    let room_since = Instant::now();
    let healed = timeout(HEALED_WITHIN, writer.resend_unacknowledged(&mut tab));
    healed.await.context("what is sent again does not arrive")??;
    writer.verify_acknowledged(&server).await?;
    let healed_after = room_since.elapsed();
    // The disk goes with the process, so its database is looked at while it runs: every tick was found above.
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

/// Takes all the room there is.
fn fill(filler: &std::path::Path) -> anyhow::Result<()> {
    use std::io::Write as _;
    let mut file = std::fs::File::create(filler).context("the filler cannot be made")?;
    let piece = vec![0; 4_096];
    while file.write_all(&piece).is_ok() {}
    Ok(())
}
