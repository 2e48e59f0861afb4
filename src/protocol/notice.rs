//! Notices, which agents see on every page of the dashboard.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{
    Millis,
    id::{AgentId, ChatId, InvitationId, VisitId},
};

/// A notice. Notices that require action stay until the agent acts; purely informational ones disappear after a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// The visitor accepted the agent's invitation. The agent can claim and open the chat with one click.
    Accepted {
        /// The chat.
        chat: ChatId,
        /// The visit.
        visit: VisitId,
        /// The visitor's name, if known.
        visitor_name: Option<String>,
        /// When the reservation for this agent ends.
        reserved_until: Millis,
        /// Whether the visitor accepted after the invitation had closed.
        late: bool,
    },
    /// The visitor declined the agent's invitation.
    Denied {
        /// The invitation.
        invitation: InvitationId,
        /// The visit.
        visit: VisitId,
        /// When the quiet period ends.
        quiet_until: Millis,
    },
    /// The agent's invitation was not answered, because it expired or the visitor left.
    Unanswered {
        /// The invitation.
        invitation: InvitationId,
        /// The visit.
        visit: VisitId,
        /// Whether the visitor left.
        left: bool,
    },
    /// A chat is waiting for the team, because a visitor requested it, its reservation ended, or it has been waiting
    /// for 30 s.
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
    /// An agent claimed the chat. Any other notices about it disappear.
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
    /// A chat ended before anyone claimed it. Any notices about it disappear.
    Ended {
        /// The chat.
        chat: ChatId,
    },
    /// A waiting chat is being offered to this agent exclusively.
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
        /// The whisper, as plain text.
        text: String,
    },
}
