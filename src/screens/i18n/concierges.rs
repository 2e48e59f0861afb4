//! Setting up, and concierges.

#![allow(rustdoc::bare_urls, reason = "the words are their own description, and some name an address")]

use super::strings;

strings! {
    set_up: "Set up Jump-In", "Jump-In einrichten";
    set_up_lead: "Nobody can sign in yet. You become the first admin; everything here can be changed later.",
        "Noch kann sich niemand anmelden. Sie werden der erste Admin; alles hier lässt sich später ändern.";
    set_up_now: "Set up and sign in", "Einrichten und anmelden";
    your_name: "Your first and last name", "Ihr Vor- und Nachname";
    your_email: "Your e-mail", "Ihre E-Mail-Adresse";
    your_password: "Your password", "Ihr Passwort";
    password_hint: "Ten characters or more.", "Mindestens zehn Zeichen.";
    first_concierge: "First concierge", "Erster Concierge";
    first_concierge_hint: "What your agents call the place where the chat stands, such as Website or Shop.",
        "Wie Ihre Agenten die Stelle nennen, an der der Chat steht, etwa Website oder Shop.";
    first_site: "The site it stands on", "Die Website, auf der er steht";
    first_site_hint: "An origin, such as https://www.example.com. The chat is shown there and nowhere else.",
        "Ein Origin, etwa https://www.example.com. Der Chat wird dort gezeigt und sonst nirgends.";
    website: "Website", "Website";
    concierges: "Concierges", "Concierges";
    concierges_lead: "A concierge is one place of the chat on your sites: its look, its words, its team.",
        "Ein Concierge ist eine Stelle des Chats auf Ihren Websites: sein Aussehen, seine Worte, sein Team.";
    new_concierge: "New concierge", "Neuer Concierge";
    no_concierges: "There is no concierge yet.", "Noch gibt es keinen Concierge.";
    key: "Key", "Schlüssel";
    key_is: "Its key is {}; it never changes.", "Sein Schlüssel ist {}; er ändert sich nie.";
    sites: "Sites", "Websites";
    sites_hint: "Origins, one a line, such as https://www.example.com. None: every site may show it.",
        "Origins, einer je Zeile, etwa https://www.example.com. Keiner: Jede Website darf ihn zeigen.";
    every_site: "Every site", "Jede Website";
    team: "Team", "Team";
    state: "State", "Zustand";
    in_use: "In use", "In Betrieb";
    paused: "Paused", "Pausiert";
    pause: "Pause", "Pausieren";
    resume: "Resume", "Fortsetzen";
    embed: "Put this line into your pages, at the end of the body:",
        "Setzen Sie diese Zeile in Ihre Seiten, ans Ende des Body:";
    looks: "How it looks", "Aussehen";
    title: "Title", "Titel";
    title_hint: "The head of the panel.", "Die Kopfzeile des Chatfensters.";
    greeting: "Greeting", "Begrüßung";
    greeting_hint: "What the concierge says first.", "Was der Concierge zuerst sagt.";
    color: "Color", "Farbe";
    color_hint: "What stands on it is black or white, whichever can be read.",
        "Was darauf steht, ist schwarz oder weiß, je nachdem, was lesbar ist.";
    side: "Side", "Position";
    left: "Left", "Links";
    right: "Right", "Rechts";
    language: "Language", "Sprache";
    english: "English", "Englisch";
    german: "German", "Deutsch";
    privacy_mode: "Privacy", "Datenschutz";
    essential: "Essential: nothing is stored before the visitor opens the chat or answers",
        "Notwendig: Nichts wird gespeichert, bevor der Besucher den Chat öffnet oder antwortet";
    ask: "Ask: the same, until your page reports consent", "Fragen: dasselbe, bis Ihre Seite die Einwilligung meldet";
    full: "Full: a token for the session of the tab from the first page on",
        "Voll: von der ersten Seite an ein Token für die Sitzung des Tabs";
    invitation: "Greeting of an invitation", "Begrüßung einer Einladung";
    invitation_hint: "{agent} stands for the agent's first name.", "{agent} steht für den Vornamen des Agenten.";
    templates: "Templates of invitations", "Vorlagen für Einladungen";
    templates_hint: "One a line: Name: words. {agent} stands for the agent's first name.",
        "Eine je Zeile: Name: Text. {agent} steht für den Vornamen des Agenten.";
    zone: "Time zone", "Zeitzone";
    hours: "Opening hours", "Öffnungszeiten";
    hours_hint: "One a line: Mon-Fri 9:00-12:30, 13:30-17:00. None: always open.",
        "Eine Angabe je Zeile: Mo-Fr 9:00-12:30, 13:30-17:00. Keine: immer geöffnet.";
    quiet_deny: "Quiet after a denial, minutes", "Ruhe nach einer Ablehnung, Minuten";
    quiet_unanswered: "Quiet after no answer, minutes", "Ruhe ohne Antwort, Minuten";
    quiet_hint: "Empty: as the server's settings say.", "Leer: wie in den Einstellungen des Servers.";
    excluded_paths: "Pages without prompts", "Seiten ohne Aufforderungen";
    excluded_paths_hint: "Paths, one a line; * stands for any letters: /checkout/*. There nobody can be invited, and an open prompt goes.",
        "Pfade, einer je Zeile; * steht für beliebige Zeichen: /checkout/*. Dort kann niemand eingeladen werden, und eine offene Aufforderung verschwindet.";
    no_team: "Everybody", "Alle";
    preview: "Preview", "Vorschau";
    not_a_site: "“{}” is no origin such as https://www.example.com.",
        "„{}“ ist kein Origin wie https://www.example.com.";
    not_a_color: "A color is # and six digits, such as #2f5bd7.", "Eine Farbe ist # und sechs Ziffern, etwa #2f5bd7.";
    not_a_zone: "There is no such time zone.", "Diese Zeitzone gibt es nicht.";
    bad_hours: "Line {} says no hours, such as Mon-Fri 9:00-17:00.",
        "Zeile {} nennt keine Zeiten wie Mo-Fr 9:00-17:00.";
    not_a_path: "“{}” is no path such as /checkout/*.", "„{}“ ist kein Pfad wie /checkout/*.";
    bad_template: "Line {} is no template, such as Question: May I help?",
        "Zeile {} ist keine Vorlage wie Frage: Darf ich helfen?";
    too_many: "There may be {} at most.", "Höchstens {} sind erlaubt.";
    out_of_range: "A whole number is needed, {}.", "Eine ganze Zahl ist nötig, {}.";
    from_to: "from {} to ", "von {} bis ";
}
