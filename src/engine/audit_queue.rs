//! Audit log lines that belong to no change: what was read, and who signed in. They are written in the background, so
//! nobody waits for them.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::{
    limits::audit_lines::AuditLineLimit,
    store::{NewAuditLine, Store},
};

/// The maximum number of lines waiting to be written. When the queue is full, callers wait; no line is dropped.
const MAX_WAITING: u32 = 1_024;

/// A handle to the queue. Clones share the same queue.
#[derive(Clone)]
pub(crate) struct AuditQueue {
    store: Store,
    limit: Arc<AuditLineLimit>,
    waiting: Arc<Semaphore>,
}

/// How many lines an action may write.
pub(crate) enum Bound {
    /// One line per hour with the same content.
    SameLine,
    /// In addition, at most [`AuditLineLimit::PER_GROUP`] lines per hour with this action and target.
    Target,
}

impl AuditQueue {
    pub(crate) fn new(store: Store) -> Self {
        let waiting = Arc::new(Semaphore::new(MAX_WAITING as usize));
        Self { store, limit: Arc::new(AuditLineLimit::new()), waiting }
    }

    /// Writes a line in the background, unless the same line, or too many similar ones, were written in the last hour.
    pub(crate) async fn add(&self, line: NewAuditLine, bound: Bound) {
        let NewAuditLine { by, action, target, detail, .. } = &line;
        let group = (by.organization, *action, target);
        let group = matches!(bound, Bound::Target).then_some(&group);
        if !self.limit.admits(&(by.organization, by.agent, *action, target, detail), group, line.at) {
            return;
        }
        let Ok(place) = Arc::clone(&self.waiting).acquire_owned().await else { return };
        let store = self.store.clone();
        tokio::spawn(async move {
            let _place = place;
            match store.add_audit_line(line).await {
                Err(error) if !error.is_closed() => tracing::error!(%error, "failed to write an audit log line"),
                _ => {}
            }
        });
    }

    /// Waits until all lines added so far are written.
    pub(crate) async fn flush(&self) {
        drop(self.waiting.acquire_many(MAX_WAITING).await);
    }
}
