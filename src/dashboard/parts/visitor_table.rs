//! The table of visitors. Only rows near the visible area are rendered; two spacer rows fill in for all the others.

use leptos::{ev, html, prelude::*};
use protocol::id::VisitId;

use crate::dashboard::{
    app_state::Link,
    board_view_state::BoardView,
    filter_and_sort::Column,
    i18n,
    live::Live,
    parts::{empty_board::EmptyBoard, visitor_row::VisitRow},
    viewport::Viewport,
};

/// The height of a row, in pixels. This and the next two must match `style/parts/board.css`.
const ROW_PX: f64 = 44.0;
/// The height of a compact row, in pixels.
const DENSE_PX: f64 = 32.0;
const HEAD_PX: f64 = 36.0;
/// The height of a card, in pixels. Cards replace rows on phones, where the table has no header. Must match
/// `style/phone.css`.
const CARD_PX: f64 = 96.0;
const PHONE: &str = "(max-width: 760px)";

/// The table or, if it is empty, an explanation.
#[component]
pub fn VisitorTable() -> impl IntoView {
    let app = Live::from_context().app;
    let board_view = BoardView::from_context();
    let scroller = NodeRef::<html::Div>::new();
    let dense = Memo::new(move |_| app.preference.with(|liked| liked.dense));
    let viewport = RwSignal::new(Viewport { row: height(dense.get_untracked()), ..Viewport::default() });
    track_viewport(scroller, viewport, dense);
    scroll_to_chosen(board_view, scroller, viewport);
    let count = Memo::new(move |_| board_view.order.with(Vec::len));
    let span = Memo::new(move |_| viewport.get().span(count.get()));
    let shown = Memo::new(move |_| {
        let span = span.get();
        board_view.order.with(|order| order.get(span.first..span.end.min(order.len())).unwrap_or_default().to_vec())
    });
    let above = move || format!("{}px", viewport.with(|viewport| viewport.above(span.get())) as i64);
    let below = move || format!("{}px", viewport.with(|viewport| viewport.below(span.get(), count.get())) as i64);
    let several = Signal::derive(move || app.directory.with(|directory| directory.concierges.len() > 1));
    let heads = Column::ALL.into_iter().map(|column| view! { <ColumnHeader column several /> }).collect_view();
    // `style/parts/board.css` uses this class to hide the column in both the header and the rows.
    let class = move || {
        let hidden = app
            .preference
            .with(|liked| liked.hidden.iter().map(|column| format!(" no-{}", column.slug())).collect::<String>());
        format!("board{hidden}")
    };
    let old = move || !matches!(app.link.get(), Link::Connecting | Link::Up);
    view! {
        <div
            class="table-scroll"
            class:old=old
            class:dense=dense
            tabindex="-1"
            node_ref=scroller
            on:scroll=move |_| update_viewport(scroller, viewport, dense)
            on:pointerenter=move |_| board_view.pointed.set(true)
            on:pointerleave=move |_| board_view.pointed.set(false)
            on:focusin=move |_| board_view.focus(true)
            on:focusout=move |_| board_view.focus(false)
        >
            <table class=class aria-label=i18n::visitors() aria-rowcount=move || (count.get() + 1).to_string()>
                <thead>
                    <tr>{heads}</tr>
                </thead>
                <tbody>
                    <tr class="spacer" aria-hidden="true" style:height=above></tr>
                    <For each=move || shown.get() key=|visit: &VisitId| *visit let:visit>
                        <VisitRow visit several />
                    </For>
                    <tr class="spacer" aria-hidden="true" style:height=below></tr>
                </tbody>
            </table>
            <Show when=move || count.get() == 0>
                <EmptyBoard />
            </Show>
        </div>
    }
}

fn height(dense: bool) -> f64 {
    if dense { DENSE_PX } else { ROW_PX }
}

fn update_viewport(scroller: NodeRef<html::Div>, viewport: RwSignal<Viewport>, dense: Memo<bool>) {
    let Some(scroller) = scroller.get_untracked() else { return };
    let phone = window().match_media(PHONE).ok().flatten().is_some_and(|query| query.matches());
    let row = if phone { CARD_PX } else { height(dense.get_untracked()) };
    let seen = Viewport { top: scroller.scroll_top().into(), height: scroller.client_height().into(), row };
    if seen != viewport.get_untracked() {
        viewport.set(seen);
    }
}

fn track_viewport(scroller: NodeRef<html::Div>, viewport: RwSignal<Viewport>, dense: Memo<bool>) {
    Effect::new(move |_| {
        dense.track();
        if scroller.get().is_some() {
            update_viewport(scroller, viewport, dense);
        }
        let listener = window_event_listener(ev::resize, move |_| update_viewport(scroller, viewport, dense));
        on_cleanup(move || listener.remove());
    });
}

// Scrolls to a row that was selected with the keyboard.
fn scroll_to_chosen(board_view: BoardView, scroller: NodeRef<html::Div>, viewport: RwSignal<Viewport>) {
    Effect::new(move |_| {
        let (Some(visit), Some(scroller)) = (board_view.chosen.get(), scroller.get_untracked()) else { return };
        let Some(at) = board_view.order.with_untracked(|order| order.iter().position(|one| *one == visit)) else {
            return;
        };
        let seen = viewport.get_untracked();
        let head = if seen.row < CARD_PX { HEAD_PX } else { 0.0 };
        if let Some(top) = seen.scroll_to_show(at, head) {
            scroller.set_scroll_top(top as i32);
        }
    });
}

#[component]
fn ColumnHeader(column: Column, several: Signal<bool>) -> impl IntoView {
    let board_view = BoardView::from_context();
    let sorted = move || {
        board_view.arrangement.with(|arrangement| match (arrangement.by == column, arrangement.reversed) {
            (false, _) => "none",
            (true, false) => "ascending",
            (true, true) => "descending",
        })
    };
    let head = move || {
        view! {
            <th scope="col" class=column.slug() aria-sort=sorted>
                <button type="button" on:click=move |_| board_view.sort(column)>{i18n::column(column)}</button>
            </th>
        }
    };
    // The CONCIERGE column is only shown if there is more than one concierge.
    move || (column != Column::Concierge || several.get()).then(head)
}
