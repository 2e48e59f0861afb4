//! Every word of the concierge in every language, and what agents read of what both halves know (`agents`, `happenings`): one
//! place, one function a word, so that a bundle holds only what it says. `{}` stands for a name or number, put in by [`fill`].

use alloc::{borrow::ToOwned, string::String};

use crate::{
    file::{ACCEPTED, size},
    language::Language,
    refusal::Refusal,
};

mod agents;
mod chat_events;

pub use agents::{invitation, refusal_text, status};
pub use chat_events::chat_event;

/// The words with the first `{}` replaced.
pub fn fill(words: &str, with: &str) -> String {
    // By hand: the library's search weighs more than all the words.
    let place = words.bytes().position(|byte| byte == b'{').and_then(|at| words.split_at_checked(at));
    match place.and_then(|(before, rest)| Some((before, rest.strip_prefix("{}")?))) {
        Some((before, after)) => [before, with, after].concat(),
        None => words.to_owned(),
    }
}

/// The sentence in a language. Each is whole in each: what stands in it may need another order there.
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
    full_screen: "Use the whole screen", "Ganzen Bildschirm nutzen";
    invites_you: "{} would like to chat with you", "{} möchte mit Ihnen chatten";
    request_to_live_chat: "Request to Live Chat", "Einladung zum Live-Chat";
    accept: "Accept", "Annehmen";
    deny: "Deny", "Ablehnen";
    talk_to_a_person: "Talk to a person", "Mit einem Menschen sprechen";
    end_the_chat: "End the chat", "Chat beenden";
    write_a_message: "Write a message", "Nachricht schreiben";
    send: "Send", "Senden";
    connecting_you_to: "Connecting you to {}…", "Sie werden mit {} verbunden…";
    connecting_you: "Connecting you to a person…", "Sie werden mit einem Menschen verbunden…";
    nobody_is_free: "Nobody is free just now. Leave your message and your e-mail, and you can be answered there.",
        "Gerade ist niemand frei. Hinterlassen Sie Nachricht und E-Mail-Adresse, dann kann man Ihnen dort antworten.";
    your_email: "Your e-mail", "Ihre E-Mail-Adresse";
    your_name: "Your name (optional)", "Ihr Name (freiwillig)";
    leave_a_message: "Leave a message", "Nachricht hinterlassen";
    contact_left: "Your e-mail is kept with your message", "Ihre E-Mail-Adresse steht jetzt bei Ihrer Nachricht";
    not_an_email: "That is no e-mail address.", "Das ist keine E-Mail-Adresse.";
    write_it_first: "Please write your message as well.", "Bitte schreiben Sie auch Ihre Nachricht.";
    is_typing: "{} is typing…", "{} schreibt…";
    joined: "{} joined the chat", "{} ist dem Chat beigetreten";
    took_over: "{} took over the chat", "{} hat den Chat übernommen";
    will_be_with_you: "{} will be with you", "{} ist gleich für Sie da";
    a_colleague_will: "A colleague will be with you", "Gleich ist jemand anderes für Sie da";
    agent_lost: "The connection to {} was lost. We are on it.", "Die Verbindung zu {} ist unterbrochen. Wir kümmern uns.";
    agent_back: "{} is back", "{} ist wieder da";
    next_in_line: "You are first in line for the next person", "Sie sind als Nächstes an der Reihe";
    chat_ended: "The chat has ended", "Der Chat ist beendet";
    you_asked: "You asked for a person", "Sie haben um einen Menschen gebeten";
    you_accepted: "You accepted the invitation", "Sie haben die Einladung angenommen";
    sending: "Sending", "Wird gesendet";
    sent: "Sent", "Gesendet";
    delivered: "Delivered", "Zugestellt";
    read: "Read", "Gelesen";
    edited: "edited", "bearbeitet";
    deleted: "This message was deleted", "Diese Nachricht wurde gelöscht";
    back_at: "We are back on {}.", "Wir sind wieder da: {}.";
    today: "Today", "Heute";
    yesterday: "Yesterday", "Gestern";
    reconnecting: "Connection lost. What you write is kept and sent when it is back.",
        "Keine Verbindung. Was Sie schreiben, wird aufbewahrt und dann gesendet.";
    reload_please: "This chat has been updated. Please reload the page.", "Dieser Chat wurde aktualisiert. Bitte laden Sie die Seite neu.";
    not_available: "The chat is not available on this page.", "Der Chat ist auf dieser Seite nicht verfügbar.";
    too_long: "That message is too long. Please send it in parts.", "Diese Nachricht ist zu lang. Bitte in Teilen senden.";
    not_sent: "That could not be sent. It is kept; please try again.", "Das konnte nicht gesendet werden. Es bleibt erhalten; bitte erneut versuchen.";
    attach_a_file: "Attach a file", "Datei anhängen";
    sending_file: "Sending {}", "{} wird gesendet";
    cancel: "Cancel", "Abbrechen";
    close: "Close", "Schließen";
    try_again: "Try again", "Erneut versuchen";
    save_file: "Save {}", "{} speichern";
    file_gone: "That file is no longer there.", "Diese Datei ist nicht mehr da.";
    file_not_sent: "{} could not be sent.", "{} konnte nicht gesendet werden.";
    file_not_kept: "The file could not be sent just now. Please try again later.",
        "Die Datei kann gerade nicht gesendet werden. Bitte später erneut versuchen.";
    file_too_large: "A file may have {} at most.", "Eine Datei darf höchstens {} haben.";
    file_of_another_kind: "Such a file cannot be sent. What can: {}.", "Eine solche Datei kann nicht gesendet werden. Möglich sind: {}.";
    image_too_large: "That picture has too many pixels.", "Dieses Bild hat zu viele Bildpunkte.";
    file_is_empty: "There is nothing in that file.", "In dieser Datei steht nichts.";
    too_many_files: "Those are many files. Please wait a while before the next.",
        "Das sind viele Dateien. Bitte warten Sie vor der nächsten ein wenig.";
    files_full: "More than {} cannot be sent in a day.", "Mehr als {} können an einem Tag nicht gesendet werden.";
    how_was_it: "How was this chat?", "Wie war dieser Chat?";
    it_was_good: "Good", "Gut";
    it_was_bad: "Not good", "Nicht gut";
    thanks_for_saying: "Thank you for telling us.", "Danke für Ihre Antwort.";
    not_noted: "That could not be noted. Please try again.", "Das konnte nicht notiert werden. Bitte erneut versuchen.";
    messages: "Messages", "Nachrichten";
    you: "You", "Sie";
    first_greeting: "Hello! How can we help?", "Guten Tag! Wie können wir helfen?";
    first_invitation: "Hello, I am {agent}. May I help you find something?",
        "Guten Tag, ich bin {agent}. Darf ich Ihnen bei der Suche helfen?";
}

/// The templates that a new concierge begins with: name and words.
pub const fn first_templates(language: Language) -> [(&'static str, &'static str); 3] {
    match language {
        Language::En => [
            ("Question?", "Hi, I'm {agent}. Do you have a question about this page? I'm happy to answer it here."),
            ("Choosing", "Hi, this is {agent}. Can I help you find the right one? Tell me what you need it for."),
            ("Checkout", "Hello, {agent} here. If anything is unclear about ordering or delivery, just ask me."),
        ],
        Language::De => [
            (
                "Frage?",
                "Guten Tag, ich bin {agent}. Haben Sie eine Frage zu dieser Seite? Ich beantworte sie gern hier.",
            ),
            (
                "Auswahl",
                "Guten Tag, hier ist {agent}. Darf ich bei der Auswahl helfen? Sagen Sie mir, wofür Sie es brauchen.",
            ),
            (
                "Kasse",
                "Guten Tag, hier ist {agent}. Wenn zu Bestellung oder Lieferung etwas unklar ist, fragen Sie mich einfach.",
            ),
        ],
    }
}

/// A day of the week.
pub const fn day(language: Language, day: crate::opening_hours::Day) -> &'static str {
    let names = match language {
        Language::En => ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        Language::De => ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    };
    names[day as usize]
}

/// The words of the scripts that send and draw files, each with the name that they know it by.
pub fn file_strings(language: Language) -> [(&'static str, &'static str); 8] {
    [
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

/// The words of the script that asks how a chat was, each with the name that it knows it by.
pub fn rating_strings(language: Language) -> [(&'static str, &'static str); 5] {
    [
        ("ask", how_was_it(language)),
        ("good", it_was_good(language)),
        ("bad", it_was_bad(language)),
        ("thanks", thanks_for_saying(language)),
        ("failed", not_noted(language)),
    ]
}

/// The sentence a visitor reads for a file that is refused.
pub fn file_refusal_text(language: Language, refusal: &Refusal) -> String {
    match refusal {
        Refusal::FileTooLarge { limit } => fill(file_too_large(language), &size(*limit)),
        Refusal::FileRefused => fill(file_of_another_kind(language), ACCEPTED),
        Refusal::ImageTooLarge => image_too_large(language).into(),
        Refusal::FilesFull { limit } => fill(files_full(language), &size(*limit)),
        Refusal::Empty => file_is_empty(language).into(),
        Refusal::TooMany { .. } => too_many_files(language).into(),
        _ => file_not_kept(language).into(),
    }
}
