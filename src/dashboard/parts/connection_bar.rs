//! A thin bar that is shown while the connection is lost. The page remains usable but is marked as possibly outdated.

use leptos::prelude::*;

use crate::dashboard::{app_state::Link, clock, i18n, live::Live};

/// The connection bar. Renders nothing while connected.
#[component]
pub fn LinkBar() -> impl IntoView {
    let live = Live::from_context();
    let app = live.app;
    let countdown = move |retry_at: i64| {
        app.now.track();
        match (retry_at - clock::browser_now() + 999) / 1_000 {
            seconds if seconds > 0 => i18n::fill(i18n::lost_for(), &seconds.to_string()),
            _ => i18n::lost().into(),
        }
    };
    move || match app.link.get() {
        Link::Connecting | Link::Up => ().into_any(),
        Link::Retrying => view! { <p class="link-bar" role="status">{i18n::connecting()}</p> }.into_any(),
        Link::Down { retry_at } => view! {
            <p class="link-bar" role="status">
                <span aria-live="off">{move || countdown(retry_at)}</span>
                <button type="button" class="plain" on:click=move |_| live.retry_now()>{i18n::try_now()}</button>
            </p>
        }
        .into_any(),
        Link::Closed(close_reason) => view! {
            <p class="link-bar parted" role="alert">
                {i18n::close_reason(close_reason)} " " <a href="" rel="external">{i18n::reload()}</a>
            </p>
        }
        .into_any(),
    }
}
