//! Stores whether agents are available for chats, so that their status survives a restart and applies on every device.

use protocol::{
    Millis,
    availability::{Availability, AwayReason},
    id::AgentId,
    refusal::Refusal,
};

use super::{
    Result, Store,
    row::unreadable,
    sql::{self, Db, Row},
};

impl Store {
    /// Returns whether an agent is available for chats.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the agent does not exist.
    pub async fn availability(&self, agent: AgentId) -> Result<Availability> {
        let row = sql::query(AVAILABILITY).bind(agent.to_string()).fetch_optional(&self.inner.readers).await?;
        read(&row.ok_or(Refusal::NotFound)?)
    }

    /// Marks an agent as available, or as away for a reason. Setting the same reason again keeps its start time.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the agent does not exist.
    pub async fn set_availability(
        &self,
        agent: AgentId,
        away: Option<AwayReason>,
        now: Millis,
    ) -> Result<Availability> {
        self.write(move |db| {
            Box::pin(async move {
                let (word, words) = away.as_ref().map(written).unzip();
                sql::query(
                    "UPDATE agent SET away = $2, away_reason_text = $3, away_since = CASE WHEN $2 IS NULL THEN NULL \
                     WHEN away = $2 AND away_reason_text IS NOT DISTINCT FROM $3 THEN away_since ELSE $4 END \
                     WHERE id = $1",
                )
                .bind(agent.to_string())
                .bind(word)
                .bind(words.flatten())
                .bind(now)
                .execute(&mut *db)
                .await?;
                by_id(db, agent).await
            })
        })
        .await
    }

    /// Marks an agent as away because none of their dashboards received any input. A reason that the agent has set is
    /// kept.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the agent does not exist.
    pub async fn set_idle(&self, agent: AgentId, now: Millis) -> Result<Availability> {
        self.write(move |db| {
            Box::pin(async move {
                sql::query("UPDATE agent SET away = 'idle', away_since = $2 WHERE id = $1 AND away IS NULL")
                    .bind(agent.to_string())
                    .bind(now)
                    .execute(&mut *db)
                    .await?;
                by_id(db, agent).await
            })
        })
        .await
    }

    /// Marks an agent as available again after some input, if they were away only because they were idle.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the agent does not exist.
    pub async fn clear_idle(&self, agent: AgentId) -> Result<Availability> {
        self.write(move |db| {
            Box::pin(async move {
                sql::query("UPDATE agent SET away = NULL, away_since = NULL WHERE id = $1 AND away = 'idle'")
                    .bind(agent.to_string())
                    .execute(&mut *db)
                    .await?;
                by_id(db, agent).await
            })
        })
        .await
    }
}

const AVAILABILITY: &str = "SELECT away, away_reason_text, away_since FROM agent WHERE id = $1";

async fn by_id(db: &mut Db, agent: AgentId) -> Result<Availability> {
    let row = sql::query(AVAILABILITY).bind(agent.to_string()).fetch_optional(db).await?;
    read(&row.ok_or(Refusal::NotFound)?)
}

fn written(reason: &AwayReason) -> (&'static str, Option<String>) {
    match reason {
        AwayReason::Break => ("break", None),
        AwayReason::Lunch => ("lunch", None),
        AwayReason::Meeting => ("meeting", None),
        AwayReason::Other(words) => ("other", Some(words.clone())),
        AwayReason::Idle => ("idle", None),
    }
}

fn read(row: &Row) -> Result<Availability> {
    let Some(word) = row.try_get::<Option<&str>, _>("away")? else { return Ok(Availability::Available) };
    let reason = match word {
        "break" => AwayReason::Break,
        "lunch" => AwayReason::Lunch,
        "meeting" => AwayReason::Meeting,
        "other" => AwayReason::Other(row.try_get::<Option<String>, _>("away_reason_text")?.unwrap_or_default()),
        "idle" => AwayReason::Idle,
        other => return Err(unreadable("away", other)),
    };
    Ok(Availability::Away { reason, since: row.try_get::<Option<Millis>, _>("away_since")?.unwrap_or_default() })
}
