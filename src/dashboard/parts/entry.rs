//! An item in a conversation: a message, a chat event, an internal note, or a message that has not been acknowledged
//! yet.

use leptos::prelude::*;
use protocol::{
    Millis,
    chat::{Author, Body, ChatEvent, Entry, Receipt, Seq},
    file::FileCard,
    id::ChatId,
    link_detection::{TextSegment, for_each_segment, to_punycode},
    note::Note,
};

use crate::dashboard::{
    app_state::AppState,
    i18n,
    live::Live,
    outbox::Pending,
    parts::{avatar::avatar, file_attachment::file, message_actions::MessageActions},
};

/// Messages that the same author sends within this time (in milliseconds) are grouped.
const GROUPING_MS: Millis = 5 * 60_000;

/// An entry, preceded by its date if it differs from the previous entry's date.
#[component]
pub fn Line(
    /// The chat.
    chat: ChatId,
    /// The previous entry.
    before: Option<Entry>,
    /// The entry.
    entry: Entry,
    /// Which entries the visitor has received and read.
    receipt: Memo<Receipt>,
) -> impl IntoView {
    let app = Live::from_context().app;
    let (at, before_at) = (entry.at, before.as_ref().map(|before| before.at));
    let new_day = Memo::new(move |_| before_at.is_none_or(|before| app.day(before) != app.day(at)));
    let follows = before.is_some_and(|before| {
        before.author == entry.author
            && matches!(before.body, Body::Text(_) | Body::Edited { .. } | Body::File(_))
            && at - before.at < GROUPING_MS
    });
    let together = Memo::new(move |_| follows && !new_day.get());
    let day = move || new_day.get().then(|| view! { <p class="day">{move || app.day_words(at)}</p> });
    let Entry { seq, author, body, .. } = entry;
    let line = match body {
        Body::Event(event) => chat_event(app, at, event).into_any(),
        Body::Deleted { .. } => view! {
            <p class="entry happened">{i18n::deleted()} " " <time>{move || app.hour_minute(at)}</time></p>
        }
        .into_any(),
        Body::Text(text) => {
            let message = Message { chat, seq, at, author, content: MessageContent::Text(text), edited: false };
            message_view(app, message, together, receipt).into_any()
        }
        Body::Edited { text, .. } => {
            let message = Message { chat, seq, at, author, content: MessageContent::Text(text), edited: true };
            message_view(app, message, together, receipt).into_any()
        }
        Body::File(card) => {
            let message = Message { chat, seq, at, author, content: MessageContent::File(card), edited: false };
            message_view(app, message, together, receipt).into_any()
        }
    };
    view! { {day} {line} }
}

fn chat_event(app: AppState, at: Millis, event: ChatEvent) -> impl IntoView {
    let words = move || i18n::chat_event(&event, |agent| app.agent_name(agent));
    view! { <p class="entry happened">{words} " " <time>{move || app.hour_minute(at)}</time></p> }
}

struct Message {
    chat: ChatId,
    seq: Seq,
    at: Millis,
    author: Author,
    content: MessageContent,
    edited: bool,
}

#[derive(Clone)]
enum MessageContent {
    Text(String),
    File(FileCard),
}

impl MessageContent {
    fn view(&self) -> AnyView {
        match self {
            Self::Text(text) => view! { <p class="text" dir="auto">{linkified(text)}</p> }.into_any(),
            Self::File(card) => file(card),
        }
    }
}

fn message_view(app: AppState, message: Message, together: Memo<bool>, receipt: Memo<Receipt>) -> impl IntoView {
    let Message { chat, seq, at, author, content, edited } = message;
    let editing = RwSignal::new(false);
    let text = if let MessageContent::Text(text) = &content { Some(text.clone()) } else { None };
    let change = (author == Author::Agent(app.me)).then(|| view! { <MessageActions chat seq at text editing /> });
    let (side, ticks) = match author {
        Author::Visitor => ("visitor", None),
        Author::Agent(_) | Author::Concierge => ("agent", Some(ticks(receipt, seq))),
    };
    let name = move || match author {
        Author::Visitor => i18n::visitor().into(),
        Author::Agent(agent) => app.agent_name(agent),
        Author::Concierge => i18n::concierge_says().into(),
    };
    let author_avatar = move || match author {
        Author::Agent(agent) => Some(avatar(app, agent)),
        Author::Visitor | Author::Concierge => None,
    };
    let who = move || view! { <span class="who">{author_avatar()} {name} " " <time>{move || app.hour_minute(at)}</time></span> };
    view! {
        <div class=format!("entry said {side}") class:together=together>
            {move || (!together.get()).then_some(who)}
            {move || (!editing.get()).then(|| content.view())}
            {edited.then(|| view! { <small class="edited">{i18n::edited()}</small> })}
            {ticks}
            {change}
        </div>
    }
}

/// Renders text with clickable links. The text itself is never interpreted as markup.
fn linkified(text: &str) -> Vec<AnyView> {
    let link = |address: String| {
        let href = address.clone();
        view! { <a href=href target="_blank" rel="noopener noreferrer nofollow">{address}</a> }.into_any()
    };
    let mut parts = Vec::new();
    for_each_segment(text, &mut |piece| {
        parts.push(match piece {
            TextSegment::Text(text) => text.to_owned().into_any(),
            TextSegment::Link(address) => link(address.to_owned()),
            TextSegment::Foreign(address) => link(to_punycode(address)),
        });
    });
    parts
}

fn ticks(receipt: Memo<Receipt>, seq: Seq) -> impl IntoView {
    let mark = Memo::new(move |_| match receipt.get() {
        receipt if seq <= receipt.read => ("✓✓", i18n::read(), "tick read"),
        receipt if seq <= receipt.delivered => ("✓✓", i18n::delivered(), "tick"),
        _ => ("✓", i18n::sent(), "tick"),
    });
    view! {
        <span class=move || mark.get().2 role="img" aria-label=move || mark.get().1 title=move || mark.get().1>
            {move || mark.get().0}
        </span>
    }
}

/// An internal note or a whisper, clearly set apart from the conversation.
#[component]
pub fn NoteLine(
    /// The note.
    note: Note,
) -> impl IntoView {
    let app = Live::from_context().app;
    let Note { at, author, text, whisper, .. } = note;
    let words = if whisper { i18n::whispers() } else { i18n::noted() };
    let who = move || i18n::fill(words, &app.agent_name(author));
    view! {
        <div class="entry note">
            <span class="who">{who} " " <time>{move || app.hour_minute(at)}</time></span>
            <p class="text" dir="auto">{text}</p>
        </div>
    }
}

/// A message that the server has refused or has not acknowledged yet.
#[component]
pub fn PendingLine(
    /// The message.
    pending: Pending,
) -> impl IntoView {
    let live = Live::from_context();
    let id = pending.client_id;
    let refused = pending.refused.is_some();
    let trouble = pending.refused.map(|refusal| {
        let sentence =
            untrack(|| i18n::refusal_text(&refusal, |agent| live.app.agent_name(agent), |at| live.app.hour_minute(at)));
        view! {
            <p class="trouble" role="alert">
                {sentence} " "
                <button type="button" class="plain" on:click=move |_| live.resend(id)>{i18n::send_again()}</button>
                <button type="button" class="plain" on:click=move |_| live.discard(id)>{i18n::discard()}</button>
            </p>
        }
    });
    let waits = (!refused)
        .then(|| view! { <span class="tick" role="img" aria-label=i18n::sending() title=i18n::sending()>"◷"</span> });
    view! {
        <div class="entry said agent on-its-way">
            <p class="text" dir="auto">{pending.text}</p>
            {waits}
            {trouble}
        </div>
    }
}
