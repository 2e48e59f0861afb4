//! The My Chats page, with the list of chats on the left, the conversation in the middle, and the visitor's details on
//! the right.

use leptos::prelude::*;
use leptos_router::{
    components::Outlet,
    hooks::{use_location, use_params_map},
};
use protocol::id::ChatId;

use crate::dashboard::{
    actions, i18n,
    live::Live,
    parts::{
        chat_list_item::ChatLine, conversation::Conversation, longest_waiting::LongestWaiting,
        visitor_panel::VisitorCard,
    },
};

/// The list of chats next to the chat in the page's path.
#[component]
pub fn Chats() -> impl IntoView {
    let app = Live::from_context().app;
    let path = use_location().pathname;
    let open = Memo::new(move |_| path.with(|path| actions::chat_from_path(path)));
    let ids = Memo::new(move |_| app.my_chats().iter().map(|chat| chat.chat.id).collect::<Vec<_>>());
    view! {
        <main id="content" class="chats" class:opened=move || open.get().is_some() tabindex="-1">
            <section class="chat-list" aria-label=i18n::my_chats()>
                <h1>{i18n::my_chats()}</h1>
                <LongestWaiting />
                <ul>
                    <For each=move || ids.get() key=|id: &ChatId| *id let:id>
                        <ChatLine id open=Signal::derive(move || open.get() == Some(id)) />
                    </For>
                </ul>
                <Show when=move || ids.with(Vec::is_empty)>
                    <p class="hint">{i18n::no_chats()}</p>
                </Show>
            </section>
            <Outlet />
        </main>
    }
}

/// The placeholder shown when no chat is selected.
#[component]
pub fn NoWindow() -> impl IntoView {
    view! { <section class="no-window"><p class="hint">{i18n::choose_a_chat()}</p></section> }
}

/// The chat in the page's path, with the conversation and the visitor's details.
#[component]
pub fn Window() -> impl IntoView {
    let app = Live::from_context().app;
    let params = use_params_map();
    let id =
        Memo::new(move |_| params.with(|params| params.get_str("chat").and_then(|text| text.parse::<ChatId>().ok())));
    let missing = Memo::new(move |_| id.get().is_none_or(|id| app.missing.get() == Some(id)));
    let visit = Memo::new(move |_| id.get().and_then(|id| app.chat(id)).map(|chat| chat.visit));
    // If there is no room for three columns, the third one opens on demand and closes when another chat is opened.
    let panel_open = RwSignal::new(false);
    Effect::new(move |_| {
        id.track();
        panel_open.set(false);
    });
    view! {
        {move || match id.get().filter(|_| !missing.get()) {
            Some(chat) => view! { <Conversation chat panel_open /> }.into_any(),
            None => view! {
                <section class="no-window lost-chat">
                    <p class="hint">{i18n::no_such_chat()}</p>
                    <a href="/chats">{i18n::back()}</a>
                </section>
            }
            .into_any(),
        }}
        <aside
            id="visitor-panel"
            class="visitor-panel"
            class:wanted=move || panel_open.get()
            aria-label=i18n::visitor()
            on:keydown=move |event| if event.key() == "Escape" { panel_open.set(false) }
        >
            <button type="button" class="plain close" aria-label=i18n::close() on:click=move |_| panel_open.set(false)>"×"</button>
            {move || visit.get().map(|visit| view! { <VisitorCard visit /> })}
        </aside>
    }
}
