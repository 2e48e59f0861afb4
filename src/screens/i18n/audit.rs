//! Strings for the audit log.

use super::strings;

strings! {
    audit_lead: "Who changed or read what, and when.", "Hier sehen Sie, wer was wann geändert oder gelesen hat.";
    audit_empty: "No entries found.", "Keine Einträge gefunden.";
    audit_when: "Time", "Zeitpunkt";
    audit_who: "By", "Von";
    audit_what: "Action", "Aktion";
    audit_subject: "Subject", "Betrifft";
    audit_detail: "Details", "Details";
    audit_all: "All actions", "Alle Aktionen";
    audit_organization_added: "An organization was added", "Eine Organisation wurde hinzugefügt";
    audit_organization_renamed: "Renamed the organization", "Hat die Organisation umbenannt";
    audit_organization_set_up: "Set up the organization", "Hat die Organisation eingerichtet";
    audit_concierge_added: "Added a concierge", "Hat einen Concierge hinzugefügt";
    audit_concierge_changed: "Changed a concierge", "Hat einen Concierge geändert";
    audit_concierge_paused: "Paused a concierge", "Hat einen Concierge pausiert";
    audit_concierge_resumed: "Resumed a concierge", "Hat einen Concierge fortgesetzt";
    audit_team_added: "Added a team", "Hat ein Team hinzugefügt";
    audit_team_changed: "Changed a team", "Hat ein Team geändert";
    audit_team_moved: "Moved a team", "Hat ein Team verschoben";
    audit_team_routing: "Changed how a team gets its chats", "Hat geändert, wie ein Team seine Chats erhält";
    audit_agent_invited: "Invited an agent", "Hat einen Agenten eingeladen";
    audit_agent_invitation_withdrawn: "Withdrew an agent's invitation",
        "Hat die Einladung eines Agenten zurückgenommen";
    audit_agent_joined: "Joined the organization", "Ist der Organisation beigetreten";
    audit_agent_changed: "Changed an agent", "Hat einen Agenten geändert";
    audit_agent_role: "Changed an agent's role", "Hat die Rolle eines Agenten geändert";
    audit_agent_deactivated: "Deactivated an agent", "Hat einen Agenten deaktiviert";
    audit_agent_reactivated: "Reactivated an agent", "Hat einen Agenten reaktiviert";
    audit_agent_reset_link: "Created a link for a new password", "Hat einen Link für ein neues Passwort erstellt";
    audit_account_changed: "Changed their own profile", "Hat das eigene Profil geändert";
    audit_account_avatar: "Changed their own picture", "Hat das eigene Bild geändert";
    audit_account_password: "Changed their own password", "Hat das eigene Passwort geändert";
    audit_account_password_reset: "Set a new password with a link", "Hat mit einem Link ein neues Passwort festgelegt";
    audit_account_second_factor_on: "Turned on the second factor", "Hat den zweiten Faktor eingeschaltet";
    audit_account_second_factor_off: "Turned off the second factor", "Hat den zweiten Faktor ausgeschaltet";
    audit_account_sign_in_ended: "Ended one of their own sign-ins", "Hat eine der eigenen Anmeldungen beendet";
    audit_account_other_sign_ins_ended: "Ended their other sign-ins", "Hat die eigenen anderen Anmeldungen beendet";
    audit_account_signed_in: "Signed in", "Hat sich angemeldet";
    audit_account_signed_out: "Signed out", "Hat sich abgemeldet";
    audit_account_wrong_password: "Somebody entered a wrong password", "Jemand hat ein falsches Passwort eingegeben";
    audit_account_wrong_code: "Somebody entered a wrong code after the right password",
        "Jemand hat nach dem richtigen Passwort einen falschen Code eingegeben";
    audit_account_sign_ins_refused: "Somebody may be guessing a password",
        "Jemand versucht möglicherweise, ein Passwort zu erraten";
    audit_reply_kept: "Saved a canned reply", "Hat einen Textbaustein gespeichert";
    audit_reply_deleted: "Deleted a canned reply", "Hat einen Textbaustein gelöscht";
    audit_visitor_named: "Changed a visitor's name or email address",
        "Hat Name oder E-Mail-Adresse eines Besuchers geändert";
    audit_visitor_blocked: "Blocked a visitor", "Hat einen Besucher gesperrt";
    audit_visitor_unblocked: "Unblocked a visitor", "Hat die Sperre eines Besuchers aufgehoben";
    audit_visitor_read: "Opened what is known about a visitor", "Hat die Angaben zu einem Besucher geöffnet";
    audit_visitor_erased: "Deleted a visitor's data", "Hat die Daten eines Besuchers gelöscht";
    audit_chat_read: "Read a chat of others", "Hat einen Chat anderer gelesen";
    audit_file_read: "Downloaded a file from a chat", "Hat eine Datei aus einem Chat heruntergeladen";
    audit_export_history: "Exported chats", "Hat Chats exportiert";
    audit_export_visitor: "Exported a visitor's data", "Hat die Daten eines Besuchers exportiert";
    audit_privacy_retention: "Changed how long data is kept", "Hat die Aufbewahrungsfristen geändert";
}

/// Returns a sentence for an action in the audit log, or `None` if the action is unknown.
pub fn audit_action(action: &str) -> Option<&'static str> {
    let sentence: super::StringFn = match action {
        "organization.added" => audit_organization_added,
        "organization.renamed" => audit_organization_renamed,
        "organization.set_up" => audit_organization_set_up,
        "concierge.added" => audit_concierge_added,
        "concierge.changed" => audit_concierge_changed,
        "concierge.paused" => audit_concierge_paused,
        "concierge.resumed" => audit_concierge_resumed,
        "team.added" => audit_team_added,
        "team.changed" => audit_team_changed,
        "team.moved" => audit_team_moved,
        "team.routing" => audit_team_routing,
        "agent.invited" => audit_agent_invited,
        "agent.invitation_withdrawn" => audit_agent_invitation_withdrawn,
        "agent.joined" => audit_agent_joined,
        "agent.changed" => audit_agent_changed,
        "agent.role" => audit_agent_role,
        "agent.deactivated" => audit_agent_deactivated,
        "agent.reactivated" => audit_agent_reactivated,
        "agent.reset_link" => audit_agent_reset_link,
        "account.changed" => audit_account_changed,
        "account.avatar" => audit_account_avatar,
        "account.password" => audit_account_password,
        "account.password_reset" => audit_account_password_reset,
        "account.second_factor_on" => audit_account_second_factor_on,
        "account.second_factor_off" => audit_account_second_factor_off,
        "account.sign_in_ended" => audit_account_sign_in_ended,
        "account.other_sign_ins_ended" => audit_account_other_sign_ins_ended,
        "account.signed_in" => audit_account_signed_in,
        "account.signed_out" => audit_account_signed_out,
        "account.wrong_password" => audit_account_wrong_password,
        "account.wrong_code" => audit_account_wrong_code,
        "account.sign_ins_refused" => audit_account_sign_ins_refused,
        "reply.kept" => audit_reply_kept,
        "reply.deleted" => audit_reply_deleted,
        "visitor.named" => audit_visitor_named,
        "visitor.blocked" => audit_visitor_blocked,
        "visitor.unblocked" => audit_visitor_unblocked,
        "visitor.read" => audit_visitor_read,
        "visitor.erased" => audit_visitor_erased,
        "chat.read" => audit_chat_read,
        "file.read" => audit_file_read,
        "export.history" => audit_export_history,
        "export.visitor" => audit_export_visitor,
        "privacy.retention" => audit_privacy_retention,
        _ => return None,
    };
    Some(sentence())
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::screens::audit_log::KINDS;

    /// Collects the actions that the source files in a directory write, which are strings such as `agent.changed`.
    fn collect_actions(folder: &Path, actions: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect_actions(&path, actions);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap_or_default();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let is_code = path.extension().is_some_and(|end| end == "rs") && !path.iter().any(|part| part == "tests");
            let strings = code.split('"').filter(|text| {
                let is_word =
                    |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
                let parts = text.split_once('.').filter(|(kind, what)| KINDS.contains(kind) && is_word(what));
                parts.is_some_and(|(_, what)| !["db", "jsonl", "team_id", "visitor_id"].contains(&what))
            });
            actions.extend(strings.filter(|_| is_code).map(str::to_owned));
        }
    }

    #[test]
    fn every_action_in_the_code_has_a_sentence() {
        let mut actions = Vec::new();
        for folder in ["src/engine", "src/cli", "src/server"] {
            collect_actions(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut actions);
        }
        for action in ["account.signed_in", "chat.read", "organization.added", "visitor.blocked"] {
            assert!(actions.iter().any(|found| found == action), "{action} is written");
        }
        for action in actions {
            assert!(audit_action(&action).is_some(), "{action} has no sentence");
        }
    }
}
