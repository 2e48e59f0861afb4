//! Strings for the history and past visitors.

use super::strings;

strings! {
    messages_in_all: "{} in total", "{} insgesamt";
    history: "History", "Verlauf";
    history_lead: "All chats that you have access to, newest first.",
        "Alle Chats, auf die Sie Zugriff haben, neueste zuerst.";
    history_empty: "No results found.", "Keine Ergebnisse gefunden.";
    history_words: "Text", "Text";
    history_words_hint: "Searches messages, names, and email addresses.",
        "Durchsucht Nachrichten, Namen und E-Mail-Adressen.";
    history_from: "From", "Von";
    history_to: "To", "Bis";
    history_day_hint: "Dates are in UTC.", "Alle Datumsangaben sind in UTC.";
    history_no_day: "Please enter a valid date, such as 2026-05-31.",
        "Bitte geben Sie ein gültiges Datum ein, zum Beispiel 2026-05-31.";
    history_concierge: "Concierge", "Concierge";
    history_team: "Team", "Team";
    history_agent: "Agent", "Agent";
    history_tag: "Tag", "Schlagwort";
    history_outcome: "Outcome", "Ergebnis";
    history_rating: "Rating", "Bewertung";
    rated_good: "Good", "Gut";
    rated_bad: "Not good", "Nicht gut";
    history_any: "Any", "Beliebig";
    history_began: "Started", "Beginn";
    history_visitor: "Visitor", "Besucher";
    history_what: "Messages", "Nachrichten";
    history_csv: "Export as CSV", "Als CSV exportieren";
    separator: "Separator", "Trennzeichen";
    separator_comma: "Comma (Excel in English)", "Komma (Excel auf Englisch)";
    separator_semicolon: "Semicolon (Excel in German)", "Semikolon (Excel auf Deutsch)";
    separator_tab: "Tab", "Tabulator";
    history_json: "Export as JSON Lines", "Als JSON Lines exportieren";
    too_many_exports: "Other exports are still running. Please try again when they are complete.",
        "Es laufen noch andere Exporte. Bitte versuchen Sie es erneut, wenn sie abgeschlossen sind.";
    history_back: "Back to history", "Zurück zum Verlauf";
    changed_to: "edited: {}", "bearbeitet: {}";
    taken_away: "(a message was deleted)", "(eine Nachricht wurde gelöscht)";
    history_transcript: "Chat with {}", "Chat mit {}";
    history_next: "Next page", "Nächste Seite";
    history_about: "About this visitor", "Über diesen Besucher";
    history_last_page: "Last page", "Letzte Seite";
    every_team: "Everyone", "Alle";
    nobody: "Nobody", "Niemand";
    concierge_visitor: "Concierge Visitor", "Besucher";
    an_agent: "An agent", "Ein Agent";
    live: "In progress", "Läuft noch";
    claimed: "Claimed by an agent", "Von einem Agenten angenommen";
    abandoned: "Visitor left before anyone claimed the chat", "Besucher hat die Seite verlassen, bevor jemand den Chat angenommen hat";
    ended_by_agent: "Ended by the agent", "Vom Agenten beendet";
    ended_by_visitor: "Ended by the visitor", "Vom Besucher beendet";
    ended_in_silence: "Ended after inactivity", "Nach Inaktivität beendet";
    visitors_were: "Past visitors", "Frühere Besucher";
    visitors_were_lead: "Visitors who were invited or who opened the concierge. Visitors who only browsed are not recorded.",
        "Besucher, die eingeladen wurden oder den Concierge geöffnet haben. Wer sich nur umgesehen hat, wird nicht erfasst.";
    visitors_were_empty: "No visitors found.", "Keine Besucher gefunden.";
    visitors_words_hint: "Searches names, email addresses, and pages.",
        "Durchsucht Namen, E-Mail-Adressen und Seiten.";
    last_seen: "Last seen", "Zuletzt gesehen";
    first_seen: "First seen", "Zuerst gesehen";
    visits: "Visits", "Besuche";
    pages: "Pages", "Seiten";
    chats: "Chats", "Chats";
    invitations: "Invitations", "Einladungen";
    no_invitation: "No invitations yet.", "Noch keine Einladungen.";
    notes: "Notes", "Notizen";
    not_all: "There are {} in total. Only the newest ones that you have access to are shown.",
        "Insgesamt gibt es {}. Angezeigt werden nur die neuesten, auf die Sie Zugriff haben.";
    no_note: "No notes yet.", "Noch keine Notizen.";
    note: "Note", "Notiz";
    note_hint: "Notes are visible to agents only.", "Notizen sind nur für Agenten sichtbar.";
    note_add: "Add note", "Notiz hinzufügen";
    email: "Email", "E-Mail";
    unverified: "Entered by an agent, unverified", "Von einem Agenten eingetragen, ungeprüft";
    name_him: "Name and email", "Name und E-Mail";
    no_email: "Please enter a valid email address.", "Bitte geben Sie eine gültige E-Mail-Adresse ein.";
    browser: "Browser", "Browser";
    known: "Visitor details", "Angaben zum Besucher";
    everything_known: "Show all details", "Alle Angaben anzeigen";
    silent: "This visitor has not been invited and has not opened the concierge. Nothing is stored about them yet, so you cannot add notes.",
        "Dieser Besucher wurde nicht eingeladen und hat den Concierge nicht geöffnet. Bisher ist nichts über ihn gespeichert, daher können Sie noch keine Notizen hinzufügen.";
    referrer: "Came from", "Herkunft";
    campaign: "Campaign", "Kampagne";
    device: "Device", "Gerät";
    desktop: "Desktop", "Desktop";
    phone: "Phone", "Smartphone";
    tablet: "Tablet", "Tablet";
    local_time: "Local time", "Ortszeit";
    past_chats: "Past chats", "Frühere Chats";
    no_chat: "No chats yet.", "Noch keine Chats.";
    said_by_himself: "provided by the visitor", "vom Besucher angegeben";
    is_open: "open", "offen";
    accepted_late: "{}, accepted later", "{}, später doch angenommen";
    denied_late: "{}, declined later", "{}, später abgelehnt";
    block: "Block", "Sperren";
    block_for: "Block for", "Sperrdauer";
    block_hint: "Blocking ends open chats and invitations with this visitor, hides the concierge on every page, and rejects new chats and messages. Visitors are recognized by data stored in their browser. If they clear it, they are treated as a new visitor.",
        "Die Sperre beendet offene Chats und Einladungen mit diesem Besucher, blendet den Concierge auf allen Seiten aus und weist neue Chats und Nachrichten ab. Besucher werden anhand von Daten in ihrem Browser erkannt. Wer diese Daten löscht, gilt als neuer Besucher.";
    one_hour: "1 hour", "1 Stunde";
    one_day: "1 day", "1 Tag";
    thirty_days: "30 days", "30 Tage";
    for_good: "Permanently", "Dauerhaft";
    is_blocked: "This visitor is blocked.", "Dieser Besucher ist gesperrt.";
    blocked: "Blocked", "Gesperrt";
    blocked_by: "Blocked by", "Gesperrt von";
    blocked_until: "Until", "Bis";
    only_blocked: "Blocked visitors only", "Nur gesperrte Besucher";
    lift_block: "Unblock", "Sperre aufheben";
    erase: "Delete visitor data", "Besucherdaten löschen";
    erase_lead: "This permanently deletes the visitor's visits, notes, and chats, including all messages. This cannot be undone.",
        "Damit werden die Besuche, Notizen und Chats dieses Besuchers mit allen Nachrichten endgültig gelöscht. Das lässt sich nicht rückgängig machen.";
    erased: "The visitor's data was deleted.", "Die Daten des Besuchers wurden gelöscht.";
    export: "Export visitor data", "Besucherdaten exportieren";
    privacy: "Privacy", "Datenschutz";
    privacy_lead: "Choose how long data is stored. Expired data is deleted daily.",
        "Legen Sie fest, wie lange Daten aufbewahrt werden. Abgelaufene Daten werden täglich gelöscht.";
    keep_chats: "Keep ended chats for (days)", "Beendete Chats aufbewahren (Tage)";
    keep_visits: "Keep visits and page views for (days)", "Besuche und Seitenaufrufe aufbewahren (Tage)";
    keep_audit: "Keep the audit log for (days)", "Änderungsprotokoll aufbewahren (Tage)";
    keep_audit_addresses: "Keep email and IP addresses in the audit log for (days)",
        "E-Mail- und IP-Adressen im Änderungsprotokoll aufbewahren (Tage)";
    keep_hint: "Enter 0 to keep the data indefinitely.", "Bei 0 werden die Daten unbegrenzt aufbewahrt.";
    keep_wrong: "Please enter a number of days between 0 and 3650.",
        "Bitte geben Sie eine Anzahl von Tagen zwischen 0 und 3650 ein.";
}
