//! One line above the table: a chip for each status with its count, and the search.

use leptos::prelude::*;
use protocol::status::Status;

use crate::dashboard::{arrangement::counts, live::Live, pages::visitors::Watch, words};

/// Chips filter; the chosen one, pressed again, lets all through.
#[component]
pub fn Chips() -> impl IntoView {
    let desk = Live::here().desk;
    let watch = Watch::here();
    let numbers = Memo::new(move |_| {
        desk.arranged.track();
        desk.with_board(|board| counts(board.rows.values(), desk.now.get_untracked()))
    });
    let chosen = move || watch.arrangement.with(|arrangement| arrangement.status);
    let choose = move |status| watch.arrangement.update(|arrangement| arrangement.status = status);
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
                {status.as_str()}
                " "
                <b>{number}</b>
            </button>
        }
    };
    view! {
        <div class="above">
            <div class="chips" role="group" aria-label=words::FILTER>
                <button type="button" class="chip all" aria-pressed=move || chosen().is_none().to_string() on:click=move |_| choose(None)>
                    {words::ALL} " " <b>{move || numbers.get().iter().sum::<usize>()}</b>
                </button>
                {Status::ALL.into_iter().enumerate().map(chip).collect_view()}
            </div>
            <div class="search">
                <input
                    id="search"
                    type="search"
                    autocomplete="off"
                    placeholder=words::SEARCH
                    aria-label=words::SEARCH_IN
                    aria-keyshortcuts="/"
                    prop:value=move || watch.arrangement.with(|arrangement| arrangement.search.clone())
                    on:input=move |event| {
                        let search = event_target_value(&event);
                        watch.arrangement.update(|arrangement| arrangement.search = search);
                    }
                />
                <kbd aria-hidden="true">"/"</kbd>
            </div>
        </div>
    }
}
