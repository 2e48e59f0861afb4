//! One short sound. Browsers allow it only after a click or key in the frame; before that there is none.

use std::cell::RefCell;

use web_sys::AudioContext;

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
            drop(play(context));
        }
    }
}

fn play(context: &AudioContext) -> Result<(), wasm_bindgen::JsValue> {
    let (tone, volume) = (context.create_oscillator()?, context.create_gain()?);
    let now = context.current_time();
    tone.frequency().set_value(660.0);
    volume.gain().set_value_at_time(0.08, now)?;
    volume.gain().linear_ramp_to_value_at_time(0.0, now + 0.25)?;
    tone.connect_with_audio_node(&volume)?;
    volume.connect_with_audio_node(&context.destination())?;
    tone.start()?;
    tone.stop_with_when(now + 0.25)
}
