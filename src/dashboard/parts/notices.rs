//! The notices in the top right corner. Notices that require action stay until the agent acts on them with one click;
//! informational ones disappear after a while.

use leptos::prelude::*;
use protocol::{
    Millis,
    board::format_elapsed,
    id::{ChatId, VisitId},
    notice::Notice,
};

use crate::dashboard::{
    actions,
    app_state::{AppState, NoticeContent, ShownNotice},
    filter_and_sort::visitor_name,
    i18n,
    live::Live,
};

/// All current notices, newest last.
#[component]
pub fn Notices() -> impl IntoView {
    let app = Live::from_context().app;
    view! {
        <section class="notices" role="region" aria-label=i18n::notices() aria-live="assertive">
            <For each=move || app.notices.get() key=|shown| shown.key let:shown>
                <NoticeItem shown />
            </For>
        </section>
    }
}

#[component]
fn NoticeItem(shown: ShownNotice) -> impl IntoView {
    let app = Live::from_context().app;
    let key = shown.key;
    match shown.content {
        NoticeContent::Failure(sentence) => notice_article("failure", sentence, dismiss(app, key)),
        // Untracked, so that the notice stays the same even if a name changes later.
        NoticeContent::Notice(notice) => untrack(|| notice_view(app, key, notice)),
    }
}

fn notice_view(app: AppState, key: u32, notice: Notice) -> AnyView {
    let said = |words: &str, name: Option<&str>| i18n::fill(words, visitor_name(name));
    let by_agent = |words: &str, agent| i18n::fill(words, &app.agent_name(agent));
    let (kind, sentence, acts) = match notice {
        Notice::Accepted { chat, visit, visitor_name: name, reserved_until, late } => {
            let words = if late { i18n::accepted_late() } else { i18n::accepted() };
            let acts = view! { {countdown(app, i18n::yours_for(), reserved_until)} {claim(app, chat)} }.into_any();
            ("accepted", said(words, name.as_deref()) + &page_of(app, visit), acts)
        }
        Notice::Waiting { chat, visit, visitor_name: name, again } => {
            let words = if again { i18n::still_waits() } else { i18n::waits() };
            let acts = view! { {dismiss(app, key)} {claim(app, chat)} }.into_any();
            ("waiting", said(words, name.as_deref()) + &page_of(app, visit), acts)
        }
        Notice::Denied { visit, quiet_until, .. } => {
            let until = move || i18n::fill(i18n::no_prompts_until(), &app.hour_minute(quiet_until));
            let acts = view! { <small>{until}</small> {dismiss(app, key)} }.into_any();
            ("denied", i18n::denied().to_owned() + &page_of(app, visit), acts)
        }
        Notice::Unanswered { left: true, .. } => ("unanswered", i18n::left().to_owned(), dismiss(app, key)),
        Notice::Unanswered { visit, .. } => {
            ("unanswered", i18n::unanswered().to_owned() + &page_of(app, visit), dismiss(app, key))
        }
        Notice::Claimed { by, .. } => ("claimed", by_agent(i18n::claimed(), by), dismiss(app, key)),
        Notice::TakenOver { chat, by } => {
            let window = chat_link(app, key, chat, i18n::read_along());
            ("taken-over", by_agent(i18n::taken_over(), by), view! { {window} {dismiss(app, key)} }.into_any())
        }
        Notice::Offered { chat, visit, visitor_name: name, until } => {
            let decline = move |_| {
                app.dismiss(key);
                actions::decline(app, chat);
            };
            let acts = view! {
                {countdown(app, i18n::offered_for(), until)}
                <button type="button" class="plain" on:click=decline>{i18n::decline()}</button>
                {claim(app, chat)}
            };
            ("accepted", said(i18n::offered(), name.as_deref()) + &page_of(app, visit), acts.into_any())
        }
        Notice::HandedOver { chat, from, note } => {
            let mut sentence = by_agent(i18n::handed_over_to_me(), from);
            if !note.is_empty() {
                sentence = [sentence.as_str(), note.as_str()].join(": ");
            }
            ("accepted", sentence, view! { {chat_link(app, key, chat, i18n::open())} {dismiss(app, key)} }.into_any())
        }
        Notice::Whispered { chat, by, text } => {
            let sentence = [by_agent(i18n::whispers(), by).as_str(), text.as_str()].join(": ");
            ("whisper", sentence, view! { {chat_link(app, key, chat, i18n::open())} {dismiss(app, key)} }.into_any())
        }
        // This notice only removes others and is never shown itself.
        Notice::Ended { .. } => return ().into_any(),
    };
    notice_article(kind, sentence, acts)
}

fn page_of(app: AppState, visit: VisitId) -> String {
    app.row(visit).map(|row| format!(" · {}", row.page.path())).unwrap_or_default()
}

fn notice_article(kind: &'static str, sentence: String, acts: AnyView) -> AnyView {
    view! {
        <article class=format!("notice {kind}")>
            <p>{sentence}</p>
            <div class="acts">{acts}</div>
        </article>
    }
    .into_any()
}

fn chat_link(app: AppState, key: u32, chat: ChatId, words: &'static str) -> impl IntoView {
    view! { <a href=actions::chat_path(chat) on:click=move |_| app.dismiss(key)>{words}</a> }
}

fn countdown(app: AppState, said: &'static str, until: Millis) -> impl IntoView {
    let words = move || match until - app.now.get() {
        left if left > 0 => i18n::fill(said, &format_elapsed(app.now.get(), until)),
        _ => i18n::open_to_the_team().into(),
    };
    view! { <small aria-live="off">{words}</small> }
}

fn claim(app: AppState, chat: ChatId) -> impl IntoView {
    let busy = move || app.is_busy(chat.0);
    view! {
        <button type="button" class="primary" aria-busy=move || busy().to_string() on:click=move |_| actions::claim(app, chat)>
            {i18n::claim()}
        </button>
    }
}

fn dismiss(app: AppState, key: u32) -> AnyView {
    view! { <button type="button" class="plain dismiss" on:click=move |_| app.dismiss(key)>{i18n::dismiss()}</button> }
        .into_any()
}
