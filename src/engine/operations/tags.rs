//! Tags of a chat, added and removed by those who may write notes on it.

use protocol::{id::ChatId, limits::TAG_CHARS, refusal::Refusal};

use super::{Engine, invitations::checked_within, refusal};
use crate::sessions::Principal;

impl Engine {
    /// Returns the tags that the organization has used, in order.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn tags(&self, me: &Principal) -> Result<Vec<String>, Refusal> {
        self.store().tags(me.organization).await.map_err(refusal)
    }

    /// Adds a tag to a chat (`on`), or removes it.
    ///
    /// # Errors
    /// `Empty`, `TooLong`, `TooLarge` when the chat already has the maximum number of tags, `Forbidden`, `NotFound`.
    pub async fn tag(&self, me: &Principal, chat: ChatId, name: &str, on: bool) -> Result<(), Refusal> {
        let name = checked_within(&plain(name), TAG_CHARS)?;
        let record = self.chat_to_write_beside(me, chat).await?;
        let _guard = self.lock_visitor(record.visitor).await;
        let tagged = match on {
            true => self.store().add_tag(me.organization, chat, name).await,
            false => self.store().remove_tag(chat, name).await,
        };
        self.notify(tagged.map_err(refusal)?, Vec::new()).await;
        Ok(())
    }
}

/// Normalizes a tag: lower case, no control characters, single spaces. Each tag thus has only one spelling.
fn plain(name: &str) -> String {
    let lower: String = name.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    lower.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn tag_is_normalized() {
        assert_eq!(plain("  Big\tOrder\n"), "big order");
        assert_eq!(plain("RETOURE"), plain("retoure"));
        assert_eq!(plain("\u{0}"), "");
    }
}
