//! A chat's conversation: the header, the entries, and, for the chat's agent, the composer.

use leptos::{prelude::*, task::spawn_local};
use protocol::{
    agent::Role,
    chat::{ChatState, Entry, Receipt, Seq},
    id::ChatId,
};

use crate::dashboard::{
    api,
    app_state::Link,
    i18n,
    live::Live,
    parts::{
        composer::Composer, conversation_head::ConversationHead, message_list::Log, note_form::NoteForm, tags::Tags,
    },
};

/// A chat window.
#[component]
pub fn Conversation(
    /// The chat.
    chat: ChatId,
    /// Whether the visitor's details are open. Only used on screens without room for them next to the conversation.
    panel_open: RwSignal<bool>,
) -> impl IntoView {
    let live = Live::from_context();
    let app = live.app;
    let known = Memo::new(move |_| app.chat(chat));
    let mine = Memo::new(move |_| app.is_mine(chat));
    let state =
        Memo::new(move |_| known.with(|known| known.as_ref().map(|known| (known.chat.state, known.chat.agent))));
    let writable = move || mine.get() && state.get().is_some_and(|(state, _)| state == ChatState::InProgress);
    let supervises = move || !mine.get() && app.role() >= Role::Supervisor;
    let works_on_it = Signal::derive(move || state.get().is_some() && (mine.get() || supervises()));
    let readers = move || {
        let readers = app.readers.with(|all| all.get(&chat).cloned())?;
        let others = readers.into_iter().filter(|agent| *agent != app.me);
        let said = others.map(|agent| i18n::fill(i18n::reads_along(), &app.agent_name(agent))).collect::<Vec<_>>();
        (!said.is_empty()).then(|| said.join(" · "))
    };
    let may_claim = move || known.with(|known| known.as_ref().is_some_and(|known| app.viewer().may_claim(&known.chat)));
    let read_only = move || match state.get() {
        Some((ChatState::Ended, _)) => i18n::chat_over().into(),
        Some((ChatState::InProgress, Some(agent))) if agent != app.me => {
            [i18n::fill(i18n::with_another(), &app.agent_name(agent)).as_str(), i18n::i_read_along()].join(" ")
        }
        Some(_) if may_claim() => i18n::nobody_in_it().to_owned(),
        Some(_) => i18n::i_read_along().to_owned(),
        None => i18n::later().into(),
    };
    Effect::new(move |_| untrack(|| open_window(live, chat)));
    on_cleanup(move || live.window(chat, false));
    let entries = app.entries(chat);
    send_read_receipts(live, chat, mine, entries.clone());
    let typing = move || app.typing.with(|typing| typing.contains_key(&chat));
    view! {
        <section class="conversation" aria-label=i18n::conversation()>
            <ConversationHead chat known mine panel_open />
            <Tags chat known writable=works_on_it />
            <Log chat known entries />
            <p class="typing" aria-live="polite">{move || typing().then_some(i18n::typing())}</p>
            <p class="readers" role="status">{readers}</p>
            <Show when=writable fallback=move || view! { <p class="hint read-only">{read_only}</p> }>
                <Composer chat />
            </Show>
            {move || match (works_on_it.get(), mine.get()) {
                (true, true) => view! { <details class="chat-note"><summary>{i18n::note()}</summary><NoteForm chat whispers=false /></details> }.into_any(),
                (true, false) => view! { <NoteForm chat whispers=true /> }.into_any(),
                _ => ().into_any(),
            }}
        </section>
    }
}

// The socket delivers missing entries. If there is no connection, they are loaded through a server function instead.
fn open_window(live: Live, chat: ChatId) {
    let app = live.app;
    live.window(chat, true);
    if app.link.get() != Link::Up && app.head(chat) == 0 {
        spawn_local(async move {
            if let Ok(entries) = api::entries(chat, app.head(chat)).await {
                app.add_entries(chat, entries);
            }
        });
    }
}

// Entries are considered read when the chat is open and the tab is visible.
fn send_read_receipts(live: Live, chat: ChatId, mine: Memo<bool>, entries: ArcRwSignal<Vec<Entry>>) {
    let reported = StoredValue::new(0);
    let app = live.app;
    Effect::new(move |_| {
        let head: Seq = entries.with(|entries| entries.last().map_or(0, |entry| entry.seq));
        // Not for each piece of a long chat.
        let is_behind = app.chat(chat).is_some_and(|known| known.head > head);
        app.now.track();
        let up = app.link.get() == Link::Up;
        if !up {
            reported.set_value(0);
        }
        if up && !is_behind && mine.get() && head > reported.get_value() && !document().hidden() {
            reported.set_value(head);
            live.receipt(chat, Receipt { delivered: head, read: head });
        }
    });
}
