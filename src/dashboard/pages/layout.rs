//! The layout shared by all pages that require signing in: the navigation rail, the connection bar, the notices, and
//! the shared [`Live`].

use std::time::Duration;

use leptos::{ev, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    components::Outlet,
    hooks::{use_location, use_navigate},
};

use protocol::{language::Language, refusal::Refusal};

use crate::dashboard::{
    actions,
    api::{self, ApiError, InitialState},
    app_state::{AppState, chats::awaits_reply},
    board_view_state::BoardView,
    focus, i18n,
    live::Live,
    notification_sound,
    parts::{
        command_palette::Palette, connection_bar::LinkBar, keyboard_shortcuts::KeyList, notices::Notices, rail::Rail,
    },
};

/// Loads the initial state and renders the layout around the page.
#[component]
pub fn Frame() -> impl IntoView {
    let chat = actions::chat_from_path(&use_location().pathname.get_untracked());
    let initial =
        Resource::<_, api::PostcardEncoding>::new_with_options(|| (), move |()| api::initial_state(chat), true);
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match initial.await {
                    Ok(initial) => view! { <SignedIn initial /> }.into_any(),
                    Err(error) => view! { <LoadError error /> }.into_any(),
                }
            })}
        </Suspense>
    }
}

#[component]
fn SignedIn(initial: InitialState) -> impl IntoView {
    let live = Live::new(initial);
    let app = live.app;
    provide_context(live);
    let board_view = BoardView::new(app);
    provide_context(board_view);
    let navigate = use_navigate();
    Effect::new(move |_| {
        if let Some(page) = app.go.get() {
            app.go.set(None);
            navigate(&page, NavigateOptions::default());
        }
    });
    Effect::new(move |_| {
        app.hydrated.set(true);
        // Untracked, because it must not reconnect when a signal that it reads changes.
        untrack(|| live.connect());
        // Browsers don't play sound until the user has interacted with the page.
        let unlock = window_event_listener(ev::click, |_| notification_sound::unlock());
        on_cleanup(move || unlock.remove());
    });
    on_cleanup(move || live.leave());
    reload_on_language_change(app);
    let keys = RwSignal::new(false);
    listen_for_shortcuts(app, board_view, keys);
    view! {
        <TabTitle app />
        <a class="skip" href="#content">{i18n::skip()}</a>
        <div class="frame">
            <Rail />
            <div class="stage">
                <LinkBar />
                <Outlet />
            </div>
        </div>
        <Notices />
        <Palette />
        <Show when=move || keys.get()>
            <KeyList on_close=move || keys.set(false) />
        </Show>
    }
}

/// Reloads the page if the agent's language was changed on another device, because a page has only one language. On the
/// device where it was changed, the response to the form has already triggered navigation by then.
fn reload_on_language_change(app: AppState) {
    let language = Memo::new(move |_| app.directory.with(|directory| directory.language));
    Effect::new(move |before: Option<Language>| {
        let now = language.get();
        if before.is_some_and(|before| before != now) {
            // If reloading fails, the page simply stays in the old language.
            set_timeout(|| drop(window().location().reload()), Duration::from_secs(2));
        }
        now
    });
}

/// The tab's title, consisting of the number of things that need attention and the page's name. If anything needs
/// attention, the tab's icon also gets a dot.
#[component]
fn TabTitle(app: AppState) -> impl IntoView {
    let path = use_location().pathname;
    let calls = Memo::new(move |_| app.attention_count());
    let title = move || {
        let page = path.with(|path| match path.get(..4) {
            Some("/cha") => i18n::my_chats(),
            Some("/vis") => i18n::visitors(),
            Some("/his") => i18n::history(),
            _ => i18n::settings(),
        });
        let calls = Some(calls.get()).filter(|calls| *calls > 0).map(|calls| format!("({calls}) ")).unwrap_or_default();
        format!("{calls}{page} · {}", i18n::product())
    };
    // On the server, the page's signals may already have been disposed of when the title is written.
    #[cfg(not(feature = "hydrate"))]
    let title = untrack(title);
    Effect::new(move |before: Option<bool>| {
        let called = calls.get() > 0;
        if before.unwrap_or(false) != called {
            badge(called);
        }
        called
    });
    view! { <Title text=title /> }
}

/// Sets the tab's icon, with or without a dot.
fn badge(dotted: bool) {
    const DOTTED: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Cpath \
        fill='%233f6fe0' d='M16 3C8.3 3 2 8.2 2 14.7c0 3.7 2 7 5.2 9.1L6 29.5l6.3-3.5c1.2.2 2.4.4 3.7.4 7.7 0 14-5.2 14-11.7S23.7 \
        3 16 3Z'/%3E%3Ccircle cx='24' cy='8' r='7' fill='%23d4351c' stroke='%23fff' stroke-width='2'/%3E%3C/svg%3E";
    if let Ok(Some(icon)) = document().query_selector("link[rel=icon]") {
        // It doesn't matter if the icon can't be changed.
        let _ = icon.set_attribute("href", if dotted { DOTTED } else { "/favicon.svg" });
    }
}

/// Listens for the keyboard shortcuts that work on every page. `?` is ignored while the agent is typing in a field.
fn listen_for_shortcuts(app: AppState, board_view: BoardView, keys: RwSignal<bool>) {
    let path = use_location().pathname;
    let pressed = move |event: ev::KeyboardEvent| {
        if (event.ctrl_key() || event.meta_key()) && event.key() == "k" {
            event.prevent_default();
            board_view.palette.update(|open| *open = if open.is_some() { None } else { Some(true) });
        } else if event.alt_key() && event.key() == "ArrowDown" {
            event.prevent_default();
            let here = actions::chat_from_path(&path.get_untracked());
            let next =
                untrack(|| app.my_chats()).into_iter().find(|chat| awaits_reply(chat) && Some(chat.chat.id) != here);
            app.go.set(next.map(|chat| actions::chat_path(chat.chat.id)));
        } else if event.key() == "Escape" && keys.get_untracked() {
            keys.set(false);
        } else if event.key() == "?" && !focus::is_within(&event, focus::FIELDS) {
            event.prevent_default();
            keys.update(|open| *open = !*open);
        }
    };
    Effect::new(move |_| {
        let listener = window_event_listener(ev::keydown, pressed);
        on_cleanup(move || listener.remove());
    });
}

// If there is no session, the server has already redirected to the sign-in page. This shows any other error.
#[component]
fn LoadError(error: ApiError) -> impl IntoView {
    let sentence = error.sentence(|_| i18n::an_agent().into(), |_| i18n::later().into());
    // An empty link reloads the current page.
    let (to, words) = match error.refusal {
        Refusal::NotSignedIn => ("/sign-in", i18n::sign_in()),
        _ => ("", i18n::reload()),
    };
    view! {
        <main class="lost">
            <h1>{sentence}</h1>
            <a href=to rel="external">{words}</a>
        </main>
    }
}
