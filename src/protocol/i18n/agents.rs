//! Texts for agents about shared types: statuses, states of invitations, and refusals.

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

/// Returns the label of a status on the board.
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

/// Returns the state of an invitation, in lower case for use within a sentence.
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

/// Returns the sentence that an agent reads for a refusal. `who` returns an agent's name, `when` formats a time.
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
            "{by} hat diesen Besucher um {at} zuerst eingeladen.",
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
            "This visitor cannot be invited until {until}.",
            "Dieser Besucher kann bis {until} nicht eingeladen werden.",
            until = when(*until),
        ),
        Refusal::AlreadyDecided { state } => say!(
            language,
            "This invitation is no longer open: {state}.",
            "Diese Einladung ist nicht mehr offen: {state}.",
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
            "This chat has changed: {agent} is handling it now.",
            "Dieser Chat hat sich geändert: {agent} betreut ihn jetzt.",
            agent = who(*agent),
        ),
        Refusal::AgentAway { agent } => {
            say!(
                language,
                "{agent} is not taking chats right now.",
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

/// Returns the sentence for a refusal that needs neither an agent's name nor a time.
fn simple_refusal_text(language: Language, refusal: &Refusal) -> String {
    let (en, de) = match refusal {
        Refusal::TooMany { retry_after } => {
            return say!(
                language,
                "Too many attempts. Please wait {seconds} seconds.",
                "Zu viele Versuche. Bitte warten Sie {seconds} Sekunden.",
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
                "This file is larger than {limit}.",
                "Diese Datei ist größer als {limit}.",
                limit = size(*limit)
            );
        }
        Refusal::FileRefused => {
            return say!(
                language,
                "This file type cannot be sent. Accepted types: {accepted}.",
                "Dieser Dateityp kann nicht gesendet werden. Möglich sind: {accepted}.",
                accepted = ACCEPTED,
            );
        }
        Refusal::FilesFull { limit } => {
            return say!(
                language,
                "Up to {limit} can be sent per day.",
                "Pro Tag können bis zu {limit} gesendet werden.",
                limit = size(*limit),
            );
        }
        Refusal::NotSignedIn => ("Please sign in.", "Bitte melden Sie sich an."),
        Refusal::WrongCredentials => {
            ("The e-mail address or password is incorrect.", "E-Mail-Adresse oder Passwort ist falsch.")
        }
        Refusal::NotFound => ("This is no longer available.", "Das ist nicht mehr verfügbar."),
        Refusal::Forbidden => ("Your role does not allow this.", "Ihre Rolle erlaubt das nicht."),
        Refusal::AlreadyChatting { .. } => (
            "This visitor is already waiting for an agent. Please claim the chat.",
            "Dieser Besucher wartet bereits auf einen Agenten. Bitte nehmen Sie den Chat an.",
        ),
        Refusal::VisitorLeft => ("The visitor has left.", "Der Besucher ist gegangen."),
        Refusal::ChatChanged { .. } => {
            ("This chat has changed: nobody is handling it.", "Dieser Chat hat sich geändert: Niemand betreut ihn.")
        }
        Refusal::ChatEnded => ("The chat has ended.", "Der Chat ist beendet."),
        Refusal::Empty => ("There is nothing to send.", "Es gibt nichts zu senden."),
        Refusal::ClientIdReused => (
            "This message was already sent with a different text.",
            "Diese Nachricht wurde bereits mit einem anderen Text gesendet.",
        ),
        Refusal::StorageFull => (
            "The server's disk is full. Nothing was stored, but your text is kept.",
            "Der Speicherplatz des Servers ist voll. Nichts wurde gespeichert, aber Ihr Text bleibt erhalten.",
        ),
        Refusal::TooLarge => ("This is too large to send.", "Das ist zu groß zum Senden."),
        Refusal::ImageTooLarge => {
            ("This image has too many pixels to send.", "Dieses Bild hat zu viele Pixel zum Senden.")
        }
        Refusal::TooLate => {
            ("Messages can only be changed for 15 minutes.", "Nachrichten lassen sich nur 15 Minuten lang ändern.")
        }
        Refusal::NotAnEmail => ("This e-mail address is not valid.", "Diese E-Mail-Adresse ist ungültig."),
        Refusal::NoPromptHere => (
            "The visitor is on a page without prompts. Please wait until they move to another page.",
            "Der Besucher ist auf einer Seite ohne Aufforderungen. Bitte warten Sie, bis er die Seite wechselt.",
        ),
        Refusal::TookTooLong => (
            "The search took too long and was stopped. Please narrow the time range or add more words.",
            "Die Suche dauerte zu lange und wurde abgebrochen. Bitte grenzen Sie den Zeitraum ein oder ergänzen Sie Wörter.",
        ),
        Refusal::LastAdmin => ("At least one admin must remain.", "Mindestens ein Admin muss bleiben."),
        Refusal::OtherTeam => ("This chat belongs to another team.", "Dieser Chat gehört zu einem anderen Team."),
        Refusal::Blocked { .. } => ("This visitor is blocked.", "Dieser Besucher ist gesperrt."),
        Refusal::EmailTaken => {
            ("This e-mail address already has an account.", "Zu dieser E-Mail-Adresse gibt es bereits ein Konto.")
        }
        // All but `Unexpected` are handled by the caller.
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
