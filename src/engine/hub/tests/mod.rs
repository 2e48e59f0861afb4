//! Tests for the hub's state, using a simulated clock. Scenario numbers refer to `docs/testing.md`.

mod availability;
mod board;
mod chats;
mod invitations;
mod presence;

use protocol::{
    Millis,
    board::Row,
    chat::{AgentConnectivity, BoardChat, ChatState},
    contact::ContactRequest,
    id::{AgentId, ChatId, ConciergeId, InvitationId, VisitId, VisitorId},
    invitation::{BoardInvitation, InvitationState},
    page::Page,
    presence::{Presence, TabActivity},
    status::Status,
};
use uuid::Uuid;

use super::{
    event::{AdmittedTab, Arrival, Due, Effect, Event},
    state::State,
};
use crate::{
    settings::{Timers, VisitLimits},
    traffic_source::Source,
    user_agent::Device,
};

pub(super) const SECOND: Millis = 1_000;
pub(super) const MINUTE: Millis = 60 * SECOND;
pub(super) const SEEN: TabActivity = TabActivity { visible: true, typing_in_form: false, input: true };
pub(super) const HIDDEN: TabActivity = TabActivity { visible: false, typing_in_form: false, input: false };

pub(super) fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(super) fn arrival(connection: u64, person: u8) -> Arrival {
    Arrival {
        connection,
        token: Some([person; 32]),
        fresh_token: [person; 32],
        known: None,
        fresh: (VisitId(id(u128::from(connection) + 1_000)), VisitorId(id(u128::from(person)))),
        concierge: ConciergeId(id(7)),
        page: Page { url: "https://shop.test/".into(), title: "Shop".into() },
        browser: "Firefox 143 · Linux".into(),
        source: Source::read("UTC", "", "", Device::Desktop),
        keeps_source: false,
        is_mobile: false,
        activity: TabActivity { input: false, ..SEEN },
        is_automated: false,
        network: None,
    }
}

pub(super) fn invitation(state: InvitationState, expires_at: Millis) -> BoardInvitation {
    BoardInvitation { id: InvitationId(id(50)), by: AgentId(id(60)), state, sent_at: 0, expires_at }
}

pub(super) fn chat(state: ChatState, version: u32) -> BoardChat {
    BoardChat {
        id: ChatId(id(70)),
        state,
        team: None,
        agent: (state != ChatState::Unclaimed).then_some(AgentId(id(60))),
        version,
        since: 0,
        reserved_for: None,
        reserved_until: None,
        link: AgentConnectivity::Ok,
        contact: ContactRequest::NotRequested,
        offered: false,
    }
}

/// The hub's state, a simulated clock, and the due actions that the hub has reported.
pub(super) struct Story {
    pub(super) state: State,
    pub(super) now: Millis,
    pub(super) dues: Vec<Due>,
}

impl Story {
    pub(super) fn begin() -> Self {
        Self { state: State::new(Timers::default(), VisitLimits::default()), now: 0, dues: Vec::new() }
    }

    pub(super) fn apply(&mut self, event: Event) -> Vec<Effect> {
        let effects = self.state.apply(event, self.now);
        self.dues.extend(effects.iter().filter_map(|effect| match effect {
            Effect::Due { due, .. } => Some(*due),
            _ => None,
        }));
        effects
    }

    pub(super) fn arrive(&mut self, arrival: Arrival) -> AdmittedTab {
        let effects = self.apply(Event::Arrived(Box::new(arrival)));
        let admitted = effects.into_iter().find_map(|effect| match effect {
            Effect::Admitted(admitted) => Some(admitted),
            _ => None,
        });
        admitted.expect("every arrival is admitted")
    }

    pub(super) fn activity(&mut self, connection: u64, activity: TabActivity) {
        self.apply(Event::Activity { connection, activity });
    }

    pub(super) fn wait(&mut self, time: Millis) -> &mut Self {
        self.now += time;
        self.apply(Event::Tick);
        self
    }

    pub(super) fn rows(&self) -> Vec<Row> {
        self.state.rows(self.now).into_values().collect()
    }

    pub(super) fn row(&self) -> Row {
        let rows = self.rows();
        assert_eq!(rows.len(), 1, "one row");
        rows[0].clone()
    }

    pub(super) fn status(&self) -> Status {
        self.row().status(self.now)
    }

    pub(super) fn presence(&self) -> Presence {
        self.row().presence
    }
}
