//! The tokens by which visitors' browsers are recognized. Only their hashes are stored. A new token is derived from the
//! previous one and a stored salt, so that every tab that still has the previous one can be told the same new one.

use protocol::{Millis, id::VisitorId};

use super::{
    Result, Store,
    row::unreadable,
    sql::{self, Row},
};

/// What is stored about the token by which a visitor was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredToken {
    /// Whether it is the visitor's previous token.
    pub is_previous: bool,
    /// When the current token was issued.
    pub since: Millis,
    /// The salt with which the current token was derived from the previous one. `None` for a visitor's first token.
    pub salt: Option<[u8; 32]>,
    /// Until when the previous token is valid. `None` means until the current one has been used.
    pub previous_until: Option<Millis>,
}

/// A new token for a visitor.
#[derive(Clone, Debug)]
pub struct TokenRotation {
    /// The visitor.
    pub visitor: VisitorId,
    /// The hash of the token that is now the previous one.
    pub from: [u8; 32],
    /// The hash of the new token.
    pub to: [u8; 32],
    /// The salt with which the new token was derived.
    pub salt: [u8; 32],
    /// The current time.
    pub now: Millis,
}

impl Store {
    /// Replaces a visitor's token. The previous one stays valid. Returns whether the replaced token was still the
    /// current one: another tab may have been first.
    pub async fn rotate_token(&self, new: TokenRotation) -> Result<bool> {
        self.write(move |db| {
            Box::pin(async move {
                let rotated = sql::query(
                    "UPDATE visitor SET previous_token_hash = token_hash, previous_token_until = NULL, \
                     token_hash = $3, token_salt = $4, token_since = $5 WHERE id = $1 AND token_hash = $2",
                )
                .bind(new.visitor.to_string())
                .bind(new.from.to_vec())
                .bind(new.to.to_vec())
                .bind(new.salt.to_vec())
                .bind(new.now)
                .execute(db)
                .await?;
                Ok(rotated.rows_affected() > 0)
            })
        })
        .await
    }

    /// Records that a visitor's current token has been used. The previous one now expires at `until`.
    pub async fn retire_previous_token(&self, visitor: VisitorId, until: Millis) -> Result<()> {
        self.write(move |db| {
            Box::pin(async move {
                sql::query(
                    "UPDATE visitor SET previous_token_until = $2 \
                     WHERE id = $1 AND previous_token_hash IS NOT NULL AND previous_token_until IS NULL",
                )
                .bind(visitor.to_string())
                .bind(until)
                .execute(db)
                .await?;
                Ok(())
            })
        })
        .await
    }
}

/// Reads the token columns of a visitor who was found by `hash`.
pub(super) fn read(row: &Row, hash: [u8; 32]) -> Result<StoredToken> {
    let salt: Option<&[u8]> = row.try_get("token_salt")?;
    let salt = salt.map(|salt| salt.try_into().map_err(|_| unreadable("token_salt", "unexpected length")));
    Ok(StoredToken {
        is_previous: row.try_get::<&[u8], _>("token_hash")? != hash,
        since: row.try_get("token_since")?,
        salt: salt.transpose()?,
        previous_until: row.try_get("previous_token_until")?,
    })
}
