//! Every word of the dashboard, in each language: here what several pages say, `visitors` and `chats` what theirs do. The fixed words
//! and the sentences that both halves of the program know are `protocol`'s. `{}` stands for a name, a time or a number, put in
//! by [`fill`].
//!
//! A page speaks one language from its first byte on, the one that its document names. Who chooses another loads it anew.

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

/// The language of this page.
#[cfg(not(feature = "hydrate"))]
pub fn current_language() -> Language {
    super::api::request_context::language()
}

/// The language of this page.
#[cfg(feature = "hydrate")]
pub fn current_language() -> Language {
    // A page has one for as long as it lives.
    static LANGUAGE: std::sync::OnceLock<Language> = std::sync::OnceLock::new();

    *LANGUAGE.get_or_init(|| {
        let root = leptos::prelude::document().document_element();
        Language::from_tag(&root.and_then(|root| root.get_attribute("lang")).unwrap_or_default())
    })
}

// Not inlined: some three hundred words are asked for in hundreds of places.
#[inline(never)]
fn in_current_language(words: &[&'static str; 2]) -> &'static str {
    let [en, de] = *words;
    current_language().pick(en, de)
}

/// A function for each word, in English and in German.
macro_rules! strings {
    ($($name:ident: $en:literal, $de:literal;)*) => {$(
        #[doc = $en]
        pub fn $name() -> &'static str {
            $crate::dashboard::i18n::in_current_language(&[$en, $de])
        }
    )*};
}
use strings;

// The product, its pages, and the calls to action: fixed, use exactly these.
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

// The frame, and what stands on several pages.
strings! {
    main_menu: "Main", "Hauptmenü";
    skip: "Skip to the content", "Zum Inhalt springen";
    sibling_pages: "Pages beside this one", "Benachbarte Seiten";
    settings: "Settings", "Einstellungen";
    history: "History", "Verlauf";
    no_such_page: "There is no such page.", "Diese Seite gibt es nicht.";
    close: "Close", "Schließen";
    keyboard: "Keyboard", "Tastatur";
    sound_on: "Sound on", "Ton an";
    sound_off: "Sound off", "Ton aus";
    unread: "unread messages", "ungelesene Nachrichten";
    an_agent: "An agent", "Ein Agent";
    later: "…", "…";
    utc: "{} UTC", "{} UTC";
    unreached: "The server could not be reached. Nothing was changed and your text is kept; please try again.",
        "Der Server war nicht erreichbar. Nichts wurde geändert, und Ihr Text bleibt erhalten; bitte versuchen Sie es erneut.";
    request: "(request {})", "(Anfrage {})";
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
    another_reason: "Another reason", "Anderer Grund";
    set: "Set", "Setzen";
    team_now: "There now", "Jetzt da";
    two_counts: "{} available, {} away", "{} verfügbar, {} abwesend";
    one_chat: "1 chat", "1 Chat";
    chats: "{} chats", "{} Chats";
    since: "since {}", "seit {}";
}

// Signing in and out.
strings! {
    sign_in: "Sign in", "Anmelden";
    signing_in: "Signing in…", "Anmeldung läuft…";
    sign_out: "Sign out", "Abmelden";
    email: "E-mail", "E-Mail";
    password: "Password", "Passwort";
    forgotten: "Forgot your password?", "Passwort vergessen?";
}

// The connection.
strings! {
    connecting: "Connecting…", "Wird verbunden…";
    lost: "Connection lost. What you write is kept. Trying again…",
        "Keine Verbindung. Was Sie schreiben, bleibt erhalten. Neuer Versuch läuft…";
    lost_for: "Connection lost. What you write is kept. Trying again in {} s.",
        "Keine Verbindung. Was Sie schreiben, bleibt erhalten. Neuer Versuch in {} s.";
    try_now: "Try now", "Jetzt versuchen";
    reload: "Reload", "Neu laden";
    signed_out: "You have been signed out.", "Sie wurden abgemeldet.";
    outdated: "Jump-In has been updated. Please reload the page; your drafts are kept.",
        "Jump-In wurde aktualisiert. Bitte laden Sie die Seite neu; Ihre Entwürfe bleiben erhalten.";
    sent_away: "The server ended the connection. Please reload the page; your drafts are kept.",
        "Der Server hat die Verbindung beendet. Bitte laden Sie die Seite neu; Ihre Entwürfe bleiben erhalten.";
}

// What keys do, besides what has a button.
strings! {
    ctrl_k: "Ctrl K", "Strg K";
    move_through: "Move through the visitors", "Durch die Besucher gehen";
    everything: "Everything, by a few letters", "Alles, mit wenigen Buchstaben";
    next_waiting: "Next chat that waits for an answer", "Nächster Chat, der auf Antwort wartet";
    this_list: "This list", "Diese Liste";
}

/// The keys and what they do.
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

/// The head of a column.
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

/// A status.
pub fn status(status: Status) -> &'static str {
    common::status(current_language(), status)
}

/// How far an invitation got.
pub fn invitation_state(state: InvitationState) -> &'static str {
    in_current_language(match state {
        InvitationState::Sent => &["Sent", "Gesendet"],
        InvitationState::Delivered => &["Delivered", "Zugestellt"],
        InvitationState::Seen => &["Seen", "Gesehen"],
        InvitationState::Accepted => &["Accepted", "Angenommen"],
        InvitationState::Denied => &["Denied", "Abgelehnt"],
        InvitationState::Expired => &["Expired", "Abgelaufen"],
        InvitationState::Withdrawn => &["Withdrawn", "Zurückgezogen"],
        InvitationState::Left => &["Left", "Besucher ging"],
    })
}

/// Whether somebody takes chats.
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

/// What to do when the server will not have us back as we are.
pub fn close_reason(close_reason: CloseReason) -> &'static str {
    match close_reason {
        CloseReason::SignedOut => signed_out(),
        CloseReason::Outdated => outdated(),
        _ => sent_away(),
    }
}

/// The sentence for a refusal; `who` turns an agent into his name, `when` a time into words.
pub fn refusal_text(refusal: &Refusal, who: impl Fn(AgentId) -> String, when: impl Fn(Millis) -> String) -> String {
    common::refusal_text(current_language(), refusal, who, when)
}

/// A line of a chat that is not a message.
pub fn chat_event(event: &ChatEvent, who: impl Fn(AgentId) -> String) -> String {
    common::chat_event(current_language(), event, who)
}
