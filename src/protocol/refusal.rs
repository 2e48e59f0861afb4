//! What a person can be told when something cannot be. Everything else is "something went wrong" and a request id.

use serde::{Deserialize, Serialize};

use crate::{
    Millis,
    id::{AgentId, ChatId},
    invitation::InvitationState,
};

/// Why an action was refused. The sentence for it stands in [`crate::i18n`]; names come from the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// No session, or no longer.
    NotSignedIn,
    /// Unknown e-mail or wrong password; which of them is not said.
    WrongCredentials,
    /// Too many tries.
    TooMany {
        /// Seconds.
        retry_after: u32,
    },
    /// No such thing, or not yours: the same answer.
    NotFound,
    /// Your role does not allow it.
    Forbidden,
    /// Somebody else invited first.
    AlreadyInvited {
        /// Who.
        by: AgentId,
        /// When.
        at: Millis,
    },
    /// The visitor is already in a chat or waits for one.
    AlreadyChatting {
        /// Who is in it, when somebody is.
        with: Option<AgentId>,
    },
    /// The visitor is left alone until then.
    Quiet {
        /// The end of the quiet time.
        until: Millis,
    },
    /// The visitor has left.
    VisitorLeft,
    /// The invitation was decided before.
    AlreadyDecided {
        /// How.
        state: InvitationState,
    },
    /// Somebody else claimed first.
    AlreadyClaimed {
        /// Which chat.
        chat: ChatId,
        /// Who.
        by: AgentId,
    },
    /// The chat is reserved for its inviter until then.
    Reserved {
        /// For whom.
        agent: AgentId,
        /// Until when.
        until: Millis,
    },
    /// You have as many chats as you may.
    ChatLimitReached {
        /// How many.
        limit: u32,
    },
    /// The chat is not what it was on your screen: now it is with this agent, or with none.
    ChatChanged {
        /// Who has it.
        agent: Option<AgentId>,
    },
    /// The chat is over.
    ChatEnded,
    /// Nothing but white space.
    Empty,
    /// Too long.
    TooLong {
        /// The limit, characters.
        limit: u32,
    },
    /// The same client id came with another text.
    ClientIdReused,
    /// The disk is full: nothing was stored, keep it.
    StorageFull,
    /// Something went wrong; the log knows more.
    Unexpected,
    /// What was sent along is larger than it may be.
    TooLarge,
    /// What was typed as an e-mail is none.
    NotAnEmail,
    /// The visitor is on a page where no prompt may appear.
    NoPromptHere,
    /// A look-up would have kept others waiting, and was broken off.
    TookTooLong,
    /// The agent who should get the chat takes none now.
    AgentAway {
        /// Who.
        agent: AgentId,
    },
    /// The agent who should get the chat has as many as he may.
    AgentFull {
        /// Who.
        agent: AgentId,
        /// How many.
        limit: u32,
    },
    /// Somebody must remain who is an admin.
    LastAdmin,
    /// Somebody signs in with this e-mail already.
    EmailTaken,
    /// It was said too long ago to be changed.
    TooLate,
    /// The file is larger than one may be.
    FileTooLarge {
        /// The limit, bytes.
        limit: u64,
    },
    /// By its content, the file is none of those that may be sent ([`crate::file::ACCEPTED`]), or its name says otherwise.
    FileRefused,
    /// The image has more pixels, or more images in it, than anybody should have to open.
    ImageTooLarge,
    /// The visitor has sent as much as he may in a day.
    FilesFull {
        /// The limit, bytes.
        limit: u64,
    },
    /// The visitor is blocked.
    Blocked {
        /// Until when; none: for good.
        until: Option<Millis>,
    },
}

impl Refusal {
    /// The word for it in answers and logs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotSignedIn => "not_signed_in",
            Self::WrongCredentials => "wrong_credentials",
            Self::TooMany { .. } => "too_many",
            Self::NotFound => "not_found",
            Self::Forbidden => "forbidden",
            Self::AlreadyInvited { .. } => "already_invited",
            Self::AlreadyChatting { .. } => "already_chatting",
            Self::Quiet { .. } => "quiet",
            Self::VisitorLeft => "visitor_left",
            Self::AlreadyDecided { .. } => "already_decided",
            Self::AlreadyClaimed { .. } => "already_claimed",
            Self::Reserved { .. } => "reserved",
            Self::ChatLimitReached { .. } => "full",
            Self::ChatChanged { .. } => "changed",
            Self::ChatEnded => "chat_ended",
            Self::Empty => "empty_message",
            Self::TooLong { .. } => "message_too_long",
            Self::ClientIdReused => "client_id_reused",
            Self::StorageFull => "storage_full",
            Self::Unexpected => "unexpected",
            Self::AgentAway { .. } => "agent_away",
            Self::AgentFull { .. } => "agent_full",
            Self::TooLarge => "too_large",
            Self::NotAnEmail => "not_an_email",
            Self::NoPromptHere => "no_prompt_here",
            Self::TookTooLong => "took_too_long",
            Self::LastAdmin => "last_admin",
            Self::EmailTaken => "email_taken",
            Self::TooLate => "too_late",
            Self::FileTooLarge { .. } => "file_too_large",
            Self::FileRefused => "file_type_refused",
            Self::ImageTooLarge => "image_too_large",
            Self::FilesFull { .. } => "files_full",
            Self::Blocked { .. } => "blocked",
        }
    }

    /// The HTTP status for it.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::NotSignedIn | Self::WrongCredentials => 401,
            Self::Forbidden | Self::Blocked { .. } => 403,
            Self::NotFound => 404,
            Self::TooMany { .. } => 429,
            Self::TooLarge | Self::FileTooLarge { .. } | Self::FilesFull { .. } => 413,
            Self::FileRefused => 415,
            Self::Empty | Self::TooLong { .. } | Self::ClientIdReused | Self::NotAnEmail | Self::ImageTooLarge => 422,
            Self::StorageFull | Self::TookTooLong => 503,
            Self::Unexpected => 500,
            _ => 409,
        }
    }
}
