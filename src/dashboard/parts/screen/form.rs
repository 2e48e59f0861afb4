//! Renders a screen's forms. Before hydration, a form is an ordinary HTML form; afterward, it is submitted without a
//! page load.

use leptos::{ev, prelude::*};
use protocol::screen::{FieldKind, Form, FormKind, Tone};

use super::{ScreenContext, field::field};

/// Renders a form. If all of its fields are hidden, it looks like a button.
pub(super) fn form(context: ScreenContext, form: Form) -> AnyView {
    let Form { to, kind, fields, submit, tone, shown } = form;
    let busy = RwSignal::new(false);
    let is_button = fields.iter().all(|field| field.kind == FieldKind::Hidden);
    let is_action = kind == FormKind::Action;
    let class = match (is_button, is_action) {
        (true, _) => "act",
        (false, false) => "filters",
        (false, true) => "fields",
    };
    let fields = fields.into_iter().map(|one| field(&to, one)).collect_view();
    let sent_to = to.clone();
    let filled = view! {
        <form
            class=class
            method=if kind == FormKind::Query { "get" } else { "post" }
            action=to
            enctype=is_action.then_some("multipart/form-data")
            on:change=move |event: ev::Event| show(context, &event, &shown)
            on:submit=move |event: ev::SubmitEvent| send(context, &event, &sent_to, kind, busy)
        >
            {fields}
            <button
                type="submit"
                class=if is_button { "button quiet" } else { "primary" }
                class:danger=tone == Tone::Danger
                aria-busy=move || busy.get().to_string()
            >
                {submit.clone()}
            </button>
        </form>
    };
    // A destructive action takes two clicks, with or without JavaScript.
    if tone == Tone::Danger {
        return view! { <details class="confirm"><summary>{submit} "…"</summary>{filled}</details> }.into_any();
    }
    filled.into_any()
}

/// Submits the form without loading a page, or navigates to its address if it is a query. The browser handles
/// downloads.
#[cfg(feature = "hydrate")]
fn send(context: ScreenContext, event: &ev::SubmitEvent, to: &str, kind: FormKind, busy: RwSignal<bool>) {
    use leptos::task::spawn_local;
    use protocol::screen::SubmitResult;
    use wasm_bindgen::JsCast;
    use web_sys::{FormData, HtmlFormElement, UrlSearchParams};

    use crate::dashboard::{api, i18n};

    if kind == FormKind::Download {
        return;
    }
    let Some(form) = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok()) else { return };
    let Ok(filled) = FormData::new_with_form(&form) else { return };
    event.prevent_default();
    if kind == FormKind::Query {
        // Without files, the form data is a list of pairs, which is exactly what a query string needs.
        if let Ok(query) = UrlSearchParams::new_with_str_sequence_sequence(&filled) {
            context.go.run(format!("{to}?{}", String::from(query.to_string())));
        }
        return;
    }
    if busy.get_untracked() {
        return;
    }
    busy.set(true);
    let to = to.to_owned();
    spawn_local(async move {
        let submitted = api::screen::submit(to, filled).await;
        // The agent may have left the page in the meantime.
        if busy.try_set(false).is_some() {
            return;
        }
        context.trouble.set(None);
        match submitted {
            Ok(SubmitResult::Redirect(address)) => {
                // Clear the form so that it can't be submitted twice. The new screen contains the saved values.
                form.reset();
                context.go.run(address);
            }
            Ok(SubmitResult::Reload(address)) => {
                // If navigation fails, the page just stays as it is. The change has already been saved.
                let _ = window().location().set_href(&address);
            }
            Ok(SubmitResult::Render(screen)) => context.answer.set(Some(screen)),
            Err(error) => {
                let when = |at| context.app.map_or_else(|| i18n::later().into(), |app| app.hour_minute(at));
                let sentence = error.sentence(|_| i18n::an_agent().into(), when);
                context.trouble.set(Some(sentence));
            }
        }
    });
}

/// Updates the preview with the form's current values.
#[cfg(feature = "hydrate")]
fn show(context: ScreenContext, event: &ev::Event, shown: &[String]) {
    use wasm_bindgen::JsCast;
    use web_sys::{Element, FormData, HtmlFormElement, UrlSearchParams};

    if shown.is_empty() {
        return;
    }
    let field = event.target().and_then(|field| field.dyn_into::<Element>().ok());
    let form = field.and_then(|field| field.closest("form").ok().flatten());
    let form = form.and_then(|form| form.dyn_into::<HtmlFormElement>().ok());
    let Some(filled) = form.and_then(|form| FormData::new_with_form(&form).ok()) else { return };
    let Ok(query) = UrlSearchParams::new() else { return };
    for name in shown {
        query.append(name, &filled.get(name).as_string().unwrap_or_default());
    }
    context.preview.set(format!("&{}", String::from(query.to_string())));
}

/// Does nothing on the server.
#[cfg(not(feature = "hydrate"))]
fn show(_context: ScreenContext, _event: &ev::Event, _shown: &[String]) {}

/// Does nothing on the server.
#[cfg(not(feature = "hydrate"))]
fn send(_context: ScreenContext, _event: &ev::SubmitEvent, _to: &str, _kind: FormKind, _busy: RwSignal<bool>) {}
