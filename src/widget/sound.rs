//! A short notification sound. Browsers allow it only after a click or key press in the frame. `boot.js` plays it
//! because that takes a third of the bytes that Web Audio bindings would need.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Enables sound. Must be called from a click or key event handler.
    #[wasm_bindgen(js_namespace = jumpin)]
    pub(crate) fn unlock();
    /// Plays the sound if sound is enabled.
    #[wasm_bindgen(js_namespace = jumpin)]
    pub(crate) fn sound();
}
