//! Lets agents edit and delete their own messages for a limited time after sending them.

use leptos::prelude::*;
use protocol::{
    Millis,
    chat::{ChatState, Seq},
    id::ChatId,
    limits::EDIT_WINDOW_MS,
};

use crate::dashboard::{i18n, live::Live};

/// The edit and delete buttons, which are hidden once the time is up, and the edit field.
#[component]
pub fn MessageActions(
    /// The chat.
    chat: ChatId,
    /// The message's sequence number.
    seq: Seq,
    /// When the message was sent.
    at: Millis,
    /// The message's text, or `None` for a file, which can only be deleted.
    text: Option<String>,
    /// Whether the message is being edited.
    editing: RwSignal<bool>,
) -> impl IntoView {
    let live = Live::from_context();
    let app = live.app;
    let draft = RwSignal::new(text.clone().unwrap_or_default());
    let confirming = RwSignal::new(false);
    let is_open = Memo::new(move |_| {
        let is_mine = |known: protocol::chat::AgentChat| {
            known.chat.state == ChatState::InProgress && known.chat.agent == Some(app.me)
        };
        app.now.get() - at < EDIT_WINDOW_MS && app.chat(chat).is_some_and(is_mine)
    });
    let save = move |_| {
        editing.set(false);
        live.change(chat, seq, Some(draft.get_untracked()));
    };
    let rewrite = move || {
        view! {
            <textarea
                dir="auto"
                class="rewrite"
                rows="2"
                aria-label=i18n::edit()
                prop:value=move || draft.get()
                on:input=move |event| draft.set(event_target_value(&event))
            ></textarea>
            <button type="button" class="plain" on:click=save>{i18n::save()}</button>
            <button type="button" class="plain" on:click=move |_| editing.set(false)>{i18n::go_on()}</button>
        }
        .into_any()
    };
    let edit = text.map(|text| {
        let edit = move |_| {
            draft.set(text.clone());
            editing.set(true);
        };
        view! { <button type="button" class="plain" on:click=edit>{i18n::edit()}</button> }
    });
    let delete = move |_| {
        if confirming.get_untracked() {
            live.change(chat, seq, None);
        }
        confirming.set(true);
    };
    view! {
        <div class="change" hidden=move || !is_open.get()>
            {move || editing.get().then(rewrite)}
            <span hidden=move || editing.get()>
                {edit}
                <button type="button" class="plain delete" on:click=delete>
                    {move || if confirming.get() { i18n::delete_now() } else { i18n::delete() }}
                </button>
            </span>
        </div>
    }
}
