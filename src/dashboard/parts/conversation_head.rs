//! The head of a conversation: with whom, and what can be done about it.

use leptos::prelude::*;
use protocol::{
    action::may_take_over,
    agent::Role,
    chat::{AgentChat, BoardChat, ChatState},
    contact::mailto,
    id::ChatId,
};

use crate::dashboard::{
    act,
    app_state::AppState,
    arrangement::visitor_name,
    live::Live,
    parts::{hand_over::HandOver, icon},
    words,
};

/// With whom, and what can be done.
#[component]
pub fn Head(
    /// Which chat.
    chat: ChatId,
    /// The chat, once it is known.
    known: Memo<Option<AgentChat>>,
    /// I am its agent.
    mine: Memo<bool>,
    /// The visitor's card is wanted, where it does not stand beside the conversation anyway.
    beside: RwSignal<bool>,
) -> impl IntoView {
    let app = Live::here().app;
    let name = move || {
        known.with(|known| visitor_name(known.as_ref().and_then(|known| known.visitor_name.as_deref())).to_owned())
    };
    let email = move || {
        let email = known.with(|known| known.as_ref().and_then(|known| known.visitor_email.clone()))?;
        Some(
            view! { <a class="email" href=mailto(&email) title=words::answer_by_mail() dir="auto">{email.clone()}</a> },
        )
    };
    let state = Memo::new(move |_| known.with(|known| known.as_ref().map(|known| known.chat.clone())));
    let acts = move || match (state.get(), mine.get()) {
        (Some(BoardChat { state: ChatState::InProgress, .. }), true) => {
            view! { <HandOver chat owner=app.me /> <End chat /> }.into_any()
        }
        (Some(other @ BoardChat { state: ChatState::InProgress, .. }), false) => with_another(app, &other),
        (Some(BoardChat { state: ChatState::Unclaimed, .. }), _) => view! {
            <button
                type="button"
                class="call primary"
                aria-busy=move || app.is_busy(chat.0).to_string()
                on:click=move |_| act::claim(app, chat)
            >
                {words::claim()}
            </button>
        }
        .into_any(),
        _ => ().into_any(),
    };
    view! {
        <header class="conversation-head">
            <a class="back" href="/chats" aria-label=words::back()>{icon::back()}</a>
            <h2><bdi>{name}</bdi> {email}</h2>
            <button
                type="button"
                class="call quiet who-is-it"
                aria-controls="beside"
                aria-expanded=move || beside.get().to_string()
                on:click=move |_| beside.update(|wanted| *wanted = !*wanted)
            >
                {words::visitor()}
            </button>
            <div class="acts">{acts}</div>
        </header>
    }
}

// An end cannot be taken back: it is asked once more, in place.
#[component]
fn End(chat: ChatId) -> impl IntoView {
    let app = Live::here().app;
    let sure = RwSignal::new(false);
    view! {
        <Show
            when=move || sure.get()
            fallback=move || view! {
                <button type="button" class="call quiet end" on:click=move |_| sure.set(true)>{words::end_chat()}</button>
            }
        >
            <span class="question">{words::end_this_chat()}</span>
            <button
                type="button"
                class="call primary end-now"
                aria-busy=move || app.is_busy(chat.0).to_string()
                on:click=move |_| act::end(app, chat)
            >
                {words::end_now()}
            </button>
            <button type="button" class="call quiet" on:click=move |_| sure.set(false)>{words::go_on()}</button>
        </Show>
    }
}

fn with_another(app: AppState, chat: &BoardChat) -> AnyView {
    let chat = chat.clone();
    let (id, owner) = (chat.id, chat.agent);
    let may = may_take_over(app.role(), chat.link);
    let agent = chat.agent.map(|agent| app.agent_name(agent));
    let take_over = may.then(|| {
        view! {
            <button
                type="button"
                class="call quiet take-over"
                aria-busy=move || app.is_busy(id.0).to_string()
                on:click=move |_| act::take_over(app, &chat)
            >
                {words::take_over()}
            </button>
        }
    });
    let hand_over = owner.filter(|_| app.role() >= Role::Supervisor).map(|owner| view! { <HandOver chat=id owner /> });
    view! { <span class="agent">{agent}</span> {hand_over} {take_over} }.into_any()
}
