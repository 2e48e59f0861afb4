//! The history, and visitors who were here.

use super::strings;

strings! {
    messages_in_all: "{} in all", "{} insgesamt";
    history: "History", "Verlauf";
    history_lead: "Every chat that you may see, the latest first.",
        "Alle Chats, die Sie sehen dürfen, die neuesten zuerst.";
    history_empty: "No chat fits.", "Kein Chat passt.";
    history_words: "Words", "Text";
    history_words_hint: "In messages, names and e-mails.", "In Nachrichten, Namen und E-Mail-Adressen.";
    history_from: "From", "Von";
    history_to: "To", "Bis";
    history_day_hint: "By UTC.", "Nach UTC.";
    history_no_day: "That is no day. Write it as 2026-05-31.", "Das ist kein Tag. Schreiben Sie ihn als 2026-05-31.";
    history_concierge: "Concierge", "Concierge";
    history_team: "Team", "Team";
    history_agent: "Agent", "Agent";
    history_tag: "Tag", "Schlagwort";
    history_outcome: "How it went", "Ausgang";
    history_rating: "Rating", "Bewertung";
    rated_good: "Good", "Gut";
    rated_bad: "Not good", "Nicht gut";
    history_any: "Any", "Beliebig";
    history_began: "Began", "Beginn";
    history_visitor: "Visitor", "Besucher";
    history_what: "Messages", "Nachrichten";
    history_csv: "Take out as CSV", "Als CSV exportieren";
    history_json: "Take out as JSON lines", "Als JSON-Zeilen exportieren";
    history_back: "Back to the history", "Zurück zum Verlauf";
    changed_to: "changed: {}", "geändert: {}";
    taken_away: "(a message was deleted)", "(eine Nachricht wurde gelöscht)";
    history_transcript: "Chat with {}", "Chat mit {}";
    history_next: "What follows", "Fortsetzung";
    history_about: "About this visitor", "Über diesen Besucher";
    history_last_page: "Last page", "Letzte Seite";
    every_team: "Everybody", "Alle";
    nobody: "Nobody", "Niemand";
    concierge_visitor: "Concierge Visitor", "Besucher";
    an_agent: "An agent", "Ein Agent";
    live: "Goes on", "Läuft noch";
    claimed: "An agent was in it", "Ein Agent war dabei";
    abandoned: "Left before anyone claimed it", "Gegangen, bevor jemand annahm";
    ended_by_agent: "Ended by the agent", "Vom Agenten beendet";
    ended_by_visitor: "Ended by the visitor", "Vom Besucher beendet";
    ended_in_silence: "Ended in silence", "Durch Stille beendet";
    visitors_were: "Visitors who were here", "Frühere Besucher";
    visitors_were_lead: "Who was invited or has opened the concierge. Who only looked around is not kept.",
        "Wer eingeladen wurde oder den Concierge geöffnet hat. Wer sich nur umgesehen hat, wird nicht aufbewahrt.";
    visitors_were_empty: "No such visitor is remembered.", "Kein solcher Besucher ist bekannt.";
    visitors_words_hint: "A name, an e-mail or a page.", "Ein Name, eine E-Mail-Adresse oder eine Seite.";
    last_seen: "Last seen", "Zuletzt gesehen";
    first_seen: "First seen", "Zuerst gesehen";
    visits: "Visits", "Besuche";
    pages: "Pages", "Seiten";
    chats: "Chats", "Chats";
    invitations: "Invitations", "Einladungen";
    no_invitation: "He was never invited.", "Noch nie eingeladen.";
    notes: "Notes", "Notizen";
    no_note: "Nothing is noted.", "Nichts ist notiert.";
    note: "Note", "Notiz";
    note_hint: "Agents read it; the visitor never does.", "Agenten lesen sie; der Besucher nie.";
    note_add: "Add the note", "Notiz hinzufügen";
    email: "E-mail", "E-Mail";
    unverified: "Filled in by an agent, unverified", "Von einem Agenten eingetragen, ungeprüft";
    name_him: "Who he is", "Wer es ist";
    no_email: "That is no e-mail address.", "Das ist keine E-Mail-Adresse.";
    browser: "Browser", "Browser";
    known: "What is known", "Was bekannt ist";
    everything_known: "Everything that is known", "Alles, was bekannt ist";
    silent: "This visitor has neither been invited nor opened the concierge: nothing is kept, and so there is nothing to note.",
        "Dieser Besucher wurde weder eingeladen, noch hat er den Concierge geöffnet: Nichts wird aufbewahrt, und so gibt es nichts zu notieren.";
    referrer: "Came from", "Kam von";
    campaign: "Campaign", "Kampagne";
    device: "Device", "Gerät";
    desktop: "Desktop", "Desktop";
    phone: "Phone", "Smartphone";
    tablet: "Tablet", "Tablet";
    local_time: "Local time", "Ortszeit";
    past_chats: "Past chats", "Frühere Chats";
    no_chat: "No chat yet.", "Noch kein Chat.";
    said_by_himself: "said so himself", "selbst angegeben";
    is_open: "open", "offen";
    accepted_late: "{}, then accepted late", "{}, dann verspätet angenommen";
    denied_late: "{}, then denied late", "{}, dann verspätet abgelehnt";
    block: "Block", "Sperren";
    block_for: "For how long", "Wie lange";
    block_hint: "What is open with this visitor ends, the concierge is put away on every page, and no chat or message is taken. The browser is known by what it keeps: who clears that is somebody new.",
        "Was mit diesem Besucher offen ist, endet, der Concierge verschwindet auf jeder Seite, und kein Chat und keine Nachricht wird angenommen. Der Browser wird an dem erkannt, was er aufbewahrt: Wer das löscht, gilt als neu.";
    one_hour: "1 hour", "1 Stunde";
    one_day: "1 day", "1 Tag";
    thirty_days: "30 days", "30 Tage";
    for_good: "For good", "Auf Dauer";
    is_blocked: "This visitor is blocked.", "Dieser Besucher ist gesperrt.";
    blocked: "Blocked", "Gesperrt";
    blocked_by: "Blocked by", "Gesperrt von";
    blocked_until: "Until", "Bis";
    only_blocked: "Only who is blocked", "Nur gesperrte";
    lift_block: "Lift the block", "Sperre aufheben";
    erase: "Erase this visitor", "Besucher endgültig löschen";
    erase_lead: "His visits, his chats and every word in them, and what was noted about him are erased. That cannot be taken back.",
        "Besuche, Chats mit jedem Wort darin und alles, was zu diesem Besucher notiert wurde, werden endgültig gelöscht. Das lässt sich nicht zurücknehmen.";
    erased: "The visitor was erased.", "Der Besucher wurde endgültig gelöscht.";
    export: "Take out what is known of him", "Bekanntes exportieren";
    privacy: "Privacy", "Datenschutz";
    privacy_lead: "How long what is kept. What is over is let go of once a day.",
        "Wie lange was aufbewahrt wird. Was abgelaufen ist, wird einmal am Tag gelöscht.";
    keep_chats: "Days that ended chats are kept", "Aufbewahrung beendeter Chats, Tage";
    keep_visits: "Days that visits and their pages are kept", "Aufbewahrung der Besuche und ihrer Seiten, Tage";
    keep_audit: "Days that the list of changes is kept", "Aufbewahrung der Liste der Änderungen, Tage";
    keep_hint: "0: for good.", "0: auf Dauer.";
    keep_wrong: "A number of days from 0 to 3650.", "Eine Anzahl von Tagen von 0 bis 3650.";
}
