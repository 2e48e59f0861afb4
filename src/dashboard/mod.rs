//! The dashboard, whose pages are rendered on the server and hydrated in the browser. It calls the engine only through
//! [`api`] and receives live updates only through [`live`].
//!
//! Suggested reading order: the strings (`i18n`), the client state (`app_state`) and how it stays up to date (`live`),
//! what clicks (`actions`) and palette commands (`palette_commands`) do, and finally the views (`pages`, and the
//! `parts` they are made of). The server describes the settings, history, and account pages as screens, which are all
//! rendered by `parts/screen`.

pub mod i18n;

pub mod api;
pub mod board_view_state;
pub mod clock;
pub mod filter_and_sort;
pub mod focus;
pub mod fuzzy_match;
pub mod local_storage;
pub mod notification_sound;
pub mod outbox;
pub mod viewport;

pub mod app_state;
pub mod live;

pub mod actions;
pub mod palette_commands;

pub mod pages;
pub mod parts;

use leptos::{nonce::use_nonce, prelude::*};
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Redirect, Route, Router, Routes},
    path,
};

use pages::{
    chats,
    layout::Frame,
    screen::{PublicScreenPage, ScreenPage},
    sign_in::SignIn,
    visitors::Visitors,
};

/// Scripts that must run before hydration: the page's default Trusted Types policy, which checks the templates that
/// Leptos inserts as strings, and the listener that stops keys that belong to an input method.
const FIRST_SCRIPTS: &str = concat!(include_str!("trusted_types.js"), include_str!("input_method.js"));

/// The URLs of the files that each page loads.
#[derive(Clone, Copy, Debug)]
pub struct Assets {
    /// The JavaScript that loads the WebAssembly.
    pub script: &'static str,
    /// The WebAssembly.
    pub wasm: &'static str,
    /// The style sheet.
    pub style: &'static str,
}

/// Renders the HTML document around the application. It uses its own script to start hydration, because the one that
/// Leptos generates supports neither our file names nor their hashes.
pub fn shell(options: &LeptosOptions, assets: Assets) -> impl IntoView + use<> {
    let Assets { script, wasm, style } = assets;
    let start =
        format!("import start, {{ hydrate }} from {script:?};\nstart({{ module_or_path: {wasm:?} }}).then(hydrate);");
    view! {
        <!DOCTYPE html>
        <html lang=i18n::current_language().tag()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href="/favicon.svg" type="image/svg+xml" />
                <link rel="stylesheet" href=style />
                <link rel="modulepreload" href=script />
                <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous" />
                <script nonce=use_nonce()>{FIRST_SCRIPTS}</script>
                <AutoReload options=options.clone() />
                <script type="module" nonce=use_nonce()>{start}</script>
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The router for all pages. Pages are fully rendered before the first byte is sent, so a request without a session can
/// still be redirected to the sign-in page.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=|| view! { <main class="lost"><h1>{i18n::no_such_page()}</h1><a href="/visitors">{i18n::visitors()}</a></main> }>
                <Route path=path!("/") view=|| view! { <Redirect path="/visitors" /> } ssr=SsrMode::Async />
                <Route path=path!("/sign-in") view=SignIn ssr=SsrMode::Async />
                <Route path=path!("/sign-in/:step") view=PublicScreenPage ssr=SsrMode::Async />
                <Route path=path!("/setup/:token") view=PublicScreenPage ssr=SsrMode::Async />
                <Route path=path!("/setup") view=PublicScreenPage ssr=SsrMode::Async />
                <Route path=path!("/join/:token") view=PublicScreenPage ssr=SsrMode::Async />
                <Route path=path!("/reset/:token") view=PublicScreenPage ssr=SsrMode::Async />
                <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("/visitors") view=Visitors ssr=SsrMode::Async />
                    <ParentRoute path=path!("/chats") view=chats::Chats ssr=SsrMode::Async>
                        <Route path=path!("") view=chats::NoWindow ssr=SsrMode::Async />
                        <Route path=path!(":chat") view=chats::Window ssr=SsrMode::Async />
                    </ParentRoute>
                    <Route path=path!("/settings") view=ScreenPage ssr=SsrMode::Async />
                    <Route path=path!("/settings/*rest") view=ScreenPage ssr=SsrMode::Async />
                    <Route path=path!("/history") view=ScreenPage ssr=SsrMode::Async />
                    <Route path=path!("/history/*rest") view=ScreenPage ssr=SsrMode::Async />
                    <Route path=path!("/account") view=ScreenPage ssr=SsrMode::Async />
                    <Route path=path!("/account/*rest") view=ScreenPage ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// Hydrates the page that the server rendered.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    leptos::mount::hydrate_body(App);
}
