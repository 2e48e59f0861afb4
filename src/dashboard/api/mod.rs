//! The server functions: the dashboard's one door to the engine. What changes the state of an invitation or a chat goes
//! through here and is answered; what flows goes through the socket.

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

/// Why a server function did not do it, and under which name the log knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiError {
    /// What the agent is told.
    pub refusal: Refusal,
    /// Empty when the request never reached the server.
    pub request_id: String,
}

impl ApiError {
    /// What the agent reads; `who` turns an agent into his name, `when` a time into words.
    pub fn sentence(&self, who: impl Fn(AgentId) -> String, when: impl Fn(Millis) -> String) -> String {
        match (&self.refusal, self.request_id.as_str()) {
            (_, "") => i18n::unreached().into(),
            // Whoever reads the log finds it by this.
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

/// Everything a page needs to be drawn before the socket is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InitialState {
    /// The server's clock.
    pub now: Millis,
    /// Who is who.
    pub directory: Directory,
    /// The board, or its most urgent rows when it is large (then its epoch is 0: nothing to resume from).
    pub snapshot: Snapshot,
    /// My chats.
    pub chats: Vec<AgentChat>,
    /// Who is there, and how.
    pub colleagues: Vec<Colleague>,
    /// The chat that the address names.
    pub opened: Option<OpenedChat>,
    /// What I like to see of the board.
    pub preference: Preference,
}

/// The chat that the address of a page names, so that its window can be drawn at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenedChat {
    /// Which.
    pub chat: ChatId,
    /// What was said in it; none: there is no such chat.
    pub entries: Option<Vec<Entry>>,
    /// What agents wrote beside it.
    pub notes: Vec<Note>,
}

/// Signs in: where it goes on. Works as a plain form as well, which is sent there.
#[server(prefix = "/api", endpoint = "sign-in", output = PostcardPost)]
pub async fn sign_in(
    #[doc = "Whose."] email: String,
    #[doc = "Compared with its hash, and forgotten."] password: String,
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

/// Signs out: every socket of the session closes.
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

/// What every page of the dashboard begins with. Who is not signed in is sent to do so.
#[server(name = FetchInitialState, prefix = "/api", endpoint = "here", input = PostcardPost, output = PostcardPost)]
pub async fn initial_state(
    #[doc = "The chat that the address names."] chat: Option<ChatId>,
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
                let notes = engine.notes(&me, chat).await.map_err(request_context::refused)?;
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

/// I take chats, or with a reason, I do not.
#[server(prefix = "/api", endpoint = "set-availability", input = PostcardPost, output = PostcardPost)]
pub async fn set_availability(#[doc = "Why not; none: I do."] away: Option<AwayReason>) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.set_availability(&me, away).await.map_err(request_context::refused)
}

/// Keeps what I like to see, for every device of mine.
#[server(prefix = "/api", endpoint = "preference", input = PostcardPost, output = PostcardPost)]
pub async fn keep_preference(#[doc = "All of it."] preference: Preference) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.keep_preference(&me, preference).await.map_err(request_context::refused)
}

/// Who is signed in: asked when the socket is turned away again and again.
#[server(prefix = "/api", endpoint = "who-am-i", input = PostcardPost, output = PostcardPost)]
pub async fn who_am_i() -> Result<AgentId, ApiError> {
    request_context::authenticate().await.map(|(_, me)| me.agent)
}

/// What was said in a chat after an entry.
#[server(prefix = "/api", endpoint = "entries", input = PostcardPost, output = PostcardPost)]
pub async fn entries(
    #[doc = "Which."] chat: ChatId,
    #[doc = "The last entry that is here."] after: Seq,
) -> Result<Vec<Entry>, ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.entries(&me, chat, after).await.map_err(request_context::refused)
}

/// The pages of a visit.
#[server(prefix = "/api", endpoint = "page_views", input = PostcardPost, output = PostcardPost)]
pub async fn page_views(#[doc = "Which."] visit: VisitId) -> Result<Vec<PageView>, ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.page_views(&me, visit).await.map_err(request_context::refused)
}

/// Invites a visitor to a chat.
#[server(prefix = "/api", endpoint = "invite", input = PostcardPost, output = PostcardPost)]
pub async fn invite(
    #[doc = "Which."] visit: VisitId,
    #[doc = "The words of the invitation."] text: String,
) -> Result<InvitationId, ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.invite(&me, visit, text).await.map_err(request_context::refused)
}

/// Takes an invitation of mine back.
#[server(prefix = "/api", endpoint = "withdraw", input = PostcardPost, output = PostcardPost)]
pub async fn withdraw(#[doc = "Which."] invitation: InvitationId) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.withdraw(&me, invitation).await.map_err(request_context::refused)
}

/// Claims a chat that waits.
#[server(prefix = "/api", endpoint = "claim", input = PostcardPost, output = PostcardPost)]
pub async fn claim(#[doc = "Which."] chat: ChatId) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.claim(&me, chat).await.map_err(request_context::refused)
}

/// Takes a chat over from the agent and the version that were on the screen.
#[server(prefix = "/api", endpoint = "take-over", input = PostcardPost, output = PostcardPost)]
pub async fn take_over(
    #[doc = "Which."] chat: ChatId,
    #[doc = "Who had it on the screen."] seen_owner: AgentId,
    #[doc = "Its version on the screen."] seen_version: u32,
) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.take_over(&me, chat, seen_owner, seen_version).await.map_err(request_context::refused)
}

/// I do not take the chat that is offered to me.
#[server(prefix = "/api", endpoint = "decline", input = PostcardPost, output = PostcardPost)]
pub async fn decline(#[doc = "Which."] chat: ChatId) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.decline(&me, chat).await.map_err(request_context::refused)
}

/// To whom a chat is handed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HandOverTarget {
    /// A colleague.
    Agent(AgentId),
    /// A colleague, though he takes no chats, or has as many as he may.
    Insisting(AgentId),
    /// A team.
    Team(TeamId),
}

/// Hands a chat on.
#[server(prefix = "/api", endpoint = "hand-over", input = PostcardPost, output = PostcardPost)]
pub async fn hand_over(
    #[doc = "Which."] chat: ChatId,
    #[doc = "Whose it was on the screen."] seen_owner: AgentId,
    #[doc = "To whom."] to: HandOverTarget,
    #[doc = "What only agents read."] note: String,
) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.hand_over(&me, chat, seen_owner, request_context::hand_to(to), &note).await.map_err(request_context::refused)
}

/// Writes a note beside a chat, or whispers to its agent.
#[server(prefix = "/api", endpoint = "add-note", input = PostcardPost, output = PostcardPost)]
pub async fn add_note(
    #[doc = "Which."] chat: ChatId,
    #[doc = "What only agents read."] text: String,
    #[doc = "It is for the agent in the chat."] whisper: bool,
) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.add_note(&me, chat, &text, whisper).await.map_err(request_context::refused)
}

/// The notes beside a chat.
#[server(prefix = "/api", endpoint = "notes", input = PostcardPost, output = PostcardPost)]
pub async fn notes(#[doc = "Which."] chat: ChatId) -> Result<Vec<Note>, ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.notes(&me, chat).await.map_err(request_context::refused)
}

/// Puts a tag on a chat, or takes it off.
#[server(prefix = "/api", endpoint = "tag", input = PostcardPost, output = PostcardPost)]
pub async fn tag(
    #[doc = "Which."] chat: ChatId,
    #[doc = "The tag."] name: String,
    #[doc = "On, or off."] on: bool,
) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.tag(&me, chat, &name, on).await.map_err(request_context::refused)
}

/// The tags that the organization has used.
#[server(prefix = "/api", endpoint = "tags", input = PostcardPost, output = PostcardPost)]
pub async fn tags() -> Result<Vec<String>, ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.tags(&me).await.map_err(request_context::refused)
}

/// The canned replies that I may use.
#[server(prefix = "/api", endpoint = "replies", input = PostcardPost, output = PostcardPost)]
pub async fn replies() -> Result<Vec<Reply>, ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.replies(&me).await.map_err(request_context::refused)
}

/// Ends a chat of mine.
#[server(prefix = "/api", endpoint = "end-chat", input = PostcardPost, output = PostcardPost)]
pub async fn end_chat(#[doc = "Which."] chat: ChatId) -> Result<(), ApiError> {
    let (engine, me) = request_context::authenticate().await?;
    engine.end(&me, chat).await.map_err(request_context::refused)
}
