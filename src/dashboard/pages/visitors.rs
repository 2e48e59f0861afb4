//! The Visitors page, with the board of current visitors and the actions for them.

use leptos::{ev, prelude::*};
use leptos_router::hooks::use_location;
use protocol::action::{Action, action};

use crate::dashboard::{
    actions,
    app_state::AppState,
    board_view_state::BoardView,
    focus, i18n,
    live::Live,
    parts::{
        invitation_form::InvitePopover, longest_waiting::LongestWaiting, status_filters::Chips,
        visitor_panel::VisitorPanel, visitor_table::VisitorTable,
    },
};

/// The Visitors page.
#[component]
pub fn Visitors() -> impl IntoView {
    let app = Live::from_context().app;
    let board_view = BoardView::from_context();
    Effect::new(move |_| {
        let keys = window_event_listener(ev::keydown, move |event| {
            board_view.by_key.set_value(true);
            handle_keydown(app, board_view, &event);
        });
        let pointer = window_event_listener(ev::pointerdown, move |_| board_view.by_key.set_value(false));
        on_cleanup(move || {
            [keys, pointer].into_iter().for_each(WindowListenerHandle::remove);
            board_view.leave();
        });
    });
    view! {
        <main id="content" class="visitors" tabindex="-1">
            <h1 class="visually-hidden">{i18n::visitors()}</h1>
            <LongestWaiting />
            <Chips />
            <FirstVisitor />
            <VisitorTable />
            <VisitorPanel />
            <InvitePopover />
        </main>
    }
}

/// A message that appears when the first visitor arrives after the initial setup.
#[component]
fn FirstVisitor() -> impl IntoView {
    let app = Live::from_context().app;
    let first = use_location().search.get_untracked().contains("first");
    let come = Memo::new(move |_| {
        app.order_version.track();
        first && app.with_board(|board| !board.rows.is_empty())
    });
    view! {
        <Show when=move || come.get()>
            <p class="first-visitor" role="status">{i18n::first_is_here()}</p>
        </Show>
    }
}

// Keyboard shortcuts act on the selected row. They are ignored while the agent is typing in a field.
fn handle_keydown(app: AppState, board_view: BoardView, event: &ev::KeyboardEvent) {
    let key = event.key();
    if key == "Escape" {
        return board_view.close();
    }
    if focus::is_within(event, focus::FIELDS) || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    if key == "Enter" && focus::is_within(event, focus::BUTTONS) {
        return; // Let Enter activate the button.
    }
    if run_key_action(app, board_view, &key) {
        event.prevent_default();
    }
}

/// Applies a key's shortcut to the selected row. Returns `false` if the key has no effect on it.
pub fn run_key_action(app: AppState, board_view: BoardView, key: &str) -> bool {
    let visit = board_view.chosen.get_untracked();
    let row = visit.and_then(|visit| app.row(visit));
    let call = untrack(|| row.as_ref().map(|row| action(row, &app.viewer(), app.now.get())));
    let chat = row.as_ref().and_then(|row| row.chat.as_ref());
    match (key, call) {
        ("ArrowDown", _) => board_view.step(true),
        ("ArrowUp", _) => board_view.step(false),
        ("/", _) => focus::focus_first("#search"),
        ("Enter", _) => board_view.detailed.set(visit),
        ("i" | "I", Some(Action::Invite { .. })) => board_view.inviting.set(visit),
        ("c" | "C", Some(Action::Claim(chat))) => actions::claim(app, chat),
        ("c" | "C", Some(Action::Open(chat))) => app.go.set(Some(actions::chat_path(chat))),
        ("t" | "T", Some(Action::Owned { may_take_over: true, .. })) => {
            if let Some(chat) = chat {
                actions::take_over(app, chat);
            }
        }
        _ => return false,
    }
    true
}
