//! Sessions of agents: the hash of a token each, never the token.

use protocol::{Millis, id::AgentId};
use sqlx::{Row as _, SqliteConnection};
use tokio::sync::broadcast;

use super::{Result, Store, agents::role, row::id};
use crate::sessions::Principal;

/// A session ends this long after its last use …
const UNUSED: Millis = 7 * 24 * 60 * 60 * 1_000;
/// … and this long after signing in, used or not.
const LONGEST: Millis = 30 * 24 * 60 * 60 * 1_000;
/// Its use is written down this seldom: most requests should write nothing.
const NOTED_EVERY: Millis = 5 * 60 * 1_000;

impl Store {
    /// Begins a session.
    pub async fn add_session(&self, hash: [u8; 32], agent: AgentId, now: Millis, user_agent: &str) -> Result<()> {
        let user_agent: String = user_agent.chars().take(300).collect();
        self.write(move |db| {
            Box::pin(async move {
                sqlx::query("DELETE FROM session WHERE seen_at < $1 OR created_at < $2")
                    .bind(now - UNUSED)
                    .bind(now - LONGEST)
                    .execute(&mut *db)
                    .await?;
                sqlx::query(
                    "INSERT INTO session (hash, agent_id, created_at, seen_at, user_agent) VALUES ($1, $2, $3, $3, $4)",
                )
                .bind(hash.to_vec())
                .bind(agent.to_string())
                .bind(now)
                .bind(user_agent)
                .execute(db)
                .await?;
                Ok(())
            })
        })
        .await
    }

    /// Whose session it is, while it lasts and the agent is active.
    pub async fn session(&self, hash: [u8; 32], now: Millis) -> Result<Option<Principal>> {
        let row = sqlx::query(
            "SELECT agent.id, agent.organization_id, agent.role, agent.name, session.seen_at \
             FROM session JOIN agent ON agent.id = session.agent_id \
             WHERE session.hash = $1 AND agent.active = 1 AND session.seen_at > $2 AND session.created_at > $3",
        )
        .bind(hash.to_vec())
        .bind(now - UNUSED)
        .bind(now - LONGEST)
        .fetch_optional(&self.inner.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let principal = Principal {
            agent: id(&row, "id")?,
            organization: id(&row, "organization_id")?,
            role: role(&row)?,
            name: row.try_get("name")?,
            session: hash,
        };
        if now - row.try_get::<Millis, _>("seen_at")? > NOTED_EVERY {
            self.write(move |db| {
                Box::pin(async move {
                    sqlx::query("UPDATE session SET seen_at = max(seen_at, $2) WHERE hash = $1")
                        .bind(hash.to_vec())
                        .bind(now)
                        .execute(db)
                        .await?;
                    Ok(())
                })
            })
            .await?;
        }
        Ok(Some(principal))
    }

    /// Ends a session.
    pub async fn end_session(&self, hash: [u8; 32]) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                sqlx::query("DELETE FROM session WHERE hash = $1").bind(hash.to_vec()).execute(db).await?;
                Ok(())
            })
        })
        .await?;
        self.tell_ended(vec![hash]);
        Ok(())
    }

    /// The hashes of sessions as they end: their sockets must close.
    pub fn ended_sessions(&self) -> broadcast::Receiver<[u8; 32]> {
        self.inner.ended.subscribe()
    }

    pub(super) fn tell_ended(&self, sessions: Vec<[u8; 32]>) {
        for session in sessions {
            // Nobody listens when nobody is connected.
            self.inner.ended.send(session).ok();
        }
    }
}

pub(super) async fn end_all(db: &mut SqliteConnection, agent: AgentId) -> Result<Vec<[u8; 32]>> {
    let rows = sqlx::query("DELETE FROM session WHERE agent_id = $1 RETURNING hash")
        .bind(agent.to_string())
        .fetch_all(db)
        .await?;
    let mut hashes = Vec::with_capacity(rows.len());
    for row in rows {
        hashes.extend(<[u8; 32]>::try_from(row.try_get::<&[u8], _>("hash")?));
    }
    Ok(hashes)
}
