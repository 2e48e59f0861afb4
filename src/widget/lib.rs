//! The concierge: the visitor's side of Jump-In, inside an iframe on our own origin.
//!
//! `loader.js` stands in the host page, `boot.js` in the frame; the rest is this crate. What the widget knows changes only
//! in [`state`] by an [`event`] (with `update`, `acting`, `hearing`, [`conversation`], [`outbox`]): pure, tested natively.
//! Around it stand the [`socket`] with its [`wire`], the [`host_page`] page, the browser's [`browser_storage`], the [`sound`] and
//! the [`view`]; `app` joins them. What is used of the browser is bound by hand, most of it in [`user_agent`], the rest
//! where it is used: no HTML sink is among it, and what a visitor or agent typed becomes text only.
//!
//! It is built without the standard library, because a visitor's page must not pay for it; the tests are built with it.

#![cfg_attr(all(target_arch = "wasm32", not(test)), no_std)]

extern crate alloc;

pub mod event;
pub mod state;

pub mod conversation;
pub mod outbox;

mod actions;
mod handle_frame;
mod update;

pub mod wire;

pub mod browser;
pub mod browser_storage;
mod hex;
pub mod host_page;
pub mod socket;
pub mod sound;
pub mod view;

pub mod app;

#[cfg(test)]
mod tests;

/// Where everything that happens goes. It lives as long as the frame, as everything around the state does: nothing is ever
/// taken down, so nothing is counted.
pub type Dispatch = &'static dyn Fn(event::Event);

/// What the standard library would bring.
#[cfg(all(target_arch = "wasm32", not(test)))]
mod bare {
    use core::panic::PanicInfo;

    use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};

    #[global_allocator]
    static ALLOCATOR: WasmDynamicTalc = new_wasm_dynamic_allocator();

    /// The message would bring the formatting of everything with it; the browser's console names the place.
    #[panic_handler]
    fn panic(_: &PanicInfo<'_>) -> ! {
        wasm_bindgen::throw_str("Jump-In")
    }
}
