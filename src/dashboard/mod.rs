//! The dashboard: pages that the server draws and the browser wakes. It asks the engine only through [`api`], and hears
//! what happens only through [`live`].
//!
//! In reading order: the words, what a page knows (`app`) and how it stays true (`live`), what a click (`actions`) and a line of the
//! palette (`palette_commands`) do, then what is seen (`pages`, and the `parts` they are made of). What is looked up or filled in comes
//! from the server as screens, and `parts/screen` draws all of them.

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

/// Whatever becomes markup in a page goes through it (Trusted Types): Leptos writes its templates as text.
const MARKUP: &str = include_str!("trusted_types.js");

/// Where a page finds what it loads.
#[derive(Clone, Copy, Debug)]
pub struct Assets {
    /// The glue between the page and its WebAssembly.
    pub script: &'static str,
    /// The WebAssembly.
    pub wasm: &'static str,
    /// The style sheet.
    pub style: &'static str,
}

/// The document around the application. It starts the browser's half itself, since Leptos's own script knows neither our
/// names nor their hashes.
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
                <script nonce=use_nonce()>{MARKUP}</script>
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

/// Every page. They are drawn whole: who is not signed in must be sent away before the first byte.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Routes fallback=|| view! { <main class="lost"><h1>{i18n::no_such_page()}</h1><a href="/visitors">{i18n::visitors()}</a></main> }>
                <Route path=path!("/") view=|| view! { <Redirect path="/visitors" /> } ssr=SsrMode::Async />
                <Route path=path!("/sign-in") view=SignIn ssr=SsrMode::Async />
                <Route path=path!("/sign-in/:step") view=PublicScreenPage ssr=SsrMode::Async />
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

/// Wakes the page that the server drew.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    leptos::mount::hydrate_body(App);
}
