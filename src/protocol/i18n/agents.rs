//! Agent-facing strings for shared types: statuses, invitation states, and refusals.

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

/// Returns a status's label on the board.
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

/// Returns the name of an invitation state, in lowercase for use within a sentence.
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
        (Language::De, InvitationState::Left) => "Besucher hat die Website verlassen",
    }
}

/// Returns the message shown to an agent for a refusal. `who` returns an agent's name, and `when` formats a time.
pub fn refusal_text(
    language: Language,
    refusal: &Refusal,
    who: impl Fn(AgentId) -> String,
    when: impl Fn(Millis) -> String,
) -> String {
    match refusal {
        Refusal::AlreadyInvited { by, at } => say!(
            language,
            "{by} already invited this visitor at {at}.",
            "{by} hat diesen Besucher bereits um {at} eingeladen.",
            by = who(*by),
            at = when(*at),
        ),
        Refusal::AlreadyChatting { with: Some(agent) } => say!(
            language,
            "{agent} is already chatting with this visitor.",
            "{agent} chattet bereits mit diesem Besucher.",
            agent = who(*agent),
        ),
        Refusal::Quiet { until } => say!(
            language,
            "This visitor cannot be invited until {until}.",
            "Dieser Besucher kann bis {until} nicht eingeladen werden.",
            until = when(*until),
        ),
        Refusal::AlreadyDecided { state } => say!(
            language,
            "This invitation is no longer pending ({state}).",
            "Diese Einladung ist nicht mehr offen ({state}).",
            state = invitation(language, *state),
        ),
        Refusal::AlreadyClaimed { by, .. } => {
            say!(language, "{by} claimed this chat first.", "{by} hat diesen Chat bereits angenommen.", by = who(*by))
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
            "{agent} is now handling this chat.",
            "{agent} betreut diesen Chat jetzt.",
            agent = who(*agent),
        ),
        Refusal::AgentAway { agent } => {
            say!(
                language,
                "{agent} is not accepting chats right now.",
                "{agent} nimmt gerade keine Chats an.",
                agent = who(*agent)
            )
        }
        Refusal::AgentFull { agent, limit } => say!(
            language,
            "{agent} has reached the limit of {limit} chats.",
            "{agent} hat das Limit von {limit} Chats erreicht.",
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

/// Returns the message for a refusal that needs neither an agent's name nor a time.
fn simple_refusal_text(language: Language, refusal: &Refusal) -> String {
    let (en, de) = match refusal {
        Refusal::TooMany { retry_after } => {
            return say!(
                language,
                "Too many attempts. Please try again in {seconds} seconds.",
                "Zu viele Versuche. Bitte versuchen Sie es in {seconds} Sekunden erneut.",
                seconds = retry_after,
            );
        }
        Refusal::Busy { retry_after } => {
            return say!(
                language,
                "The server is busy. Please try again in {seconds} seconds.",
                "Der Server ist ausgelastet. Bitte versuchen Sie es in {seconds} Sekunden erneut.",
                seconds = retry_after,
            );
        }
        Refusal::ChatLimitReached { limit } => {
            return say!(
                language,
                "You have reached your limit of {limit} chats. Please end one first.",
                "Sie haben Ihr Limit von {limit} Chats erreicht. Bitte beenden Sie zuerst einen.",
                limit = limit,
            );
        }
        Refusal::TooLong { limit } => {
            return say!(
                language,
                "Please use {limit} characters or fewer.",
                "Bitte verwenden Sie höchstens {limit} Zeichen.",
                limit = limit
            );
        }
        Refusal::FileTooLarge { limit } => {
            return say!(
                language,
                "This file is too large. The maximum size is {limit}.",
                "Diese Datei ist zu groß. Die maximale Größe beträgt {limit}.",
                limit = size(*limit)
            );
        }
        Refusal::FileRefused => {
            return say!(
                language,
                "This file type is not supported. Supported types: {accepted}.",
                "Dieser Dateityp wird nicht unterstützt. Unterstützt werden: {accepted}.",
                accepted = ACCEPTED,
            );
        }
        Refusal::FilesFull { limit } => {
            return say!(
                language,
                "You can send up to {limit} of files per day.",
                "Sie können pro Tag Dateien mit insgesamt bis zu {limit} senden.",
                limit = size(*limit),
            );
        }
        Refusal::NotSignedIn => ("Please sign in.", "Bitte melden Sie sich an."),
        Refusal::WrongCredentials => {
            ("The email address or password is incorrect.", "E-Mail-Adresse oder Passwort ist falsch.")
        }
        Refusal::NotFound => ("This is no longer available.", "Das ist nicht mehr verfügbar."),
        Refusal::Forbidden => ("You do not have permission to do this.", "Dazu fehlt Ihnen die Berechtigung."),
        Refusal::AlreadyChatting { .. } => (
            "This visitor is already waiting for an agent. Please claim the chat.",
            "Dieser Besucher wartet bereits auf einen Agenten. Bitte nehmen Sie den Chat an.",
        ),
        Refusal::VisitorLeft => ("The visitor has left.", "Der Besucher hat die Website verlassen."),
        Refusal::ChatChanged { .. } => {
            ("No one is handling this chat anymore.", "Dieser Chat wird derzeit von niemandem betreut.")
        }
        Refusal::ChatEnded => ("The chat has ended.", "Der Chat ist beendet."),
        Refusal::Empty => ("The message is empty.", "Die Nachricht ist leer."),
        Refusal::ClientIdReused => (
            "This message was already sent with a different text.",
            "Diese Nachricht wurde bereits mit einem anderen Text gesendet.",
        ),
        Refusal::StorageFull => (
            "The server is out of disk space. Nothing was saved, but your text is still here.",
            "Auf dem Server ist kein Speicherplatz mehr frei. Es wurde nichts gespeichert, aber Ihr Text ist noch da.",
        ),
        Refusal::TooLarge => ("This is too large to send.", "Das ist zu groß und kann nicht gesendet werden."),
        Refusal::ImageTooLarge => (
            "This image has too many pixels and cannot be sent.",
            "Dieses Bild hat zu viele Pixel und kann nicht gesendet werden.",
        ),
        Refusal::TooLate => (
            "Messages can only be edited or deleted within 15 minutes of being sent.",
            "Nachrichten können nur innerhalb von 15 Minuten nach dem Senden bearbeitet oder gelöscht werden.",
        ),
        Refusal::NotAnEmail => ("This email address is not valid.", "Diese E-Mail-Adresse ist ungültig."),
        Refusal::NoPromptHere => (
            "Prompts are turned off on this visitor's current page. Please wait until they go to another page.",
            "Auf der aktuellen Seite dieses Besuchers sind Einblendungen deaktiviert. Bitte warten Sie, bis er die Seite wechselt.",
        ),
        Refusal::TookTooLong => (
            "The search took too long and was stopped. Please narrow the date range or add search terms.",
            "Die Suche hat zu lange gedauert und wurde abgebrochen. Bitte grenzen Sie den Zeitraum ein oder ergänzen Sie Suchbegriffe.",
        ),
        Refusal::LastAdmin => ("There must be at least one admin.", "Es muss mindestens einen Admin geben."),
        Refusal::PasswordNeeded => {
            ("Please enter your password again.", "Bitte geben Sie Ihr Passwort noch einmal ein.")
        }
        Refusal::OtherTeam => ("This chat belongs to another team.", "Dieser Chat gehört zu einem anderen Team."),
        Refusal::Blocked { .. } => ("This visitor is blocked.", "Dieser Besucher ist gesperrt."),
        Refusal::EmailTaken => (
            "An account with this email address already exists.",
            "Zu dieser E-Mail-Adresse gibt es bereits ein Konto.",
        ),
        // The caller handles all of these except `Unexpected`.
        Refusal::Unexpected
        | Refusal::AlreadyInvited { .. }
        | Refusal::Quiet { .. }
        | Refusal::AlreadyDecided { .. }
        | Refusal::AlreadyClaimed { .. }
        | Refusal::Reserved { .. }
        | Refusal::AgentAway { .. }
        | Refusal::AgentFull { .. } => (
            "Something went wrong on the server. Your text is still here. Please try again.",
            "Auf dem Server ist ein Fehler aufgetreten. Ihr Text ist noch da. Bitte versuchen Sie es erneut.",
        ),
    };
    language.pick(en, de).into()
}
