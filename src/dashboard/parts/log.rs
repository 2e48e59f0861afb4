//! The lines of a conversation. Who reads at the end stays at the end; who reads further up is not torn away.

use leptos::{html, prelude::*};
use protocol::{
    chat::{AgentChat, Entry},
    id::ChatId,
};

use crate::dashboard::{
    live::Live,
    parts::entry::{Line, OnItsWay},
    words,
};

/// So near to the end is at the end, in pixels.
const NEAR: i32 = 80;

/// What was said, and what is on its way.
#[component]
pub fn Log(
    /// Which chat.
    chat: ChatId,
    /// The chat, once it is known.
    known: Memo<Option<AgentChat>>,
    /// What was said.
    entries: ArcRwSignal<Vec<Entry>>,
) -> impl IntoView {
    let desk = Live::here().desk;
    let log = NodeRef::<html::Div>::new();
    let at_end = StoredValue::new(true);
    let pending = Memo::new(move |_| {
        desk.outbox.with(|all| all.iter().filter(|pending| pending.chat == chat).cloned().collect::<Vec<_>>())
    });
    let receipt =
        Memo::new(move |_| known.with(|known| known.as_ref().map(|known| known.visitor_receipt).unwrap_or_default()));
    let followed = entries.clone();
    Effect::new(move |_| {
        followed.track();
        pending.track();
        desk.awake.track();
        if let Some(log) = log.get().filter(|_| at_end.get_value()) {
            request_animation_frame(move || log.set_scroll_top(log.scroll_height()));
        }
    });
    let scrolled = move |_| {
        if let Some(log) = log.get_untracked() {
            at_end.set_value(log.scroll_height() - log.scroll_top() - log.client_height() < NEAR);
        }
    };
    // Each with the one before it: lines of one author stand together.
    let each = move || {
        let lines = entries.get();
        let before: Vec<Option<Entry>> = std::iter::once(None).chain(lines.iter().cloned().map(Some)).collect();
        before.into_iter().zip(lines).collect::<Vec<_>>()
    };
    view! {
        <div class="log" role="log" aria-live="polite" aria-label=words::MESSAGES tabindex="0" node_ref=log on:scroll=scrolled>
            <For each=each key=|(_, entry)| entry.seq let((before, entry))>
                <Line before entry receipt />
            </For>
            <For each=move || pending.get() key=|pending| (pending.client_id, pending.refused.is_some()) let:pending>
                <OnItsWay pending />
            </For>
        </div>
    }
}
