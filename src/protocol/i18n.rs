//! All concierge strings, in every language, and the agent-facing strings for shared types (`agents`, `chat_events`).
//! Each string is a function, so a bundle contains only the strings it uses. [`fill`] replaces the placeholder `{}`
//! with a name or a number.

use alloc::{
    borrow::ToOwned,
    string::{String, ToString},
};

use crate::{
    file::{ACCEPTED, size},
    language::Language,
    refusal::Refusal,
};

mod agents;
mod chat_events;

pub use agents::{invitation, refusal_text, status};
pub use chat_events::chat_event;

/// Returns a copy of the string with its first `{}` replaced.
pub fn fill(words: &str, with: &str) -> String {
    // Written by hand: `str::find` adds more to the widget's size than all of its strings combined.
    let place = words.bytes().position(|byte| byte == b'{').and_then(|at| words.split_at_checked(at));
    match place.and_then(|(before, rest)| Some((before, rest.strip_prefix("{}")?))) {
        Some((before, after)) => [before, with, after].concat(),
        None => words.to_owned(),
    }
}

/// Formats a sentence in a language. Each language has its own full sentence because the word order can differ.
macro_rules! say {
    ($language:expr, $en:literal, $de:literal $(, $name:ident = $value:expr)* $(,)?) => {
        match $language {
            Language::En => format!($en $(, $name = $value)*),
            Language::De => format!($de $(, $name = $value)*),
        }
    };
}
use say;

macro_rules! strings {
    ($($name:ident: $en:literal, $de:literal;)*) => {$(
        #[doc = $en]
        pub const fn $name(language: Language) -> &'static str {
            match language {
                Language::En => $en,
                Language::De => $de,
            }
        }
    )*};
}

strings! {
    open_chat: "Open the chat", "Chat öffnen";
    close_chat: "Close the chat", "Chat schließen";
    full_screen: "Full screen", "Vollbild";
    invites_you: "{} would like to chat with you", "{} möchte mit Ihnen chatten";
    request_to_live_chat: "Live chat request", "Einladung zum Live-Chat";
    accept: "Accept", "Annehmen";
    deny: "Deny", "Ablehnen";
    talk_to_a_person: "Talk to a person", "Mit einem Menschen sprechen";
    end_the_chat: "End the chat", "Chat beenden";
    write_a_message: "Write a message", "Nachricht schreiben";
    send: "Send", "Senden";
    connecting_you_to: "Connecting you to {}…", "Sie werden mit {} verbunden…";
    connecting_you: "Connecting you to a person…", "Sie werden mit einem Menschen verbunden…";
    nobody_is_free: "No one is available right now. Leave a message and your email address so we can reply.",
        "Gerade ist niemand verfügbar. Hinterlassen Sie eine Nachricht und Ihre E-Mail-Adresse, damit wir antworten können.";
    your_email: "Your email address", "Ihre E-Mail-Adresse";
    your_name: "Your name (optional)", "Ihr Name (optional)";
    no_way_through: "Live chat does not work in this browser or network. Leave a message and your email address so we can reply.",
        "Der Live-Chat funktioniert in diesem Browser oder Netzwerk nicht. Hinterlassen Sie eine Nachricht und Ihre E-Mail-Adresse, damit wir antworten können.";
    message_left: "Thank you. We have received your message and will reply by email.",
        "Vielen Dank. Wir haben Ihre Nachricht erhalten und antworten per E-Mail.";
    message_not_left: "The message could not be sent. Please try again.",
        "Die Nachricht konnte nicht gesendet werden. Bitte versuchen Sie es erneut.";
    new_messages: "New messages", "Neue Nachrichten";
    pasted_image: "Send this picture to the visitor?", "Dieses Bild an die Besucherin oder den Besucher senden?";
    leave_a_message: "Leave a message", "Nachricht hinterlassen";
    contact_left: "Your email address was added to your message",
        "Ihre E-Mail-Adresse wurde Ihrer Nachricht hinzugefügt";
    not_an_email: "Please enter a valid email address.", "Bitte geben Sie eine gültige E-Mail-Adresse ein.";
    write_it_first: "Please enter a message.", "Bitte geben Sie eine Nachricht ein.";
    is_typing: "{} is typing…", "{} schreibt…";
    joined: "{} joined the chat", "{} ist dem Chat beigetreten";
    took_over: "{} took over the chat", "{} hat den Chat übernommen";
    will_be_with_you: "{} will be with you shortly", "{} ist gleich für Sie da";
    a_colleague_will: "A colleague will be with you shortly", "Gleich ist jemand anderes für Sie da";
    agent_lost: "{} was disconnected. We are working on it.",
        "Die Verbindung zu {} ist unterbrochen. Wir kümmern uns darum.";
    agent_back: "{} is back", "{} ist wieder da";
    next_in_line: "You are next in line", "Sie sind als Nächstes an der Reihe";
    chat_ended: "The chat has ended", "Der Chat ist beendet";
    you_asked: "You asked to talk to a person", "Sie möchten mit einem Menschen sprechen";
    you_accepted: "You accepted the invitation", "Sie haben die Einladung angenommen";
    sending: "Sending", "Wird gesendet";
    sent: "Sent", "Gesendet";
    delivered: "Delivered", "Zugestellt";
    read: "Read", "Gelesen";
    edited: "edited", "bearbeitet";
    deleted: "This message was deleted", "Diese Nachricht wurde gelöscht";
    back_at: "We will be back on {}.", "Wir sind ab {} Uhr wieder da.";
    today: "Today", "Heute";
    yesterday: "Yesterday", "Gestern";
    reconnecting: "Connection lost. Your messages are saved and will be sent when you are back online.",
        "Keine Verbindung. Ihre Nachrichten bleiben erhalten und werden gesendet, sobald Sie wieder verbunden sind.";
    reload_please: "This chat has been updated. Please reload the page.",
        "Dieser Chat wurde aktualisiert. Bitte laden Sie die Seite neu.";
    not_available: "Chat is not available on this page.", "Der Chat ist auf dieser Seite nicht verfügbar.";
    too_long: "This message is too long. Please split it up.", "Diese Nachricht ist zu lang. Bitte teilen Sie sie auf.";
    not_sent: "This could not be sent. Your text is saved. Please try again.",
        "Das konnte nicht gesendet werden. Ihr Text bleibt erhalten. Bitte versuchen Sie es erneut.";
    sent_later: "Your messages will be sent at {}.", "Ihre Nachrichten werden um {} Uhr gesendet.";
    attach_a_file: "Attach a file", "Datei anhängen";
    sending_file: "Sending {}", "{} wird gesendet";
    cancel: "Cancel", "Abbrechen";
    close: "Close", "Schließen";
    try_again: "Try again", "Erneut versuchen";
    save_file: "Save {}", "{} speichern";
    file_gone: "This file is no longer available.", "Diese Datei ist nicht mehr verfügbar.";
    file_not_sent: "{} could not be sent.", "{} konnte nicht gesendet werden.";
    file_not_kept: "The file could not be sent. Please try again later.",
        "Die Datei konnte nicht gesendet werden. Bitte versuchen Sie es später erneut.";
    file_too_large: "Files can be up to {}.", "Dateien dürfen höchstens {} groß sein.";
    file_of_another_kind: "This file type is not supported. Supported types: {}.",
        "Dieser Dateityp wird nicht unterstützt. Unterstützt werden: {}.";
    image_too_large: "This image has too many pixels and cannot be sent.",
        "Dieses Bild hat zu viele Pixel und kann nicht gesendet werden.";
    file_is_empty: "This file is empty.", "Diese Datei ist leer.";
    too_many_files: "You have sent a lot of files. Please wait a moment before sending another.",
        "Sie haben in kurzer Zeit viele Dateien gesendet. Bitte warten Sie einen Moment, bevor Sie die nächste senden.";
    many_files_now: "Many files are being sent right now. Please try again in a moment.",
        "Gerade werden viele Dateien gesendet. Bitte versuchen Sie es gleich noch einmal.";
    file_too_slow: "The connection was too slow to send this file. Please try again later.",
        "Die Verbindung war zu langsam, um diese Datei zu senden. Bitte versuchen Sie es später erneut.";
    next_file_in: "You can send another file in {} minutes.", "Sie können in {} Minuten wieder eine Datei senden.";
    files_full: "You can send up to {} of files per day.", "Sie können pro Tag Dateien mit insgesamt bis zu {} senden.";
    how_was_it: "How was this chat?", "Wie war der Chat?";
    it_was_good: "Good", "Gut";
    it_was_bad: "Not good", "Nicht gut";
    thanks_for_saying: "Thank you for your feedback.", "Vielen Dank für Ihre Rückmeldung.";
    not_noted: "Your rating could not be saved. Please try again.",
        "Ihre Bewertung konnte nicht gespeichert werden. Bitte versuchen Sie es erneut.";
    messages: "Messages", "Nachrichten";
    you: "You", "Sie";
    first_greeting: "Hello! How can we help?", "Guten Tag! Wie können wir helfen?";
    first_invitation: "Hello, I'm {agent}. How can I help?", "Guten Tag, ich bin {agent}. Wie kann ich Ihnen helfen?";
}

/// Returns the invitation templates for a new concierge, each as its name and text.
pub const fn first_templates(language: Language) -> [(&'static str, &'static str); 3] {
    match language {
        Language::En => [
            ("Question?", "Hi, I'm {agent}. Do you have any questions about this page? I'm happy to help."),
            ("Choosing", "Hi, I'm {agent}. Can I help you find the right product? Tell me what you're looking for."),
            ("Checkout", "Hi, I'm {agent}. If you have any questions about ordering or delivery, just ask."),
        ],
        Language::De => [
            ("Frage?", "Guten Tag, ich bin {agent}. Haben Sie Fragen zu dieser Seite? Ich helfe Ihnen gern weiter."),
            (
                "Auswahl",
                "Guten Tag, ich bin {agent}. Kann ich Ihnen bei der Auswahl helfen? Sagen Sie mir, was Sie suchen.",
            ),
            (
                "Kasse",
                "Guten Tag, ich bin {agent}. Haben Sie Fragen zur Bestellung oder Lieferung? Fragen Sie mich einfach.",
            ),
        ],
    }
}

/// Returns the name of a day of the week.
pub const fn day(language: Language, day: crate::opening_hours::Day) -> &'static str {
    let names = match language {
        Language::En => ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        Language::De => ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    };
    names[day as usize]
}

/// Returns the strings for the scripts that send and display files, each with the key that those scripts use for it.
pub fn file_strings(language: Language) -> [(&'static str, &'static str); 10] {
    [
        ("pasted", pasted_image(language)),
        ("send", send(language)),
        ("sending", sending_file(language)),
        ("cancel", cancel(language)),
        ("close", close(language)),
        ("again", try_again(language)),
        ("save", save_file(language)),
        ("gone", file_gone(language)),
        ("failed", file_not_sent(language)),
        ("large", file_too_large(language)),
    ]
}

/// Returns the strings for the script that shows the message form if no socket can be opened, each with the key that the
/// script uses for it.
pub fn message_form_strings(language: Language) -> [(&'static str, &'static str); 7] {
    [
        ("sorry", no_way_through(language)),
        ("message", write_a_message(language)),
        ("email", your_email(language)),
        ("name", your_name(language)),
        ("send", leave_a_message(language)),
        ("thanks", message_left(language)),
        ("failed", message_not_left(language)),
    ]
}

/// Returns the strings for the script that asks for a rating, each with the key that the script uses for it.
pub fn rating_strings(language: Language) -> [(&'static str, &'static str); 5] {
    [
        ("ask", how_was_it(language)),
        ("good", it_was_good(language)),
        ("bad", it_was_bad(language)),
        ("thanks", thanks_for_saying(language)),
        ("failed", not_noted(language)),
    ]
}

/// Returns the message shown to a visitor when a file is rejected.
pub fn file_refusal_text(language: Language, refusal: &Refusal) -> String {
    match refusal {
        Refusal::FileTooLarge { limit } => fill(file_too_large(language), &size(*limit)),
        Refusal::FileRefused => fill(file_of_another_kind(language), ACCEPTED),
        Refusal::ImageTooLarge => image_too_large(language).into(),
        Refusal::FilesFull { limit } => fill(files_full(language), &size(*limit)),
        Refusal::Empty => file_is_empty(language).into(),
        Refusal::TooMany { retry_after: ..=120 } => too_many_files(language).into(),
        Refusal::TooMany { retry_after } => fill(next_file_in(language), &retry_after.div_ceil(60).to_string()),
        Refusal::Busy { .. } => many_files_now(language).into(),
        Refusal::TookTooLong => file_too_slow(language).into(),
        _ => file_not_kept(language).into(),
    }
}
