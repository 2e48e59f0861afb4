//! The one task that owns a floor's state: takes what has queued, applies it, and sends what follows.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use bytes::Bytes;
use protocol::{
    agent::ToAgent,
    board::Snapshot,
    chat::{AgentChat, AgentLink, BoardChat, VisitorChat},
    codec,
    id::{AgentId, ChatId, OrganizationId},
    limits::ENTRIES_IN_A_FRAME,
    visitor::ToVisitor,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

use super::{
    Ask, ChatTold, Dashboard, DueAt, Of,
    board::Batches,
    event::{Effect, Event, SeatId, Seated},
    state::State,
};
use crate::{clock, seat::mailbox::Mailbox, settings::Timers};

const TAKEN_AT_ONCE: usize = 256;
/// A clock may jump; time is looked at this often at least.
const LOOKS_UP_EVERY: Duration = Duration::from_secs(1);

pub(crate) struct Shell {
    organization: OrganizationId,
    state: State,
    batches: Batches,
    batch_every: Duration,
    dues: mpsc::UnboundedSender<DueAt>,
    tabs: HashMap<SeatId, Arc<Mailbox>>,
    dashboards: HashMap<SeatId, Seat>,
}

struct Seat {
    agent: AgentId,
    mailbox: Arc<Mailbox>,
    /// The chats with an open window.
    open: HashSet<ChatId>,
}

impl Shell {
    pub(crate) fn new(organization: OrganizationId, timers: Timers, dues: mpsc::UnboundedSender<DueAt>) -> Self {
        Self {
            organization,
            batch_every: Duration::from_millis(timers.batch),
            state: State::new(timers),
            batches: Batches::new(clock::now().unsigned_abs()),
            dues,
            tabs: HashMap::new(),
            dashboards: HashMap::new(),
        }
    }

    pub(crate) async fn run(mut self, mut waiting: mpsc::Receiver<Ask>) {
        let mut asks = Vec::with_capacity(TAKEN_AT_ONCE);
        let mut batch_from = Instant::now();
        loop {
            let wakes = self.wakes_at(batch_from);
            tokio::select! {
                taken = waiting.recv_many(&mut asks, TAKEN_AT_ONCE) => if taken == 0 { return },
                () = sleep_until(wakes) => self.apply(Event::Tick),
            }
            for ask in asks.drain(..) {
                self.answer(ask);
            }
            if !self.batches.is_empty() && Instant::now() >= batch_from {
                self.send_batch();
                batch_from = Instant::now() + self.batch_every;
            }
        }
    }

    fn wakes_at(&self, batch_from: Instant) -> Instant {
        let until = self.state.next_moment().map_or(LOOKS_UP_EVERY, |at| {
            Duration::from_millis(u64::try_from(at.saturating_sub(clock::now())).unwrap_or(0)).min(LOOKS_UP_EVERY)
        });
        let moment = Instant::now() + until;
        if self.batches.is_empty() { moment } else { moment.min(batch_from) }
    }

    fn apply(&mut self, event: Event) {
        self.apply_and_seat(event);
    }

    fn apply_and_seat(&mut self, event: Event) -> Option<Seated> {
        let mut seated = None;
        for effect in self.state.apply(event, clock::now()) {
            match effect {
                Effect::Seated(place) => seated = Some(place),
                Effect::Changed(row) => self.batches.changed(*row),
                Effect::Gone(visit) => self.batches.gone(visit),
                Effect::Due { visitor, due, .. } => {
                    let _ = self.dues.send((self.organization, visitor, due));
                }
            }
        }
        seated
    }

    fn send_batch(&mut self) {
        if let Some(batch) = self.batches.next() {
            let frame = self.batches.keep(batch);
            for seat in self.dashboards.values() {
                seat.mailbox.push_board(frame.clone());
            }
        }
    }

    fn answer(&mut self, ask: Ask) {
        match ask {
            Ask::Apply(event) => self.apply(event),
            Ask::Arrive { arrival, mailbox, reply } => {
                self.tabs.insert(arrival.seat, mailbox);
                if let Some(seated) = self.apply_and_seat(Event::Arrived(arrival)) {
                    let _ = reply.send(seated);
                }
            }
            Ask::Leave(seat) => {
                self.tabs.remove(&seat);
                self.apply(Event::TabGone { seat });
            }
            Ask::Dashboard(dashboard) => self.seat_dashboard(dashboard),
            Ask::DashboardGone(seat) => {
                if let Some(Seat { agent, .. }) = self.dashboards.remove(&seat) {
                    if !self.dashboards.values().any(|other| other.agent == agent) {
                        self.apply(Event::Composing { agent, visit: None });
                    }
                    self.apply(Event::AgentGone { agent, seat });
                }
            }
            Ask::Resync(seat) => {
                let snapshot = self.snapshot_frame();
                if let Some(seat) = self.dashboards.get(&seat) {
                    seat.mailbox.push_snapshot(snapshot);
                }
            }
            Ask::Beat(seat) => self.beat(seat),
            Ask::Open { seat, chat } => {
                if let Some(seat) = self.dashboards.get_mut(&seat) {
                    seat.open.insert(chat);
                }
            }
            Ask::Close { seat, chat } => {
                if let Some(seat) = self.dashboards.get_mut(&seat) {
                    seat.open.remove(&chat);
                }
            }
            Ask::Chat(told) => self.chat(*told),
            Ask::TellVisitor { visitor, frame } => {
                for mailbox in self.state.seats_of(visitor).filter_map(|seat| self.tabs.get(&seat)) {
                    mailbox.push(frame.clone());
                }
            }
            Ask::TellAgent { agent, frame } => {
                self.tell_dashboards(&frame, |seat| seat.agent == agent);
            }
            Ask::TellTeam { frame } => self.tell_dashboards(&frame, |_| true),
            Ask::Snapshot(reply) => {
                let _ = reply.send(self.snapshot());
            }
            Ask::Facts { of, reply } => {
                let visit = match of {
                    Of::Visit(visit) => Some(visit),
                    Of::Visitor(visitor) => self.state.visit_of_visitor(visitor),
                    Of::Chat(chat) => self.state.visit_of_chat(chat),
                };
                let _ = reply.send(visit.and_then(|visit| self.state.facts(visit, clock::now())));
            }
            Ask::Trail { visit, reply } => {
                let _ = reply.send(self.state.trail(visit));
            }
            Ask::TakeTrails(reply) => {
                let _ = reply.send(self.state.take_trails());
            }
            Ask::CloseAll { goodbye, reply } => {
                let mailboxes = self.tabs.values().chain(self.dashboards.values().map(|seat| &seat.mailbox));
                mailboxes.for_each(|mailbox| mailbox.close(goodbye));
                let _ = reply.send(());
            }
        }
    }

    fn seat_dashboard(&mut self, Dashboard { seat, agent, mailbox, resume }: Dashboard) {
        // What has gathered belongs to those who were here before.
        self.send_batch();
        let missed = resume.and_then(|from| self.batches.after(from)).map(|missed| missed.cloned().collect::<Vec<_>>());
        match missed {
            Some(missed) => missed.into_iter().for_each(|frame| mailbox.push_board(frame)),
            None => mailbox.push_snapshot(self.snapshot_frame()),
        }
        self.dashboards.insert(seat, Seat { agent, mailbox, open: HashSet::new() });
        self.apply(Event::AgentArrived { agent, seat });
    }

    fn snapshot(&mut self) -> Snapshot {
        self.send_batch();
        let rows = self.state.rows().into_values().collect();
        Snapshot { epoch: self.batches.epoch, seq: self.batches.seq, rows }
    }

    fn snapshot_frame(&mut self) -> Bytes {
        codec::encode(&ToAgent::Snapshot(self.snapshot())).into()
    }

    fn beat(&self, seat: SeatId) {
        let now = clock::now();
        if let Some(mailbox) = self.tabs.get(&seat) {
            mailbox.push(codec::encode(&ToVisitor::Beat { now, head: self.state.head_at(seat) }).into());
        } else if let Some(Seat { agent, mailbox, .. }) = self.dashboards.get(&seat) {
            let heads = self.state.heads_of(*agent);
            mailbox.push(codec::encode(&ToAgent::Beat { now, seq: self.batches.seq, heads }).into());
        }
    }

    fn tell_dashboards(&self, frame: &Bytes, whom: impl Fn(&Seat) -> bool) {
        for seat in self.dashboards.values().filter(|seat| whom(seat)) {
            seat.mailbox.push(frame.clone());
        }
    }

    fn chat(&mut self, ChatTold { chat, entries, card }: ChatTold) {
        let board = BoardChat {
            id: chat.id,
            state: chat.state,
            team: chat.team,
            agent: chat.agent,
            version: chat.version,
            since: chat.since,
            reserved_for: chat.reserved_for,
            reserved_until: chat.reserved_until,
            link: AgentLink::Ok,
        };
        let (head, last_word_at) = (chat.head, chat.last_word_at);
        self.apply(Event::Chat { visitor: chat.visitor, chat: board.clone(), head, last_word_at });
        let visit = self.state.visit_of_visitor(chat.visitor);
        let facts = visit.and_then(|visit| self.state.facts(visit, clock::now()));
        let board = facts.and_then(|facts| facts.chat).filter(|had| had.id == chat.id).unwrap_or(board);

        let to_visitor = ToVisitor::Chat(Some(VisitorChat {
            id: chat.id,
            state: chat.state,
            agent: card,
            link: board.link,
            head,
            agent_receipt: chat.agent_receipt,
            visitor_receipt: chat.visitor_receipt,
        }));
        let mut to_visitor = vec![Bytes::from(codec::encode(&to_visitor))];
        let mut to_agent = vec![Bytes::from(codec::encode(&ToAgent::Chat(AgentChat {
            chat: board,
            visit: visit.unwrap_or(chat.visit),
            visitor_name: chat.visitor_name,
            head,
            last: chat.last,
            visitor_receipt: chat.visitor_receipt,
            agent_receipt: chat.agent_receipt,
            unread: chat.unread,
        })))];
        for some in entries.chunks(ENTRIES_IN_A_FRAME) {
            to_visitor.push(codec::encode(&ToVisitor::Entries(some.to_vec())).into());
            to_agent.push(codec::encode(&ToAgent::Entries { chat: chat.id, entries: some.to_vec() }).into());
        }
        for mailbox in self.state.seats_of(chat.visitor).filter_map(|seat| self.tabs.get(&seat)) {
            to_visitor.iter().for_each(|frame| mailbox.push(frame.clone()));
        }
        for frame in &to_agent {
            self.tell_dashboards(frame, |seat| chat.agent == Some(seat.agent) || seat.open.contains(&chat.id));
        }
    }
}
