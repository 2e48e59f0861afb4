//! A conversation's entries. The list only scrolls to new entries if it was already scrolled to the end. Otherwise, a
//! button leads to them.

use leptos::{html, prelude::*};
use protocol::{
    chat::{AgentChat, Body, Entry},
    id::ChatId,
    note::Note,
};

use crate::dashboard::{
    i18n,
    live::Live,
    parts::entry::{Line, NoteLine, PendingLine},
};

/// The maximum distance from the end, in pixels, that still counts as being at the end.
const NEAR_END_PX: i32 = 80;

/// An item in the list.
#[derive(Clone)]
enum Item {
    /// The previous entry, if any, and the entry itself.
    Line(Option<Entry>, Entry),
    /// An internal note.
    Note(Note),
}

/// If the message was edited, returns its new text; if it was deleted, returns an empty text. This is part of the key
/// so that a message is rerendered when it changes.
fn changed(entry: &Entry) -> Option<String> {
    match &entry.body {
        Body::Edited { text, .. } => Some(text.clone()),
        Body::Deleted { .. } => Some(String::new()),
        _ => None,
    }
}

impl Item {
    fn key(&self) -> (bool, u32, Option<String>) {
        match self {
            Self::Line(_, entry) => (false, entry.seq, changed(entry)),
            Self::Note(note) => (true, note.number, None),
        }
    }
}

/// A chat's entries and notes, followed by any unacknowledged messages.
#[component]
pub fn Log(
    /// The chat's ID.
    chat: ChatId,
    /// The chat's data, once loaded.
    known: Memo<Option<AgentChat>>,
    /// The entries that have been loaded.
    entries: ArcRwSignal<Vec<Entry>>,
) -> impl IntoView {
    let app = Live::from_context().app;
    let log = NodeRef::<html::Div>::new();
    let at_end = StoredValue::new(true);
    let has_newer = RwSignal::new(false);
    let pending = Memo::new(move |_| {
        app.outbox.with(|all| all.iter().filter(|pending| pending.chat == chat).cloned().collect::<Vec<_>>())
    });
    let receipt =
        Memo::new(move |_| known.with(|known| known.as_ref().map(|known| known.visitor_receipt).unwrap_or_default()));
    let followed = entries.clone();
    let notes = app.notes(chat);
    let noted = notes.clone();
    Effect::new(move |_| {
        followed.track();
        noted.track();
        pending.track();
        app.hydrated.track();
        let Some(log) = log.get() else { return };
        if at_end.get_value() {
            request_animation_frame(move || log.set_scroll_top(log.scroll_height()));
        } else {
            has_newer.set(true);
        }
    });
    let scrolled = move |_| {
        if let Some(log) = log.get_untracked() {
            let is_near = log.scroll_height() - log.scroll_top() - log.client_height() < NEAR_END_PX;
            at_end.set_value(is_near);
            if is_near {
                has_newer.set(false);
            }
        }
    };
    // Each item includes the previous entry, because messages from the same author are grouped.
    let each = move || {
        let lines: Vec<Entry> = entries.with(|all| all.iter().filter(|entry| !entry.is_change()).cloned().collect());
        let before: Vec<Option<Entry>> = std::iter::once(None).chain(lines.iter().cloned().map(Some)).collect();
        // Internal notes are inserted between the entries chronologically.
        let mut other_notes = notes.get().into_iter().peekable();
        let mut all = Vec::new();
        for (before, entry) in before.into_iter().zip(lines) {
            while let Some(note) = other_notes.next_if(|note| note.at < entry.at) {
                all.push(Item::Note(note));
            }
            all.push(Item::Line(before, entry));
        }
        all.extend(other_notes.map(Item::Note));
        all
    };
    view! {
        <div class="log" role="log" aria-live="polite" aria-label=i18n::messages() tabindex="0" node_ref=log on:scroll=scrolled>
            <For each=each key=Item::key let:item>
                {match item {
                    Item::Line(before, entry) => view! { <Line chat before entry receipt /> }.into_any(),
                    Item::Note(note) => view! { <NoteLine note /> }.into_any(),
                }}
            </For>
            <For each=move || pending.get() key=|pending| (pending.client_id, pending.refused.is_some()) let:pending>
                <PendingLine pending />
            </For>
        </div>
        <Show when=move || has_newer.get()>
            <button
                type="button"
                class="newer"
                on:click=move |_| if let Some(log) = log.get_untracked() { log.set_scroll_top(log.scroll_height()) }
            >
                {i18n::new_messages()}
            </button>
        </Show>
    }
}
