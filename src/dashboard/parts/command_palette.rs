//! The command palette, which finds pages, visitors, chats, and actions after typing just a few characters.

use leptos::{ev, html, prelude::*};
use leptos_router::hooks::use_location;
use protocol::limits::VIEW_NAME_CHARS;

use crate::dashboard::{
    board_view_state::BoardView,
    focus, i18n,
    live::Live,
    palette_commands::{run_command, search_commands},
};

/// The command palette, which is only rendered while it is open.
#[component]
pub fn Palette() -> impl IntoView {
    let board_view = BoardView::from_context();
    move || board_view.palette.get().map(|all| view! { <PaletteDialog all /> })
}

#[component]
fn PaletteDialog(
    /// Whether to offer all commands or only the view commands.
    all: bool,
) -> impl IntoView {
    let app = Live::from_context().app;
    let board_view = BoardView::from_context();
    let path = use_location().pathname;
    let (typed, at) = (RwSignal::new(String::new()), RwSignal::new(0usize));
    let found = Memo::new(move |_| typed.with(|typed| search_commands(app, board_view, typed, all)));
    let field = NodeRef::<html::Input>::new();
    focus::restore_on_cleanup(".palette");
    Effect::new(move |_| {
        if let Some(field) = field.get() {
            let _ = field.focus();
        }
    });
    let close = move || board_view.palette.set(None);
    let choose = move |at: usize| {
        let Some(command) = found.with_untracked(|found| found.get(at).map(|offer| offer.command.clone())) else {
            return;
        };
        close();
        // Wait until the focus has been restored, so that whatever the command opens will later restore it to the same
        // element.
        request_animation_frame(move || {
            request_animation_frame(move || {
                run_command(app, board_view, command, path.with_untracked(|path| path == "/visitors"));
            });
        });
    };
    let pressed = move |event: ev::KeyboardEvent| {
        let count = found.with_untracked(Vec::len).max(1);
        match event.key().as_str() {
            "ArrowDown" => at.update(|at| *at = (*at + 1) % count),
            "ArrowUp" => at.update(|at| *at = (*at + count - 1) % count),
            "Enter" => choose(at.get_untracked()),
            "Escape" => close(),
            // There is nothing else in the dialog to focus.
            "Tab" => {}
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let lines = move || {
        let line = |(index, offer): (usize, crate::dashboard::palette_commands::PaletteItem)| {
            view! {
                <li
                    id=format!("offer-{index}")
                    role="option"
                    aria-selected=move || (at.get() == index).to_string()
                    on:pointermove=move |_| at.set(index)
                    on:click=move |_| choose(index)
                >
                    <bdi>{offer.words}</bdi>
                    <small>{offer.about}</small>
                </li>
            }
        };
        found.get().into_iter().enumerate().map(line).collect_view()
    };
    let label = if all { i18n::palette() } else { i18n::palette_of_views() };
    view! {
        <div class="backdrop" on:click=move |_| close()></div>
        <div class="palette" role="dialog" aria-modal="true" aria-label=label>
            <input
                type="text"
                role="combobox"
                aria-expanded="true"
                aria-controls="offers"
                aria-activedescendant=move || format!("offer-{}", at.get())
                aria-label=label
                placeholder=label
                autocomplete="off"
                maxlength=VIEW_NAME_CHARS.to_string()
                node_ref=field
                on:input=move |event| {
                    at.set(0);
                    typed.set(event_target_value(&event));
                }
                on:keydown=pressed
            />
            // Keep the focus in the field.
            <ul id="offers" role="listbox" aria-label=label on:mousedown=move |event| event.prevent_default()>{lines}</ul>
        </div>
    }
}
