//! Helpers that wait for a condition with a time limit, without ever sleeping.

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

/// The time limit for every wait. It is generous so that tests do not fail on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// Waits for the future to complete. Panics with a message containing `what` if it takes longer than [`LIMIT`].
pub(crate) async fn with_deadline<T>(what: &str, future: impl Future<Output = T>) -> T {
    match timeout(LIMIT, future).await {
        Ok(value) => value,
        Err(_) => panic!("timed out after {LIMIT:?} waiting for {what}"),
    }
}

/// Waits for conditions on a dashboard.
pub(crate) trait AgentExt {
    async fn until<T>(&mut self, what: &str, condition: impl FnMut(&Agent) -> Option<T>) -> T;
    /// Returns the row of the visitor who is on this page, as soon as there is one.
    async fn wait_for_row(&mut self, path: &str) -> Row;
    /// Returns the row as soon as it has this status.
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

/// Waits for conditions in a visitor's tab.
pub(crate) trait VisitorExt {
    async fn until<T>(&mut self, what: &str, condition: impl FnMut(&Visitor) -> Option<T>) -> T;
    /// Returns the id of the open invitation as soon as it arrives.
    async fn wait_for_invitation(&mut self) -> InvitationId;
    /// Waits until everything the server sent before this call has been received.
    async fn wait_until_synced(&mut self);
    /// Waits for the server to close the socket and returns the close code.
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

/// Returns which of the two calls succeeded (`true` for the first), its result, and the other call's error. Panics
/// unless exactly one of them succeeded.
pub(crate) fn expect_one_ok<T: Debug, E: Debug>(first: Result<T, E>, second: Result<T, E>) -> (bool, T, E) {
    match (first, second) {
        (Ok(done), Err(refused)) => (true, done, refused),
        (Err(refused), Ok(done)) => (false, done, refused),
        both => panic!("expected exactly one success: {both:?}"),
    }
}
