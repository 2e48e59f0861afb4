//! Texts of the history and of past visitors.

use super::strings;

strings! {
    messages_in_all: "{} in total", "{} insgesamt";
    history: "History", "Verlauf";
    history_lead: "All chats that you can see, newest first.", "Alle Chats, die Sie sehen dürfen, neueste zuerst.";
    history_empty: "Nothing found.", "Nichts gefunden.";
    history_words: "Text", "Text";
    history_words_hint: "Searches messages, names, and e-mail addresses.",
        "Durchsucht Nachrichten, Namen und E-Mail-Adressen.";
    history_from: "From", "Von";
    history_to: "To", "Bis";
    history_day_hint: "In UTC.", "In UTC.";
    history_no_day: "Please enter a date such as 2026-05-31.", "Bitte geben Sie ein Datum wie 2026-05-31 ein.";
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
    history_json: "Export as JSON Lines", "Als JSON Lines exportieren";
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
    abandoned: "Left before anyone claimed it", "Gegangen, bevor jemand angenommen hat";
    ended_by_agent: "Ended by the agent", "Vom Agenten beendet";
    ended_by_visitor: "Ended by the visitor", "Vom Besucher beendet";
    ended_in_silence: "Ended after inactivity", "Nach Inaktivität beendet";
    visitors_were: "Past visitors", "Frühere Besucher";
    visitors_were_lead: "Visitors who were invited or opened the concierge. Visitors who only browsed are not stored.",
        "Besucher, die eingeladen wurden oder den Concierge geöffnet haben. Wer sich nur umgesehen hat, wird nicht gespeichert.";
    visitors_were_empty: "No visitors found.", "Keine Besucher gefunden.";
    visitors_words_hint: "Searches names, e-mail addresses, and pages.",
        "Durchsucht Namen, E-Mail-Adressen und Seiten.";
    last_seen: "Last seen", "Zuletzt gesehen";
    first_seen: "First seen", "Zuerst gesehen";
    visits: "Visits", "Besuche";
    pages: "Pages", "Seiten";
    chats: "Chats", "Chats";
    invitations: "Invitations", "Einladungen";
    no_invitation: "No invitations yet.", "Noch keine Einladungen.";
    notes: "Notes", "Notizen";
    no_note: "No notes yet.", "Noch keine Notizen.";
    note: "Note", "Notiz";
    note_hint: "Only agents can see notes; the visitor never does.",
        "Nur Agenten können Notizen sehen, der Besucher nie.";
    note_add: "Add note", "Notiz hinzufügen";
    email: "E-mail", "E-Mail";
    unverified: "Entered by an agent, unverified", "Von einem Agenten eingetragen, ungeprüft";
    name_him: "Name and e-mail", "Name und E-Mail";
    no_email: "Please enter a valid e-mail address.", "Bitte geben Sie eine gültige E-Mail-Adresse ein.";
    browser: "Browser", "Browser";
    known: "Visitor details", "Angaben zum Besucher";
    everything_known: "Show all details", "Alle Angaben anzeigen";
    silent: "This visitor has not been invited and has not opened the concierge. Nothing is stored yet, so notes are not possible.",
        "Dieser Besucher wurde nicht eingeladen und hat den Concierge nicht geöffnet. Bisher ist nichts gespeichert, daher sind keine Notizen möglich.";
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
    accepted_late: "{}, then accepted late", "{}, dann verspätet angenommen";
    denied_late: "{}, then denied late", "{}, dann verspätet abgelehnt";
    block: "Block", "Sperren";
    block_for: "Block for", "Sperrdauer";
    block_hint: "Ends open chats and invitations with this visitor, hides the concierge on every page, and rejects new chats and messages. The visitor is recognized by data in the browser; after clearing it, they count as a new visitor.",
        "Beendet offene Chats und Einladungen mit diesem Besucher, blendet den Concierge auf allen Seiten aus und weist neue Chats und Nachrichten ab. Der Besucher wird an Daten im Browser erkannt; wer sie löscht, gilt als neuer Besucher.";
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
    erase: "Erase this visitor", "Besucher endgültig löschen";
    erase_lead: "Permanently erases this visitor's visits, chats with all their messages, and notes. This cannot be undone.",
        "Löscht die Besuche dieses Besuchers, seine Chats mit allen Nachrichten und die Notizen endgültig. Das lässt sich nicht rückgängig machen.";
    erased: "The visitor was erased.", "Der Besucher wurde endgültig gelöscht.";
    export: "Export visitor data", "Besucherdaten exportieren";
    privacy: "Privacy", "Datenschutz";
    privacy_lead: "Set how long data is stored. Expired data is deleted daily.",
        "Legen Sie fest, wie lange Daten aufbewahrt werden. Abgelaufene Daten werden täglich gelöscht.";
    keep_chats: "Keep ended chats (days)", "Beendete Chats aufbewahren (Tage)";
    keep_visits: "Keep visits and their pages (days)", "Besuche und ihre Seiten aufbewahren (Tage)";
    keep_audit: "Keep the audit log (days)", "Änderungsprotokoll aufbewahren (Tage)";
    keep_hint: "0 keeps the data permanently.", "Bei 0 werden die Daten dauerhaft aufbewahrt.";
    keep_wrong: "Please enter a number of days from 0 to 3650.",
        "Bitte geben Sie eine Anzahl von Tagen von 0 bis 3650 ein.";
}
