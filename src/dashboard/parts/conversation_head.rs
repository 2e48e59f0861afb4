//! A conversation's header, with the visitor and the actions for the chat.

use leptos::prelude::*;
use protocol::{
    agent::Role,
    chat::{AgentChat, BoardChat, ChatState},
    contact::mailto,
    id::ChatId,
};

use crate::dashboard::{
    actions,
    app_state::AppState,
    filter_and_sort::visitor_name,
    i18n,
    live::Live,
    parts::{icons, transfer_form::HandOver},
};

/// A conversation's header.
#[component]
pub fn ConversationHead(
    /// The chat's ID.
    chat: ChatId,
    /// The chat's data, once loaded.
    known: Memo<Option<AgentChat>>,
    /// Whether the chat is mine.
    mine: Memo<bool>,
    /// Whether the visitor's details are open. Only used on screens without room for them next to the conversation.
    panel_open: RwSignal<bool>,
) -> impl IntoView {
    let app = Live::from_context().app;
    let name = move || {
        known.with(|known| visitor_name(known.as_ref().and_then(|known| known.visitor_name.as_deref())).to_owned())
    };
    let email = move || {
        let email = known.with(|known| known.as_ref().and_then(|known| known.visitor_email.clone()))?;
        Some(view! { <a class="email" href=mailto(&email) title=i18n::answer_by_mail() dir="auto">{email.clone()}</a> })
    };
    let state = Memo::new(move |_| known.with(|known| known.as_ref().map(|known| known.chat.clone())));
    let may_claim =
        Memo::new(move |_| state.with(|chat| chat.as_ref().is_some_and(|chat| app.viewer().may_claim(chat))));
    let acts = move || match (state.get(), mine.get()) {
        (Some(BoardChat { state: ChatState::InProgress, .. }), true) => {
            view! { <HandOver chat owner=app.me /> <EndChatButton chat /> }.into_any()
        }
        (Some(other @ BoardChat { state: ChatState::InProgress, .. }), false) => with_another(app, &other),
        (Some(BoardChat { state: ChatState::Unclaimed, team: Some(team), .. }), _) if !may_claim.get() => {
            view! { <span class="agent">{i18n::fill(i18n::waits_for_team(), &app.team_name(team))}</span> }.into_any()
        }
        (Some(BoardChat { state: ChatState::Unclaimed, .. }), _) => view! {
            <button
                type="button"
                class="button primary"
                aria-busy=move || app.is_busy(chat.0).to_string()
                on:click=move |_| actions::claim(app, chat)
            >
                {i18n::claim()}
            </button>
        }
        .into_any(),
        _ => ().into_any(),
    };
    view! {
        <header class="conversation-head">
            <a class="back" href="/chats" aria-label=i18n::back()>{icons::back()}</a>
            <h2><bdi>{name}</bdi> {email}</h2>
            <button
                type="button"
                class="button quiet who-is-it"
                aria-controls="visitor-panel"
                aria-expanded=move || panel_open.get().to_string()
                on:click=move |_| panel_open.update(|wanted| *wanted = !*wanted)
            >
                {i18n::visitor()}
            </button>
            <div class="acts">{acts}</div>
        </header>
    }
}

// Ending a chat cannot be undone, so the button asks for confirmation in place.
#[component]
fn EndChatButton(chat: ChatId) -> impl IntoView {
    let app = Live::from_context().app;
    let confirming = RwSignal::new(false);
    view! {
        <Show
            when=move || confirming.get()
            fallback=move || view! {
                <button type="button" class="button quiet end" on:click=move |_| confirming.set(true)>{i18n::end_chat()}</button>
            }
        >
            <span class="question">{i18n::end_this_chat()}</span>
            <button
                type="button"
                class="button primary end-now"
                aria-busy=move || app.is_busy(chat.0).to_string()
                on:click=move |_| actions::end(app, chat)
            >
                {i18n::end_now()}
            </button>
            <button type="button" class="button quiet" on:click=move |_| confirming.set(false)>{i18n::go_on()}</button>
        </Show>
    }
}

fn with_another(app: AppState, chat: &BoardChat) -> AnyView {
    let chat = chat.clone();
    let (id, owner) = (chat.id, chat.agent);
    let may = app.viewer().may_take_over(&chat);
    let agent = chat.agent.map(|agent| app.agent_name(agent));
    let take_over = may.then(|| {
        view! {
            <button
                type="button"
                class="button quiet take-over"
                aria-busy=move || app.is_busy(id.0).to_string()
                on:click=move |_| actions::take_over(app, &chat)
            >
                {i18n::take_over()}
            </button>
        }
    });
    let hand_over = owner.filter(|_| app.role() >= Role::Supervisor).map(|owner| view! { <HandOver chat=id owner /> });
    view! { <span class="agent">{agent}</span> {hand_over} {take_over} }.into_any()
}
