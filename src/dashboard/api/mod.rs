//! The server functions, through which the dashboard accesses the engine. Commands that change the state of an
//! invitation or a chat are requests with a response; messages and live updates use the socket.

mod encoding;
#[cfg(feature = "ssr")]
pub(super) mod request_context;
pub mod screen;

use leptos::{
    prelude::*,
    server_fn::error::{FromServerFnError, ServerFnErrorErr},
};
use protocol::{
    Millis,
    agent::Directory,
    availability::{AwayReason, Colleague},
    board::Snapshot,
    canned_reply::Reply,
    chat::{AgentChat, Entry, Seq},
    id::{AgentId, ChatId, InvitationId, TeamId, VisitId},
    note::Note,
    page::PageView,
    preferences::Preference,
    refusal::Refusal,
};
use serde::{Deserialize, Serialize};

use super::i18n;
pub use encoding::PostcardEncoding;
use encoding::PostcardPost;

/// Why a server function failed, along with the request ID to look for in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    /// The reason, which is shown to the agent.
    pub refusal: Refusal,
    /// The request's `x-request-id`, or empty if the request never reached the server.
    pub request_id: String,
}

impl ApiError {
    /// Returns the message shown to the agent. `who` returns an agent's name, and `when` formats a time.
    pub fn sentence(&self, who: impl Fn(AgentId) -> String, when: impl Fn(Millis) -> String) -> String {
        match (&self.refusal, self.request_id.as_str()) {
            (_, "") => i18n::unreached().into(),
            // The ID lets an administrator find the error in the log.
            (Refusal::Unexpected, request) => {
                [i18n::refusal_text(&self.refusal, who, when), i18n::fill(i18n::request(), request)].join(" ")
            }
            _ => i18n::refusal_text(&self.refusal, who, when),
        }
    }
}

impl FromServerFnError for ApiError {
    type Encoder = PostcardEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let request_id = match error {
            ServerFnErrorErr::Request(_) => String::new(),
            #[cfg(feature = "ssr")]
            ServerFnErrorErr::Deserialization(why)
            | ServerFnErrorErr::Args(why)
            | ServerFnErrorErr::MissingArg(why) => request_context::unreadable(&why),
            _ => "unread".into(),
        };
        Self { refusal: Refusal::Unexpected, request_id }
    }
}

/// Everything a page needs to render before the socket is connected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitialState {
    /// The server's time.
    pub now: Millis,
    /// The organization's agents, teams, and concierges.
    pub directory: Directory,
    /// The board. A large board is truncated to its most urgent rows, and its epoch is set to 0 because the dashboard
    /// can't resume from it.
    pub snapshot: Snapshot,
    /// The agent's chats.
    pub chats: Vec<AgentChat>,
    /// The connected agents and their availability.
    pub colleagues: Vec<Colleague>,
    /// The chat in the page's path, if any.
    pub opened: Option<OpenedChat>,
    /// The agent's board preferences.
    pub preference: Preference,
}

/// The chat in a page's path, which is sent along with the page so that it can render without another request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedChat {
    /// The chat's ID.
    pub chat: ChatId,
    /// The chat's entries, or `None` if the chat does not exist or the agent may not see it.
    pub entries: Option<Vec<Entry>>,
    /// The chat's internal notes.
    pub notes: Vec<Note>,
}

/// Signs an agent in and returns the path of the next page. Also accepts a plain form submission, which is redirected
/// to that page.
#[server(prefix = "/api", endpoint = "sign-in", output = PostcardPost)]
pub async fn sign_in(
    #[doc = "The agent's email address."] email: String,
    #[doc = "The password. It is only checked against the stored hash and never stored itself."] password: String,
) -> Result<String, ApiError> {
    let engine = request_context::engine();
    let (ip, user_agent) = (request_context::address(), request_context::user_agent());
    let entered = engine.sessions().sign_in(&email, &password, ip, &user_agent, engine.now()).await;
    let on = request_context::set_sign_in_cookie(&engine, entered.map_err(request_context::refused)?);
    if request_context::is_form() {
        leptos_axum::redirect(on);
    }
    Ok(on.to_owned())
}

/// Signs the agent out and closes all of the session's sockets.
#[server(prefix = "", endpoint = "/sign-out", output = PostcardPost)]
pub async fn sign_out() -> Result<(), ApiError> {
    let engine = request_context::engine();
    if let Some(token) = request_context::token(&engine) {
        engine.sessions().sign_out(&token).await;
    }
    request_context::set_cookie(&engine, None);
    leptos_axum::redirect("/sign-in");
    Ok(())
}

/// Returns a dashboard page's initial state, or redirects to the sign-in page if there is no session.
#[server(name = FetchInitialState, prefix = "/api", endpoint = "here", input = PostcardPost, output = PostcardPost)]
pub async fn initial_state(
    #[doc = "The chat in the page's path, if any."] chat: Option<ChatId>,
) -> Result<InitialState, ApiError> {
    let (engine, me) = match request_context::authenticate().await {
        Ok(entered) => entered,
        Err(error) => {
            if error.refusal == Refusal::NotSignedIn {
                leptos_axum::redirect("/sign-in");
            }
            return Err(error);
        }
    };
    let now = engine.now();
    let mut snapshot = engine.board(&me).await;
    if snapshot.rows.len() > request_context::ROWS_IN_THE_PAGE {
        snapshot.rows.sort_by_cached_key(|row| (super::filter_and_sort::urgency(row.status(now)), row.since));
        snapshot.rows.truncate(request_context::ROWS_IN_THE_PAGE);
        snapshot.epoch = 0;
    }
    let directory = engine.directory(&me).await.map_err(request_context::refused)?;
    let chats = engine.chats(&me).await.map_err(request_context::refused)?;
    let opened = match chat {
        Some(chat) => match engine.entries(&me, chat, 0).await {
            Ok(entries) => {
                let notes = engine.notes_piece(&me, chat, 0).await.map_err(request_context::refused)?.items;
                Some(OpenedChat { chat, entries: Some(entries), notes })
            }
            Err(Refusal::NotFound) => Some(OpenedChat { chat, entries: None, notes: Vec::new() }),
            Err(refusal) => return Err(request_context::refused(refusal)),
        },
        None => None,
    };
    let colleagues = engine.colleagues(&me).await;
    let preference = engine.preference(&me).await.map_err(request_context::refused)?;
    Ok(InitialState { now, directory, snapshot, chats, colleagues, opened, preference })
}

/// Sets the agent to available or, for the given reason, to away.
#[server(prefix = "/api", endpoint = "set-availability", input = PostcardPost, output = PostcardPost)]
pub async fn set_availability(
    #[doc = "The reason for being away, or `None` if the agent is available."] away: Option<AwayReason>,
) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.set_availability(&me, away).await.map_err(request_context::refused)
}

/// Saves the agent's board preferences, which apply on all of their devices.
#[server(prefix = "/api", endpoint = "preference", input = PostcardPost, output = PostcardPost)]
pub async fn keep_preference(#[doc = "The complete preferences."] preference: Preference) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.keep_preference(&me, preference).await.map_err(request_context::refused)
}

/// Returns the signed-in agent. If the socket is rejected repeatedly, the dashboard calls this to find out whether the
/// session has ended.
#[server(prefix = "/api", endpoint = "who-am-i", input = PostcardPost, output = PostcardPost)]
pub async fn who_am_i() -> Result<AgentId, ApiError> {
    request_context::authenticate().await.map(|(_, me)| me.agent)
}

/// Returns a chat's entries after a given one.
#[server(prefix = "/api", endpoint = "entries", input = PostcardPost, output = PostcardPost)]
pub async fn entries(
    #[doc = "The chat."] chat: ChatId,
    #[doc = "The last entry that the client has, or 0 if it has none."] after: Seq,
) -> Result<Vec<Entry>, ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.entries(&me, chat, after).await.map_err(request_context::refused)
}

/// Returns the page views during a visit.
#[server(prefix = "/api", endpoint = "page_views", input = PostcardPost, output = PostcardPost)]
pub async fn page_views(#[doc = "The visit."] visit: VisitId) -> Result<Vec<PageView>, ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.page_views(&me, visit).await.map_err(request_context::refused)
}

/// Invites a visitor to chat.
#[server(prefix = "/api", endpoint = "invite", input = PostcardPost, output = PostcardPost)]
pub async fn invite(
    #[doc = "The visit."] visit: VisitId,
    #[doc = "The invitation text."] text: String,
) -> Result<InvitationId, ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.invite(&me, visit, text).await.map_err(request_context::refused)
}

/// Withdraws one of the agent's invitations.
#[server(prefix = "/api", endpoint = "withdraw", input = PostcardPost, output = PostcardPost)]
pub async fn withdraw(#[doc = "The invitation."] invitation: InvitationId) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.withdraw(&me, invitation).await.map_err(request_context::refused)
}

/// Claims a waiting chat for the agent.
#[server(prefix = "/api", endpoint = "claim", input = PostcardPost, output = PostcardPost)]
pub async fn claim(#[doc = "The chat."] chat: ChatId) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.claim(&me, chat).await.map_err(request_context::refused)
}

/// Takes over a chat. Refused if the chat's agent or version has changed since it was shown on the screen.
#[server(prefix = "/api", endpoint = "take-over", input = PostcardPost, output = PostcardPost)]
pub async fn take_over(
    #[doc = "The chat."] chat: ChatId,
    #[doc = "The chat's agent as shown on the screen."] seen_owner: AgentId,
    #[doc = "The chat's version as shown on the screen."] seen_version: u32,
) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.take_over(&me, chat, seen_owner, seen_version).await.map_err(request_context::refused)
}

/// Declines a chat that was offered to the agent.
#[server(prefix = "/api", endpoint = "decline", input = PostcardPost, output = PostcardPost)]
pub async fn decline(#[doc = "The chat."] chat: ChatId) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.decline(&me, chat).await.map_err(request_context::refused)
}

/// The agent or team that a chat is transferred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HandOverTarget {
    /// Another agent, who must be available and below their chat limit.
    Agent(AgentId),
    /// Another agent, even if they are away or at their chat limit. Only supervisors may do this.
    Insisting(AgentId),
    /// A team's queue.
    Team(TeamId),
}

/// Transfers a chat to another agent or a team.
#[server(prefix = "/api", endpoint = "hand-over", input = PostcardPost, output = PostcardPost)]
pub async fn hand_over(
    #[doc = "The chat."] chat: ChatId,
    #[doc = "The chat's agent as shown on the screen."] seen_owner: AgentId,
    #[doc = "The new agent or team."] to: HandOverTarget,
    #[doc = "An internal note. May be empty."] note: String,
) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.hand_over(&me, chat, seen_owner, request_context::hand_to(to), &note).await.map_err(request_context::refused)
}

/// Adds an internal note to a chat or whispers to its agent.
#[server(prefix = "/api", endpoint = "add-note", input = PostcardPost, output = PostcardPost)]
pub async fn add_note(
    #[doc = "The chat."] chat: ChatId,
    #[doc = "The text, which the visitor never sees."] text: String,
    #[doc = "Whether it is a whisper, which also notifies the chat's agent."] whisper: bool,
) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.add_note(&me, chat, &text, whisper).await.map_err(request_context::refused)
}

/// Returns a chat's internal notes.
#[server(prefix = "/api", endpoint = "notes", input = PostcardPost, output = PostcardPost)]
pub async fn notes(#[doc = "The chat."] chat: ChatId) -> Result<Vec<Note>, ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.notes(&me, chat).await.map_err(request_context::refused)
}

/// Adds a tag to a chat or removes it.
#[server(prefix = "/api", endpoint = "tag", input = PostcardPost, output = PostcardPost)]
pub async fn tag(
    #[doc = "The chat."] chat: ChatId,
    #[doc = "The tag."] name: String,
    #[doc = "Whether to add the tag rather than remove it."] on: bool,
) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.tag(&me, chat, &name, on).await.map_err(request_context::refused)
}

/// Returns the tags that have been used in the organization.
#[server(prefix = "/api", endpoint = "tags", input = PostcardPost, output = PostcardPost)]
pub async fn tags() -> Result<Vec<String>, ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.tags(&me).await.map_err(request_context::refused)
}

/// Returns the canned replies available to the agent.
#[server(prefix = "/api", endpoint = "replies", input = PostcardPost, output = PostcardPost)]
pub async fn replies() -> Result<Vec<Reply>, ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.replies(&me).await.map_err(request_context::refused)
}

/// Ends one of the agent's chats.
#[server(prefix = "/api", endpoint = "end-chat", input = PostcardPost, output = PostcardPost)]
pub async fn end_chat(#[doc = "The chat."] chat: ChatId) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.end(&me, chat).await.map_err(request_context::refused)
}
