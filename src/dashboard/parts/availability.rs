//! The agent's and their colleagues' availability: a button in the rail with the counts, and the dialog that it opens.

use leptos::prelude::*;
use protocol::{
    availability::{Availability, AwayReason, Colleague},
    limits::AWAY_CHARS,
};

use crate::dashboard::{actions, app_state::AppState, focus, i18n, live::Live};

/// A button that shows my availability and how many agents are available and away, and that opens the dialog.
#[component]
pub fn AvailabilityButton() -> impl IntoView {
    let app = Live::from_context().app;
    let open = RwSignal::new(false);
    let mine = Memo::new(move |_| app.my_availability());
    let counts = Memo::new(move |_| {
        app.colleagues.with(|all| {
            let available = all.iter().filter(|one| one.availability.is_available()).count();
            (available, all.len() - available)
        })
    });
    let said = move || {
        let (available, away) = counts.get();
        i18n::fill(&i18n::fill(i18n::two_counts(), &available.to_string()), &away.to_string())
    };
    view! {
        <div class="availability">
            <button
                type="button"
                class="plain mine"
                aria-haspopup="dialog"
                aria-expanded=move || open.get().to_string()
                title=said
                on:click=move |_| open.update(|open| *open = !*open)
            >
                <span>{dot(move || mine.with(Availability::is_available))} {move || mine.with(i18n::availability_of)}</span>
                <small class="counts" aria-hidden="true">
                    {dot(|| true)} {move || counts.get().0} " " {dot(|| false)} {move || counts.get().1}
                </small>
                <span class="visually-hidden">{said}</span>
            </button>
            <Show when=move || open.get()>
                <AvailabilityDialog app mine open />
            </Show>
        </div>
    }
}

fn dot(available: impl Fn() -> bool + Send + Sync + 'static) -> impl IntoView {
    view! { <span class="dot" class:away=move || !available() aria-hidden="true"></span> }
}

#[component]
fn AvailabilityDialog(app: AppState, mine: Memo<Availability>, open: RwSignal<bool>) -> impl IntoView {
    let own = RwSignal::new(String::new());
    focus::restore_on_cleanup(".availability");
    Effect::new(move |_| focus::focus_next_frame(".availability-list .chip".into()));
    let choices = [None, Some(AwayReason::Break), Some(AwayReason::Lunch), Some(AwayReason::Meeting)].map(|away| {
        let is_mine = {
            let away = away.clone();
            move || match (&away, mine.get()) {
                (None, Availability::Available) => true,
                (Some(away), Availability::Away { reason, .. }) => *away == reason,
                _ => false,
            }
        };
        let word = away.clone().map_or(Availability::Available, |reason| Availability::Away { reason, since: 0 });
        view! {
            <button
                type="button"
                class="chip"
                aria-pressed=move || is_mine().to_string()
                on:click=move |_| actions::set_availability(app, away.clone())
            >
                {i18n::availability_of(&word)}
            </button>
        }
    });
    let submitted = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        actions::set_availability(app, Some(AwayReason::Other(own.get_untracked())));
        own.set(String::new());
    };
    let pressed = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            open.set(false);
        }
    };
    let is_empty = move || own.with(|own| own.trim().is_empty());
    view! {
        <section class="availability-list" role="dialog" aria-label=i18n::availability() on:keydown=pressed>
            <div class="chips" role="group" aria-label=i18n::availability()>{choices.collect_view()}</div>
            <form on:submit=submitted>
                <input
                    maxlength=AWAY_CHARS.to_string()
                    placeholder=i18n::another_reason()
                    aria-label=i18n::another_reason()
                    prop:value=move || own.get()
                    on:input=move |event| own.set(event_target_value(&event))
                />
                <button type="submit" disabled=is_empty>{i18n::set()}</button>
            </form>
            <h3>{i18n::team_now()}</h3>
            <ul>{move || app.colleagues.get().into_iter().map(|one| colleague(app, &one)).collect_view()}</ul>
        </section>
    }
}

fn colleague(app: AppState, one: &Colleague) -> AnyView {
    let available = one.availability.is_available();
    let since = match &one.availability {
        Availability::Away { since, .. } => Some(*since),
        Availability::Available => None,
    };
    let since = move || since.map(|since| i18n::fill(i18n::since(), &app.hour_minute(since)));
    let chats = match one.chats {
        1 => i18n::one_chat().into(),
        chats => i18n::fill(i18n::chats(), &chats.to_string()),
    };
    view! {
        <li>
            {dot(move || available)}
            <span>{app.agent_name(one.agent)} <small dir="auto">{i18n::availability_of(&one.availability)} " " {since}</small></span>
            <small>{chats}</small>
        </li>
    }
    .into_any()
}
