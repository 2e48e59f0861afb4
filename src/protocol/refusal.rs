//! The reasons for refusing an operation that its caller may know. All other errors are reported as `Unexpected`, with
//! a request ID.

use serde::{Deserialize, Serialize};

use crate::{
    Millis,
    id::{AgentId, ChatId},
    invitation::InvitationState,
};

/// Why an operation was refused. [`crate::i18n`] has the sentence for each; agents' names come from the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The session is missing or has ended.
    NotSignedIn,
    /// Unknown e-mail address or wrong password; deliberately not distinguished.
    WrongCredentials,
    /// Too many attempts.
    TooMany {
        /// When to try again, in seconds.
        retry_after: u32,
    },
    /// Does not exist, or belongs to another organization; deliberately not distinguished.
    NotFound,
    /// The agent's role does not allow it.
    Forbidden,
    /// Another agent invited the visitor first.
    AlreadyInvited {
        /// The inviting agent.
        by: AgentId,
        /// When the invitation was sent.
        at: Millis,
    },
    /// The visitor is already in a chat or waiting for one.
    AlreadyChatting {
        /// The agent in the chat, if there is one.
        with: Option<AgentId>,
    },
    /// The visitor may not be invited during the quiet time.
    Quiet {
        /// The end of the quiet time.
        until: Millis,
    },
    /// The visitor has left.
    VisitorLeft,
    /// The invitation is no longer open.
    AlreadyDecided {
        /// The final state.
        state: InvitationState,
    },
    /// Another agent claimed the chat first.
    AlreadyClaimed {
        /// The chat.
        chat: ChatId,
        /// The agent who claimed it.
        by: AgentId,
    },
    /// The chat is reserved for another agent.
    Reserved {
        /// The agent it is reserved for.
        agent: AgentId,
        /// When the reservation ends.
        until: Millis,
    },
    /// The agent has reached their chat limit.
    ChatLimitReached {
        /// The maximum number of chats.
        limit: u32,
    },
    /// The chat has changed since the agent's screen was updated.
    ChatChanged {
        /// The chat's agent now, if there is one.
        agent: Option<AgentId>,
    },
    /// The chat is over.
    ChatEnded,
    /// The text is empty or only white space, or the file is empty.
    Empty,
    /// The text is too long.
    TooLong {
        /// The limit, in characters.
        limit: u32,
    },
    /// The client ID was already used with another text.
    ClientIdReused,
    /// The disk is full. Nothing was stored; the client keeps the text.
    StorageFull,
    /// An internal error; the log has the details.
    Unexpected,
    /// The body of the request is too large.
    TooLarge,
    /// Not a valid e-mail address.
    NotAnEmail,
    /// The visitor is on a page where no prompt may appear.
    NoPromptHere,
    /// The query took too long and was aborted, so that it does not block others.
    TookTooLong,
    /// The agent to transfer the chat to is away.
    AgentAway {
        /// The agent.
        agent: AgentId,
    },
    /// The agent to transfer the chat to has reached their chat limit.
    AgentFull {
        /// The agent.
        agent: AgentId,
        /// The maximum number of chats.
        limit: u32,
    },
    /// At least one admin must remain.
    LastAdmin,
    /// The e-mail address already has an account, or an open invitation of another organization.
    EmailTaken,
    /// The message is too old to be edited or deleted.
    TooLate,
    /// The file is too large.
    FileTooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The file's content is not one of the accepted types ([`crate::file::ACCEPTED`]), or its name contradicts the
    /// content.
    FileRefused,
    /// The image has too many pixels or frames to be opened safely.
    ImageTooLarge,
    /// The visitor has reached the daily limit for files.
    FilesFull {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The visitor is blocked.
    Blocked {
        /// When the block ends; `None`: never.
        until: Option<Millis>,
    },
    /// The chat belongs to a team that is not the agent's.
    OtherTeam,
}

impl Refusal {
    /// Returns the error code for responses and logs.
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
            Self::OtherTeam => "other_team",
        }
    }

    /// Returns the HTTP status code.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::NotSignedIn | Self::WrongCredentials => 401,
            Self::Forbidden | Self::Blocked { .. } | Self::OtherTeam => 403,
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
