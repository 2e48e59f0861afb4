//! The sign-in page. Its form also works before hydration and without JavaScript.

use leptos::{ev, html, prelude::*, server_fn::ServerFn};
use leptos_meta::Title;

use crate::dashboard::{api, i18n};

/// The sign-in form.
#[component]
pub fn SignIn() -> impl IntoView {
    let action = ServerAction::<api::SignIn>::new();
    let trouble = Signal::derive(move || {
        action.value().with(|value| {
            let error = value.as_ref()?.as_ref().err()?;
            Some(error.sentence(|_| i18n::an_agent().into(), |_| i18n::later().into()))
        })
    });
    Effect::new(move |_| {
        // This must be a full page load because the agent's language may differ from the browser's.
        if let Some(Ok(on)) = action.value().get() {
            let _ = window().location().set_href(&on);
        }
    });
    // After a successful sign-in, this stays pending until the next page has loaded.
    let pending = move || action.pending().get() || action.value().with(|value| matches!(value, Some(Ok(_))));
    let (email, password) = (NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    // This is not an `ActionForm` because that would add the server's form decoder to the WebAssembly as well.
    let submitted = move |event: ev::SubmitEvent| {
        if let (Some(email), Some(password)) = (email.get_untracked(), password.get_untracked()) {
            event.prevent_default();
            action.dispatch(api::SignIn { email: email.value(), password: password.value() });
        }
    };
    view! {
        <Title text=format!("{} · {}", i18n::sign_in(), i18n::product()) />
        <main class="sign-in">
            <h1><img src="/favicon.svg" alt="" width="28" height="28" />{i18n::product()}</h1>
            <form method="post" action=api::SignIn::url() on:submit=submitted>
                <p role="alert" class="trouble">{trouble}</p>
                <label for="email">{i18n::email()}</label>
                <input id="email" name="email" type="email" autocomplete="username" required autofocus node_ref=email />
                <label for="password">{i18n::password()}</label>
                <input
                    id="password"
                    name="password"
                    type="password"
                    autocomplete="current-password"
                    required
                    node_ref=password
                />
                <button type="submit" class="primary" aria-busy=move || pending().to_string()>
                    {move || if pending() { i18n::signing_in() } else { i18n::sign_in() }}
                </button>
                <a href="/sign-in/forgotten" rel="external">{i18n::forgotten()}</a>
            </form>
        </main>
    }
}
