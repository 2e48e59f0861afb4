//! The reasons for refusing an operation that may be revealed to the caller. Any other error is reported as
//! `Unexpected`, with a request ID.

use serde::{Deserialize, Serialize};

use crate::{
    Millis,
    id::{AgentId, ChatId},
    invitation::InvitationState,
};

/// Why an operation was refused. [`crate::i18n`] has the message for each reason. Agents' names are taken from the
/// directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Refusal {
    /// The caller has no session, or the session has ended.
    NotSignedIn,
    /// The email address is unknown or the password is wrong. The caller deliberately can't tell which.
    WrongCredentials,
    /// There were too many attempts.
    TooMany {
        /// How long to wait before trying again, in seconds.
        retry_after: u32,
    },
    /// The object does not exist or belongs to another organization. The caller deliberately can't tell which.
    NotFound,
    /// The agent's role does not allow this operation.
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
        /// The agent in the chat, if any.
        with: Option<AgentId>,
    },
    /// The visitor can't be invited during the quiet period.
    Quiet {
        /// When the quiet period ends.
        until: Millis,
    },
    /// The visitor has left.
    VisitorLeft,
    /// The invitation is no longer open.
    AlreadyDecided {
        /// The invitation's final state.
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
        /// The agent who is now in the chat, if any.
        agent: Option<AgentId>,
    },
    /// The chat is over.
    ChatEnded,
    /// The text is empty or only contains whitespace, or the file is empty.
    Empty,
    /// The text is too long.
    TooLong {
        /// The limit, in characters.
        limit: u32,
    },
    /// The client ID has already been used with a different text.
    ClientIdReused,
    /// The disk is full. Nothing was stored, and the client keeps the text.
    StorageFull,
    /// An internal error occurred. The details are in the log.
    Unexpected,
    /// The request body is too large.
    TooLarge,
    /// The text is not a valid email address.
    NotAnEmail,
    /// The visitor is on a page where no prompt may appear.
    NoPromptHere,
    /// The request took too long and was aborted so that it doesn't block others.
    TookTooLong,
    /// The agent that the chat was to be transferred to is away.
    AgentAway {
        /// The agent.
        agent: AgentId,
    },
    /// The agent that the chat was to be transferred to has reached their chat limit.
    AgentFull {
        /// The agent.
        agent: AgentId,
        /// The maximum number of chats.
        limit: u32,
    },
    /// At least one admin must remain.
    LastAdmin,
    /// The email address already has an account or an open invitation from another organization.
    EmailTaken,
    /// The message is too old to be edited or deleted.
    TooLate,
    /// The file is too large.
    FileTooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The file's content is not one of the accepted types ([`crate::file::ACCEPTED`]), or the file name doesn't match
    /// the content.
    FileRefused,
    /// The image has too many pixels or frames to be decoded safely.
    ImageTooLarge,
    /// The visitor has reached their daily limit for files.
    FilesFull {
        /// The limit, in bytes.
        limit: u64,
    },
    /// The visitor is blocked.
    Blocked {
        /// When the block ends, or `None` if it is permanent.
        until: Option<Millis>,
    },
    /// The server is already doing too much of this kind of work, such as checking passwords. Nothing was changed.
    Busy {
        /// When to try again, in seconds.
        retry_after: u32,
    },
    /// The chat belongs to a team that is not the agent's.
    OtherTeam,
    /// The agent's password was entered too long ago and must be entered again.
    PasswordNeeded,
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
            Self::Busy { .. } => "busy",
            Self::OtherTeam => "other_team",
            Self::PasswordNeeded => "password_needed",
        }
    }

    /// Returns the HTTP status code.
    pub fn http_status(&self) -> u16 {
        match self {
            Self::NotSignedIn | Self::WrongCredentials => 401,
            Self::Forbidden | Self::Blocked { .. } | Self::OtherTeam | Self::PasswordNeeded => 403,
            Self::NotFound => 404,
            Self::TooMany { .. } => 429,
            Self::TooLarge | Self::FileTooLarge { .. } | Self::FilesFull { .. } => 413,
            Self::FileRefused => 415,
            Self::Empty | Self::TooLong { .. } | Self::ClientIdReused | Self::NotAnEmail | Self::ImageTooLarge => 422,
            Self::StorageFull | Self::TookTooLong | Self::Busy { .. } => 503,
            Self::Unexpected => 500,
            _ => 409,
        }
    }
}
