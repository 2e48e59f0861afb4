//! The invitation form: a small, prefilled popover that opens next to the row's button or, on phones, at the bottom of
//! the screen.

use std::time::Duration;

use leptos::{html, prelude::*, task::spawn_local};
use protocol::{id::VisitId, limits::MESSAGE_CHARS};

use crate::dashboard::{
    api, app_state::AppState, board_view_state::BoardView, filter_and_sort::visitor_name, focus, i18n, live::Live,
};

/// The popover's width, in pixels. Must match `style/parts/popover.css`.
const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 330.0;
/// How often to renew "Ann is typing…", which the server drops after 30 s.
const RENEWED_EVERY: Duration = Duration::from_secs(10);

/// The invitation form, which is only rendered while it is open.
#[component]
pub fn InvitePopover() -> impl IntoView {
    let board_view = BoardView::from_context();
    let visit = Memo::new(move |_| board_view.inviting.get());
    move || visit.get().map(|visit| view! { <InviteForm visit /> })
}

fn templates(app: AppState, visit: VisitId) -> Vec<(String, String)> {
    app.directory.with_untracked(|directory| {
        let agent = directory.agents.iter().find(|agent| agent.id == directory.me);
        let first_name = agent.map(|agent| agent.first_name().to_owned()).unwrap_or_default();
        let filled = |text: &str| text.replace("{agent}", &first_name);
        let row = app.row(visit);
        let own = directory.concierges.iter().find(|one| row.as_ref().is_none_or(|row| row.concierge == one.id));
        let greeting = own.map(|one| (i18n::greeting().to_owned(), filled(&one.invitation)));
        let others = own.into_iter().flat_map(|one| &one.templates);
        greeting.into_iter().chain(others.map(|other| (other.name.clone(), filled(&other.body)))).collect()
    })
}

#[component]
fn InviteForm(visit: VisitId) -> impl IntoView {
    let live = Live::from_context();
    let app = live.app;
    let board_view = BoardView::from_context();
    let templates = templates(app, visit);
    let text = RwSignal::new(templates.first().map(|(_, text)| text.clone()).unwrap_or_default());
    let (trouble, sending) = (RwSignal::new(None::<String>), RwSignal::new(false));
    let field = NodeRef::<html::Textarea>::new();
    let place = popover_position(visit);
    let who = app.row(visit).map(|row| visitor_name(row.name.as_deref()).to_owned()).unwrap_or_default();
    let label = i18n::fill(i18n::invite_whom(), &who);
    let close = move || board_view.inviting.set(None);
    focus::restore_on_cleanup(".invite-popover");
    announce_composing(live, visit);
    let send = move || {
        let words = text.get_untracked();
        if words.trim().is_empty() || sending.get_untracked() {
            return;
        }
        sending.set(true);
        spawn_local(async move {
            let answer = api::invite(visit, words).await;
            // If the popover has since been closed, a refusal is shown as a notice instead.
            match (answer, sending.try_set(false)) {
                (Ok(_), None) => close(),
                (Ok(_), Some(_)) => {}
                (Err(error), None) => trouble.set(Some(untrack(|| app.sentence(&error)))),
                (Err(error), Some(_)) => app.show_failure(untrack(|| app.sentence(&error))),
            }
        });
    };
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });
    let pressed = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Enter" && (event.ctrl_key() || event.meta_key()) {
            event.prevent_default();
            send();
        }
    };
    let pick = templates.into_iter().map(|(name, words)| {
        let filled = words.clone();
        let chosen = move || text.with(|text| *text == filled);
        view! {
            <button type="button" class="chip" aria-pressed=move || chosen().to_string() on:click=move |_| text.set(words.clone())>
                {name}
            </button>
        }
    });
    view! {
        <div
            class="invite-popover"
            role="dialog"
            aria-label=label
            style:left=format!("{}px", place.0 as i64)
            style:top=format!("{}px", place.1 as i64)
        >
            <header>
                <h2>{i18n::invite()}</h2>
                <span><bdi>{who}</bdi></span>
                <button type="button" class="plain close" aria-label=i18n::close() on:click=move |_| close()>"×"</button>
            </header>
            <div class="chips" role="group" aria-label=i18n::templates_of()>{pick.collect_view()}</div>
            <textarea
                dir="auto"
                id="invitation"
                rows="5"
                maxlength=MESSAGE_CHARS.to_string()
                aria-label=i18n::the_invitation()
                node_ref=field
                prop:value=move || text.get()
                on:input=move |event| text.set(event_target_value(&event))
                on:keydown=pressed
            ></textarea>
            <p role="alert" class="trouble">{move || trouble.get()}</p>
            <footer>
                <small>{i18n::send_key()}</small>
                <button
                    type="button"
                    class="primary send-invitation"
                    disabled=move || text.with(|text| text.trim().is_empty())
                    aria-busy=move || sending.get().to_string()
                    on:click=move |_| send()
                >
                    {i18n::send_invitation()}
                </button>
            </footer>
        </div>
    }
}

// While the form is open, colleagues see that an invitation is being written.
fn announce_composing(live: Live, visit: VisitId) {
    Effect::new(move |_| {
        live.composing(Some(visit));
        let renew = set_interval_with_handle(move || live.composing(Some(visit)), RENEWED_EVERY).ok();
        on_cleanup(move || {
            renew.inspect(IntervalHandle::clear);
            live.composing(None);
        });
    });
}

// Places the popover below the row's button, but keeps it within the window.
#[cfg(feature = "hydrate")]
fn popover_position(visit: VisitId) -> (f64, f64) {
    let size = |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|value| value.as_f64()).unwrap_or(0.0);
    let (width, height) = (size(window().inner_width()), size(window().inner_height()));
    let cell = document().query_selector(&format!("tr[data-visit=\"{visit}\"] .agent-cell")).ok().flatten();
    let (left, bottom) = cell.map_or((width / 2.0, height / 3.0), |cell| {
        let rect = cell.get_bounding_client_rect();
        (rect.left(), rect.bottom())
    });
    (left.min(width - WIDTH - 12.0).max(12.0), (bottom + 4.0).min(height - HEIGHT - 12.0).max(12.0))
}

#[cfg(not(feature = "hydrate"))]
fn popover_position(_visit: VisitId) -> (f64, f64) {
    (WIDTH, HEIGHT)
}
