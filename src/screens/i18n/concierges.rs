//! Texts of the initial setup and of concierges.

#![allow(rustdoc::bare_urls, reason = "each text is its own doc comment, and some contain an address")]

use super::strings;

strings! {
    set_up: "Set up Jump-In", "Jump-In einrichten";
    set_up_lead: "Create the first account. You become the admin and can change everything here later.",
        "Legen Sie das erste Konto an. Sie werden Admin und können später alles hier ändern.";
    set_up_where: "Nobody can sign in yet. Whoever started the server finds a link in its terminal or log; it opens this page.",
        "Noch kann sich niemand anmelden. Wer den Server gestartet hat, findet im Terminal oder im Protokoll einen Link, der diese Seite öffnet.";
    set_up_now: "Set up and sign in", "Einrichten und anmelden";
    your_name: "Your first and last name", "Ihr Vor- und Nachname";
    your_email: "Your e-mail address", "Ihre E-Mail-Adresse";
    your_password: "Your password", "Ihr Passwort";
    password_hint: "At least 10 characters.", "Mindestens 10 Zeichen.";
    first_concierge: "First concierge", "Erster Concierge";
    first_concierge_hint: "Your agents' name for the place where the chat appears, such as Website or Shop.",
        "Der Name, unter dem Ihre Agenten die Stelle kennen, an der der Chat erscheint, etwa Website oder Shop.";
    first_site: "Your website", "Ihre Website";
    first_site_hint: "Its origin, such as https://www.example.com. The chat appears only on this site.",
        "Der Origin, etwa https://www.example.com. Der Chat erscheint nur auf dieser Website.";
    website: "Website", "Website";
    concierges: "Concierges", "Concierges";
    concierges_lead: "A concierge is one place on your sites where the chat appears, with its own look, texts, and team.",
        "Ein Concierge ist eine Stelle auf Ihren Websites, an der der Chat erscheint, mit eigenem Aussehen, eigenen Texten und eigenem Team.";
    new_concierge: "New concierge", "Neuer Concierge";
    no_concierges: "No concierges yet.", "Noch keine Concierges.";
    key: "Key", "Schlüssel";
    key_is: "Key: {} (never changes)", "Schlüssel: {} (ändert sich nie)";
    sites: "Sites", "Websites";
    sites_hint: "One origin per line, such as https://www.example.com. Leave empty to allow every site.",
        "Ein Origin pro Zeile, etwa https://www.example.com. Lassen Sie das Feld leer, um jede Website zuzulassen.";
    every_site: "Every site", "Jede Website";
    team: "Team", "Team";
    state: "Status", "Status";
    in_use: "Active", "Aktiv";
    paused: "Paused", "Pausiert";
    pause: "Pause", "Pausieren";
    resume: "Resume", "Fortsetzen";
    embed: "Add this line to your pages, just before the closing body tag:",
        "Fügen Sie diese Zeile direkt vor dem schließenden Body-Tag in Ihre Seiten ein:";
    looks: "Appearance", "Aussehen";
    title: "Title", "Titel";
    title_hint: "Shown at the top of the chat panel.", "Steht oben im Chatfenster.";
    greeting: "Greeting", "Begrüßung";
    greeting_hint: "The first message that visitors see.", "Die erste Nachricht, die Besucher sehen.";
    color: "Color", "Farbe";
    color_hint: "Text on this color is black or white, whichever is easier to read.",
        "Text auf dieser Farbe ist schwarz oder weiß, je nachdem, was besser lesbar ist.";
    side: "Position", "Position";
    left: "Left", "Links";
    right: "Right", "Rechts";
    language: "Language", "Sprache";
    english: "English", "Englisch";
    german: "German", "Deutsch";
    privacy_mode: "Privacy", "Datenschutz";
    essential: "Essential: nothing is stored until the visitor opens the chat or answers an invitation",
        "Notwendig: Nichts wird gespeichert, bis der Besucher den Chat öffnet oder auf eine Einladung antwortet";
    ask: "Ask: like Essential until your page reports consent, then like Full",
        "Fragen: wie „Notwendig“, bis Ihre Seite die Einwilligung meldet, danach wie „Voll“";
    full: "Full: from the first page on, a token is stored for the session of the tab",
        "Voll: Von der ersten Seite an wird ein Token für die Sitzung des Tabs gespeichert";
    invitation: "Invitation text", "Einladungstext";
    invitation_hint: "{agent} is replaced with the agent's first name.",
        "{agent} wird durch den Vornamen des Agenten ersetzt.";
    templates: "Invitation templates", "Einladungsvorlagen";
    templates_hint: "One per line, as Name: text. {agent} is replaced with the agent's first name.",
        "Eine pro Zeile in der Form Name: Text. {agent} wird durch den Vornamen des Agenten ersetzt.";
    zone: "Time zone", "Zeitzone";
    hours: "Opening hours", "Öffnungszeiten";
    hours_hint: "One entry per line, such as Mon-Fri 9:00-12:30, 13:30-17:00. Leave empty if always open.",
        "Eine Angabe pro Zeile, etwa Mo-Fr 9:00-12:30, 13:30-17:00. Lassen Sie das Feld leer, wenn immer geöffnet ist.";
    quiet_deny: "Quiet time after a denial (minutes)", "Ruhezeit nach einer Ablehnung (Minuten)";
    quiet_unanswered: "Quiet time after no answer (minutes)", "Ruhezeit nach ausgebliebener Antwort (Minuten)";
    quiet_hint: "Leave empty to use the server's setting.",
        "Lassen Sie das Feld leer, um die Einstellung des Servers zu verwenden.";
    excluded_paths: "Pages without prompts", "Seiten ohne Aufforderungen";
    excluded_paths_hint: "One path per line; * matches any characters, as in /checkout/*. Visitors cannot be invited on these pages, and open prompts are hidden there.",
        "Ein Pfad pro Zeile; * steht für beliebige Zeichen, etwa /checkout/*. Auf diesen Seiten können Besucher nicht eingeladen werden, und offene Aufforderungen werden dort ausgeblendet.";
    no_team: "Everyone", "Alle";
    preview: "Preview", "Vorschau";
    not_a_site: "“{}” is not a valid origin. Example: https://www.example.com.",
        "„{}“ ist kein gültiger Origin. Beispiel: https://www.example.com.";
    not_a_color: "Please enter # and six hexadecimal digits, such as #2f5bd7.",
        "Bitte geben Sie # und sechs Hexadezimalziffern ein, etwa #2f5bd7.";
    not_a_zone: "Please choose a time zone from the list.", "Bitte wählen Sie eine Zeitzone aus der Liste.";
    bad_hours: "Line {} has no valid hours. Example: Mon-Fri 9:00-17:00.",
        "Zeile {} enthält keine gültigen Zeiten. Beispiel: Mo-Fr 9:00-17:00.";
    not_a_path: "“{}” is not a valid path. Example: /checkout/*.",
        "„{}“ ist kein gültiger Pfad. Beispiel: /checkout/*.";
    bad_template: "Line {} is not a valid template. Example: Question: May I help?",
        "Zeile {} ist keine gültige Vorlage. Beispiel: Frage: Darf ich helfen?";
    too_many: "Please enter no more than {}.", "Bitte geben Sie höchstens {} ein.";
    out_of_range: "Please enter a whole number {}.", "Bitte geben Sie eine ganze Zahl {} ein.";
    from_to: "from {} to ", "von {} bis ";
}
