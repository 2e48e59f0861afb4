//! What an agent is told wherever in the dashboard he is.

use alloc::string::String;

use serde::{Deserialize, Serialize};

use crate::{
    Millis,
    id::{AgentId, ChatId, InvitationId, VisitId},
};

/// A notice. What calls for a person stays until he acts; what only tells, as long as it takes to read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Notice {
    /// The visitor accepted my invitation: one click claims and opens the chat, mine alone until `reserved_until`.
    Accepted {
        /// The chat.
        chat: ChatId,
        /// The visit.
        visit: VisitId,
        /// The visitor's name when known.
        visitor_name: Option<String>,
        /// Until when only I may claim it.
        reserved_until: Millis,
        /// The answer came after the invitation's end.
        late: bool,
    },
    /// The visitor denied my invitation.
    Denied {
        /// Which invitation.
        invitation: InvitationId,
        /// The visit.
        visit: VisitId,
        /// The end of the quiet time.
        quiet_until: Millis,
    },
    /// My invitation ended without an answer: expired, or the visitor left.
    Unanswered {
        /// Which invitation.
        invitation: InvitationId,
        /// The visit.
        visit: VisitId,
        /// The visitor left.
        left: bool,
    },
    /// A chat waits for the team: asked for by a visitor, no longer reserved, or waiting for 30 s.
    Waiting {
        /// The chat.
        chat: ChatId,
        /// The visit.
        visit: VisitId,
        /// The visitor's name when known.
        visitor_name: Option<String>,
        /// It has waited before: the second call.
        again: bool,
    },
    /// Somebody claimed the chat: notices about it go.
    Claimed {
        /// The chat.
        chat: ChatId,
        /// Who has it.
        by: AgentId,
    },
    /// My chat was taken over.
    TakenOver {
        /// The chat.
        chat: ChatId,
        /// Who has it.
        by: AgentId,
    },
    /// A chat ended or went before anyone claimed it: notices about it go.
    Ended {
        /// The chat.
        chat: ChatId,
    },
    /// A chat that waits is offered to me, and to nobody else `until` then.
    Offered {
        /// The chat.
        chat: ChatId,
        /// The visit.
        visit: VisitId,
        /// The visitor's name when known.
        visitor_name: Option<String>,
        /// Until when only I may claim it.
        until: Millis,
    },
    /// A colleague has handed his chat over to me.
    HandedOver {
        /// The chat.
        chat: ChatId,
        /// Who.
        from: AgentId,
        /// What he wrote to me; may be empty.
        note: String,
    },
    /// Somebody who reads my chat along whispers to me.
    Whispered {
        /// The chat.
        chat: ChatId,
        /// Who.
        by: AgentId,
        /// What.
        text: String,
    },
}
