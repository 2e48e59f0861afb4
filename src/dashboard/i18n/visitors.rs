//! Strings for the board, the command palette, the visitor panel, invitations, and notices.

use super::strings;

// The board.
strings! {
    all: "All", "Alle";
    filter: "Filter by status", "Nach Status filtern";
    search: "Search", "Suchen";
    search_in: "Search visitors, pages, agents, and browsers", "Besucher, Seiten, Agenten und Browser durchsuchen";
    show_all: "Show all", "Alle anzeigen";
    nobody_here: "Nobody is on your website right now", "Gerade ist niemand auf Ihrer Website";
    embed_hint: "Visitors appear here as soon as they open a page with the concierge. Add this line to your pages, just before the closing body tag:",
        "Besucher erscheinen hier, sobald sie eine Seite mit dem Concierge öffnen. Fügen Sie diese Zeile direkt vor dem schließenden Body-Tag in Ihre Seiten ein:";
    waiting_first: "Waiting for your first visitor…", "Warten auf Ihren ersten Besucher…";
    first_is_here: "Your first visitor is here.", "Ihr erster Besucher ist da.";
    nothing_fits: "No visitors match this filter", "Keine Besucher entsprechen diesem Filter";
    no_prompts_until: "No prompts until {}", "Keine Einblendungen bis {}";
    reserved: "Reserved · {}", "Reserviert · {}";
    offline: "Offline", "Offline";
    reconnecting: "Reconnecting…", "Wird neu verbunden…";
    is_writing: "{} is typing…", "{} schreibt…";
}

// The command palette and the agent's board preferences.
strings! {
    palette: "Search pages, visitors, chats, filters, views, and actions",
        "Seiten, Besucher, Chats, Filter, Ansichten und Aktionen durchsuchen";
    palette_of_views: "Choose a view, or type a name to save the current one",
        "Ansicht wählen oder Namen eingeben, um die aktuelle zu speichern";
    views: "Views…", "Ansichten…";
    view: "View", "Ansicht";
    page: "Page", "Seite";
    chosen: "Selected visitor", "Ausgewählter Besucher";
    details: "Visitor details", "Besucherdetails";
    save_view: "Save this view as “{}”", "Diese Ansicht als „{}“ speichern";
    forget_view: "Delete the view “{}”", "Ansicht „{}“ löschen";
    show_column: "Show column {}", "Spalte {} einblenden";
    hide_column: "Hide column {}", "Spalte {} ausblenden";
    low_rows: "Compact rows", "Kompakte Zeilen";
    high_rows: "Regular rows", "Normale Zeilen";
}

// The visitor panel.
strings! {
    visitor: "Visitor", "Besucher";
    time_on_site: "Time on site", "Verweildauer";
    browser: "Browser", "Browser";
    concierge: "Concierge", "Concierge";
    invitation: "Invitation", "Einladung";
    pages: "Pages", "Seiten";
    no_pages: "No page views recorded.", "Keine Seitenaufrufe erfasst.";
    not_on_the_site: "Not on the site right now", "Gerade nicht auf der Website";
}

// Invitations.
strings! {
    greeting: "Greeting", "Begrüßung";
    templates_of: "Templates", "Vorlagen";
    invite_whom: "Invite {} to chat", "{} zum Chat einladen";
    the_invitation: "Invitation text", "Einladungstext";
    send_key: "Ctrl ↵", "Strg ↵";
}

// Notices.
strings! {
    notices: "Notifications", "Benachrichtigungen";
    dismiss: "Dismiss", "Ausblenden";
    accepted: "{} accepted your invitation", "{} hat Ihre Einladung angenommen";
    accepted_late: "{} accepted your invitation after it had closed", "{} hat Ihre Einladung nachträglich angenommen";
    waits: "{} is waiting for an agent", "{} wartet auf einen Agenten";
    still_waits: "{} is still waiting for an agent", "{} wartet noch immer auf einen Agenten";
    denied: "Your invitation was declined", "Ihre Einladung wurde abgelehnt";
    left: "The visitor left without responding to your invitation",
        "Der Besucher ist gegangen, ohne auf Ihre Einladung zu antworten";
    unanswered: "Your invitation went unanswered", "Ihre Einladung blieb unbeantwortet";
    claimed: "{} claimed the chat from your invitation", "{} hat den Chat aus Ihrer Einladung angenommen";
    taken_over: "{} took over your chat", "{} hat Ihren Chat übernommen";
    read_along: "View chat", "Mitlesen";
    yours_for: "Reserved for you: {}", "Für Sie reserviert: {}";
    open_to_the_team: "Now open to the whole team", "Jetzt für das ganze Team offen";
    offered: "Incoming chat from {}", "Neuer Chat von {}";
    offered_for: "{} left to claim", "Noch {} Zeit zum Annehmen";
    decline: "Decline", "Ablehnen";
    handed_over_to_me: "{} transferred a chat to you", "{} hat Ihnen einen Chat übergeben";
    whispers: "Whisper from {}", "{} flüstert Ihnen zu";
    open: "Open", "Öffnen";
    waits_for_team: "Waiting for {}", "Wartet auf {}";
    waits_longest: "Waiting longest:", "Wartet am längsten:";
}
