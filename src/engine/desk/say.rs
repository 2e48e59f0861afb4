//! Messages: stored first, then acknowledged and passed on.

use protocol::{
    agent::ToAgent,
    chat::{Author, ChatState, EndReason, Entry, Receipt},
    id::{ChatId, ClientId, VisitorId},
    refusal::Refusal,
    visitor::ToVisitor,
};

use super::{Engine, invite::checked, refusal};
use crate::{
    clock,
    floor::{Of, event::Event},
    seat::{AgentSeat, VisitorSeat},
    store::{ChatRecord, NewMessage, NewVisit, NewVisitor},
};

impl Engine {
    /// A visitor writes. Without a chat he asks for a person as well.
    pub(crate) async fn visitor_says(
        &self,
        seat: &VisitorSeat,
        client_id: ClientId,
        text: &str,
    ) -> Result<(), Refusal> {
        let text = checked(text)?;
        let _turn = self.turn_of(seat.visitor).await;
        let now = clock::now();
        let found = self.store().live_chat_of(seat.visitor, now).await.map_err(refusal)?;
        let goes_on = |chat: &ChatRecord| chat.state.is_live() || chat.end_reason == Some(EndReason::Silence);
        let chat = match found.filter(goes_on) {
            Some(chat) => chat,
            None => self.request(seat).await?,
        };
        let was_ended = !chat.state.is_live();
        let new = NewMessage { chat: chat.id, author: Author::Visitor, client_id, text, now };
        let said = self.store().say(new).await.map_err(refusal)?;
        let (seq, at) = (said.entry.seq, said.entry.at);
        if said.fresh {
            let reopened = said.reopened.map(|(_, entry)| entry);
            let entries = reopened.into_iter().chain([said.entry]).collect();
            let record = self.tell_anew(&chat, entries).await?;
            if was_ended && record.state == ChatState::Unclaimed {
                self.call_team(&record, false).await;
            }
        }
        seat.push(&ToVisitor::Acknowledged { client_id, seq, at });
        Ok(())
    }

    /// An agent writes into a chat of his.
    pub(crate) async fn agent_says(
        &self,
        seat: &AgentSeat,
        chat: ChatId,
        client_id: ClientId,
        text: &str,
    ) -> Result<(), Refusal> {
        let text = checked(text)?;
        let me = &seat.principal;
        let visitor = self.chat_of(me, chat).await?.visitor;
        let _turn = self.turn_of(visitor).await;
        let record = self.chat_of(me, chat).await?;
        if !record.state.is_live() {
            return Err(Refusal::ChatEnded);
        }
        if record.agent != Some(me.agent) {
            return Err(Refusal::Changed { agent: record.agent });
        }
        let new = NewMessage { chat, author: Author::Agent(me.agent), client_id, text, now: clock::now() };
        let said = self.store().say(new).await.map_err(refusal)?;
        let (seq, at) = (said.entry.seq, said.entry.at);
        if said.fresh {
            self.tell_anew(&record, vec![said.entry]).await?;
        }
        seat.push(&ToAgent::Acknowledged { chat, client_id, seq, at });
        Ok(())
    }

    /// Reads the chat again and tells everybody.
    pub(super) async fn tell_anew(&self, before: &ChatRecord, entries: Vec<Entry>) -> Result<ChatRecord, Refusal> {
        let record =
            self.store().chat(before.organization, before.id).await.map_err(refusal)?.ok_or(Refusal::NotFound)?;
        self.tell(record.clone(), entries).await;
        Ok(record)
    }

    pub(crate) async fn visitor_received(&self, seat: &VisitorSeat, receipt: Receipt) -> Result<(), Refusal> {
        let _turn = self.turn_of(seat.visitor).await;
        let Some(chat) = self.store().live_chat_of(seat.visitor, clock::now()).await.map_err(refusal)? else {
            return Ok(());
        };
        let receipt = within(receipt, chat.head);
        if receipt.delivered <= chat.visitor_receipt.delivered && receipt.read <= chat.visitor_receipt.read {
            return Ok(());
        }
        self.store().receipts(chat.id, Some(receipt), None).await.map_err(refusal)?;
        self.tell_anew(&chat, Vec::new()).await.map(drop)
    }

    pub(crate) async fn agent_received(&self, seat: &AgentSeat, chat: ChatId, receipt: Receipt) -> Result<(), Refusal> {
        let record = self.chat_of(&seat.principal, chat).await?;
        // Who only looks over a shoulder has not read it for the visitor.
        if record.agent != Some(seat.principal.agent) {
            return Ok(());
        }
        let _turn = self.turn_of(record.visitor).await;
        let receipt = within(receipt, record.head);
        self.store().receipts(chat, None, Some(receipt)).await.map_err(refusal)?;
        self.tell_anew(&record, Vec::new()).await.map(drop)
    }

    pub(crate) async fn visitor_types(&self, seat: &VisitorSeat) {
        let floor = self.floor(seat.organization);
        let chat = floor.facts(Of::Visitor(seat.visitor)).await.and_then(|facts| facts.chat);
        if let Some(chat) = chat.filter(|chat| chat.state == ChatState::InProgress)
            && let Some(agent) = chat.agent
        {
            floor.tell_agent(agent, &ToAgent::Typing(chat.id)).await;
        }
    }

    pub(crate) async fn agent_types(&self, seat: &AgentSeat, chat: ChatId) {
        let floor = self.floor(seat.principal.organization);
        let Some(facts) = floor.facts(Of::Chat(chat)).await else { return };
        if facts.chat.is_some_and(|had| had.id == chat && had.agent == Some(seat.principal.agent)) {
            floor.tell_visitor(facts.visitor, &ToVisitor::Typing).await;
        }
    }

    /// The visitor has acted: from here on he is in the database.
    pub(crate) async fn remember(&self, seat: &VisitorSeat) -> Result<(), Refusal> {
        let _turn = self.turn_of(seat.visitor).await;
        let visitor: VisitorId = seat.visitor;
        let floor = self.floor(seat.organization);
        let facts = floor.facts(Of::Visitor(visitor)).await.ok_or(Refusal::NotFound)?;
        let (false, Some(token_hash)) = (facts.remembered, facts.token) else { return Ok(()) };
        let new = NewVisitor { id: visitor, organization: seat.organization, token_hash, now: clock::now() };
        self.store().remember_visitor(new).await.map_err(refusal)?;
        let visit = NewVisit {
            id: facts.visit,
            visitor,
            concierge: facts.concierge,
            organization: seat.organization,
            browser: facts.browser,
            started_at: facts.since,
        };
        self.store().remember_visit(visit).await.map_err(refusal)?;
        floor.apply(Event::Remembered { visitor }).await;
        Ok(())
    }
}

/// Nobody has read what was not written.
fn within(receipt: Receipt, head: u32) -> Receipt {
    Receipt { delivered: receipt.delivered.max(receipt.read).min(head), read: receipt.read.min(head) }
}
