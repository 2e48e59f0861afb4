//! The list of keyboard shortcuts.

use leptos::{html, prelude::*};

use crate::dashboard::{focus, i18n};

/// A dialog that lists the keyboard shortcuts.
#[component]
pub fn KeyList(
    /// Called when the dialog should close.
    on_close: impl Fn() + 'static,
) -> impl IntoView {
    let close = NodeRef::<html::Button>::new();
    focus::restore_on_cleanup(".keys");
    Effect::new(move |_| {
        if let Some(close) = close.get() {
            let _ = close.focus();
        }
    });
    let keys = i18n::keys().map(|(key, what)| {
        let caps = key.split(' ').map(|cap| view! { <kbd>{cap}</kbd> }).collect_view();
        view! { <dt>{caps}</dt> <dd>{what}</dd> }
    });
    view! {
        <div class="keys" role="dialog" aria-label=i18n::keyboard()>
            <header>
                <h2>{i18n::keyboard()}</h2>
                <button type="button" class="plain close" aria-label=i18n::close() node_ref=close on:click=move |_| on_close()>"×"</button>
            </header>
            <dl>{keys.into_iter().collect_view()}</dl>
        </div>
    }
}
