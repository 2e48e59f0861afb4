//! Every word of the concierge in every language, and every sentence for a refusal: one place, one function a word, so that
//! a bundle holds only what it says. `{}` stands for a name or number, put in by [`fill`].

use alloc::{borrow::ToOwned, format, string::String};

use serde::{Deserialize, Serialize};

use crate::{
    chat::{EndReason, Happening},
    file::{ACCEPTED, size},
    id::AgentId,
    refusal::Refusal,
};

/// A language of the widget.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Language {
    /// The tag for `lang=`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// The language of a tag; English when there is none for it.
    pub fn from_tag(tag: &str) -> Self {
        if tag.get(..2).is_some_and(|two| two.eq_ignore_ascii_case("de")) { Self::De } else { Self::En }
    }
}

/// The words with the first `{}` replaced.
pub fn fill(words: &str, with: &str) -> String {
    // By hand: the library's search weighs more than all the words.
    let place = words.bytes().position(|byte| byte == b'{').and_then(|at| words.split_at_checked(at));
    match place.and_then(|(before, rest)| Some((before, rest.strip_prefix("{}")?))) {
        Some((before, after)) => [before, with, after].concat(),
        None => words.to_owned(),
    }
}

macro_rules! words {
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

words! {
    open_chat: "Open the chat", "Chat öffnen";
    close_chat: "Close the chat", "Chat schließen";
    whole_screen: "Use the whole screen", "Ganzen Bildschirm nutzen";
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
    picture_too_large: "That picture has too many pixels.", "Dieses Bild hat zu viele Bildpunkte.";
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
pub const fn day(language: Language, day: crate::hours::Day) -> &'static str {
    let names = match language {
        Language::En => ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
        Language::De => ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    };
    names[day as usize]
}

/// The words of the scripts that send and draw files, each with the name that they know it by.
pub fn of_files(language: Language) -> [(&'static str, &'static str); 8] {
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
pub fn of_rating(language: Language) -> [(&'static str, &'static str); 5] {
    [
        ("ask", how_was_it(language)),
        ("good", it_was_good(language)),
        ("bad", it_was_bad(language)),
        ("thanks", thanks_for_saying(language)),
        ("failed", not_noted(language)),
    ]
}

/// The sentence a visitor reads for a file that is refused.
pub fn file_refused(language: Language, refusal: &Refusal) -> String {
    match refusal {
        Refusal::FileTooLarge { limit } => fill(file_too_large(language), &size(*limit)),
        Refusal::FileRefused => fill(file_of_another_kind(language), ACCEPTED),
        Refusal::PictureTooLarge => picture_too_large(language).into(),
        Refusal::FilesFull { limit } => fill(files_full(language), &size(*limit)),
        Refusal::Empty => file_is_empty(language).into(),
        Refusal::TooMany { .. } => too_many_files(language).into(),
        _ => file_not_kept(language).into(),
    }
}

/// The sentence an agent reads for a refusal; `who` turns an agent into his name, `when` a time into words.
pub fn refused(
    refusal: &Refusal,
    who: impl Fn(crate::id::AgentId) -> String,
    when: impl Fn(crate::Millis) -> String,
) -> String {
    match refusal {
        Refusal::NotSignedIn => "Please sign in.".into(),
        Refusal::WrongCredentials => "That e-mail and password do not match.".into(),
        Refusal::TooMany { retry_after } => format!("Too many tries. Please wait {retry_after} seconds."),
        Refusal::NotFound => "That is no longer there.".into(),
        Refusal::Forbidden => "Your role does not allow that.".into(),
        Refusal::AlreadyInvited { by, at } => format!("{} invited this visitor first, at {}.", who(*by), when(*at)),
        Refusal::AlreadyChatting { with: Some(agent) } => {
            format!("{} is already in a chat with this visitor.", who(*agent))
        }
        Refusal::AlreadyChatting { with: None } => "This visitor already waits for an agent: claim the chat.".into(),
        Refusal::Quiet { until } => format!("This visitor is left alone until {}.", when(*until)),
        Refusal::VisitorLeft => "The visitor has left.".into(),
        Refusal::AlreadyDecided { state } => format!("That invitation is already {}.", state.as_str()),
        Refusal::AlreadyClaimed { by, .. } => format!("{} claimed this chat first.", who(*by)),
        Refusal::Reserved { agent, until } => {
            format!("This chat is reserved for {} until {}.", who(*agent), when(*until))
        }
        Refusal::Full { limit } => format!("You are in {limit} chats, as many as you may hold. End one first."),
        Refusal::Changed { agent: Some(agent) } => format!("The chat has changed: it is with {} now.", who(*agent)),
        Refusal::Changed { agent: None } => "The chat has changed: nobody is in it now.".into(),
        Refusal::ChatEnded => "The chat has ended.".into(),
        Refusal::Empty => "There is nothing to send.".into(),
        Refusal::TooLong { limit } => format!("That is longer than {limit} characters."),
        Refusal::Reused => "That message was sent before with another text.".into(),
        Refusal::StorageFull => "The server's disk is full. Nothing was stored; your text is kept.".into(),
        Refusal::AgentAway { agent } => format!("{} takes no chats now.", who(*agent)),
        Refusal::AgentFull { agent, limit } => format!("{} is in {limit} chats, as many as one may hold.", who(*agent)),
        Refusal::TooLarge => "That is too large to be sent.".into(),
        Refusal::FileTooLarge { limit } => format!("That file is larger than {}.", size(*limit)),
        Refusal::FileRefused => format!("That file cannot be sent. What can: {ACCEPTED}."),
        Refusal::PictureTooLarge => "That picture has too many pixels to be sent.".into(),
        Refusal::FilesFull { limit } => format!("No more than {} can be sent in a day.", size(*limit)),
        Refusal::TooLate => "A message can be changed for 15 minutes only.".into(),
        Refusal::NotAnEmail => "That is not an e-mail address.".into(),
        Refusal::Unexpected => "Something went wrong on the server. Your text is kept; please try again.".into(),
        Refusal::NoPromptHere => "The visitor is on a page where no prompt may appear. Wait for the next page.".into(),
        Refusal::TookTooLong => {
            "That search took too long and was broken off. Narrow it by time, or with more words.".into()
        }
        Refusal::LastAdmin => "Somebody must remain who is an admin.".into(),
        Refusal::Blocked { until: Some(until) } => format!("This visitor is blocked until {}.", when(*until)),
        Refusal::Blocked { until: None } => "This visitor is blocked.".into(),
        Refusal::EmailTaken => "Somebody signs in with this e-mail already.".into(),
    }
}

/// A line of a chat that is not a message.
pub fn happening(happening: &Happening, who: impl Fn(AgentId) -> String) -> String {
    match happening {
        Happening::Accepted { by, late: false } => format!("The visitor accepted the invitation of {}", who(*by)),
        Happening::Accepted { by, late: true } => {
            format!("The visitor accepted the invitation of {}, after it had ended", who(*by))
        }
        Happening::Requested => "The visitor asked for a person".into(),
        Happening::Joined(agent) => format!("{} joined the chat", who(*agent)),
        Happening::TakenOver { from, by } => format!("{} took the chat over from {}", who(*by), who(*from)),
        Happening::HandedOver { from, to } => format!("{} handed the chat over to {}", who(*from), who(*to)),
        Happening::HandedToTeam { from, .. } => format!("{} handed the chat to another team", who(*from)),
        Happening::AgentLost(agent) => format!("The connection to {} was lost", who(*agent)),
        Happening::AgentBack(agent) => format!("{} is back", who(*agent)),
        Happening::Returned => "The chat went back to the team".into(),
        Happening::VisitorLeft => "The visitor left the page".into(),
        Happening::VisitorBack => "The visitor came back".into(),
        Happening::Ended(reason) => match reason {
            EndReason::Agent => "The agent ended the chat".into(),
            EndReason::Visitor => "The visitor ended the chat".into(),
            EndReason::Silence => "The chat ended: nobody wrote for half an hour".into(),
            EndReason::Abandoned => "The visitor left before anyone claimed the chat".into(),
        },
        Happening::Reopened => "The visitor wrote again: the chat goes on".into(),
        Happening::ContactLeft => "The visitor left his e-mail, to be answered there".into(),
    }
}
