//! One short sound. Browsers allow it only after a click or key in the frame; before that there is none. It is made by the
//! frame's own script, where it weighs a third of what the bindings to the browser's audio do.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// The visitor has clicked or pressed a key: from here on there may be sound.
    #[wasm_bindgen(js_namespace = jumpin)]
    pub(crate) fn unlock();
    /// Sounds, if it may; a missing sound is no failure.
    #[wasm_bindgen(js_namespace = jumpin)]
    pub(crate) fn sound();
}
