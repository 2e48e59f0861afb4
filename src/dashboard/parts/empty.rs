//! Why the table is empty, and what to do about it.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::dashboard::{board_view::BoardView, i18n, live::Live};

/// Nobody is there, or nobody fits.
#[component]
pub fn Empty() -> impl IntoView {
    let app = Live::here().app;
    let watch = BoardView::here();
    let filtered = Memo::new(move |_| {
        app.arranged.track();
        app.with_board(|board| !board.rows.is_empty())
    });
    let show_all = move |_| {
        watch.arrangement.update(|arrangement| {
            arrangement.status = None;
            arrangement.search.clear();
        });
    };
    view! {
        <div class="empty">
            <Show when=move || filtered.get() fallback=Nobody>
                <h2>{i18n::nothing_fits()}</h2>
                <button type="button" on:click=show_all>{i18n::show_all()}</button>
            </Show>
        </div>
    }
}

#[component]
fn Nobody() -> impl IntoView {
    let app = Live::here().app;
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
