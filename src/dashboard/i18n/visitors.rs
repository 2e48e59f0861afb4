//! What is said of visitors: the board, the palette, one visitor, invitations and notices.

use super::strings;

// The visitors.
strings! {
    all: "All", "Alle";
    filter: "Filter by status", "Nach Status filtern";
    search: "Search", "Suchen";
    search_in: "Search visitors, pages, agents and browsers", "Besucher, Seiten, Agenten und Browser durchsuchen";
    show_all: "Show all", "Alle anzeigen";
    nobody_here: "Nobody is on the website right now", "Gerade ist niemand auf der Website";
    embed_hint: "Visitors appear here the moment they open a page that carries the concierge. Put this line into your pages, at the end of the body:",
        "Besucher erscheinen hier, sobald sie eine Seite mit dem Concierge öffnen. Setzen Sie diese Zeile in Ihre Seiten, ans Ende des Body:";
    waiting_first: "Waiting for your first visitor…", "Ihr erster Besucher wird erwartet…";
    first_is_here: "Your first visitor is here.", "Ihr erster Besucher ist da.";
    nothing_fits: "No visitor fits this filter", "Kein Besucher passt zu diesem Filter";
    no_prompts_until: "No prompts until {}", "Keine Aufforderungen bis {}";
    reserved: "reserved · {}", "reserviert · {}";
    offline: "offline", "offline";
    reconnecting: "reconnecting", "verbindet neu";
    is_writing: "{} is writing…", "{} schreibt…";
}

// The palette, and what an agent likes to see of the board.
strings! {
    palette: "Find a page, a visitor, a chat, a filter, a view or an action",
        "Seite, Besucher, Chat, Filter, Ansicht oder Aktion finden";
    palette_of_views: "Choose, or name what you see now to save it",
        "Wählen, oder die jetzige Ansicht zum Speichern benennen";
    views: "Views…", "Ansichten…";
    view: "View", "Ansicht";
    page: "Page", "Seite";
    chosen: "Chosen visitor", "Gewählter Besucher";
    details: "Details of the visitor", "Details zum Besucher";
    save_view: "Save this view as “{}”", "Diese Ansicht als „{}“ speichern";
    forget_view: "Forget the view {}", "Ansicht {} entfernen";
    show_column: "Show the column {}", "Spalte {} einblenden";
    hide_column: "Hide the column {}", "Spalte {} ausblenden";
    low_rows: "Low rows", "Niedrige Zeilen";
    high_rows: "High rows", "Hohe Zeilen";
}

// One visitor.
strings! {
    visitor: "Visitor", "Besucher";
    time_on_site: "Time", "Zeit";
    browser: "Browser", "Browser";
    concierge: "Concierge", "Concierge";
    invitation: "Invitation", "Einladung";
    pages: "Pages", "Seiten";
    no_pages: "No pages are known.", "Es sind keine Seiten bekannt.";
    not_on_the_site: "Not on the site now", "Gerade nicht auf der Website";
}

// Inviting.
strings! {
    greeting: "Greeting", "Begrüßung";
    templates_of: "Templates", "Vorlagen";
    invite_whom: "Invite {} to chat", "{} zum Chat einladen";
    the_invitation: "The invitation", "Die Einladung";
    send_key: "Ctrl ↵", "Strg ↵";
}

// Notices.
strings! {
    notices: "Notices", "Hinweise";
    dismiss: "Dismiss", "Ausblenden";
    accepted: "{} accepted your invitation", "{} hat Ihre Einladung angenommen";
    accepted_late: "{} accepted your invitation, after it had ended",
        "{} hat Ihre Einladung angenommen, nachdem sie geendet hatte";
    waits: "{} waits for an agent", "{} wartet auf einen Agenten";
    still_waits: "{} still waits for an agent", "{} wartet noch immer auf einen Agenten";
    denied: "Your invitation was denied", "Ihre Einladung wurde abgelehnt";
    left: "The visitor left before answering your invitation",
        "Der Besucher ist gegangen, ohne Ihre Einladung zu beantworten";
    unanswered: "Your invitation was not answered", "Ihre Einladung blieb unbeantwortet";
    claimed: "{} claimed the chat you had invited to", "{} hat den Chat angenommen, zu dem Sie eingeladen hatten";
    taken_over: "{} took your chat over", "{} hat Ihren Chat übernommen";
    read_along: "Read along", "Mitlesen";
    yours_for: "Yours for {}", "Noch {} für Sie";
    open_to_the_team: "Open to the team now", "Jetzt offen für das Team";
    offered: "{} waits, and is offered to you", "{} wartet und ist Ihnen angeboten";
    offered_for: "Offered to you for {}", "Ihnen noch {} angeboten";
    decline: "Decline", "Ablehnen";
    handed_over_to_me: "{} has handed a chat over to you", "{} hat Ihnen einen Chat übergeben";
    whispers: "{} whispers", "{} flüstert";
    open: "Open", "Öffnen";
    waits_longest: "Waiting longest:", "Wartet am längsten:";
}
