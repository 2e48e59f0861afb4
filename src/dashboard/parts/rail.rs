//! The narrow navigation rail on the side or, on phones, at the bottom.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::dashboard::{
    i18n,
    live::Live,
    notification_sound,
    parts::{availability::AvailabilityButton, avatar, icons},
};

/// The rail, with navigation, availability, the sound switch, and the account.
#[component]
pub fn Rail() -> impl IntoView {
    let app = Live::from_context().app;
    let name = move || app.my_card().map(|me| me.name).unwrap_or_default();
    let me = move || match app.avatar(app.me) {
        Some(address) => avatar::avatar_image(address),
        None => app.my_card().map(|me| me.initials()).into_any(),
    };
    let organization = move || app.directory.with(|directory| directory.organization.clone());
    let unread = Memo::new(move |_| app.unread());
    view! {
        <nav class="rail" aria-label=i18n::main_menu()>
            <span class="brand" title=organization><img src="/favicon.svg" alt=i18n::product() width="26" height="26" /></span>
            <A href="/visitors">
                {icons::visitors()}
                <span>{i18n::visitors()}</span>
            </A>
            <A href="/chats">
                {icons::chats()}
                <span>{i18n::my_chats()}</span>
                <Show when=move || { unread.get() != 0 }>
                    <span class="unread">{unread} <span class="visually-hidden">" " {i18n::unread()}</span></span>
                </Show>
            </A>
            <A href="/history">
                {icons::history()}
                <span>{i18n::history()}</span>
            </A>
            <A href="/settings">
                {icons::settings()}
                <span>{i18n::settings()}</span>
            </A>
            <span class="grow"></span>
            <AvailabilityButton />
            <SoundSwitch />
            <form method="post" action="/sign-out" class="me">
                <a href="/account" class="account-link" title=name aria-label=name>{me}</a>
                <button type="submit" class="plain">{i18n::sign_out()}</button>
            </form>
        </nav>
    }
}

#[component]
fn SoundSwitch() -> impl IntoView {
    let on = RwSignal::new(true);
    Effect::new(move |_| on.set(notification_sound::is_on()));
    let switch = move |_| {
        on.update(|on| *on = !*on);
        notification_sound::set_on(on.get_untracked());
        notification_sound::unlock();
        notification_sound::request_notifications();
        notification_sound::chime();
    };
    view! {
        <button type="button" class="plain sound" aria-pressed=move || on.get().to_string() on:click=switch>
            {move || if on.get() { icons::sound_on() } else { icons::sound_off() }}
            <span>{move || if on.get() { i18n::sound_on() } else { i18n::sound_off() }}</span>
        </button>
    }
}
