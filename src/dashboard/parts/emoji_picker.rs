//! A picker for common emoji. It uses the browser's popover, which closes on Escape or a click outside of it and then
//! restores the focus.

use leptos::prelude::*;

use crate::dashboard::i18n;

/// The emoji button and its popover.
#[component]
pub fn Emoji(
    /// Called with the selected emoji.
    choose: impl Fn(&'static str) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let one = move |emoji: &'static str| {
        view! {
            <button type="button" popovertarget="emoji" popovertargetaction="hide" on:click=move |_| choose(emoji)>{emoji}</button>
        }
    };
    let group = move |(name, emoji): (&'static str, &'static str)| {
        view! { <div role="group" aria-label=name>{emoji.split(' ').map(one).collect_view()}</div> }
    };
    view! {
        <button type="button" class="plain pick" popovertarget="emoji" aria-label=i18n::emoji() title=i18n::emoji()>"☺"</button>
        <div id="emoji" class="emoji" popover="auto">{i18n::emoji_by_group().into_iter().map(group).collect_view()}</div>
    }
}
