//! Explains why the table is empty and what to do about it.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::dashboard::{board_view_state::BoardView, i18n, live::Live};

/// The explanation shown when there are no visitors or none of them match the filters.
#[component]
pub fn EmptyBoard() -> impl IntoView {
    let app = Live::from_context().app;
    let board_view = BoardView::from_context();
    let filtered = Memo::new(move |_| {
        app.order_version.track();
        app.with_board(|board| !board.rows.is_empty())
    });
    let show_all = move |_| {
        board_view.arrangement.update(|arrangement| {
            arrangement.status = None;
            arrangement.search.clear();
        });
    };
    view! {
        <div class="empty">
            <Show when=move || filtered.get() fallback=EmbedInstructions>
                <h2>{i18n::nothing_fits()}</h2>
                <button type="button" on:click=show_all>{i18n::show_all()}</button>
            </Show>
        </div>
    }
}

#[component]
fn EmbedInstructions() -> impl IntoView {
    let app = Live::from_context().app;
    let lines = move || {
        app.directory.with(|directory| {
            let line = |key: &str| {
                format!("<script src=\"{}/loader.js\" data-concierge=\"{key}\" async></script>", directory.public_url)
            };
            directory.concierges.iter().map(|one| (one.name.clone(), line(&one.key))).collect::<Vec<_>>()
        })
    };
    let line = |(name, line): (String, String)| {
        view! { <dt>{name}</dt> <dd><code>{line}</code></dd> }
    };
    let first = use_location().search.get_untracked().contains("first");
    view! {
        <h2>{if first { i18n::waiting_first() } else { i18n::nobody_here() }}</h2>
        <p>{i18n::embed_hint()}</p>
        <dl>{move || lines().into_iter().map(line).collect_view()}</dl>
    }
}
