//! All dashboard strings, in every language. This module contains the strings shared by several pages; `visitors` and
//! `chats` contain the strings specific to those pages. Status names, refusals, and chat events come from `protocol`,
//! which the server also uses. [`fill`] replaces the placeholder `{}` with a name, a time, or a number.
//!
//! Each page uses a single language, set by its document's `lang` attribute. Changing the language reloads the page.

mod chats;
mod visitors;

use protocol::{
    Millis,
    availability::{Availability, AwayReason},
    chat::ChatEvent,
    close_reason::CloseReason,
    i18n as common,
    id::AgentId,
    invitation::InvitationState,
    language::Language,
    refusal::Refusal,
    status::Status,
};

use super::filter_and_sort::Column;

pub use chats::*;
pub use protocol::i18n::fill;
pub use visitors::*;

/// Returns the language of this page.
#[cfg(not(feature = "hydrate"))]
pub fn current_language() -> Language {
    super::api::request_context::language()
}

/// Returns the language of this page.
#[cfg(feature = "hydrate")]
pub fn current_language() -> Language {
    // A document's language never changes. Switching languages loads a new document.
    static LANGUAGE: std::sync::OnceLock<Language> = std::sync::OnceLock::new();

    *LANGUAGE.get_or_init(|| {
        let root = leptos::prelude::document().document_element();
        Language::from_tag(&root.and_then(|root| root.get_attribute("lang")).unwrap_or_default())
    })
}

// Not inlined: hundreds of call sites use about three hundred strings, and every inlined copy makes the WASM larger.
#[inline(never)]
fn in_current_language(words: &[&'static str; 2]) -> &'static str {
    let [en, de] = *words;
    current_language().pick(en, de)
}

/// Defines a function for each string that returns it in English or German.
macro_rules! strings {
    ($($name:ident: $en:literal, $de:literal;)*) => {$(
        #[doc = $en]
        pub fn $name() -> &'static str {
            $crate::dashboard::i18n::in_current_language(&[$en, $de])
        }
    )*};
}
use strings;

// The product name, page names, and calls to action. Their wording is part of the product and must not change.
strings! {
    product: "Jump-In", "Jump-In";
    visitors: "Visitors", "Besucher";
    my_chats: "My Chats", "Meine Chats";
    invite: "Invite to Chat", "Zum Chat einladen";
    claim: "Claim this Chat", "Chat annehmen";
    take_over: "Take Over the Chat", "Chat übernehmen";
    withdraw: "Withdraw", "Zurückziehen";
    send_invitation: "Send invitation", "Einladung senden";
    concierge_visitor: "Concierge Visitor", "Besucher";
}

// Layout, and strings shared by several pages.
strings! {
    main_menu: "Main", "Hauptmenü";
    skip: "Skip to content", "Zum Inhalt springen";
    sibling_pages: "Pages in this section", "Seiten in diesem Bereich";
    settings: "Settings", "Einstellungen";
    history: "History", "Verlauf";
    no_such_page: "Page not found.", "Seite nicht gefunden.";
    close: "Close", "Schließen";
    keyboard: "Keyboard shortcuts", "Tastenkürzel";
    sound_on: "Sound on", "Ton an";
    sound_off: "Sound off", "Ton aus";
    unread: "unread", "ungelesen";
    an_agent: "An agent", "Ein Agent";
    later: "…", "…";
    utc: "{} UTC", "{} UTC";
    unreached: "The server could not be reached. Nothing was changed, and your text is still here. Please try again.",
        "Der Server ist nicht erreichbar. Es wurde nichts geändert, und Ihr Text ist noch da. Bitte versuchen Sie es erneut.";
    request: "(request ID {})", "(Anfrage-ID {})";
}

// Availability.
strings! {
    availability: "Availability", "Verfügbarkeit";
    available: "Available", "Verfügbar";
    away: "Away", "Abwesend";
    on_break: "Break", "Pause";
    lunch: "Lunch", "Mittagspause";
    meeting: "Meeting", "Besprechung";
    idle: "Idle", "Inaktiv";
    another_reason: "Other reason", "Anderer Grund";
    set: "Set", "Übernehmen";
    team_now: "Team members online", "Teammitglieder online";
    two_counts: "{} available, {} away", "{} verfügbar, {} abwesend";
    one_chat: "1 chat", "1 Chat";
    chats: "{} chats", "{} Chats";
    since: "since {}", "seit {}";
}

// Sign-in and sign-out.
strings! {
    sign_in: "Sign in", "Anmelden";
    signing_in: "Signing in…", "Anmeldung läuft…";
    sign_out: "Sign out", "Abmelden";
    email: "Email", "E-Mail";
    password: "Password", "Passwort";
    forgotten: "Forgot your password?", "Passwort vergessen?";
}

// Connection status.
strings! {
    connecting: "Connecting…", "Wird verbunden…";
    lost: "Connection lost. Your text is saved. Reconnecting…",
        "Verbindung unterbrochen. Ihr Text bleibt erhalten. Die Verbindung wird wiederhergestellt…";
    lost_for: "Connection lost. Your text is saved. Reconnecting in {} s…",
        "Verbindung unterbrochen. Ihr Text bleibt erhalten. Neuer Versuch in {} s…";
    try_now: "Reconnect now", "Jetzt neu verbinden";
    reload: "Reload", "Neu laden";
    signed_out: "You have been signed out.", "Sie wurden abgemeldet.";
    outdated: "Jump-In has been updated. Please reload the page. Your drafts are saved.",
        "Jump-In wurde aktualisiert. Bitte laden Sie die Seite neu. Ihre Entwürfe bleiben erhalten.";
    sent_away: "The server closed the connection. Please reload the page. Your drafts are saved.",
        "Der Server hat die Verbindung getrennt. Bitte laden Sie die Seite neu. Ihre Entwürfe bleiben erhalten.";
}

// Keyboard shortcuts for actions without a button.
strings! {
    ctrl_k: "Ctrl K", "Strg K";
    move_through: "Move between visitors", "Zwischen Besuchern wechseln";
    everything: "Open the command palette", "Befehlspalette öffnen";
    next_waiting: "Go to the next chat waiting for a reply", "Zum nächsten Chat wechseln, der auf eine Antwort wartet";
    this_list: "Show or hide this list", "Diese Liste ein- oder ausblenden";
}

/// Returns the keyboard shortcuts and what they do.
pub fn keys() -> [(&'static str, &'static str); 10] {
    [
        ("↑ ↓", move_through()),
        ("Enter", details()),
        ("I", invite()),
        ("C", claim()),
        ("T", take_over()),
        ("/", search()),
        (ctrl_k(), everything()),
        ("Alt ↓", next_waiting()),
        ("Esc", close()),
        ("?", this_list()),
    ]
}

/// Returns a column's header.
pub fn column(column: Column) -> &'static str {
    in_current_language(match column {
        Column::Status => &["STATUS", "STATUS"],
        Column::Visitor => &["VISITOR", "BESUCHER"],
        Column::Concierge => &["CONCIERGE", "CONCIERGE"],
        Column::Team => &["TEAM", "TEAM"],
        Column::Agent => &["AGENT", "AGENT"],
        Column::Page => &["CURRENT PAGE", "AKTUELLE SEITE"],
        Column::Browser => &["BROWSER", "BROWSER"],
        Column::Time => &["TIME", "ZEIT"],
    })
}

/// Returns a status's name.
pub fn status(status: Status) -> &'static str {
    common::status(current_language(), status)
}

/// Returns the name of an invitation state.
pub fn invitation_state(state: InvitationState) -> &'static str {
    in_current_language(match state {
        InvitationState::Sent => &["Sent", "Gesendet"],
        InvitationState::Delivered => &["Delivered", "Zugestellt"],
        InvitationState::Seen => &["Seen", "Gesehen"],
        InvitationState::Accepted => &["Accepted", "Angenommen"],
        InvitationState::Denied => &["Denied", "Abgelehnt"],
        InvitationState::Expired => &["Expired", "Abgelaufen"],
        InvitationState::Withdrawn => &["Withdrawn", "Zurückgezogen"],
        InvitationState::Left => &["Visitor left", "Besucher hat die Website verlassen"],
    })
}

/// Returns the label for an agent's availability: "Available", or the reason the agent is away.
pub fn availability_of(availability: &Availability) -> String {
    match availability {
        Availability::Available => available().into(),
        Availability::Away { reason, .. } => match reason {
            AwayReason::Break => on_break().into(),
            AwayReason::Lunch => lunch().into(),
            AwayReason::Meeting => meeting().into(),
            AwayReason::Other(words) => words.clone(),
            AwayReason::Idle => idle().into(),
        },
    }
}

/// Returns the message shown when the server has closed the connection and reconnecting would not help.
pub fn close_reason(close_reason: CloseReason) -> &'static str {
    match close_reason {
        CloseReason::SignedOut => signed_out(),
        CloseReason::Outdated => outdated(),
        _ => sent_away(),
    }
}

/// Returns the message for a refusal. `who` returns an agent's name, and `when` formats a time.
pub fn refusal_text(refusal: &Refusal, who: impl Fn(AgentId) -> String, when: impl Fn(Millis) -> String) -> String {
    common::refusal_text(current_language(), refusal, who, when)
}

/// Returns the sentence that describes a chat event, such as an agent joining.
pub fn chat_event(event: &ChatEvent, who: impl Fn(AgentId) -> String) -> String {
    common::chat_event(current_language(), event, who)
}
