//! The second factor: TOTP secrets, recovery codes, and sign-ins that still require a code.

use protocol::{Millis, id::AgentId, refusal::Refusal};

use super::{Actor, Result, Store, audit, row::id, sql};

/// How long a pending sign-in waits for its code, in milliseconds.
const CODE_WITHIN: Millis = 5 * 60 * 1_000;

/// An agent's second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotpRecord {
    /// The secret from which codes are computed.
    pub secret: Vec<u8>,
    /// When it was enabled (`None` until a code has confirmed it).
    pub since: Option<Millis>,
    /// The number of unused recovery codes.
    pub codes_left: u32,
}

impl Store {
    /// Returns an agent's second factor, confirmed or not.
    pub async fn totp(&self, agent: AgentId) -> Result<Option<TotpRecord>> {
        let row = sql::query(
            "SELECT totp_secret, totp_since, (SELECT count(*) FROM recovery_code \
             WHERE agent_id = agent.id AND used_at IS NULL) AS codes_left FROM agent WHERE id = $1",
        )
        .bind(agent.to_string())
        .fetch_optional(&self.inner.readers)
        .await?
        .ok_or(Refusal::NotFound)?;
        let secret: Option<Vec<u8>> = row.try_get("totp_secret")?;
        let (since, codes_left) = (row.try_get("totp_since")?, row.try_get("codes_left")?);
        Ok(secret.map(|secret| TotpRecord { secret, since, codes_left }))
    }

    /// Stores an unconfirmed secret. Does nothing if a confirmed one exists.
    pub async fn begin_totp(&self, agent: AgentId, secret: Vec<u8>) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                sql::query("UPDATE agent SET totp_secret = $2, totp_step = 0 WHERE id = $1 AND totp_since IS NULL")
                    .bind(agent.to_string())
                    .bind(secret)
                    .execute(db)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Enables the second factor with these recovery codes. `step` is the time step of the code that confirmed it.
    pub async fn confirm_totp(
        &self,
        by: Actor,
        agent: AgentId,
        step: u64,
        codes: Vec<[u8; 32]>,
        now: Millis,
    ) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                let done = sql::query(
                    "UPDATE agent SET totp_since = $2, totp_step = $3 \
                     WHERE id = $1 AND totp_since IS NULL AND totp_secret IS NOT NULL",
                )
                .bind(agent.to_string())
                .bind(now)
                .bind(i64::try_from(step).unwrap_or(i64::MAX))
                .execute(&mut *db)
                .await?;
                if done.rows_affected() == 0 {
                    return Err(Refusal::NotFound.into());
                }
                sql::query("DELETE FROM recovery_code WHERE agent_id = $1")
                    .bind(agent.to_string())
                    .execute(&mut *db)
                    .await?;
                for code in codes {
                    sql::query("INSERT INTO recovery_code (agent_id, hash) VALUES ($1, $2)")
                        .bind(agent.to_string())
                        .bind(code.to_vec())
                        .execute(&mut *db)
                        .await?;
                }
                audit::note(db, &by, "account.second_factor_on", &by.name, "", now).await
            })
        })
        .await
    }

    /// Removes the second factor and its recovery codes.
    pub async fn remove_totp(&self, by: Actor, agent: AgentId, now: Millis) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                sql::query("UPDATE agent SET totp_secret = NULL, totp_since = NULL, totp_step = 0 WHERE id = $1")
                    .bind(agent.to_string())
                    .execute(&mut *db)
                    .await?;
                sql::query("DELETE FROM recovery_code WHERE agent_id = $1")
                    .bind(agent.to_string())
                    .execute(&mut *db)
                    .await?;
                audit::note(db, &by, "account.second_factor_off", &by.name, "", now).await
            })
        })
        .await
    }

    /// Uses up the code for a time step, which invalidates all codes up to that step. Returns whether the code was
    /// still valid.
    pub async fn spend_step(&self, agent: AgentId, step: u64) -> Result<bool> {
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        self.write(move |db| {
            Box::pin(async move {
                let spent = sql::query("UPDATE agent SET totp_step = $2 WHERE id = $1 AND totp_step < $2")
                    .bind(agent.to_string())
                    .bind(step)
                    .execute(db)
                    .await?;
                Ok(spent.rows_affected() > 0)
            })
        })
        .await
    }

    /// Uses up a recovery code. Returns whether it was valid.
    pub async fn spend_recovery_code(&self, agent: AgentId, code: [u8; 32], now: Millis) -> Result<bool> {
        self.write(move |db| {
            Box::pin(async move {
                let spent = sql::query(
                    "UPDATE recovery_code SET used_at = $3 WHERE agent_id = $1 AND hash = $2 AND used_at IS NULL",
                )
                .bind(agent.to_string())
                .bind(code.to_vec())
                .bind(now)
                .execute(db)
                .await?;
                Ok(spent.rows_affected() > 0)
            })
        })
        .await
    }

    /// Starts a sign-in with a correct password that still requires a code.
    pub async fn add_pending_sign_in(&self, hash: [u8; 32], agent: AgentId, now: Millis) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                sql::query("DELETE FROM pending_sign_in WHERE created_at <= $1")
                    .bind(now - CODE_WITHIN)
                    .execute(&mut *db)
                    .await?;
                sql::query("INSERT INTO pending_sign_in (hash, agent_id, created_at) VALUES ($1, $2, $3)")
                    .bind(hash.to_vec())
                    .bind(agent.to_string())
                    .bind(now)
                    .execute(db)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Returns the agent who started a pending sign-in, or `None` if the sign-in is not valid or the agent is inactive.
    pub async fn pending_sign_in(&self, hash: [u8; 32], now: Millis) -> Result<Option<AgentId>> {
        let row = sql::query(
            "SELECT agent_id FROM pending_sign_in JOIN agent ON agent.id = agent_id \
             WHERE hash = $1 AND created_at > $2 AND active = 1",
        )
        .bind(hash.to_vec())
        .bind(now - CODE_WITHIN)
        .fetch_optional(&self.inner.readers)
        .await?;
        row.map(|row| id(&row, "agent_id")).transpose()
    }

    /// Ends all of an agent's pending sign-ins, so that the password has to be entered again.
    pub async fn end_pending_sign_ins(&self, agent: AgentId) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                sql::query("DELETE FROM pending_sign_in WHERE agent_id = $1")
                    .bind(agent.to_string())
                    .execute(db)
                    .await?;
                Ok(())
            })
        })
        .await
    }

    /// Ends a pending sign-in, whether it was completed or abandoned. Returns whether it still existed, so that it can
    /// be completed only once.
    pub async fn end_pending_sign_in(&self, hash: [u8; 32]) -> Result<bool> {
        self.write(move |db| {
            Box::pin(async move {
                let gone =
                    sql::query("DELETE FROM pending_sign_in WHERE hash = $1").bind(hash.to_vec()).execute(db).await?;
                Ok(gone.rows_affected() > 0)
            })
        })
        .await
    }
}
