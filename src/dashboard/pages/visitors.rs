//! The visitors: who is on the website now, and what may be done about it.

use leptos::{ev, prelude::*};
use leptos_router::hooks::use_location;
use protocol::{
    action::{Action, action},
    id::VisitId,
};

use crate::dashboard::{
    act,
    app_state::AppState,
    arrangement::{Arrangement, Column, arrange, without_moving},
    focus, i18n,
    live::Live,
    parts::{
        chips::Chips, invite::InvitePopover, table::VisitorTable, visitor_panel::VisitorPanel,
        waits_longest::WaitsLongest,
    },
};

/// What the parts of this page share.
#[derive(Clone, Copy)]
pub struct Watch {
    /// What the agent has chosen to see.
    pub arrangement: RwSignal<Arrangement>,
    /// The pointer is on the table: nothing moves.
    pub pointed: RwSignal<bool>,
    /// The keyboard's focus is in the table: nothing moves.
    pub focused: RwSignal<bool>,
    /// The rows to show, in order.
    pub order: Memo<Vec<VisitId>>,
    /// The row that the keys act on.
    pub chosen: RwSignal<Option<VisitId>>,
    /// The visitor whose panel is open.
    pub detailed: RwSignal<Option<VisitId>>,
    /// The visitor for whom an invitation is being written.
    pub inviting: RwSignal<Option<VisitId>>,
    /// The palette is open: with everything, or only with what is about the view.
    pub palette: RwSignal<Option<bool>>,
    by_key: StoredValue<bool>,
}

impl Watch {
    /// For all pages: what is chosen to be seen stays when another page is looked at.
    pub fn new(app: AppState) -> Self {
        let arrangement = RwSignal::new(Arrangement::default());
        let (pointed, focused) = (RwSignal::new(false), RwSignal::new(false));
        let inviting = RwSignal::new(None::<VisitId>);
        let held = move || pointed.get() || focused.get() || inviting.with(Option::is_some);
        // The order remembers by what it was arranged: a choice of the agent moves rows even under the pointer.
        let arranged = Memo::new(move |before: Option<&(Arrangement, Vec<VisitId>)>| {
            app.arranged.track();
            let (chosen, held) = (arrangement.get(), held());
            let now = app.now.get_untracked();
            let order =
                app.directory.with(|names| app.with_board(|board| arrange(board.rows.values(), &chosen, names, now)));
            match before {
                Some((before, rows)) if held && *before == chosen => (chosen, without_moving(rows, &order)),
                _ => (chosen, order),
            }
        });
        Self {
            arrangement,
            pointed,
            focused,
            order: Memo::new(move |_| arranged.with(|(_, order)| order.clone())),
            chosen: RwSignal::new(None),
            detailed: RwSignal::new(None),
            inviting,
            palette: RwSignal::new(None),
            by_key: StoredValue::new(false),
        }
    }

    /// The one of the page.
    pub fn here() -> Self {
        expect_context()
    }

    /// Sorts by a column; a second time, the other way round.
    pub fn sort(&self, by: Column) {
        self.arrangement.update(|arrangement| {
            arrangement.reversed = arrangement.by == by && !arrangement.reversed;
            arrangement.by = by;
        });
    }

    /// Begins to write an invitation.
    pub fn invite(&self, visit: VisitId) {
        self.chosen.set(Some(visit));
        self.inviting.set(Some(visit));
    }

    /// Something in the table has the focus. A click leaves it behind, too; only the keyboard's holds the rows.
    pub fn focus(&self, inside: bool) {
        self.focused.set(inside && self.by_key.get_value());
    }

    fn step(&self, down: bool) {
        let order = self.order.get_untracked();
        let at = self.chosen.get_untracked().and_then(|visit| order.iter().position(|one| *one == visit));
        let next = match (at, down) {
            (None, _) => 0,
            (Some(at), true) => (at + 1).min(order.len().saturating_sub(1)),
            (Some(at), false) => at.saturating_sub(1),
        };
        if let Some(visit) = order.get(next) {
            self.chosen.set(Some(*visit));
            focus::put_soon(format!("tr[data-visit=\"{visit}\"] .name"));
        }
    }

    /// The page goes, and with it what is open on it and what held its rows.
    fn leave(&self) {
        self.pointed.set(false);
        self.focused.set(false);
        self.detailed.set(None);
        self.inviting.set(None);
    }

    /// The topmost thing goes.
    fn close(&self) {
        if self.inviting.get_untracked().is_some() {
            self.inviting.set(None);
        } else if self.detailed.get_untracked().is_some() {
            self.detailed.set(None);
        } else {
            self.chosen.set(None);
            focus::drop();
        }
    }
}

/// The page.
#[component]
pub fn Visitors() -> impl IntoView {
    let app = Live::here().app;
    let watch = Watch::here();
    Effect::new(move |_| {
        let keys = window_event_listener(ev::keydown, move |event| {
            watch.by_key.set_value(true);
            pressed(app, watch, &event);
        });
        let pointer = window_event_listener(ev::pointerdown, move |_| watch.by_key.set_value(false));
        on_cleanup(move || {
            [keys, pointer].into_iter().for_each(WindowListenerHandle::remove);
            watch.leave();
        });
    });
    view! {
        <main id="content" class="visitors" tabindex="-1">
            <h1 class="visually-hidden">{i18n::visitors()}</h1>
            <WaitsLongest />
            <Chips />
            <FirstVisitor />
            <VisitorTable />
            <VisitorPanel />
            <InvitePopover />
        </main>
    }
}

/// After the first set-up: the first visitor has come.
#[component]
fn FirstVisitor() -> impl IntoView {
    let app = Live::here().app;
    let first = use_location().search.get_untracked().contains("first");
    let come = Memo::new(move |_| {
        app.arranged.track();
        first && app.with_board(|board| !board.rows.is_empty())
    });
    view! {
        <Show when=move || come.get()>
            <p class="first-visitor" role="status">{i18n::first_is_here()}</p>
        </Show>
    }
}

// Keys act on the chosen row; while the agent writes, they are letters.
fn pressed(app: AppState, watch: Watch, event: &ev::KeyboardEvent) {
    let key = event.key();
    if key == "Escape" {
        return watch.close();
    }
    if focus::is_at(event, focus::FIELDS) || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    if key == "Enter" && focus::is_at(event, focus::BUTTONS) {
        return; // It presses the button.
    }
    if permission(app, watch, &key) {
        event.prevent_default();
    }
}

/// What a key does; false when nothing.
pub fn permission(app: AppState, watch: Watch, key: &str) -> bool {
    let visit = watch.chosen.get_untracked();
    let row = visit.and_then(|visit| app.row(visit));
    let call = untrack(|| row.as_ref().map(|row| action(row, app.me, app.role(), app.now.get())));
    let chat = row.as_ref().and_then(|row| row.chat.as_ref());
    match (key, call) {
        ("ArrowDown", _) => watch.step(true),
        ("ArrowUp", _) => watch.step(false),
        ("/", _) => focus::put("#search"),
        ("Enter", _) => watch.detailed.set(visit),
        ("i" | "I", Some(Action::Invite { .. })) => watch.inviting.set(visit),
        ("c" | "C", Some(Action::Claim(chat))) => act::claim(app, chat),
        ("c" | "C", Some(Action::Open(chat))) => app.go.set(Some(act::window_of(chat))),
        ("t" | "T", Some(Action::Owned { may_take_over: true, .. })) => {
            if let Some(chat) = chat {
                act::take_over(app, chat);
            }
        }
        _ => return false,
    }
    true
}
