//! Canned replies in the composer: `/` at its start opens the list, what follows filters it.

use leptos::{prelude::*, task::spawn_local};
use protocol::{
    canned_reply::{self, Reply},
    id::ChatId,
};

use crate::dashboard::{api, app_state::AppState, i18n};

/// So many are seen at once.
const SHOWN: usize = 8;

/// The list of one composer.
#[derive(Clone, Copy)]
pub struct Replies {
    /// The draft asks for a reply.
    pub open: Memo<bool>,
    /// Those that fit.
    fitting: Memo<Vec<Reply>>,
    /// Which of them Enter puts in.
    at: RwSignal<usize>,
}

impl Replies {
    /// The list for a draft.
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

    /// Up or down; false when there is nothing to move through.
    pub fn step(&self, down: bool) {
        let last = self.fitting.with_untracked(Vec::len).saturating_sub(1);
        self.at.update(|at| *at = if down { (*at + 1).min(last) } else { at.saturating_sub(1) });
    }

    /// The words of the chosen one, with the names put in.
    pub fn chosen(&self, app: AppState, chat: ChatId) -> Option<String> {
        let at = self.at.get_untracked();
        self.fitting.with_untracked(|all| all.get(at).map(|reply| untrack(|| expand_reply(app, chat, &reply.text))))
    }

    /// The name of the chosen one on the page, for whoever reads it out.
    pub fn active(&self) -> Option<String> {
        (self.open.get() && self.fitting.with(|all| !all.is_empty())).then(|| format!("reply-{}", self.at.get()))
    }

    /// The list as it stands above the composer; a click puts one in.
    pub fn view(self, put_in: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
        let line = move |(index, reply): (usize, Reply)| {
            let chosen = move || self.at.get() == index;
            let pick = move |event: leptos::ev::PointerEvent| {
                // The focus stays in the composer.
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
    // Nobody is called by his e-mail.
    let name = name.filter(|name| !name.contains('@')).and_then(|name| name.split_whitespace().next());
    let row = known.as_ref().and_then(|known| app.row(known.visit));
    let concierge = app.directory.with(|directory| {
        let of = |row: protocol::board::Row| directory.concierges.iter().find(|one| one.id == row.concierge);
        row.and_then(of).map(|one| one.name.clone()).unwrap_or_else(|| directory.organization.clone())
    });
    let agent = app.my_card().map(|me| me.first_name().to_owned()).unwrap_or_default();
    canned_reply::expand(text, name.unwrap_or(i18n::there()), &agent, &concierge)
}
