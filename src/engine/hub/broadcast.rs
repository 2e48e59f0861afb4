//! Frames on their way to those whom they concern, outside the batches of the board.

use bytes::Bytes;
use protocol::{
    agent::ToAgent,
    chat::{AgentLink, VisitorChat},
    codec,
    id::{AgentId, ChatId, VisitorId},
    limits::ENTRIES_IN_A_FRAME,
    visitor::ToVisitor,
};

use super::{
    ChatTold, Of, Team,
    event::{Event, SeatId},
    task::{HubTask, Seat},
};
use crate::{clock, seat::mailbox::Mailbox};

impl HubTask {
    pub(super) fn beat(&self, seat: SeatId) {
        let now = clock::now();
        if let Some(mailbox) = self.tabs.get(&seat) {
            mailbox.push(codec::encode(&ToVisitor::Beat { now, head: self.state.head_at(seat) }).into());
        } else if let Some(Seat { agent, mailbox, .. }) = self.dashboards.get(&seat) {
            let heads = self.state.heads_of(*agent);
            mailbox.push(codec::encode(&ToAgent::Beat { now, seq: self.batches.seq, heads }).into());
        }
    }

    pub(super) fn tell_dashboards(&self, frame: &Bytes, whom: impl Fn(&Seat) -> bool) {
        for seat in self.dashboards.values().filter(|seat| whom(seat)) {
            seat.mailbox.push(frame.clone());
        }
    }

    pub(super) fn tell_tabs(&self, visitor: VisitorId, tell: impl Fn(&Mailbox)) {
        for mailbox in self.state.seats_of(visitor).filter_map(|seat| self.tabs.get(&seat)) {
            tell(mailbox);
        }
    }

    /// A notice reaches somebody as long as anybody is there; a call, as long as anybody who is there takes chats.
    pub(super) fn tell_team(&self, Team { members, except, only_available }: &Team, frame: &Bytes) {
        let takes = |seat: &Seat| !only_available || self.state.takes_chats(seat.agent);
        let is_member =
            |seat: &Seat| takes(seat) && members.as_ref().is_none_or(|members| members.contains(&seat.agent));
        let is_meant = |seat: &Seat| Some(seat.agent) != *except && takes(seat);
        let any_member = self.dashboards.values().any(is_member);
        self.tell_dashboards(frame, |seat| is_meant(seat) && (is_member(seat) || !any_member));
    }

    pub(super) fn types_to_visitor(&self, visitor: VisitorId) {
        let frame = Bytes::from(codec::encode(&ToVisitor::Typing));
        self.tell_tabs(visitor, |mailbox| mailbox.push_fleeting(frame.clone()));
    }

    pub(super) fn types_to_agent(&self, agent: AgentId, chat: ChatId) {
        let frame = Bytes::from(codec::encode(&ToAgent::Typing(chat)));
        for seat in self.dashboards.values().filter(|seat| seat.agent == agent) {
            seat.mailbox.push_fleeting(frame.clone());
        }
    }

    /// Tells everybody who sees a chat how it is now, and what was added.
    pub(super) fn chat(&mut self, ChatTold { chat, entries, card }: ChatTold) {
        let board = chat.on_the_board(AgentLink::Ok);
        let (head, last_word_at) = (chat.head, chat.last_word_at);
        self.apply(Event::Chat { visitor: chat.visitor, chat: board.clone(), head, last_word_at });
        let facts = self.state.facts(Of::Visitor(chat.visitor), clock::now());
        let visit = facts.as_ref().map_or(chat.visit, |facts| facts.visit);
        let board = facts.and_then(|facts| facts.chat).filter(|had| had.id == chat.id).unwrap_or(board);

        let to_visitor = ToVisitor::Chat(Some(VisitorChat {
            id: chat.id,
            state: chat.state,
            agent: card,
            link: board.link,
            head,
            agent_receipt: chat.agent_receipt,
            visitor_receipt: chat.visitor_receipt,
            contact: chat.contact,
        }));
        let mut to_visitor = vec![Bytes::from(codec::encode(&to_visitor))];
        let (id, visitor, agent) = (chat.id, chat.visitor, chat.agent);
        let mut to_agent = vec![Bytes::from(codec::encode(&ToAgent::Chat(chat.in_a_list(board, visit))))];
        for some in entries.chunks(ENTRIES_IN_A_FRAME) {
            to_visitor.push(codec::encode(&ToVisitor::Entries(some.to_vec())).into());
            to_agent.push(codec::encode(&ToAgent::Entries { chat: id, entries: some.to_vec() }).into());
        }
        self.tell_tabs(visitor, |mailbox| to_visitor.iter().for_each(|frame| mailbox.push(frame.clone())));
        for frame in &to_agent {
            self.tell_dashboards(frame, |seat| agent == Some(seat.agent) || seat.open.contains(&id));
        }
        self.tell_readers(id);
    }
}
