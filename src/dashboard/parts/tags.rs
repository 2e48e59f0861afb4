//! A chat's tags. Agents who may edit the tags also get a field for adding one.

use leptos::{prelude::*, task::spawn_local};
use protocol::{chat::AgentChat, id::ChatId, limits::TAG_CHARS};

use crate::dashboard::{actions, api, app_state::AppState, i18n, live::Live};

/// The tags, shown on a line below the conversation's header.
#[component]
pub fn Tags(
    /// The chat's ID.
    chat: ChatId,
    /// The chat's data, once loaded.
    known: Memo<Option<AgentChat>>,
    /// Whether the agent may add and remove tags.
    #[prop(into)]
    writable: Signal<bool>,
) -> impl IntoView {
    let app = Live::from_context().app;
    let tags =
        Memo::new(move |_| known.with(|known| known.as_ref().map(|known| known.tags.clone()).unwrap_or_default()));
    let tag = move |name: String| {
        let gone = name.clone();
        let remove = move || {
            let gone = gone.clone();
            let label = i18n::fill(i18n::remove_tag(), &gone);
            view! {
                <button type="button" class="plain" aria-label=label on:click=move |_| actions::tag(app, chat, gone.clone(), false)>"×"</button>
            }
        };
        view! { <li><bdi>{name}</bdi> {move || writable.get().then(remove.clone())}</li> }
    };
    view! {
        <Show when=move || writable.get() || tags.with(|tags| !tags.is_empty())>
            <div class="tags">
                <ul aria-label=i18n::tags()>{move || tags.get().into_iter().map(tag).collect_view()}</ul>
                <Show when=move || writable.get()>
                    <AddTagForm app chat />
                </Show>
            </div>
        </Show>
    }
}

#[component]
fn AddTagForm(app: AppState, chat: ChatId) -> impl IntoView {
    let (name, used) = (RwSignal::new(String::new()), RwSignal::new(Vec::<String>::new()));
    let look_up = move |_| {
        spawn_local(async move {
            if let Ok(tags) = api::tags().await {
                used.try_set(tags);
            }
        });
    };
    let submitted = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let tag = name.get_untracked();
        if !tag.trim().is_empty() {
            actions::tag(app, chat, tag, true);
            name.set(String::new());
        }
    };
    view! {
        <form on:submit=submitted>
            <input
                list="used-tags"
                maxlength=TAG_CHARS.to_string()
                placeholder=i18n::add_tag()
                aria-label=i18n::add_tag()
                autocomplete="off"
                prop:value=move || name.get()
                on:focus=look_up
                on:input=move |event| name.set(event_target_value(&event))
            />
            <datalist id="used-tags">{move || used.get().into_iter().map(|tag| view! { <option value=tag></option> }).collect_view()}</datalist>
        </form>
    }
}
