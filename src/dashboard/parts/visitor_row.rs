//! A visit in the table. Its appearance depends on the board's row, the time, and the signed-in agent.

use leptos::prelude::*;
use protocol::{
    board::{Row, format_elapsed},
    id::VisitId,
    page::Page,
    status::Status,
};

use crate::dashboard::{
    app_state::board::VisitSignals,
    board_view_state::BoardView,
    filter_and_sort::{NameLookup, team_of, visitor_name},
    i18n,
    live::Live,
    parts::agent_cell::AgentCell,
};

/// A visit's row. If the visit ends while rows must not move, the row stays in place but is faded.
#[component]
pub fn VisitRow(
    /// The visit.
    visit: VisitId,
    /// Whether there is more than one concierge.
    several: Signal<bool>,
) -> impl IntoView {
    let app = Live::from_context().app;
    let board_view = BoardView::from_context();
    let signals = app.visit_signals(visit);
    let VisitSignals { row, status, .. } = signals;
    let glow = glow(row, status, app.is_fresh(visit));
    let read =
        move |read: fn(&Row) -> String| Memo::new(move |_| row.with(|row| row.as_ref().map(read).unwrap_or_default()));
    let (name, browser) = (read(|row| visitor_name(row.name.as_deref()).to_owned()), read(|row| row.browser.clone()));
    let team = Memo::new(move |_| {
        let team = row.with(|row| row.as_ref().and_then(team_of));
        team.map(|team| app.directory.with(|names| names.team(team))).unwrap_or_default()
    });
    let concierge = Memo::new(move |_| {
        row.with(|row| row.as_ref().map(|row| app.directory.with(|names| names.concierge(row.concierge))))
    });
    let time = move || {
        row.with(|row| row.as_ref().map(|row| format_elapsed(row.since, row.left_at.unwrap_or_else(|| app.now.get()))))
    };
    let class = move || {
        let chosen = if board_view.chosen.get() == Some(visit) { " chosen" } else { "" };
        format!("visit {}{chosen}{}", status.get().slug(), glow_class(glow.get()))
    };
    view! {
        <tr data-visit=visit.to_string() class=class on:click=move |_| board_view.chosen.set(Some(visit))>
            <td class="status-column">
                <span class="status"><span class="dot" aria-hidden="true"></span>{move || i18n::status(status.get())}</span>
            </td>
            <td class="visitor-column">
                <button type="button" class="plain name" on:click=move |_| board_view.detailed.set(Some(visit))><bdi>{name}</bdi></button>
            </td>
            {move || several.get().then(|| view! { <td class="concierge-column">{concierge}</td> })}
            <td class="team-column">{team}</td>
            <td class="agent-column"><div class="agent-cell"><AgentCell visit signals /></div></td>
            <td class="page-column"><PageLink row /></td>
            <td class="browser-column" title=browser>{browser}</td>
            <td class="time-column">{time}</td>
        </tr>
    }
}

// Returns a number that is incremented whenever the status, page, or agent changes, which makes the row glow.
fn glow(row: Memo<Option<Row>>, status: Memo<Status>, fresh: bool) -> RwSignal<u32> {
    let glow = RwSignal::new(u32::from(fresh));
    let worth = Memo::new(move |_| {
        let page = row
            .with(|row| row.as_ref().map(|row| (row.page.url.clone(), row.chat.as_ref().and_then(|chat| chat.agent))));
        (status.get(), page)
    });
    Effect::new(move |before: Option<()>| {
        // Use `get` rather than just `track`: a memo that is never read is never computed and therefore never notifies.
        let _ = worth.get();
        if before.is_some() {
            glow.update(|glow| *glow += 1);
        }
    });
    glow
}

// An animation only restarts if its name changes, so this alternates between two identical ones.
fn glow_class(times: u32) -> &'static str {
    match times {
        0 => "",
        odd if odd % 2 == 1 => " glow-a",
        _ => " glow-b",
    }
}

#[component]
fn PageLink(row: Memo<Option<Row>>) -> impl IntoView {
    let page = Memo::new(move |_| row.with(|row| row.as_ref().map(|row| row.page.clone())));
    move || page_view(page.get().unwrap_or_default())
}

/// Renders a page's title and path, as a link if its URL is safe to link to.
pub fn page_view(page: Page) -> AnyView {
    let path = page.path().to_owned();
    let title = if page.title.trim().is_empty() { path.clone() } else { page.title.clone() };
    let whole = format!("{title}\n{}", page.url);
    let name = view! { <bdi class="title">{title}</bdi> " " <bdi class="path">{path}</bdi> };
    match page.is_linkable() {
        true => view! { <a href=page.url title=whole target="_blank" rel="noopener noreferrer nofollow">{name}</a> }
            .into_any(),
        false => view! { <span>{name}</span> }.into_any(),
    }
}
