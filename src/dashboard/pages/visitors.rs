//! The visitors: who is on the website now, and what may be done about it.

use leptos::{ev, prelude::*};
use leptos_router::hooks::use_location;
use protocol::action::{Action, action};

use crate::dashboard::{
    act,
    app_state::AppState,
    board_view::BoardView,
    focus, i18n,
    live::Live,
    parts::{
        chips::Chips, invite::InvitePopover, table::VisitorTable, visitor_panel::VisitorPanel,
        waits_longest::WaitsLongest,
    },
};

/// The page.
#[component]
pub fn Visitors() -> impl IntoView {
    let app = Live::here().app;
    let watch = BoardView::here();
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
fn pressed(app: AppState, watch: BoardView, event: &ev::KeyboardEvent) {
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
    if perform(app, watch, &key) {
        event.prevent_default();
    }
}

/// What a key does; false when nothing.
pub fn perform(app: AppState, watch: BoardView, key: &str) -> bool {
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
