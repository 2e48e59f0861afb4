//! The form for writing an internal note or, if a supervisor is viewing the chat, for whispering to the chat's agent.

use leptos::{prelude::*, task::spawn_local};
use protocol::{id::ChatId, limits::MESSAGE_CHARS};

use crate::dashboard::{actions, api, i18n, live::Live};

/// The note form. The text stays in the form until the server has stored it.
#[component]
pub fn NoteForm(
    /// The chat.
    chat: ChatId,
    /// Whether the agent is viewing the chat as a supervisor and may whisper.
    whispers: bool,
) -> impl IntoView {
    let app = Live::from_context().app;
    let (text, sending) = (RwSignal::new(String::new()), RwSignal::new(false));
    let send = move |whisper: bool| {
        if sending.get_untracked() {
            return;
        }
        sending.set(true);
        spawn_local(async move {
            match api::add_note(chat, text.get_untracked(), whisper).await {
                Ok(()) => drop(text.try_set(String::new())),
                Err(error) => actions::report_error(app, &error),
            }
            sending.try_set(false);
        });
    };
    let button = move |whisper: bool, word: &'static str| {
        view! {
            <button
                type="button"
                aria-busy=move || sending.get().to_string()
                disabled=move || text.with(|text| text.trim().is_empty())
                on:click=move |_| send(whisper)
            >
                {word}
            </button>
        }
    };
    let label = if whispers { i18n::a_whisper() } else { i18n::a_note() };
    view! {
        <form class="composer note-form" on:submit=|event| event.prevent_default()>
            <textarea
                dir="auto"
                rows="2"
                maxlength=MESSAGE_CHARS.to_string()
                placeholder=label
                aria-label=label
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
            ></textarea>
            {whispers.then(|| button(true, i18n::whisper()))}
            {button(false, i18n::note())}
        </form>
    }
}
