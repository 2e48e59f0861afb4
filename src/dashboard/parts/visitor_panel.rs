//! The visitor panel, which slides in from the side and shows the visitor's profile and page views.

use leptos::{html, prelude::*, task::spawn_local};
use protocol::{board::format_elapsed, id::VisitId, page::PageView, screen::Block};

use crate::dashboard::{
    api::{self, ApiError},
    app_state::{AppState, board::VisitSignals},
    board_view_state::BoardView,
    filter_and_sort::{NameLookup, visitor_name},
    focus, i18n,
    live::Live,
    parts::{
        agent_cell::AgentCell,
        screen::{ScreenContext, draw_blocks},
        visitor_row::page_view,
    },
};

/// The visitor panel, which is only rendered while it is open.
#[component]
pub fn VisitorPanel() -> impl IntoView {
    let board_view = BoardView::from_context();
    move || board_view.detailed.get().map(|visit| view! { <Panel visit /> })
}

#[component]
fn Panel(visit: VisitId) -> impl IntoView {
    let app = Live::from_context().app;
    let board_view = BoardView::from_context();
    let signals = app.visit_signals(visit);
    let close = NodeRef::<html::Button>::new();
    focus::restore_on_cleanup(".panel");
    Effect::new(move |_| {
        if let Some(close) = close.get() {
            let _ = close.focus();
        }
    });
    view! {
        <aside class="panel" aria-label=i18n::visitor()>
            <button type="button" class="plain close" aria-label=i18n::close() node_ref=close on:click=move |_| board_view.detailed.set(None)>
                "×"
            </button>
            <VisitorCard visit />
            <div class="acts agent-cell"><AgentCell visit signals /></div>
        </aside>
    }
}

/// A visitor's details: their profile, current page, and previous pages.
#[component]
pub fn VisitorCard(
    /// The visit.
    visit: VisitId,
) -> impl IntoView {
    let app = Live::from_context().app;
    let VisitSignals { row, gone, status } = app.visit_signals(visit);
    let name = move || row.with(|row| visitor_name(row.as_ref().and_then(|row| row.name.as_deref())).to_owned());
    // The visitor has not been on the board since this page was loaded, for example because the chat is an old one.
    let absent = Memo::new(move |_| gone.get() && row.with(Option::is_none));
    let (context, touched) = load_profile_screen(visit, VisitSignals { row, gone, status });
    // The blocks before the first heading (such as the referrer) are shown above the page views, and the earlier
    // history below them.
    let part = move |above: bool| {
        let mut blocks = context.answer.get()?.blocks;
        let at = blocks.iter().position(|block| matches!(block, Block::Heading(_))).unwrap_or(blocks.len());
        let below = blocks.split_off(at);
        Some(draw_blocks(context, if above { blocks } else { below }))
    };
    let slug = move || status.get().slug();
    let word = move || if absent.get() { i18n::not_on_the_site() } else { i18n::status(status.get()) };
    view! {
        <div class="visitor-card" on:input=move |_| touched.set(true)>
            <h2><bdi>{name}</bdi></h2>
            <p class=move || format!("status-line {}", slug())><span class="dot" aria-hidden="true"></span>{word}</p>
            <Facts signals=VisitSignals { row, gone, status } />
            <p class="trouble" role="alert">{move || context.trouble.get()}</p>
            {move || part(true)}
            <h3>{i18n::pages()}</h3>
            <PageViews visit signals=VisitSignals { row, gone, status } />
            {move || part(false)}
        </div>
    }
}

/// Loads the visitor's profile screen when the card opens, and reloads it when the row shows that something has
/// changed. Also returns whether a form on the screen is being filled in.
fn load_profile_screen(visit: VisitId, signals: VisitSignals) -> (ScreenContext, RwSignal<bool>) {
    let app = Live::from_context().app;
    let (address, touched) = (RwSignal::new(format!("/history/visits/{visit}")), RwSignal::new(false));
    let go = Callback::new(move |to| {
        touched.set(false);
        address.set(to);
    });
    let (preview, now) = (RwSignal::new(String::new()), app.now);
    let context =
        ScreenContext { answer: RwSignal::new(None), go, trouble: RwSignal::new(None), app: Some(app), preview, now };
    let news = Memo::new(move |_| {
        let gone = signals.gone.get();
        signals.row.with(|row| {
            let row = row.as_ref()?;
            let invitation = row.invitation.as_ref().map(|one| (one.id, one.state));
            Some((gone, row.name.clone(), invitation, row.chat.as_ref().map(|chat| (chat.id, chat.state))))
        })
    });
    Effect::new(move |_| {
        // Use `get` rather than just `track`: a memo that is never read is never computed and therefore never notifies.
        let _ = news.get();
        let to = address.get();
        // Don't replace a form while the agent is filling it in.
        if touched.get_untracked() {
            return;
        }
        // The query string makes the screen show "Saved.", which must only appear once.
        address.update_untracked(|address| address.truncate(address.find('?').unwrap_or(address.len())));
        spawn_local(async move {
            match api::screen::screen(to).await {
                Ok(screen) => drop(context.answer.try_set(Some(screen))),
                Err(error) => drop(context.trouble.try_set(Some(app.sentence(&error)))),
            }
        });
    });
    (context, touched)
}

#[component]
fn Facts(signals: VisitSignals) -> impl IntoView {
    let app = Live::from_context().app;
    let row = signals.row;
    let time = move || {
        row.with(|row| row.as_ref().map(|row| format_elapsed(row.since, row.left_at.unwrap_or_else(|| app.now.get()))))
    };
    let browser = move || row.with(|row| row.as_ref().map(|row| row.browser.clone()));
    let concierge =
        move || row.with(|row| row.as_ref().map(|row| app.directory.with(|names| names.concierge(row.concierge))));
    // The board only contains open or declined invitations.
    let invitation = move || {
        let one = row.with(|row| row.as_ref().and_then(|row| row.invitation.clone()))?;
        let (by, at) = (app.agent_name(one.by), app.hour_minute(one.sent_at));
        let words = format!("{} · {by}, {at}", i18n::invitation_state(one.state));
        Some(view! { <dt>{i18n::invitation()}</dt><dd>{words}</dd> })
    };
    let facts = move || {
        view! {
            <dl>
                <dt>{i18n::time_on_site()}</dt><dd>{time}</dd>
                <dt>{i18n::browser()}</dt><dd>{browser}</dd>
                <dt>{i18n::concierge()}</dt><dd>{concierge}</dd>
                {invitation}
            </dl>
        }
    };
    let known = Memo::new(move |_| row.with(Option::is_some));
    move || known.get().then(facts)
}

#[component]
fn PageViews(visit: VisitId, signals: VisitSignals) -> impl IntoView {
    let app = Live::from_context().app;
    let page = Memo::new(move |_| signals.row.with(|row| row.as_ref().map(|row| row.page.clone())));
    // This is not a resource, because every reload would suspend the layout and thus lose the focus and scroll
    // position.
    let page_views = RwSignal::new(None::<Result<Vec<PageView>, ApiError>>);
    Effect::new(move |_| {
        // Use `get` rather than just `track` for the same reason as above.
        let _ = page.get();
        spawn_local(async move {
            let pages = api::page_views(visit).await;
            // The panel may have since been closed.
            drop(page_views.try_set(Some(pages)));
        });
    });
    view! {
        <ol class="page-views">
            {move || match page_views.get() {
                Some(Ok(views)) if views.is_empty() => view! { <li class="hint">{i18n::no_pages()}</li> }.into_any(),
                Some(Ok(views)) => page_view_rows(app, views).into_any(),
                Some(Err(error)) => view! { <li class="trouble">{app.sentence(&error)}</li> }.into_any(),
                None => view! { <li class="hint">{i18n::later()}</li> }.into_any(),
            }}
        </ol>
    }
}

// Sorted newest first so that the current page is at the top.
fn page_view_rows(app: AppState, views: Vec<PageView>) -> Vec<impl IntoView> {
    let line = |view: PageView| {
        let at = view.at;
        view! { <li><time>{move || app.hour_minute(at)}</time><div class="page">{page_view(view.page)}</div></li> }
    };
    views.into_iter().rev().map(line).collect()
}
