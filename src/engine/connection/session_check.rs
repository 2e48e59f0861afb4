//! Checks whether a dashboard may stay connected: its session must still exist, and its agent must have the same role and
//! teams as at hello, because the connection uses them to decide what the agent may read.

use std::collections::BTreeSet;

use protocol::{agent::Role, close_reason::CloseReason, id::TeamId};

use crate::{Engine, clock};

/// A dashboard reconnects within this time (ms) after the agent's role or teams have changed.
pub(crate) const BACK_WITHIN_MS: u32 = 1_000;

/// Looks up the session of a connection again.
#[derive(Clone)]
pub struct SessionCheck {
    engine: Engine,
    session: [u8; 32],
    role: Role,
    teams: BTreeSet<TeamId>,
}

impl SessionCheck {
    pub(super) fn new(engine: Engine, session: [u8; 32], role: Role, teams: BTreeSet<TeamId>) -> Self {
        Self { engine, session, role, teams }
    }

    /// Returns why the connection must close, if it must. While the database fails, it stays open.
    pub async fn close_reason(&self) -> Option<CloseReason> {
        let store = self.engine.store();
        let Some(now) = store.session(self.session, clock::now()).await.ok()? else {
            return Some(CloseReason::SignedOut);
        };
        let teams: BTreeSet<TeamId> = store.teams_of(now.agent).await.ok()?.into_iter().collect();
        let is_same = now.role == self.role && teams == self.teams;
        (!is_same).then_some(CloseReason::Restarting { within: BACK_WITHIN_MS })
    }
}
