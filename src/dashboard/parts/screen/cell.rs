//! Renders a screen's tables, as well as the values in their cells and in lists of facts.

use leptos::prelude::*;
use protocol::{
    Millis,
    screen::{Cell, Table},
};

use super::{ScreenContext, form::form, link_view, slug};
use crate::dashboard::{clock, parts::avatar};

/// Renders a table. On phones, each row is a card in which every value is labeled with its column's heading.
pub(super) fn table(context: ScreenContext, table: Table) -> AnyView {
    if table.rows.is_empty() {
        return view! { <p class="hint">{table.empty}</p> }.into_any();
    }
    let heads = table.heads;
    let head = heads.clone().into_iter().map(|words| view! { <th scope="col">{words}</th> }).collect_view();
    let row = |cells: Vec<Cell>| {
        let labels = heads.iter().cloned().chain(std::iter::repeat(String::new()));
        let cells = cells.into_iter().zip(labels);
        let cells = cells.map(|(one, label)| view! { <td data-label=label>{cell(context, one)}</td> }).collect_view();
        view! { <tr>{cells}</tr> }
    };
    let rows = table.rows.into_iter().map(row).collect_view();
    let more = table.more.map(|more| view! { <p class="links">{link_view(more)}</p> });
    view! {
        <div class="rows"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>
        {more}
    }
    .into_any()
}

pub(super) fn cell(context: ScreenContext, cell: Cell) -> AnyView {
    match cell {
        Cell::Text(words) => view! { <bdi>{words}</bdi> }.into_any(),
        Cell::TwoLines(words, below) => view! { <bdi>{words}</bdi> <small dir="auto">{below}</small> }.into_any(),
        Cell::Link(link) => link_view(link),
        Cell::Time(at) => moment(context, at),
        Cell::Avatar(address) => avatar::avatar_image(address),
        Cell::Clock(ahead) => {
            view! { <time>{move || clock::hour_minute_of_utc(context.now.get() + Millis::from(ahead) * 60_000)}</time> }
                .into_any()
        }
        Cell::Badge(tone, words) => view! { <span class=format!("badge {}", slug(tone))>{words}</span> }.into_any(),
        Cell::Form(one) => form(context, one),
        Cell::Group(cells) => {
            let cells = cells.into_iter().map(|one| self::cell(context, one)).collect_view();
            view! { <span class="several">{cells}</span> }.into_any()
        }
    }
}

/// Formats a time, such as `2026-11-24 14:05`, in the agent's time zone. Renders nothing if nobody is signed in.
pub(super) fn moment(context: ScreenContext, at: Millis) -> AnyView {
    let words = move || context.app.map(|app| format!("{} {}", clock::date(app.day(at)), app.hour_minute(at)));
    view! { <time>{words}</time> }.into_any()
}
