//! Tests for the widget's behavior. `scenario_N` refers to the scenarios in docs/testing.md.

use protocol::{
    agent::AgentCard,
    chat::{AgentConnectivity, ChatState, Receipt, VisitorChat},
    concierge::{Consent, Look, Privacy, Side},
    contact::ContactRequest,
    id::{AgentId, ChatId, ClientId, ConciergeKey, InvitationId, TabId, VisitorToken},
    invitation::{InvitationState, VisitorInvitation},
    language::Language,
    page::Page,
    visitor::{FromVisitor, ToVisitor, Welcome},
};
use uuid::Uuid;

use crate::{
    event::{Effect, Event},
    state::State,
};

mod chat;
mod invitation;
mod loader;
mod reconnection;

const ANN: AgentId = AgentId(Uuid::from_u128(1));
const INVITATION_ID: InvitationId = InvitationId(Uuid::from_u128(2));
const MESSAGE_ID: ClientId = ClientId(Uuid::from_u128(3));

fn ann() -> AgentCard {
    AgentCard { id: ANN, name: "Ann Lee".into(), avatar: String::new() }
}

fn welcome(persisted: bool) -> ToVisitor {
    ToVisitor::Welcome(Welcome {
        token: VisitorToken([7; 32]),
        now: 1_000_000,
        look: Look {
            title: "Shop".into(),
            greeting: String::new(),
            color: "#000000".into(),
            side: Side::Right,
            language: Language::En,
        },
        privacy: Privacy::Essential,
        persisted,
        quiet_until: None,
        heartbeat_interval: 20_000,
    })
}

fn invitation() -> ToVisitor {
    invitation_that_is(InvitationState::Sent)
}

fn invitation_that_is(state: InvitationState) -> ToVisitor {
    let text = "Hello".into();
    ToVisitor::Invitation(Some(VisitorInvitation { id: INVITATION_ID, by: ann(), text, state, expires_at: 2_000_000 }))
}

fn chat(state: ChatState) -> VisitorChat {
    VisitorChat {
        id: ChatId(Uuid::from_u128(4)),
        state,
        agent: Some(ann()),
        link: AgentConnectivity::Ok,
        head: 0,
        agent_receipt: Receipt::default(),
        visitor_receipt: Receipt::default(),
        contact: ContactRequest::NotRequested,
    }
}

/// Returns the state of a widget in a visible tab after the welcome frame has arrived.
fn welcomed_state() -> State {
    let mut state = State::new(ConciergeKey("shop".into()), TabId(Uuid::nil()), String::new(), false);
    state.activity.visible = true;
    state.apply(Event::Page(Page::default()), 0);
    state.apply(Event::Connected, 0);
    state.apply(Event::FrameReceived(welcome(false)), 0);
    state
}

fn is_sent(effects: &[Effect], frame: &FromVisitor) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Send(said) if said == frame))
}
