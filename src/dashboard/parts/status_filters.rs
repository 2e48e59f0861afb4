//! The filter bar above the table, with a chip and a count for each status, the saved views, and the search field.

use leptos::prelude::*;
use protocol::{preferences::View, status::Status};

use crate::dashboard::{
    app_state::AppState,
    board_view_state::BoardView,
    filter_and_sort::{NameLookup, counts},
    i18n,
    live::Live,
};

/// The filter bar. Clicking an active chip removes its filter.
#[component]
pub fn Chips() -> impl IntoView {
    let app = Live::from_context().app;
    let board_view = BoardView::from_context();
    let numbers = Memo::new(move |_| {
        app.order_version.track();
        app.with_board(|board| counts(board.rows.values(), app.now.get_untracked()))
    });
    let chosen = move || board_view.arrangement.with(|arrangement| arrangement.status);
    let choose = move |status| board_view.arrangement.update(|arrangement| arrangement.status = status);
    let chip = move |(index, status): (usize, Status)| {
        let is_chosen = move || chosen() == Some(status);
        let number = Memo::new(move |_| numbers.with(|numbers| numbers[index]));
        view! {
            <button
                type="button"
                class=format!("chip {}", status.slug())
                class:none=move || number.get() == 0
                aria-pressed=move || is_chosen().to_string()
                on:click=move |_| choose(if is_chosen() { None } else { Some(status) })
            >
                <span class="dot" aria-hidden="true"></span>
                {i18n::status(status)}
                " "
                <b>{number}</b>
            </button>
        }
    };
    view! {
        <div class="above">
            <div class="chips" role="group" aria-label=i18n::filter()>
                <button type="button" class="chip all" aria-pressed=move || chosen().is_none().to_string() on:click=move |_| choose(None)>
                    {i18n::all()} " " <b>{move || numbers.get().iter().sum::<usize>()}</b>
                </button>
                {Status::ALL.into_iter().enumerate().map(chip).collect_view()}
                {move || concierge_chip(app, board_view)}
                {move || views(app, board_view)}
                <button type="button" class="chip" aria-haspopup="dialog" on:click=move |_| board_view.palette.set(Some(false))>
                    {i18n::views()}
                </button>
            </div>
            <div class="search">
                <input
                    id="search"
                    type="search"
                    autocomplete="off"
                    placeholder=i18n::search()
                    aria-label=i18n::search_in()
                    aria-keyshortcuts="/"
                    prop:value=move || board_view.arrangement.with(|arrangement| arrangement.search.clone())
                    on:input=move |event| {
                        let search = event_target_value(&event);
                        board_view.arrangement.update(|arrangement| arrangement.search = search);
                    }
                />
                <kbd aria-hidden="true">"/"</kbd>
            </div>
        </div>
    }
}

/// The chip for the active concierge filter. Clicking it removes the filter.
fn concierge_chip(app: AppState, board_view: BoardView) -> Option<impl IntoView> {
    let concierge = board_view.arrangement.with(|arrangement| arrangement.concierge)?;
    let all = move |_| board_view.arrangement.update(|arrangement| arrangement.concierge = None);
    let name = app.directory.with(|names| names.concierge(concierge));
    Some(view! { <button type="button" class="chip" aria-pressed="true" on:click=all>{name}</button> })
}

/// The chips for the agent's saved views.
fn views(app: AppState, board_view: BoardView) -> impl IntoView {
    let chip = |view: View| {
        let arrangement = view.arrangement.clone();
        let is_seen = move || board_view.arrangement.with(|seen| *seen == arrangement);
        let see = move |_| board_view.arrangement.set(view.arrangement.clone());
        view! {
            <button type="button" class="chip view" aria-pressed=move || is_seen().to_string() on:click=see>
                <bdi>{view.name}</bdi>
            </button>
        }
    };
    app.preference.get().views.into_iter().map(chip).collect_view()
}
