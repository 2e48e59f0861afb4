//! One short sound. Browsers allow it only after a click or key in the frame; before that there is none.

use core::cell::RefCell;

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    type AudioContext;
    #[wasm_bindgen(constructor, catch)]
    fn new() -> Result<AudioContext, JsValue>;
    #[wasm_bindgen(method, getter, js_name = currentTime)]
    fn now(this: &AudioContext) -> f64;
    #[wasm_bindgen(method, getter)]
    fn destination(this: &AudioContext) -> Audio;
    #[wasm_bindgen(method, js_name = createOscillator)]
    fn tone(this: &AudioContext) -> Audio;
    #[wasm_bindgen(method, js_name = createGain)]
    fn volume(this: &AudioContext) -> Audio;

    /// A tone, a volume, or where they lead.
    type Audio;
    #[wasm_bindgen(method, getter)]
    fn gain(this: &Audio) -> Strength;
    #[wasm_bindgen(method)]
    fn connect(this: &Audio, to: &Audio);
    #[wasm_bindgen(method)]
    fn start(this: &Audio);
    #[wasm_bindgen(method)]
    fn stop(this: &Audio, at: f64);

    type Strength;
    #[wasm_bindgen(method, js_name = setValueAtTime)]
    fn set_at(this: &Strength, value: f32, at: f64);
    #[wasm_bindgen(method, js_name = linearRampToValueAtTime)]
    fn reach_at(this: &Strength, value: f32, at: f64);
}

/// Makes the sound.
#[derive(Default)]
pub struct Sounder {
    context: RefCell<Option<AudioContext>>,
}

impl Sounder {
    /// The visitor has clicked or pressed a key: from here on there may be sound.
    pub fn unlock(&self) {
        let mut context = self.context.borrow_mut();
        if context.is_none() {
            *context = AudioContext::new().ok();
        }
    }

    /// Sounds, if it may; a missing sound is no failure.
    pub fn sound(&self) {
        if let Some(context) = &*self.context.borrow() {
            let (tone, volume) = (context.tone(), context.volume());
            let now = context.now();
            volume.gain().set_at(0.08, now);
            volume.gain().reach_at(0.0, now + 0.25);
            tone.connect(&volume);
            volume.connect(&context.destination());
            tone.start();
            tone.stop(now + 0.25);
        }
    }
}
