//! The message composer. Drafts are stored per chat and survive a reload.

use leptos::{html, prelude::*};
use protocol::{file::ACCEPT, id::ChatId, limits::MESSAGE_CHARS};

use crate::dashboard::{
    focus, i18n,
    live::Live,
    local_storage,
    parts::{canned_reply_picker::Replies, emoji_picker::Emoji, icons},
};

/// The file upload script. `build.rs` adds a hash to its name; when built with cargo-leptos, the name has no hash.
const FILES_SCRIPT: &str = match option_env!("JUMPIN_FILES_SCRIPT") {
    Some(address) => address,
    None => "/files.js",
};

fn key(chat: ChatId) -> String {
    format!("jumpin-draft:{chat}")
}

/// The message composer. Enter sends, Shift-Enter inserts a line break, and a leading `/` opens the canned replies.
#[component]
pub fn Composer(
    /// The chat.
    chat: ChatId,
) -> impl IntoView {
    let live = Live::from_context();
    let draft = RwSignal::new(String::new());
    let field = NodeRef::<html::Textarea>::new();
    Effect::new(move |_| {
        draft.set(local_storage::get(&key(chat)).unwrap_or_default());
        if let Some(field) = field.get().filter(|_| focus::has_keyboard()) {
            let _ = field.focus();
        }
    });
    let write = move |text: String| {
        local_storage::set(&key(chat), &text);
        draft.set(text);
    };
    let left = move || draft.with(|draft| MESSAGE_CHARS as i64 - draft.trim().chars().count() as i64);
    let sendable = move || left() >= 0 && draft.with(|draft| !draft.trim().is_empty());
    let send = move || {
        if untrack(sendable) {
            live.send_message(chat, draft.with_untracked(|draft| draft.trim().to_owned()));
            write(String::new());
            if let Some(field) = field.get_untracked() {
                let _ = field.focus();
            }
        }
    };
    let replies = Replies::of(draft);
    let put_in = move || {
        if let Some(words) = replies.chosen(live.app, chat) {
            write(words);
        }
    };
    let pressed = move |event: leptos::ev::KeyboardEvent| {
        if untrack(|| replies.active()).is_some() {
            match event.key().as_str() {
                "ArrowDown" => replies.step(true),
                "ArrowUp" => replies.step(false),
                "Enter" | "Tab" => put_in(),
                "Escape" => write(String::new()),
                _ => return,
            }
            return event.prevent_default();
        }
        if event.key() == "Enter" && !event.shift_key() {
            event.prevent_default();
            send();
        }
    };
    let put = move |emoji: &'static str| {
        let Some(field) = field.get_untracked() else { return };
        let end = field.selection_end().ok().flatten().unwrap_or_default();
        let begin = field.selection_start().ok().flatten().unwrap_or(end);
        let _ = field.set_range_text(emoji);
        let after = begin + emoji.encode_utf16().count() as u32;
        let _ = field.set_selection_range(after, after);
        write(field.value());
        let _ = field.focus();
    };
    let submitted = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        send();
    };
    view! {
        // The script handles files that are selected, dropped, or pasted, and shows progress and errors here.
        <div class="uploads" role="status" data-chat=chat.to_string()></div>
        <script type="module" src=FILES_SCRIPT></script>
        <form class="composer" on:submit=submitted>
            {replies.view(put_in)}
            <textarea
                id="composer"
                dir="auto"
                rows="2"
                placeholder=i18n::write()
                aria-label=i18n::write()
                aria-controls="replies"
                aria-activedescendant=move || replies.active()
                node_ref=field
                prop:value=move || draft.get()
                on:input=move |event| {
                    write(event_target_value(&event));
                    live.typing(chat);
                }
                on:keydown=pressed
            ></textarea>
            <Show when=move || { left() < 200 }>
                <small class="left" class:over=move || { left() < 0 }>{left}</small>
            </Show>
            <label class="attach" title=i18n::attach()>
                {icons::clip()} <input type="file" multiple accept=ACCEPT aria-label=i18n::attach() />
            </label>
            <Emoji choose=put />
            <button type="submit" class="primary" disabled=move || !sendable()>{i18n::send()}</button>
        </form>
    }
}
