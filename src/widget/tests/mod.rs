//! The widget's behavior, by the numbers of the design's scenarios.

use protocol::{
    agent::AgentCard,
    chat::{AgentLink, ChatState, Receipt, VisitorChat},
    concierge::{Consent, Look, Privacy, Side},
    contact::Contact,
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

mod inviting;
mod returning;
mod talking;

const ANN: AgentId = AgentId(Uuid::from_u128(1));
const ASKED: InvitationId = InvitationId(Uuid::from_u128(2));
const SAID: ClientId = ClientId(Uuid::from_u128(3));

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
        beat_every: 20_000,
    })
}

fn invitation() -> ToVisitor {
    invitation_that_is(InvitationState::Sent)
}

fn invitation_that_is(state: InvitationState) -> ToVisitor {
    let text = "Hello".into();
    ToVisitor::Invitation(Some(VisitorInvitation { id: ASKED, by: ann(), text, state, expires_at: 2_000_000 }))
}

fn chat(state: ChatState) -> VisitorChat {
    VisitorChat {
        id: ChatId(Uuid::from_u128(4)),
        state,
        agent: Some(ann()),
        link: AgentLink::Ok,
        head: 0,
        agent_receipt: Receipt::default(),
        visitor_receipt: Receipt::default(),
        contact: Contact::Unasked,
    }
}

/// A welcomed widget in a visible tab.
fn present() -> State {
    let mut state = State::new(ConciergeKey("shop".into()), TabId(Uuid::nil()), String::new(), false);
    state.activity.visible = true;
    state.apply(Event::Page(Page::default()), 0);
    state.apply(Event::Connected, 0);
    state.apply(Event::Heard(welcome(false)), 0);
    state
}

fn says(effects: &[Effect], frame: &FromVisitor) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Send(said) if said == frame))
}
