//! The longest-waiting chat that the agent may claim, which is shown above the board and above the list of chats.

use leptos::prelude::*;
use protocol::{board::format_elapsed, chat::BoardChat};

use crate::dashboard::{actions, filter_and_sort::visitor_name, i18n, live::Live};

/// The longest-waiting chat, with a button to claim it. Renders nothing if no chat is waiting.
#[component]
pub fn LongestWaiting() -> impl IntoView {
    let app = Live::from_context().app;
    let longest = Memo::new(move |_| {
        let row = app.longest_waiting()?;
        let BoardChat { id, since, .. } = row.chat?;
        Some((id, since, row.name))
    });
    move || {
        let (chat, since, name) = longest.get()?;
        Some(view! {
            <p class="waits-longest">
                <span>{i18n::waits_longest()} " " <bdi>{visitor_name(name.as_deref()).to_owned()}</bdi></span>
                <time>{move || format_elapsed(since, app.now.get())}</time>
                <button
                    type="button"
                    class="button primary"
                    aria-busy=move || app.is_busy(chat.0).to_string()
                    on:click=move |_| actions::claim(app, chat)
                >
                    {i18n::claim()}
                </button>
            </p>
        })
    }
}
