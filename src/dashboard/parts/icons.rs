//! The dashboard's icons. They are line drawings with the same stroke width, in the color of the surrounding text.

use leptos::prelude::*;

fn drawing(lines: &'static str) -> AnyView {
    view! {
        <svg
            class="icon"
            viewBox="0 0 24 24"
            width="20"
            height="20"
            fill="none"
            stroke="currentColor"
            stroke-width="1.75"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
        >
            <path d=lines />
        </svg>
    }
    .into_any()
}

/// The icon for the Visitors page.
pub fn visitors() -> AnyView {
    drawing(
        "M16 20v-1.500a3.500 3.500 0 0 0-3.500-3.500h-6A3.500 3.500 0 0 0 3 18.500V20M9.500 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7M21 20v-1.500a3.500 3.500 0 0 0-2.600-3.400M15.500 4.200a3.500 3.500 0 0 1 0 6.600",
    )
}

/// The icon for the My Chats page.
pub fn chats() -> AnyView {
    drawing(
        "M20 11.500c0 4-3.600 7.200-8 7.200-1 0-2-.2-2.900-.5L4.500 20l1.300-3.700A6.800 6.800 0 0 1 4 11.500c0-4 3.600-7.200 8-7.200s8 3.200 8 7.200Z",
    )
}

/// The icon for the History page.
pub fn history() -> AnyView {
    drawing("M12 3a9 9 0 1 0 9 9 9 9 0 0 0-9-9zM12 7v5l3.500 2")
}

/// The icon for the Settings page.
pub fn settings() -> AnyView {
    drawing("M4 7h9M17 7h3M15 5v4M4 17h3M11 17h9M9 15v4")
}

/// The icon for sound on.
pub fn sound_on() -> AnyView {
    drawing("M11 5 6.500 9H3v6h3.500L11 19zM15.500 9a4.200 4.200 0 0 1 0 6M18.400 6a8.500 8.500 0 0 1 0 12")
}

/// The icon for sound off.
pub fn sound_off() -> AnyView {
    drawing("M11 5 6.500 9H3v6h3.500L11 19zM16 9.500l5 5M21 9.500l-5 5")
}

/// The icon for attaching files.
pub fn clip() -> AnyView {
    drawing("M8 12V7a4 4 0 0 1 8 0v8a6 6 0 0 1-12 0V8")
}

/// The icon for going back.
pub fn back() -> AnyView {
    drawing("M15 5l-7 7 7 7")
}
