//! Pages that the server describes as screens: the settings, the history, and the agent's account.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};
use protocol::{refusal::Refusal, screen::Screen};

use crate::dashboard::{
    api::{self, ApiError},
    i18n,
    live::Live,
    parts::screen::{ScreenContext, draw},
};

/// The screen at the page's address, inside the dashboard's layout.
#[component]
pub fn ScreenPage() -> impl IntoView {
    view! { <Page class="screen" whole=false /> }
}

/// The screen at the page's address, without the layout, for users who are not signed in.
#[component]
pub fn PublicScreenPage() -> impl IntoView {
    view! { <Page class="screen open" whole=true /> }
}

#[component]
fn Page(
    class: &'static str,
    /// Whether navigation loads a new document, which is necessary if the session may have changed.
    whole: bool,
) -> impl IntoView {
    let location = use_location();
    let address = Memo::new(move |before: Option<&String>| {
        let (path, search) = (location.pathname.get(), location.search.get());
        match before {
            // The agent is navigating to a page that is not a screen, so there is nothing to load.
            Some(before) if !is_screen(&path) => before.clone(),
            _ if search.is_empty() => path,
            _ => format!("{path}?{}", search.trim_start_matches('?')),
        }
    });
    let asked =
        Resource::<_, api::PostcardEncoding>::new_with_options(move || address.get(), api::screen::screen, true);
    let answer = RwSignal::new(None::<Screen>);
    let app = use_context::<Live>().map(|live| live.app);
    let navigate = use_navigate();
    let go = Callback::new(move |to: String| {
        answer.set(None);
        match to {
            to if whole || !to.starts_with('/') => drop(window().location().set_href(&to)),
            to if to == address.get_untracked() => asked.refetch(),
            to => navigate(&to, NavigateOptions::default()),
        }
    });
    let now = app.map_or_else(|| RwSignal::new(0), |app| app.now);
    let context =
        ScreenContext { answer, go, trouble: RwSignal::new(None), app, preview: RwSignal::new(String::new()), now };
    // A form's response belongs to the page from which the form was submitted.
    Effect::new(move |before: Option<String>| {
        let now = address.get();
        if before.is_some_and(|before| before != now) {
            answer.set(None);
            context.trouble.set(None);
            context.preview.set(String::new());
        }
        now
    });
    let shown = move || {
        Suspend::new(async move {
            let asked = asked.await;
            match answer.get() {
                Some(screen) => draw(context, screen),
                None => match asked {
                    Ok(screen) => draw(context, screen),
                    Err(error) => missing(&error),
                },
            }
        })
    };
    view! {
        <main id="content" class=class tabindex="-1">
            <Transition>{shown}</Transition>
        </main>
    }
}

/// Returns whether a path is a screen. Every page is, except for the board, the chats, and the sign-in page.
fn is_screen(path: &str) -> bool {
    !matches!(path, "/" | "/visitors" | "/sign-in" | "/chats") && !path.starts_with("/chats/")
}

fn missing(error: &ApiError) -> AnyView {
    let sentence = match error.refusal {
        Refusal::NotFound => i18n::no_such_page().to_owned(),
        _ => error.sentence(|_| i18n::an_agent().into(), |_| i18n::later().into()),
    };
    view! {
        <Title text=i18n::product() />
        <h1>{sentence}</h1>
        <p><a href="/visitors">{i18n::visitors()}</a></p>
    }
    .into_any()
}
