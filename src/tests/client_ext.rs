//! Waiting: for a condition, with a limit, and never by sleeping.

use std::{fmt::Debug, future::Future, time::Duration};

use load::{Agent, ConnectionError, Visitor};
use protocol::{
    board::Row,
    id::{InvitationId, VisitId},
    status::Status,
    visitor::FromVisitor,
};
use tokio::time::timeout;

use crate::test_server::{now, page};

/// Nothing in a test takes longer, also on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// The condition comes true within the limit, or the test fails with what was waited for.
pub(crate) async fn with_deadline<T>(what: &str, future: impl Future<Output = T>) -> T {
    match timeout(LIMIT, future).await {
        Ok(value) => value,
        Err(_) => panic!("waited {LIMIT:?} in vain: {what}"),
    }
}

/// What one waits for at a dashboard.
pub(crate) trait AgentExt {
    async fn until<T>(&mut self, what: &str, condition: impl FnMut(&Agent) -> Option<T>) -> T;
    /// The one row whose visitor is on this page.
    async fn wait_for_row(&mut self, path: &str) -> Row;
    /// The row, once it has this status.
    async fn wait_for_status(&mut self, visit: VisitId, status: Status) -> Row;
}

impl AgentExt for Agent {
    async fn until<T>(&mut self, what: &str, mut condition: impl FnMut(&Agent) -> Option<T>) -> T {
        with_deadline(what, async {
            loop {
                if let Some(found) = condition(self) {
                    return found;
                }
                if let Err(lost) = self.next().await {
                    panic!("{what}: {lost}");
                }
            }
        })
        .await
    }

    async fn wait_for_row(&mut self, path: &str) -> Row {
        let url = page(path).url;
        self.until("a row on the board", |agent| agent.board.rows.values().find(|row| row.page.url == url).cloned())
            .await
    }

    async fn wait_for_status(&mut self, visit: VisitId, status: Status) -> Row {
        self.until(status.as_str(), |agent| {
            agent.board.rows.get(&visit).filter(|row| row.status(now()) == status).cloned()
        })
        .await
    }
}

/// What one waits for in a tab.
pub(crate) trait VisitorExt {
    async fn until<T>(&mut self, what: &str, condition: impl FnMut(&Visitor) -> Option<T>) -> T;
    /// The open invitation, once it has come.
    async fn wait_for_invitation(&mut self) -> InvitationId;
    /// Everything that was on its way when this was asked has come.
    async fn wait_until_synced(&mut self);
    /// How the server ends it.
    async fn wait_for_close(&mut self) -> u16;
}

impl VisitorExt for Visitor {
    async fn until<T>(&mut self, what: &str, mut condition: impl FnMut(&Visitor) -> Option<T>) -> T {
        with_deadline(what, async {
            loop {
                if let Some(found) = condition(self) {
                    return found;
                }
                if let Err(lost) = self.next().await {
                    panic!("{what}: {lost}");
                }
            }
        })
        .await
    }

    async fn wait_for_invitation(&mut self) -> InvitationId {
        self.until("an invitation", |visitor| {
            visitor.invitation.as_ref().filter(|invitation| invitation.state.is_open()).map(|invitation| invitation.id)
        })
        .await
    }

    async fn wait_until_synced(&mut self) {
        self.send_frame(&FromVisitor::Heartbeat).await.unwrap();
        with_deadline("the answer to a beat", async {
            while !matches!(self.next().await.unwrap(), protocol::visitor::ToVisitor::Heartbeat { .. }) {}
        })
        .await;
    }

    async fn wait_for_close(&mut self) -> u16 {
        with_deadline("the close", async {
            loop {
                match self.next().await {
                    Ok(_) => {}
                    Err(ConnectionError::Closed(code)) => return code,
                    Err(lost) => panic!("{lost}"),
                }
            }
        })
        .await
    }
}

/// Exactly one of the two was done; the other's refusal.
pub(crate) fn expect_one_ok<T: Debug, E: Debug>(first: Result<T, E>, second: Result<T, E>) -> (bool, T, E) {
    match (first, second) {
        (Ok(done), Err(refused)) => (true, done, refused),
        (Err(refused), Ok(done)) => (false, done, refused),
        both => panic!("not exactly one was done: {both:?}"),
    }
}
