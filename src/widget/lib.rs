//! The concierge: the chat widget that visitors see, running in an iframe from our own origin.
//!
//! `loader.js` runs in the host page and `boot.js` runs in the frame. This crate contains everything else. The widget's
//! [`state`] changes only when an [`event`] is applied to it (in `update`, `actions`, `handle_frame`, [`conversation`]
//! and [`outbox`]). This part is pure and is tested natively. The shell around it consists of the [`socket`] with its
//! [`wire`] format, the [`host_page`], the [`browser_storage`], the [`sound`], and the [`view`]; [`app`] connects them.
//! Browser APIs are bound by hand, most of them in [`browser`]. No binding is an HTML sink: text from visitors and
//! agents only ever becomes text nodes.
//!
//! To keep the download small, the crate is built without the standard library. Only the tests use it.

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

/// A callback that receives every event. Like all objects in the shell, it lives as long as the frame, so no reference
/// counting is needed.
pub type Dispatch = &'static dyn Fn(event::Event);

/// The allocator and the panic handler that the standard library would otherwise provide.
#[cfg(all(target_arch = "wasm32", not(test)))]
mod bare {
    use core::panic::PanicInfo;

    use talc::wasm::{WasmDynamicTalc, new_wasm_dynamic_allocator};

    #[global_allocator]
    static ALLOCATOR: WasmDynamicTalc = new_wasm_dynamic_allocator();

    /// Discards the panic message, because formatting it would pull in all of the formatting code. The browser console
    /// shows where the panic happened.
    #[panic_handler]
    fn panic(_: &PanicInfo<'_>) -> ! {
        wasm_bindgen::throw_str("Jump-In")
    }
}
