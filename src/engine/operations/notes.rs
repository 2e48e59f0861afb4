//! Notes and whispers that agents write to each other about a chat. Visitors never see them.

use protocol::{agent::ToAgent, chat::ChatState, id::ChatId, note::Note, notice::Notice, refusal::Refusal};

use super::{Engine, invitations::checked, refusal};
use crate::{clock, permission::Permission, sessions::Principal, store::ChatRecord};

impl Engine {
    /// Adds a note to a chat. A whisper is a note from a supervisor that notifies the chat's agent.
    ///
    /// # Errors
    /// Returns [`Refusal::Forbidden`] if the agent may not write notes on the chat or may not whisper,
    /// [`Refusal::ChatChanged`] if no other agent is in the chat to receive the whisper, [`Refusal::Empty`] or
    /// [`Refusal::TooLong`] if the text is invalid, and [`Refusal::NotFound`] if the chat does not exist.
    pub async fn add_note(&self, me: &Principal, chat: ChatId, text: &str, whisper: bool) -> Result<(), Refusal> {
        let text = checked(text)?;
        let visitor = self.chat_to_write_beside(me, chat).await?.visitor;
        // Under the lock, nobody claims the chat before everyone who may read this note has it.
        let _guard = self.lock_visitor(visitor).await;
        let record = self.chat_to_write_beside(me, chat).await?;
        let listener = record.agent.filter(|agent| record.state == ChatState::InProgress && *agent != me.agent);
        if whisper {
            me.may(Permission::Supervise)?;
            listener.ok_or(Refusal::ChatChanged { agent: record.agent })?;
        }
        let note = self.store().add_note(chat, me.agent, text, whisper, clock::now()).await.map_err(refusal)?;
        let hub = self.hub(me.organization);
        hub.note(chat, record.agent, &note).await;
        if let Some(agent) = listener.filter(|_| whisper) {
            let notice = Notice::Whispered { chat, by: me.agent, text: note.text };
            hub.notify_agent(agent, &ToAgent::Notice(notice)).await;
        }
        Ok(())
    }

    /// Returns the notes on a chat, in order.
    ///
    /// # Errors
    /// Returns [`Refusal::NotFound`] if the chat does not exist or the agent may not read it.
    pub async fn notes(&self, me: &Principal, chat: ChatId) -> Result<Vec<Note>, Refusal> {
        let notes = self.store().notes(chat).await.map_err(refusal)?;
        self.chat_to_read(me, chat).await?;
        Ok(notes)
    }

    /// Returns the chat if the agent may write notes on it, either as the chat's agent or as a supervisor.
    pub(super) async fn chat_to_write_beside(&self, me: &Principal, chat: ChatId) -> Result<ChatRecord, Refusal> {
        let record = self.chat_of(me, chat).await?;
        if record.agent != Some(me.agent) {
            me.may(Permission::Supervise)?;
        }
        Ok(record)
    }
}
