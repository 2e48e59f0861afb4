//! The concierge: the chat widget that visitors see, in an iframe on our own origin.
//!
//! `loader.js` runs in the host page and `boot.js` in the frame. This crate is everything else. The widget's [`state`]
//! changes only by applying an [`event`] (in `update`, `actions`, `handle_frame`, [`conversation`] and [`outbox`]).
//! That part is pure and tested natively. The shell around it is the [`socket`] with its [`wire`] format, the
//! [`host_page`], the [`browser_storage`], the [`sound`] and the [`view`]; [`app`] connects them. Browser APIs are
//! bound by hand, most of them in [`browser`]. No binding is an HTML sink: text from visitors and agents only ever
//! becomes text nodes.
//!
//! The crate is built without the standard library to keep the download small. The tests are built with it.

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

/// Receives every event. Like all shell objects, it lives as long as the frame, so no reference counting is needed.
pub type Dispatch = &'static dyn Fn(event::Event);

/// The allocator and the panic handler that the standard library would otherwise provide.
#[cfg(all(target_arch = "wasm32", not(test)))]
mod bare {
    use core::panic::PanicInfo;

    use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};

    #[global_allocator]
    static ALLOCATOR: WasmDynamicTalc = new_wasm_dynamic_allocator();

    /// Drops the panic message: formatting it would pull in all formatting code. The browser's console shows the
    /// location.
    #[panic_handler]
    fn panic(_: &PanicInfo<'_>) -> ! {
        wasm_bindgen::throw_str("Jump-In")
    }
}
