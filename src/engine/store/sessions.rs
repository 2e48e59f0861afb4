//! Agents' sessions. Only the hash of each session's token is stored.

use protocol::{Millis, id::AgentId, refusal::Refusal};
use tokio::sync::broadcast;

use super::{
    Actor, Result, Store, audit,
    row::{id, unreadable},
    row::{language, role},
    sql::{self, Db, Row},
};
use crate::sessions::Principal;

/// How long a session lasts after it was last used, in milliseconds.
const IDLE_TIMEOUT: Millis = 7 * 24 * 60 * 60 * 1_000;
/// How long a session lasts after sign-in, whether it is used or not, in milliseconds.
const MAX_AGE: Millis = 30 * 24 * 60 * 60 * 1_000;
/// The minimum interval between updates of a session's last use, in milliseconds. Most requests should not cause a
/// write.
const NOTED_EVERY: Millis = 5 * 60 * 1_000;

/// An agent's session, as listed in the account settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignInRecord {
    /// The hash of the session's token.
    pub hash: [u8; 32],
    /// When the session started.
    pub created_at: Millis,
    /// When it was last used, to within five minutes.
    pub seen_at: Millis,
    /// The browser's user agent, at most 300 characters.
    pub user_agent: String,
}

impl Store {
    /// Starts a session.
    pub async fn add_session(&self, hash: [u8; 32], agent: AgentId, now: Millis, user_agent: &str) -> Result<()> {
        let user_agent: String = user_agent.chars().take(300).collect();
        self.write(move |db| {
            Box::pin(async move {
                sql::query("DELETE FROM session WHERE seen_at < $1 OR created_at < $2")
                    .bind(now - IDLE_TIMEOUT)
                    .bind(now - MAX_AGE)
                    .execute(&mut *db)
                    .await?;
                sql::query(
                    "INSERT INTO session (hash, agent_id, created_at, seen_at, reauthenticated_at, user_agent) \
                     VALUES ($1, $2, $3, $3, $3, $4)",
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

    /// Returns the agent who is signed in to a session, or `None` if the session is not valid or the agent is inactive.
    pub async fn session(&self, hash: [u8; 32], now: Millis) -> Result<Option<Principal>> {
        let row = sql::query(
            "SELECT agent.id, agent.organization_id, agent.role, agent.name, agent.language, session.seen_at \
             FROM session JOIN agent ON agent.id = session.agent_id \
             WHERE session.hash = $1 AND agent.active = 1 AND session.seen_at > $2 AND session.created_at > $3",
        )
        .bind(hash.to_vec())
        .bind(now - IDLE_TIMEOUT)
        .bind(now - MAX_AGE)
        .fetch_optional(&self.inner.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let principal = Principal {
            agent: id(&row, "id")?,
            organization: id(&row, "organization_id")?,
            role: role(&row)?,
            name: row.try_get("name")?,
            language: language(&row)?,
            session: hash,
        };
        if now - row.try_get::<Millis, _>("seen_at")? > NOTED_EVERY {
            let noted = self.note_used(hash, now).await;
            // The session stays valid even if a full disk prevents the write.
            noted.unwrap_or_else(|error| tracing::warn!(%error, "failed to record that a session was used"));
        }
        Ok(Some(principal))
    }

    async fn note_used(&self, session: [u8; 32], now: Millis) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                sql::query("UPDATE session SET seen_at = $2 WHERE hash = $1 AND seen_at < $2")
                    .bind(session.to_vec())
                    .bind(now)
                    .execute(db)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Ends a session. Returns the agent who was signed in, or `None` if there was no such session.
    pub async fn end_session(&self, hash: [u8; 32]) -> Result<Option<Actor>> {
        let ended = self
            .write(move |db| {
                Box::pin(async move {
                    let row = sql::query(
                        "SELECT agent.id, agent.organization_id, agent.name FROM session \
                         JOIN agent ON agent.id = session.agent_id WHERE session.hash = $1",
                    )
                    .bind(hash.to_vec())
                    .fetch_optional(&mut *db)
                    .await?;
                    sql::query("DELETE FROM session WHERE hash = $1").bind(hash.to_vec()).execute(db).await?;
                    let actor = |row: Row| {
                        let (organization, agent) = (id(&row, "organization_id")?, Some(id(&row, "id")?));
                        Ok(Actor { organization, agent, name: row.try_get("name")? })
                    };
                    row.map(actor).transpose()
                })
            })
            .await?;
        self.notify_ended(vec![hash]);
        Ok(ended)
    }

    /// Returns an agent's sessions, most recently used first.
    pub async fn sign_ins(&self, agent: AgentId, now: Millis) -> Result<Vec<SignInRecord>> {
        let rows = sql::query(
            "SELECT hash, created_at, seen_at, user_agent FROM session \
             WHERE agent_id = $1 AND seen_at > $2 AND created_at > $3 ORDER BY seen_at DESC",
        )
        .bind(agent.to_string())
        .bind(now - IDLE_TIMEOUT)
        .bind(now - MAX_AGE)
        .fetch_all(&self.inner.readers)
        .await?;
        let read = |row: &Row| {
            Ok(SignInRecord {
                hash: hash(row)?,
                created_at: row.try_get("created_at")?,
                seen_at: row.try_get("seen_at")?,
                user_agent: row.try_get("user_agent")?,
            })
        };
        rows.iter().map(read).collect()
    }

    /// Records in the audit log that somebody is guessing the password of the agent with this email address. Does nothing if
    /// no agent has the address.
    pub async fn note_password_guessing(&self, email: &str, detail: String, now: Millis) -> Result<()> {
        let Some(agent) = self.agent_by_email(email).await? else { return Ok(()) };
        let by = Actor { organization: agent.organization, agent: None, name: "The sign-in page".into() };
        self.write(move |db| {
            Box::pin(async move { audit::note(db, &by, "account.sign_ins_refused", &agent.name, &detail, now).await })
        })
        .await
    }

    /// Ends one of an agent's sessions.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the session does not exist or belongs to another agent.
    pub async fn end_sign_in(&self, by: Actor, agent: AgentId, which: [u8; 32], now: Millis) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                let gone = sql::query("DELETE FROM session WHERE hash = $1 AND agent_id = $2")
                    .bind(which.to_vec())
                    .bind(agent.to_string())
                    .execute(&mut *db)
                    .await?;
                if gone.rows_affected() == 0 {
                    return Err(Refusal::NotFound.into());
                }
                audit::note(db, &by, "account.sign_in_ended", &by.name, "", now).await
            })
        })
        .await?;
        self.notify_ended(vec![which]);
        Ok(())
    }

    /// Ends all of an agent's sessions except `keep`.
    pub async fn end_other_sign_ins(&self, by: Actor, agent: AgentId, keep: [u8; 32], now: Millis) -> Result<()> {
        let ended = self
            .write(move |db| {
                Box::pin(async move {
                    let ended = end_sessions_except(db, agent, Some(keep)).await?;
                    audit::note(db, &by, "account.other_sign_ins_ended", &by.name, "", now).await?;
                    Ok(ended)
                })
            })
            .await?;
        self.notify_ended(ended);
        Ok(())
    }

    /// Returns when the password was last entered in a session, or 0 if the session is unknown.
    pub async fn reauthenticated_at(&self, session: [u8; 32]) -> Result<Millis> {
        let at = sql::query_scalar("SELECT reauthenticated_at FROM session WHERE hash = $1");
        Ok(at.bind(session.to_vec()).fetch_optional(&self.inner.readers).await?.unwrap_or_default())
    }

    /// Records that the password was entered again in a session.
    pub async fn record_reauthentication(&self, session: [u8; 32], now: Millis) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                sql::query("UPDATE session SET reauthenticated_at = $2 WHERE hash = $1")
                    .bind(session.to_vec())
                    .bind(now)
                    .execute(db)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Returns a receiver for the hashes of ended sessions, whose sockets must be closed.
    pub fn ended_sessions(&self) -> broadcast::Receiver<[u8; 32]> {
        self.inner.ended.subscribe()
    }

    pub(super) fn notify_ended(&self, sessions: Vec<[u8; 32]>) {
        for session in sessions {
            // Sending fails if there are no receivers, which is fine.
            self.inner.ended.send(session).ok();
        }
    }
}

/// Ends all of an agent's sessions, including pending sign-ins, and deletes any reset link.
pub(super) async fn end_sessions(db: &mut Db, agent: AgentId) -> Result<Vec<[u8; 32]>> {
    end_sessions_except(db, agent, None).await
}

/// Ends all of an agent's sessions except `keep`, including pending sign-ins, and deletes any reset link.
pub(super) async fn end_sessions_except(db: &mut Db, agent: AgentId, keep: Option<[u8; 32]>) -> Result<Vec<[u8; 32]>> {
    for text in ["DELETE FROM pending_sign_in WHERE agent_id = $1", "DELETE FROM reset_link WHERE agent_id = $1"] {
        sql::query(text).bind(agent.to_string()).execute(&mut *db).await?;
    }
    let rows = sql::query("DELETE FROM session WHERE agent_id = $1 AND ($2 IS NULL OR hash <> $2) RETURNING hash")
        .bind(agent.to_string())
        .bind(keep.map(|hash| hash.to_vec()))
        .fetch_all(db)
        .await?;
    rows.iter().map(hash).collect()
}

fn hash(row: &Row) -> Result<[u8; 32]> {
    let bytes: &[u8] = row.try_get("hash")?;
    bytes.try_into().map_err(|_| unreadable("hash", "unexpected length"))
}
