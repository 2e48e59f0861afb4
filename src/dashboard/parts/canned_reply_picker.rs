//! The composer's canned reply picker. A leading `/` opens it, and the text that follows filters the list.

use leptos::{prelude::*, task::spawn_local};
use protocol::{
    canned_reply::{self, Reply},
    id::ChatId,
};

use crate::dashboard::{api, app_state::AppState, i18n};

/// The maximum number of replies shown.
const SHOWN: usize = 8;

/// A composer's canned reply picker.
#[derive(Clone, Copy)]
pub struct Replies {
    /// Whether the draft starts with `/`.
    pub open: Memo<bool>,
    /// The replies that match the draft.
    fitting: Memo<Vec<Reply>>,
    /// The index of the selected reply.
    at: RwSignal<usize>,
}

impl Replies {
    /// Creates the picker for a draft.
    pub fn of(draft: RwSignal<String>) -> Self {
        let all = RwSignal::new(Vec::<Reply>::new());
        let at = RwSignal::new(0);
        let open = Memo::new(move |_| draft.with(|draft| draft.starts_with('/') && !draft.contains('\n')));
        Effect::new(move |_| {
            if open.get() {
                spawn_local(async move {
                    if let Ok(replies) = api::replies().await {
                        all.try_set(replies);
                    }
                });
            }
        });
        let fitting = Memo::new(move |_| {
            let wanted = draft.with(|draft| draft.get(1..).unwrap_or_default().trim().to_lowercase());
            at.set(0);
            let fits = |reply: &&Reply| {
                open.get()
                    && (reply.name.to_lowercase().contains(&wanted) || reply.text.to_lowercase().contains(&wanted))
            };
            all.with(|all| all.iter().filter(fits).take(SHOWN).cloned().collect::<Vec<_>>())
        });
        Self { open, fitting, at }
    }

    /// Selects the next or previous reply.
    pub fn step(&self, down: bool) {
        let last = self.fitting.with_untracked(Vec::len).saturating_sub(1);
        self.at.update(|at| *at = if down { (*at + 1).min(last) } else { at.saturating_sub(1) });
    }

    /// Returns the selected reply's text, with the names filled in.
    pub fn chosen(&self, app: AppState, chat: ChatId) -> Option<String> {
        let at = self.at.get_untracked();
        self.fitting.with_untracked(|all| all.get(at).map(|reply| untrack(|| expand_reply(app, chat, &reply.text))))
    }

    /// Returns the element ID of the selected reply, which screen readers need.
    pub fn active(&self) -> Option<String> {
        (self.open.get() && self.fitting.with(|all| !all.is_empty())).then(|| format!("reply-{}", self.at.get()))
    }

    /// Renders the list above the composer. Clicking a reply selects it and calls `put_in`.
    pub fn view(self, put_in: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
        let line = move |(index, reply): (usize, Reply)| {
            let chosen = move || self.at.get() == index;
            let pick = move |event: leptos::ev::PointerEvent| {
                // Keep the focus in the composer.
                event.prevent_default();
                self.at.set(index);
                put_in();
            };
            view! {
                <li id=format!("reply-{index}") role="option" aria-selected=move || chosen().to_string() on:pointerdown=pick>
                    <b>{reply.name}</b> " " <small>{reply.text}</small>
                </li>
            }
        };
        let list = move || {
            let all = self.fitting.get();
            let none = all.is_empty().then(|| view! { <li class="hint">{i18n::no_reply()}</li> });
            view! {
                <ul id="replies" class="replies" role="listbox" aria-label=i18n::replies()>
                    {all.into_iter().enumerate().map(line).collect_view()}
                    {none}
                </ul>
            }
        };
        move || self.open.get().then(list)
    }
}

fn expand_reply(app: AppState, chat: ChatId, text: &str) -> String {
    let known = app.chat(chat);
    let name = known.as_ref().and_then(|known| known.visitor_name.as_deref());
    // Visitors must not be addressed by their email address.
    let name = name.filter(|name| !name.contains('@')).and_then(|name| name.split_whitespace().next());
    let row = known.as_ref().and_then(|known| app.row(known.visit));
    let concierge = app.directory.with(|directory| {
        let of = |row: protocol::board::Row| directory.concierges.iter().find(|one| one.id == row.concierge);
        row.and_then(of).map(|one| one.name.clone()).unwrap_or_else(|| directory.organization.clone())
    });
    let agent = app.my_card().map(|me| me.first_name().to_owned()).unwrap_or_default();
    canned_reply::expand(text, name.unwrap_or(i18n::there()), &agent, &concierge)
}
