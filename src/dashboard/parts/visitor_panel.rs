//! The panel of one visitor: slides in from the right, with the trail of his pages and what is known.

use leptos::{html, prelude::*, task::spawn_local};
use protocol::{board::minutes_seconds, id::VisitId, page::PageView};

use crate::dashboard::{
    api::{self, ApiError},
    arrangement::{Names, visitor_name},
    desk::{Desk, board::Watched},
    focus,
    live::Live,
    pages::visitors::Watch,
    parts::{agent_cell::AgentCell, row::page_view},
    words,
};

/// Open while a visitor is looked at.
#[component]
pub fn VisitorPanel() -> impl IntoView {
    let watch = Watch::here();
    move || watch.detailed.get().map(|visit| view! { <Panel visit /> })
}

#[component]
fn Panel(visit: VisitId) -> impl IntoView {
    let desk = Live::here().desk;
    let watch = Watch::here();
    let watched = desk.watch(visit);
    let close = NodeRef::<html::Button>::new();
    focus::return_later(".panel");
    Effect::new(move |_| {
        if let Some(close) = close.get() {
            let _ = close.focus();
        }
    });
    view! {
        <aside class="panel" aria-label=words::VISITOR>
            <button type="button" class="plain close" aria-label=words::CLOSE node_ref=close on:click=move |_| watch.detailed.set(None)>
                "×"
            </button>
            <VisitorCard visit />
            <div class="acts agent-cell"><AgentCell visit watched /></div>
        </aside>
    }
}

/// Who a visitor is, where he is, and where he was.
#[component]
pub fn VisitorCard(
    /// Which.
    visit: VisitId,
) -> impl IntoView {
    let desk = Live::here().desk;
    let Watched { row, gone, status } = desk.watch(visit);
    let name = move || row.with(|row| visitor_name(row.as_ref().and_then(|row| row.name.as_deref())).to_owned());
    // One who was never on this board: an old chat's visitor.
    let absent = Memo::new(move |_| gone.get() && row.with(Option::is_none));
    // Past visits and chats, notes, and who he is said to be.
    let known = move || {
        let visitor = row.with(|row| row.as_ref().map(|row| row.visitor))?;
        Some(view! { <p><a href=format!("/history/visitors/{visitor}")>{words::EVERYTHING_KNOWN}</a></p> })
    };
    let slug = move || status.get().slug();
    let word = move || if absent.get() { words::NOT_ON_THE_SITE } else { status.get().as_str() };
    view! {
        <div class="visitor-card">
            <h2><bdi>{name}</bdi></h2>
            <p class=move || format!("status-line {}", slug())><span class="dot" aria-hidden="true"></span>{word}</p>
            <Facts watched=Watched { row, gone, status } />
            {known}
            <h3>{words::PAGES}</h3>
            <Trail visit watched=Watched { row, gone, status } />
        </div>
    }
}

#[component]
fn Facts(watched: Watched) -> impl IntoView {
    let desk = Live::here().desk;
    let row = watched.row;
    let time = move || {
        row.with(|row| {
            row.as_ref().map(|row| minutes_seconds(row.since, row.left_at.unwrap_or_else(|| desk.now.get())))
        })
    };
    let browser = move || row.with(|row| row.as_ref().map(|row| row.browser.clone()));
    let concierge =
        move || row.with(|row| row.as_ref().map(|row| desk.directory.with(|names| names.concierge(row.concierge))));
    // The board knows an open invitation and a denied one.
    let invitation = move || {
        let one = row.with(|row| row.as_ref().and_then(|row| row.invitation.clone()))?;
        let (by, at) = (desk.agent_name(one.by), desk.hour_minute(one.sent_at));
        let words = format!("{} · {by}, {at}", words::invitation(one.state));
        Some(view! { <dt>{words::INVITATION}</dt><dd>{words}</dd> })
    };
    let facts = move || {
        view! {
            <dl>
                <dt>{words::TIME_ON_SITE}</dt><dd>{time}</dd>
                <dt>{words::BROWSER}</dt><dd>{browser}</dd>
                <dt>{words::CONCIERGE}</dt><dd>{concierge}</dd>
                {invitation}
            </dl>
        }
    };
    let known = Memo::new(move |_| row.with(Option::is_some));
    move || known.get().then(facts)
}

#[component]
fn Trail(visit: VisitId, watched: Watched) -> impl IntoView {
    let desk = Live::here().desk;
    let page = Memo::new(move |_| watched.row.with(|row| row.as_ref().map(|row| row.page.clone())));
    // Not a resource: the frame would stand aside, and lose focus and scroll, each time it is read anew.
    let trail = RwSignal::new(None::<Result<Vec<PageView>, ApiError>>);
    Effect::new(move |_| {
        page.track();
        spawn_local(async move {
            let pages = api::trail(visit).await;
            // The panel may be closed by now.
            drop(trail.try_set(Some(pages)));
        });
    });
    view! {
        <ol class="trail">
            {move || match trail.get() {
                Some(Ok(views)) if views.is_empty() => view! { <li class="hint">{words::NO_PAGES}</li> }.into_any(),
                Some(Ok(views)) => trail_lines(desk, views).into_any(),
                Some(Err(error)) => view! { <li class="trouble">{desk.sentence(&error)}</li> }.into_any(),
                None => view! { <li class="hint">{words::LATER}</li> }.into_any(),
            }}
        </ol>
    }
}

// The newest first: where he is now stands on top.
fn trail_lines(desk: Desk, views: Vec<PageView>) -> Vec<impl IntoView> {
    let line = |view: PageView| {
        let at = view.at;
        view! { <li><time>{move || desk.hour_minute(at)}</time><div class="page">{page_view(view.page)}</div></li> }
    };
    views.into_iter().rev().map(line).collect()
}
