//! The narrow rail on the left; on a phone it stands at the bottom.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::dashboard::{
    live::Live,
    parts::{availability::AvailabilityButton, face, icon},
    sound, words,
};

/// Where one can go, who one is, and whether it sounds.
#[component]
pub fn Rail() -> impl IntoView {
    let app = Live::here().app;
    let name = move || app.my_card().map(|me| me.name).unwrap_or_default();
    let me = move || match app.picture(app.me) {
        Some(picture) => face::picture(picture),
        None => app.my_card().map(|me| me.initials()).into_any(),
    };
    let organization = move || app.directory.with(|directory| directory.organization.clone());
    let unread = Memo::new(move |_| app.unread());
    view! {
        <nav class="rail" aria-label=words::main_menu()>
            <span class="brand" title=organization><img src="/favicon.svg" alt=words::product() width="26" height="26" /></span>
            <A href="/visitors">
                {icon::visitors()}
                <span>{words::visitors()}</span>
            </A>
            <A href="/chats">
                {icon::chats()}
                <span>{words::my_chats()}</span>
                <Show when=move || { unread.get() != 0 }>
                    <span class="unread">{unread} <span class="unseen">" " {words::unread()}</span></span>
                </Show>
            </A>
            <A href="/history">
                {icon::history()}
                <span>{words::history()}</span>
            </A>
            <A href="/settings">
                {icon::settings()}
                <span>{words::settings()}</span>
            </A>
            <span class="grow"></span>
            <AvailabilityButton />
            <SoundSwitch />
            <form method="post" action="/sign-out" class="me">
                <a href="/account" class="avatar" title=name aria-label=name>{me}</a>
                <button type="submit" class="plain">{words::sign_out()}</button>
            </form>
        </nav>
    }
}

#[component]
fn SoundSwitch() -> impl IntoView {
    let on = RwSignal::new(true);
    Effect::new(move |_| on.set(sound::is_on()));
    let switch = move |_| {
        on.update(|on| *on = !*on);
        sound::turn(on.get_untracked());
        sound::unlock();
        sound::ask();
        sound::chime();
    };
    view! {
        <button type="button" class="plain sound" aria-pressed=move || on.get().to_string() on:click=switch>
            {move || if on.get() { icon::sound_on() } else { icon::sound_off() }}
            <span>{move || if on.get() { words::sound_on() } else { words::sound_off() }}</span>
        </button>
    }
}
