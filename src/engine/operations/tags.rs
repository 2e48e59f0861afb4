//! Manages a chat's tags. Anyone who may write notes on a chat may also add and remove its tags.

use protocol::{id::ChatId, limits::TAG_CHARS, refusal::Refusal};

use super::{Engine, invitations::checked_within, refusal};
use crate::sessions::Principal;

impl Engine {
    /// Returns the tags that the organization has used, in alphabetical order.
    ///
    /// # Errors
    /// Returns an error if the store fails.
    pub async fn tags(&self, me: &Principal) -> Result<Vec<String>, Refusal> {
        self.store().tags(me.organization).await.map_err(refusal)
    }

    /// Adds a tag to a chat if `on` is set, or removes it otherwise.
    ///
    /// # Errors
    /// Returns [`Refusal::Empty`] or [`Refusal::TooLong`] if the name is invalid, [`Refusal::TooLarge`] if the chat
    /// already has the maximum number of tags, [`Refusal::Forbidden`] if the agent may not tag the chat, and
    /// [`Refusal::NotFound`] if the chat does not exist.
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

/// Normalizes a tag to lowercase, without control characters and with single spaces, so that each tag has only one
/// spelling.
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
