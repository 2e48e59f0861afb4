//! Jump-In: proactive live chat for a company's own website.
//!
//! # The map
//!
//! ```text
//! protocol/   crate  frames exchanged by browser and server, and the pure rules that both sides apply
//! engine/     crate  the product without the web: hub (live state), operations (invite, claim, send), store, sessions
//! widget/     crate  the concierge on the visitor's page, built without the standard library; loader.js
//! load/       crate  simulated visitors and agents over real sockets
//! screens/    settings, history, account, setup: pages that the server describes
//! dashboard/  Leptos, rendered on the server and hydrated: pages, parts; api is the only path to the engine
//! server/     axum: all routes (router.rs), both sockets, the embedded dashboard and widget, mail, metrics
//! demo/       a shop on a second origin, its data, and visitors who browse it
//! cli/        the program's commands
//! tests/      stories over real sockets and a real database, bad input case by case, promises with their faults;
//!             architecture.rs checks the rules below
//! ```
//!
//! Outside of `src`, `style` and `public` contain the dashboard's CSS and icons, `end2end` contains the browser tests,
//! `service` contains a systemd unit and a Containerfile, `docs` contains the documents (start with
//! `docs/architecture.md` and `docs/glossary.md`), and `.ci` contains the Makefile's scripts.
//!
//! Imports go one way: `protocol <- engine <- screens <- dashboard (api) <- server <- demo <- cli <- main`. `widget`
//! and `load` import only `protocol`.
//!
//! # Invariants
//!
//! 1. `protocol` does no I/O and does not depend on a clock, a database or a browser.
//! 2. `widget` imports only `protocol`.
//! 3. Within `dashboard`, only `api` uses `engine` and `screens`. In the entire tree, only `server/router.rs` uses
//!    `dashboard`.
//! 4. `engine::hub` contains no SQL and never awaits while it is using its state. SQL appears only in `engine/store`.
//! 5. Only `server/mod.rs` constructs the parts and connects them. There are no globals and no singletons, with these
//!    exceptions: the browser's single audio context (`dashboard/notification_sound.rs`), its page's language
//!    (`dashboard/i18n`), the widget's allocator, the list of the dashboard's pages (`server/router.rs`), and the SQL
//!    for message batches (`engine/store/message_batch.rs`). On the server, the language belongs to the task that
//!    handles the request (`screens::i18n::with_language`).
//! 6. Only `server/socket*`, `widget/socket.rs`, `dashboard/live` and `load` use WebSockets.
//! 7. Only the database settles a race. State in memory is just a view of it.
//! 8. There are no HTML sinks: nothing that a visitor or agent types ever becomes markup.
//!
//! Cargo enforces 1 and 2. `src/tests/architecture.rs` checks 3, 4, 6 and 8 by reading the source files.

// A page's type is nested as deeply as its markup.
#![recursion_limit = "256"]

#[cfg(all(feature = "hydrate", not(erase_components)))]
compile_error!("both halves of the dashboard require `--cfg erase_components`, which .cargo/config.toml sets");

#[cfg(feature = "ssr")]
pub mod screens;

pub mod dashboard;

#[cfg(feature = "ssr")]
pub mod server;

#[cfg(feature = "ssr")]
pub mod demo;

#[cfg(feature = "ssr")]
pub mod cli;

/// Hydrates the page that the server rendered. This is the entry point in the browser.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    dashboard::hydrate();
}
