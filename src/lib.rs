//! Jump-In: proactive live chat for a company's own website.
//!
//! # The map
//!
//! ```text
//! protocol/   crate  the frames between browser and server, and the pure rules both sides apply
//! engine/     crate  the product without the web: hub (live state), operations (invite, claim, send), store, sessions
//! widget/     crate  the concierge in the visitor's page, built without the standard library; loader.js
//! load/       crate  simulated visitors and agents over real sockets
//! screens/    settings, history, account, setup: pages described by the server
//! dashboard/  Leptos, rendered on the server and hydrated: pages, parts; api is the only way to the engine
//! server/     axum: every route in router.rs, the two sockets, the embedded dashboard and widget, mail, metrics
//! demo/       a shop on a second origin, its data, and visitors who browse it
//! cli/        the commands of the program
//! tests/      stories over real sockets and a real database, bad input case by case, promises with their faults;
//!             architecture.rs checks this page
//! ```
//!
//! Next to `src`: `style` and `public` are the dashboard's CSS and icons, `end2end` the browser tests, `service` a systemd
//! unit and a Containerfile, `docs` the documents (`docs/architecture.md`, `docs/glossary.md`), `.ci` the Makefile's scripts.
//!
//! Imports run one way: `protocol <- engine <- screens <- dashboard (api) <- server <- demo <- cli <- main`. `widget` and
//! `load` import only `protocol`.
//!
//! # Invariants
//!
//! 1. `protocol` does no I/O and knows no clock, database or browser.
//! 2. `widget` imports only `protocol`.
//! 3. In `dashboard`, only `api` uses `engine` and `screens`. In the whole tree, only `server/router.rs` uses `dashboard`.
//! 4. `engine::hub` contains no SQL and never awaits while it uses its state; SQL is in `engine/store` only.
//! 5. Only `server/mod.rs` constructs the parts and connects them. There are no globals and no singletons, except the
//!    browser's one audio context (`dashboard/notification_sound.rs`), the language of its page (`dashboard/i18n`), the
//!    widget's allocator, the list of the dashboard's pages (`server/router.rs`), and the SQL of message batches
//!    (`engine/store/message_batch.rs`). The server's language belongs to the task that answers
//!    (`screens::i18n::with_language`).
//! 6. Only `server/socket*`, `widget/socket.rs`, `dashboard/live` and `load` use WebSockets.
//! 7. Only the database settles a race; memory is a view of it.
//! 8. There is no HTML sink: nothing that a visitor or agent typed becomes markup anywhere.
//!
//! Cargo enforces 1 and 2. `src/tests/architecture.rs` checks 3, 4, 6 and 8 by reading the files.

// The type of a page is nested as deep as its markup.
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

/// Hydrates the page that the server rendered. The entry point in the browser.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    dashboard::hydrate();
}
