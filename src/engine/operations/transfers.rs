//! Transfers chats to a colleague or a team.

use protocol::{
    agent::ToAgent,
    id::{AgentId, ChatId},
    limits::MESSAGE_CHARS,
    notice::Notice,
    refusal::Refusal,
};

use super::{Engine, notify::Call, refusal};
use crate::{
    clock,
    permission::Permission,
    sessions::Principal,
    store::{TransferRequest, TransferTarget},
};

impl Engine {
    /// Transfers a chat, along with a note that only agents can see. Only the chat's agent and supervisors may do this.
    ///
    /// # Errors
    /// Returns [`Refusal::AgentAway`] if the colleague is away, [`Refusal::AgentFull`] if the colleague has reached
    /// their chat limit, [`Refusal::ChatChanged`] if the chat is no longer with `seen_owner`, [`Refusal::ChatEnded`] if
    /// it is over, [`Refusal::Forbidden`] if the agent may not transfer it, [`Refusal::TooLong`] if the note is too
    /// long, and [`Refusal::NotFound`] if the chat, colleague, or team does not exist.
    pub async fn hand_over(
        &self,
        me: &Principal,
        chat: ChatId,
        seen_owner: AgentId,
        to: TransferTarget,
        note: &str,
    ) -> Result<(), Refusal> {
        let note = note.trim().to_owned();
        if note.chars().count() > MESSAGE_CHARS {
            return Err(Refusal::TooLong { limit: u32::try_from(MESSAGE_CHARS).unwrap_or(u32::MAX) });
        }
        let insists = matches!(to, TransferTarget::Agent { insist: true, .. });
        if seen_owner != me.agent || insists {
            me.may(Permission::Supervise)?;
        }
        let visitor = self.chat_of(me, chat).await?.visitor;
        let _guard = self.lock_visitor(visitor).await;
        let hub = self.hub(me.organization);
        if let TransferTarget::Agent { agent, insist: false } = to {
            // An agent of another organization must be indistinguishable from an agent who does not exist.
            let is_known = self.store().agent_card(me.organization, agent).await.map_err(refusal)?.is_some();
            let is_there = hub.colleagues().await.iter().any(|one| one.agent == agent);
            if is_known && !is_there {
                return Err(Refusal::AgentAway { agent });
            }
        }
        let now = clock::now();
        let request = TransferRequest {
            chat,
            organization: me.organization,
            by: me.agent,
            seen_owner,
            to,
            note: note.clone(),
            counts_since: self.counts_since(now),
            now,
        };
        let (record, entries, written) = self.store().hand_over(request).await.map_err(refusal)?;
        self.notify(record.clone(), entries).await;
        // The new agent does not have the chat open yet, so the note is also sent to them directly.
        if let Some(written) = written {
            hub.note(chat, record.agent, &written).await;
        }
        hub.notify_agent(seen_owner, &ToAgent::ChatGone(chat)).await;
        match to {
            TransferTarget::Agent { agent, .. } => {
                let notice = Notice::HandedOver { chat, from: me.agent, note };
                hub.notify_agent(agent, &ToAgent::Notice(notice)).await;
                Ok(())
            }
            TransferTarget::Team(_) => self.route(&record, false, Call::First).await,
        }
    }
}
