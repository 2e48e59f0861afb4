//! Waits for a condition with a time limit, and never by sleeping.

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

/// The time limit of every wait. It is generous so that a busy machine does not fail a test.
const LIMIT: Duration = Duration::from_secs(60);

/// Waits for the future. Panics with `what` if it does not complete within the limit.
pub(crate) async fn with_deadline<T>(what: &str, future: impl Future<Output = T>) -> T {
    match timeout(LIMIT, future).await {
        Ok(value) => value,
        Err(_) => panic!("timed out after {LIMIT:?}: {what}"),
    }
}

/// Conditions to wait for on a dashboard.
pub(crate) trait AgentExt {
    async fn until<T>(&mut self, what: &str, condition: impl FnMut(&Agent) -> Option<T>) -> T;
    /// Returns the row of the visitor who is on this page.
    async fn wait_for_row(&mut self, path: &str) -> Row;
    /// Returns the row once it has this status.
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

/// Conditions to wait for in a visitor's tab.
pub(crate) trait VisitorExt {
    async fn until<T>(&mut self, what: &str, condition: impl FnMut(&Visitor) -> Option<T>) -> T;
    /// Returns the id of the open invitation once it has arrived.
    async fn wait_for_invitation(&mut self) -> InvitationId;
    /// Waits until everything that the server had sent before this call has arrived.
    async fn wait_until_synced(&mut self);
    /// Returns the code with which the server closes the socket.
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
        with_deadline("the heartbeat reply", async {
            while !matches!(self.next().await.unwrap(), protocol::visitor::ToVisitor::Heartbeat { .. }) {}
        })
        .await;
    }

    async fn wait_for_close(&mut self) -> u16 {
        with_deadline("the socket to close", async {
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

/// Returns which of the two calls succeeded (`true`: the first), its result, and the other call's error. Panics
/// otherwise.
pub(crate) fn expect_one_ok<T: Debug, E: Debug>(first: Result<T, E>, second: Result<T, E>) -> (bool, T, E) {
    match (first, second) {
        (Ok(done), Err(refused)) => (true, done, refused),
        (Err(refused), Ok(done)) => (false, done, refused),
        both => panic!("expected exactly one success: {both:?}"),
    }
}
