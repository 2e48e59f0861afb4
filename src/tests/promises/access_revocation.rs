//! Promise 15: with many dashboards open, one agent signs out, another changes their password, and a third is
//! deactivated. Every affected socket is closed within 5 s, and all later requests are refused.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use load::{Agent, ConnectionError};
use protocol::close_reason::CloseReason;
use reqwest::{Client, multipart::Form, redirect::Policy};
use tokio::{task::JoinSet, time::timeout};

use crate::{
    fixtures::PASSWORD,
    runner::{TrialResult, TrialSettings, measurements},
    server_process::ServerProcess,
};

const CLOSED_WITHIN: Duration = Duration::from_secs(5);

pub(crate) async fn check(trial: TrialSettings) -> TrialResult {
    let sockets = trial.pick(40, 200);
    let mut server = ServerProcess::with_fixtures("").await?;
    let (signs_out, changes, stays, is_ended, admin) = (
        server.cookie("ann").await?,
        server.cookie("ben").await?,
        server.cookie("ben").await?,
        server.cookie("cara").await?,
        server.cookie("dora").await?,
    );
    server.start().await?;
    let mut measurements = measurements! { "sockets_each": sockets };

    let open = open(&server, &signs_out, sockets).await?;
    let posted = browser().post(server.http("/sign-out")).header("cookie", &signs_out);
    posted.header("content-type", "application/octet-stream").send().await?;
    measurements.insert("signed_out_ms".into(), wait_for_all_closed(open).await?.into());
    assert_signed_out(&server, &signs_out).await?;

    // Ben uses two devices and changes the password on the second one.
    let open_elsewhere = self::open(&server, &changes, sockets).await?;
    let mut here = server.dashboard(&stays).await?;
    let form = Form::new().text("old", PASSWORD).text("new", "another correct horse");
    let posted = browser().post(server.http("/account/password")).header("cookie", &stays).multipart(form);
    let status = posted.header("accept", "text/html").send().await?.status();
    ensure!(status == 303, "the password was not changed: {status}");
    measurements.insert("new_password_ms".into(), wait_for_all_closed(open_elsewhere).await?.into());
    assert_signed_out(&server, &changes).await?;
    here.send_frame(&protocol::agent::FromAgent::Heartbeat).await?;
    here.next().await.context("the device that changed the password was signed out")?;

    let open = self::open(&server, &is_ended, sockets).await?;
    let cara = open.first().context("no dashboard is open")?.directory.me;
    let address = server.http(&format!("/settings/agents/{cara}/active"));
    let posted = browser().post(address).header("cookie", &admin).multipart(Form::new().text("active", ""));
    let status = posted.header("accept", "text/html").send().await?.status();
    ensure!(status == 303, "the agent was not deactivated: {status}");
    measurements.insert("deactivated_ms".into(), wait_for_all_closed(open).await?.into());
    assert_signed_out(&server, &is_ended).await?;
    server.stop().await?;
    Ok(measurements)
}

fn browser() -> Client {
    Client::builder().redirect(Policy::none()).build().expect("the HTTP client can be built")
}

async fn open(server: &ServerProcess, cookie: &str, sockets: usize) -> anyhow::Result<Vec<Agent>> {
    let mut open = Vec::with_capacity(sockets);
    for _ in 0..sockets {
        open.push(server.dashboard(cookie).await?);
    }
    Ok(open)
}

/// Returns how many milliseconds it took until the last dashboard was closed as signed out.
async fn wait_for_all_closed(open: Vec<Agent>) -> anyhow::Result<u64> {
    let began = Instant::now();
    let mut closing = JoinSet::new();
    for mut dashboard in open {
        closing.spawn(async move {
            loop {
                match dashboard.next().await {
                    Ok(_) => {}
                    Err(ConnectionError::Closed(code)) => return code,
                    Err(_) => return 0,
                }
            }
        });
    }
    let codes =
        timeout(CLOSED_WITHIN, closing.join_all()).await.context("sockets were still open after five seconds")?;
    ensure!(codes.iter().all(|code| *code == CloseReason::SignedOut.code()), "unexpected close codes: {codes:?}");
    Ok(began.elapsed().as_millis() as u64)
}

/// Checks that the session is refused both over HTTP and over a socket.
async fn assert_signed_out(server: &ServerProcess, cookie: &str) -> anyhow::Result<()> {
    let asked = browser().post(server.http("/api/who-am-i")).header("cookie", cookie);
    let status = asked.header("content-type", "application/octet-stream").send().await?.status();
    ensure!(status == 401, "HTTP request: {status}");
    let turned = server.dashboard(cookie).await.map(|_| ());
    ensure!(matches!(turned, Err(ConnectionError::Rejected(401))), "socket: {turned:?}");
    Ok(())
}
