//! Notices, which an agent sees on every page of the dashboard.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{
    Millis,
    id::{AgentId, ChatId, InvitationId, VisitId},
};

/// A notice. One that requires an action stays until the agent acts; one that only informs disappears after a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// The visitor accepted the agent's invitation. One click claims and opens the chat.
    Accepted {
        /// The chat.
        chat: ChatId,
        /// The visit.
        visit: VisitId,
        /// The visitor's name, if known.
        visitor_name: Option<String>,
        /// Until when only this agent may claim it.
        reserved_until: Millis,
        /// Whether the answer came after the invitation had ended.
        late: bool,
    },
    /// The visitor denied the agent's invitation.
    Denied {
        /// The invitation.
        invitation: InvitationId,
        /// The visit.
        visit: VisitId,
        /// The end of the quiet time.
        quiet_until: Millis,
    },
    /// The agent's invitation ended without an answer: it expired, or the visitor left.
    Unanswered {
        /// The invitation.
        invitation: InvitationId,
        /// The visit.
        visit: VisitId,
        /// Whether the visitor left.
        left: bool,
    },
    /// A chat waits for the team: a visitor requested it, its reservation ended, or it has waited for 30 s.
    Waiting {
        /// The chat.
        chat: ChatId,
        /// The visit.
        visit: VisitId,
        /// The visitor's name, if known.
        visitor_name: Option<String>,
        /// Whether this is the second notice about the chat.
        again: bool,
    },
    /// An agent claimed the chat. Other notices about it disappear.
    Claimed {
        /// The chat.
        chat: ChatId,
        /// The chat's new agent.
        by: AgentId,
    },
    /// The agent's chat was taken over.
    TakenOver {
        /// The chat.
        chat: ChatId,
        /// The chat's new agent.
        by: AgentId,
    },
    /// A chat ended before anyone claimed it. Notices about it disappear.
    Ended {
        /// The chat.
        chat: ChatId,
    },
    /// A waiting chat is offered to this agent only.
    Offered {
        /// The chat.
        chat: ChatId,
        /// The visit.
        visit: VisitId,
        /// The visitor's name, if known.
        visitor_name: Option<String>,
        /// When the offer ends.
        until: Millis,
    },
    /// A colleague transferred a chat to the agent.
    HandedOver {
        /// The chat.
        chat: ChatId,
        /// The colleague.
        from: AgentId,
        /// The colleague's note; may be empty.
        note: String,
    },
    /// An observer of the agent's chat whispered.
    Whispered {
        /// The chat.
        chat: ChatId,
        /// The observer.
        by: AgentId,
        /// The whisper, plain text.
        text: String,
    },
}
