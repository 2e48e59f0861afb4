//! What agents read of what both halves of the program know: statuses, how far an invitation got, and refusals.

use alloc::{format, string::String};

use super::say;
use crate::{
    Millis,
    file::{ACCEPTED, size},
    id::AgentId,
    invitation::InvitationState,
    language::Language,
    refusal::Refusal,
    status::Status,
};

/// A status, as the board has it.
pub const fn status(language: Language, status: Status) -> &'static str {
    match (language, status) {
        (Language::En, status) => status.as_str(),
        (Language::De, Status::Unclaimed) => "Wartet",
        (Language::De, Status::AgentRequested) => "Eingeladen",
        (Language::De, Status::InProgress) => "Im Chat",
        (Language::De, Status::Online) => "Online",
        (Language::De, Status::Inactive) => "Inaktiv",
        (Language::De, Status::Ended) => "Beendet",
        (Language::De, Status::UserDenied) => "Hat abgelehnt",
    }
}

/// How far an invitation got, within a sentence.
pub const fn invitation(language: Language, state: InvitationState) -> &'static str {
    match (language, state) {
        (Language::En, state) => state.as_str(),
        (Language::De, InvitationState::Sent) => "gesendet",
        (Language::De, InvitationState::Delivered) => "zugestellt",
        (Language::De, InvitationState::Seen) => "gesehen",
        (Language::De, InvitationState::Accepted) => "angenommen",
        (Language::De, InvitationState::Denied) => "abgelehnt",
        (Language::De, InvitationState::Expired) => "abgelaufen",
        (Language::De, InvitationState::Withdrawn) => "zurückgezogen",
        (Language::De, InvitationState::Left) => "Besucher gegangen",
    }
}

/// The sentence an agent reads for a refusal; `who` turns an agent into his name, `when` a time into words.
pub fn refusal_text(
    language: Language,
    refusal: &Refusal,
    who: impl Fn(AgentId) -> String,
    when: impl Fn(Millis) -> String,
) -> String {
    match refusal {
        Refusal::AlreadyInvited { by, at } => say!(
            language,
            "{by} invited this visitor first, at {at}.",
            "{by} hat diesen Besucher zuerst eingeladen, um {at}.",
            by = who(*by),
            at = when(*at),
        ),
        Refusal::AlreadyChatting { with: Some(agent) } => say!(
            language,
            "{agent} is already in a chat with this visitor.",
            "{agent} ist schon im Chat mit diesem Besucher.",
            agent = who(*agent),
        ),
        Refusal::Quiet { until } => say!(
            language,
            "This visitor is left alone until {until}.",
            "Dieser Besucher wird bis {until} in Ruhe gelassen.",
            until = when(*until),
        ),
        Refusal::AlreadyDecided { state } => say!(
            language,
            "That invitation is already {state}.",
            "Diese Einladung ist bereits entschieden: {state}.",
            state = invitation(language, *state),
        ),
        Refusal::AlreadyClaimed { by, .. } => {
            say!(language, "{by} claimed this chat first.", "{by} hat diesen Chat zuerst angenommen.", by = who(*by))
        }
        Refusal::Reserved { agent, until } => say!(
            language,
            "This chat is reserved for {agent} until {until}.",
            "Dieser Chat ist bis {until} für {agent} reserviert.",
            agent = who(*agent),
            until = when(*until),
        ),
        Refusal::ChatChanged { agent: Some(agent) } => say!(
            language,
            "The chat has changed: it is with {agent} now.",
            "Der Chat hat sich geändert: {agent} hat ihn jetzt.",
            agent = who(*agent),
        ),
        Refusal::AgentAway { agent } => {
            say!(language, "{agent} takes no chats now.", "{agent} nimmt gerade keine Chats an.", agent = who(*agent))
        }
        Refusal::AgentFull { agent, limit } => say!(
            language,
            "{agent} is in {limit} chats, as many as one may hold.",
            "{agent} ist in {limit} Chats, mehr sind nicht erlaubt.",
            agent = who(*agent),
            limit = limit,
        ),
        Refusal::Blocked { until: Some(until) } => say!(
            language,
            "This visitor is blocked until {until}.",
            "Dieser Besucher ist bis {until} gesperrt.",
            until = when(*until),
        ),
        _ => simple_refusal_text(language, refusal),
    }
}

/// The sentence for a refusal that names neither an agent nor a time.
fn simple_refusal_text(language: Language, refusal: &Refusal) -> String {
    let (en, de) = match refusal {
        Refusal::TooMany { retry_after } => {
            return say!(
                language,
                "Too many tries. Please wait {seconds} seconds.",
                "Zu viele Versuche. Bitte warten Sie {seconds} Sekunden.",
                seconds = retry_after,
            );
        }
        Refusal::ChatLimitReached { limit } => {
            return say!(
                language,
                "You are in {limit} chats, as many as you may hold. End one first.",
                "Sie sind in {limit} Chats, mehr sind nicht erlaubt. Beenden Sie zuerst einen.",
                limit = limit,
            );
        }
        Refusal::TooLong { limit } => {
            return say!(
                language,
                "That is longer than {limit} characters.",
                "Das ist länger als {limit} Zeichen.",
                limit = limit
            );
        }
        Refusal::FileTooLarge { limit } => {
            return say!(
                language,
                "That file is larger than {limit}.",
                "Diese Datei ist größer als {limit}.",
                limit = size(*limit)
            );
        }
        Refusal::FileRefused => {
            return say!(
                language,
                "That file cannot be sent. What can: {accepted}.",
                "Diese Datei kann nicht gesendet werden. Möglich sind: {accepted}.",
                accepted = ACCEPTED,
            );
        }
        Refusal::FilesFull { limit } => {
            return say!(
                language,
                "No more than {limit} can be sent in a day.",
                "Mehr als {limit} können an einem Tag nicht gesendet werden.",
                limit = size(*limit),
            );
        }
        Refusal::NotSignedIn => ("Please sign in.", "Bitte melden Sie sich an."),
        Refusal::WrongCredentials => {
            ("That e-mail and password do not match.", "E-Mail-Adresse und Passwort passen nicht zusammen.")
        }
        Refusal::NotFound => ("That is no longer there.", "Das ist nicht mehr da."),
        Refusal::Forbidden => ("Your role does not allow that.", "Ihre Rolle erlaubt das nicht."),
        Refusal::AlreadyChatting { .. } => (
            "This visitor already waits for an agent: claim the chat.",
            "Dieser Besucher wartet schon auf einen Agenten: Nehmen Sie den Chat an.",
        ),
        Refusal::VisitorLeft => ("The visitor has left.", "Der Besucher ist gegangen."),
        Refusal::ChatChanged { .. } => {
            ("The chat has changed: nobody is in it now.", "Der Chat hat sich geändert: Niemand ist mehr darin.")
        }
        Refusal::ChatEnded => ("The chat has ended.", "Der Chat ist beendet."),
        Refusal::Empty => ("There is nothing to send.", "Es gibt nichts zu senden."),
        Refusal::ClientIdReused => (
            "That message was sent before with another text.",
            "Diese Nachricht wurde schon mit einem anderen Text gesendet.",
        ),
        Refusal::StorageFull => (
            "The server's disk is full. Nothing was stored; your text is kept.",
            "Der Speicher des Servers ist voll. Nichts wurde gespeichert; Ihr Text bleibt erhalten.",
        ),
        Refusal::TooLarge => ("That is too large to be sent.", "Das ist zu groß zum Senden."),
        Refusal::ImageTooLarge => {
            ("That picture has too many pixels to be sent.", "Dieses Bild hat zu viele Bildpunkte zum Senden.")
        }
        Refusal::TooLate => {
            ("A message can be changed for 15 minutes only.", "Eine Nachricht lässt sich nur 15 Minuten lang ändern.")
        }
        Refusal::NotAnEmail => ("That is not an e-mail address.", "Das ist keine E-Mail-Adresse."),
        Refusal::NoPromptHere => (
            "The visitor is on a page where no prompt may appear. Wait for the next page.",
            "Der Besucher ist auf einer Seite, auf der keine Aufforderung erscheinen darf. Warten Sie auf die nächste Seite.",
        ),
        Refusal::TookTooLong => (
            "That search took too long and was broken off. Narrow it by time, or with more words.",
            "Diese Suche dauerte zu lange und wurde abgebrochen. Grenzen Sie sie zeitlich oder mit mehr Wörtern ein.",
        ),
        Refusal::LastAdmin => ("Somebody must remain who is an admin.", "Ein Admin muss bleiben."),
        Refusal::Blocked { .. } => ("This visitor is blocked.", "Dieser Besucher ist gesperrt."),
        Refusal::EmailTaken => {
            ("Somebody signs in with this e-mail already.", "Mit dieser E-Mail-Adresse meldet sich schon jemand an.")
        }
        // Those above are told before.
        Refusal::Unexpected
        | Refusal::AlreadyInvited { .. }
        | Refusal::Quiet { .. }
        | Refusal::AlreadyDecided { .. }
        | Refusal::AlreadyClaimed { .. }
        | Refusal::Reserved { .. }
        | Refusal::AgentAway { .. }
        | Refusal::AgentFull { .. } => (
            "Something went wrong on the server. Your text is kept; please try again.",
            "Auf dem Server ist etwas schiefgegangen. Ihr Text bleibt erhalten; bitte versuchen Sie es erneut.",
        ),
    };
    language.pick(en, de).into()
}
