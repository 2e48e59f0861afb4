//! Visitors' ratings of their chats.

use protocol::{Millis, id::VisitorId};

use super::{Result, Store, sql};

/// How long a chat can be rated (or its rating changed) after it has ended, in milliseconds.
const RATED_WITHIN: Millis = 24 * 60 * 60 * 1_000;
/// Selects the visitor's last chat if it had an agent and ended recently.
macro_rules! last_chat {
    () => {
        "SELECT id FROM (SELECT id, agent_id, state, state_since FROM chat WHERE visitor_id = $1 \
         ORDER BY began_at DESC, id DESC LIMIT 1) AS last \
         WHERE agent_id IS NOT NULL AND state = 'ended' AND state_since > $2"
    };
}

/// A visitor's rating of a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rating {
    /// The chat was helpful.
    Good,
    /// The chat was not helpful.
    Bad,
}

impl Rating {
    /// Every rating.
    pub const ALL: [Self; 2] = [Self::Good, Self::Bad];

    /// Returns the word used in the database and in URLs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }

    /// Returns the rating for a word, or `None` if the word is not valid.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rating| rating.as_str() == word)
    }
}

impl Store {
    /// Returns whether the visitor's last chat can be rated.
    pub async fn has_chat_to_rate(&self, visitor: VisitorId, now: Millis) -> Result<bool> {
        let last = sql::query(last_chat!()).bind(visitor.to_string()).bind(now - RATED_WITHIN);
        Ok(last.fetch_optional(&self.inner.readers).await?.is_some())
    }

    /// Stores a visitor's rating of their last chat. Returns whether there was a chat that could be rated.
    pub async fn rate(&self, visitor: VisitorId, rating: Rating, now: Millis) -> Result<bool> {
        self.write(move |db| {
            Box::pin(async move {
                let rated = sql::query(concat!("UPDATE chat SET rating = $3 WHERE id = (", last_chat!(), ")"))
                    .bind(visitor.to_string())
                    .bind(now - RATED_WITHIN)
                    .bind(rating.as_str())
                    .execute(db)
                    .await?;
                Ok(rated.rows_affected() > 0)
            })
        })
        .await
    }
}
