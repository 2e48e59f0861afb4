//! Jump-In: proactive live chat for a company's own website.
//!
//! # The map
//!
//! ```text
//! protocol/   SEALED  what is said between browser and server, and the pure rules both sides apply
//! engine/     SEALED  the product without the web: hub (live rows), operations (invite, answer, claim, send), store, sessions
//! widget/     SEALED  the concierge in the visitor's page: a wasm without the standard library; loader.js
//! load/       SEALED  simulated visitors and agents over real sockets
//! screens/    what is set up or looked up: settings, history, one's own account
//! dashboard/  leptos, ssr + hydrate: shell, pages, parts; api is the only door to the engine
//! server/     axum: run(config, listener, shutdown), every route on one screen, the sockets, the embedded dashboard and widget; mail by SMTP
//! demo/       a shop on a second origin, its seed, and visitors who roam it
//! cli/        the commands of the program
//! tests/      stories in the domain's words over real sockets and a real database, bad input by its numbers, and promises with the
//!             faults that try them; architecture.rs checks this page
//! ```
//!
//! Beside `src`: `style` and `public` are the dashboard's CSS and icons, `end2end` the stories in a real browser, `service` a
//! unit for systemd and a Containerfile, `docs/glossary.md` the words of the code, `.ci` what the Makefile calls.
//!
//! Imports run one way: `protocol <- widget`, `protocol <- load`, `protocol <- engine <- screens <- dashboard (api) <- server <- demo <- cli <- main`.
//!
//! # Invariants
//!
//! 1. `protocol` does no I/O and knows no clock, database or browser.
//! 2. `widget` knows only `protocol`.
//! 3. In `dashboard`, only `api` names `engine` and `screens`. In the whole tree, only `server/router.rs` names `dashboard`.
//! 4. `engine::hub` knows no SQL and awaits nothing while it holds its state; SQL stands only in `engine/store`.
//! 5. Only `server/mod.rs` builds the parts and joins them. No global, no static, no singleton; but for the browser's one
//!    audio context (`dashboard/notification_sound.rs`) and the language of its page (`dashboard/i18n`), the widget's allocator, the list of the
//!    dashboard's pages (`server/router.rs`), and the SQL of several messages (`engine/store/message_batch.rs`). The language that
//!    the server answers in belongs to the task that answers (`screens::i18n::with_language`).
//! 6. Only `server/socket*`, `widget/socket.rs`, `dashboard/live*` and `load` know that there is a WebSocket.
//! 7. Only the database settles a race; memory is a view of it.
//! 8. No HTML sink: nothing a visitor or agent typed becomes markup anywhere.
//!
//! 1 and 2 are Cargo's; `src/tests/architecture.rs` checks 3, 4, 6 and 8 by reading the files.

// Each page is one type, nested as deep as its markup.
#![recursion_limit = "256"]

#[cfg(all(feature = "hydrate", not(erase_components)))]
compile_error!("both halves of the dashboard need `--cfg erase_components`, which .cargo/config.toml sets");

#[cfg(feature = "ssr")]
pub mod screens;

pub mod dashboard;

#[cfg(feature = "ssr")]
pub mod server;

#[cfg(feature = "ssr")]
pub mod demo;

#[cfg(feature = "ssr")]
pub mod cli;

/// The browser's entry: makes the page that the server rendered live.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    dashboard::hydrate();
}
