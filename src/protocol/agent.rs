//! The conversation between an agent's dashboard and the server.
//!
//! The browser's session cookie says who it is, before the upgrade. The dashboard then says [`FromAgent::Hello`].
//! What changes the state of an invitation or a chat goes by server functions, which answer; what flows (the board, messages,
//! typing, receipts) goes here.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    Millis,
    availability::Colleague,
    board::{Batch, SnapshotChunk},
    chat::{AgentChat, Entry, Receipt, Seq},
    close_reason::CloseReason,
    concierge::InvitationTemplate,
    id::{AgentId, ChatId, ClientId, ConciergeId, TeamId, VisitId},
    language::Language,
    note::Note,
    notice::Notice,
    refusal::Refusal,
};

/// What a person may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Role {
    /// Invites, claims, chats.
    Agent,
    /// And takes chats over.
    Supervisor,
    /// And sets everything up.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 3] = [Self::Agent, Self::Supervisor, Self::Admin];

    /// The word in the database and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
            Self::Admin => "admin",
        }
    }

    /// The role of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }
}

/// Below this address are the avatars of agents, for their colleagues.
pub const AVATARS: &str = "/avatars/";
/// Below this address are they for visitors, seen from the concierge's frame.
pub const VISITOR_AVATARS: &str = "avatars/";

/// An agent as others see him; also what a visitor may know of him.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentCard {
    /// Who.
    pub id: AgentId,
    /// First and last name, or for a visitor the first name only.
    pub name: String,
    /// Where his avatar is, for whoever has the card: below [`AVATARS`], or for a visitor [`VISITOR_AVATARS`]. Empty when he has none.
    pub avatar: String,
}

impl AgentCard {
    /// The first letters of the first and the last name.
    pub fn initials(&self) -> String {
        let mut words = self.name.split_whitespace();
        let first = words.next().and_then(|word| word.chars().next());
        let last = words.next_back().and_then(|word| word.chars().next());
        first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
    }

    /// The same card, for those who find avatars below another address.
    #[must_use]
    pub fn with_avatars_below(mut self, avatars: &str) -> Self {
        if !self.avatar.is_empty() {
            self.avatar.insert_str(0, avatars);
        }
        self
    }

    /// The first word of the name.
    pub fn first_name(&self) -> &str {
        self.name.split_whitespace().next().unwrap_or(&self.name)
    }
}

/// Who and what the rows of the board refer to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// The name of the organization.
    pub organization: String,
    /// Who is looking.
    pub me: AgentId,
    /// What he reads.
    pub language: Language,
    /// What he may do.
    pub role: Role,
    /// Every agent.
    pub agents: Vec<AgentCard>,
    /// Every concierge.
    pub concierges: Vec<ConciergeCard>,
    /// Every team.
    pub teams: Vec<TeamCard>,
    /// Where visitors' pages load the widget from: for the embed line.
    pub public_url: String,
    /// The clock that I read times by: from when on, and how many minutes it is ahead of UTC; none: the browser's.
    pub clock: Vec<(Millis, i32)>,
}

/// A concierge as the board names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConciergeCard {
    /// Which.
    pub id: ConciergeId,
    /// The key of its embed line.
    pub key: String,
    /// Its name.
    pub name: String,
    /// What an invitation is pre-filled with; `{agent}` stands for the agent's first name.
    pub invitation: String,
    /// Other words to pick from.
    pub templates: Vec<InvitationTemplate>,
}

/// A team as the board names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamCard {
    /// Which.
    pub id: TeamId,
    /// Its name.
    pub name: String,
}

/// What a dashboard says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromAgent {
    /// First of all; `resume` is the epoch and seq of the board it has.
    Hello {
        /// [`crate::VERSION`].
        version: u16,
        /// What it has of the board.
        resume: Option<(u64, u64)>,
    },
    /// The board has a gap: a snapshot, please.
    Resync,
    /// A window onto this chat is open: its entries after `head`, and from now on its changes.
    Open {
        /// Which.
        chat: ChatId,
        /// The last entry the window has.
        head: Seq,
    },
    /// The window is closed.
    Close(ChatId),
    /// A message into a chat of mine.
    SendMessage {
        /// Which.
        chat: ChatId,
        /// The sender's name for it.
        client_id: ClientId,
        /// Plain text.
        text: String,
    },
    /// I am typing; renewed at most every 3 s, valid 6 s.
    Typing(ChatId),
    /// The entries up to here have arrived, or been read.
    Receipt {
        /// In which chat.
        chat: ChatId,
        /// How far.
        receipt: Receipt,
    },
    /// I am writing an invitation to this visit; none: no longer. Valid 30 s.
    Composing(Option<VisitId>),
    /// I am alive; every 20 s.
    Heartbeat,
    /// A pointer or a key moved: I am here. At most every 10 s.
    Input,
    /// A message of mine says something else from now on, or is taken away; within `limits::EDIT_WINDOW_MS`.
    Change {
        /// In which chat of mine.
        chat: ChatId,
        /// The place of the message.
        of: Seq,
        /// Plain text; none: it is taken away.
        text: Option<String>,
    },
}

/// What the server says to a dashboard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToAgent {
    /// The answer to the hello. My chats follow.
    Welcome {
        /// The server's clock.
        now: Millis,
        /// Who is who.
        directory: Directory,
    },
    /// The board, piece by piece.
    Snapshot(SnapshotChunk),
    /// What changed on the board; the same bytes for every dashboard.
    Batch(Batch),
    /// All my live chats (and chats I have open): replaces the list.
    Chats(Vec<AgentChat>),
    /// One of them is new or other than before.
    Chat(AgentChat),
    /// It is no longer mine: ended long ago, or taken over. The window stays, read-only.
    ChatGone(ChatId),
    /// Entries of a chat, in order; what the window has already, it skips by `seq`.
    Entries {
        /// Which chat.
        chat: ChatId,
        /// What was said.
        entries: Vec<Entry>,
    },
    /// Durably stored.
    Acknowledged {
        /// In which chat.
        chat: ChatId,
        /// The sender's name for it.
        client_id: ClientId,
        /// Its place.
        seq: Seq,
        /// Its time.
        at: Millis,
    },
    /// A message or request cannot be.
    Refused {
        /// The message that was refused.
        client_id: Option<ClientId>,
        /// Why.
        refusal: Refusal,
    },
    /// The visitor is typing; valid 6 s.
    Typing(ChatId),
    /// Something the agent must know wherever in the dashboard he is.
    Notice(Notice),
    /// The answer to a beat.
    Heartbeat {
        /// The server's clock.
        now: Millis,
        /// The last batch of the board.
        seq: u64,
        /// The last entry of each of my chats.
        heads: Vec<(ChatId, Seq)>,
    },
    /// The server ends the conversation, and says whether to come back.
    CloseReason(CloseReason),
    /// Colleagues, and I, who are other than before; first of all everybody who is there.
    Colleagues(Vec<Colleague>),
    /// Notes beside a chat, in order; what the window has already, it skips by `number`.
    Notes {
        /// Which chat.
        chat: ChatId,
        /// What agents wrote.
        notes: Vec<Note>,
    },
    /// Who reads a chat along without being in it.
    Readers {
        /// Which chat.
        chat: ChatId,
        /// Who.
        readers: Vec<AgentId>,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_first_and_last_name() {
        let initials = |name: &str| {
            AgentCard { id: AgentId(uuid::Uuid::nil()), name: name.into(), avatar: String::new() }.initials()
        };
        assert_eq!(initials("Ann Archer"), "AA");
        assert_eq!(initials("Cara Maria de la Cruz"), "CC");
        assert_eq!(initials("Ann"), "A");
        assert_eq!(initials("élodie ßtar"), "ÉSS");
        assert_eq!(initials(""), "");
    }
}
