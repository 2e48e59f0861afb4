//! A chat in the chat list: the visitor, the last message, the number of unread messages, and how long the visitor has
//! been waiting.

use leptos::prelude::*;
use protocol::{board::format_elapsed, chat::ChatState, id::ChatId};

use crate::dashboard::{actions, app_state::chats::awaits_reply, filter_and_sort::visitor_name, i18n, live::Live};

/// A link to a chat.
#[component]
pub fn ChatLine(
    /// The chat.
    id: ChatId,
    /// Whether the chat is open.
    #[prop(into)]
    open: Signal<bool>,
) -> impl IntoView {
    let app = Live::from_context().app;
    let chat = Memo::new(move |_| app.chat(id));
    let name =
        move || chat.with(|chat| visitor_name(chat.as_ref().and_then(|chat| chat.visitor_name.as_deref())).to_owned());
    let last = move || {
        chat.with(|chat| match chat.as_ref().map(|chat| (&chat.last, chat.chat.state)) {
            Some((_, ChatState::Ended)) => i18n::ended().into(),
            Some((Some(last), _)) if last.from_visitor => last.text.clone(),
            Some((Some(last), _)) => i18n::fill(i18n::you(), &last.text),
            _ => i18n::no_message().into(),
        })
    };
    let page = Memo::new(move |_| {
        app.board_version.track();
        let row = chat.with(|chat| chat.as_ref().and_then(|chat| app.row(chat.visit)));
        row.map(|row| row.page.path().to_owned())
    });
    let waiting = move || {
        let since = chat.with(|chat| {
            chat.as_ref().filter(|chat| awaits_reply(chat)).and_then(|chat| chat.last.as_ref().map(|last| last.at))
        });
        since.map(|since| format_elapsed(since, app.now.get()))
    };
    let unread = Memo::new(move |_| chat.with(|chat| chat.as_ref().map_or(0, |chat| chat.unread)));
    view! {
        <li>
            <a href=actions::chat_path(id) class="chat-line" aria-current=move || open.get().then_some("page")>
                <span class="name"><bdi>{name}</bdi> <small class="path">{page}</small></span>
                <span class="waiting" title=i18n::waiting_for()>{waiting}</span>
                <span class="last" dir="auto">{last}</span>
                <Show when=move || { unread.get() > 0 }>
                    <span class="unread">{unread} <span class="visually-hidden">" " {i18n::unread()}</span></span>
                </Show>
            </a>
        </li>
    }
}
