//! Strings for the initial setup and for concierges.

#![allow(rustdoc::bare_urls, reason = "each string is its own doc comment, and some contain a URL")]

use super::strings;

strings! {
    set_up: "Set up Jump-In", "Jump-In einrichten";
    set_up_lead: "Create the first account. You will be the admin, and you can change everything here later.",
        "Legen Sie das erste Konto an. Sie werden damit Admin und können später alle Angaben ändern.";
    set_up_where: "Nobody can sign in yet. Whoever started the server finds a link in its terminal or log; it opens this page.",
        "Noch kann sich niemand anmelden. Wer den Server gestartet hat, findet im Terminal oder im Protokoll einen Link, der diese Seite öffnet.";
    set_up_now: "Set up and sign in", "Einrichten und anmelden";
    your_name: "Your first and last name", "Ihr Vor- und Nachname";
    your_email: "Your email address", "Ihre E-Mail-Adresse";
    your_password: "Your password", "Ihr Passwort";
    password_hint: "At least 10 characters.", "Mindestens 10 Zeichen.";
    first_concierge: "First concierge", "Erster Concierge";
    first_concierge_hint: "What your agents call the place where the chat appears, such as Website or Shop.",
        "So heißt für Ihre Agenten der Ort, an dem der Chat erscheint, zum Beispiel Website oder Shop.";
    first_site: "Your website", "Ihre Website";
    first_site_hint: "The site's address without a path, such as https://www.example.com. The chat will only appear on this site.",
        "Die Adresse ohne Pfad, zum Beispiel https://www.example.com. Der Chat erscheint nur auf dieser Website.";
    website: "Website", "Website";
    concierges: "Concierges", "Concierges";
    concierges_lead: "A concierge is a place on your sites where the chat appears. Each one has its own look, text, and team.",
        "Ein Concierge ist ein Ort auf Ihren Websites, an dem der Chat erscheint. Jeder Concierge hat ein eigenes Aussehen, eigene Texte und ein eigenes Team.";
    new_concierge: "New concierge", "Neuer Concierge";
    no_concierges: "No concierges yet.", "Noch keine Concierges.";
    key: "Key", "Schlüssel";
    key_is: "Key: {} (cannot be changed)", "Schlüssel: {} (kann nicht geändert werden)";
    sites: "Sites", "Websites";
    sites_hint: "Enter one address per line, without a path, such as https://www.example.com. If you leave this blank, any website can embed the concierge.",
        "Geben Sie pro Zeile eine Adresse ohne Pfad ein, zum Beispiel https://www.example.com. Wenn Sie das Feld leer lassen, kann jede Website den Concierge einbinden.";
    every_site: "Any website", "Jede Website";
    any_site: "Any website can embed this concierge, because its list of sites is empty. Enter your sites to prevent that.",
        "Jede Website kann diesen Concierge einbinden, weil die Liste der Websites leer ist. Tragen Sie Ihre Websites ein, um das zu verhindern.";
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
    title_hint: "Shown at the top of the chat panel.", "Wird oben im Chatfenster angezeigt.";
    greeting: "Greeting", "Begrüßung";
    greeting_hint: "The first message that visitors see.", "Die erste Nachricht, die Besuchern angezeigt wird.";
    color: "Color", "Farbe";
    color_hint: "Text on this color will be black or white, whichever is easier to read.",
        "Auf dieser Farbe wird Text schwarz oder weiß dargestellt, je nachdem, was besser lesbar ist.";
    side: "Position", "Position";
    left: "Left", "Links";
    right: "Right", "Rechts";
    language: "Language", "Sprache";
    english: "English", "Englisch";
    german: "German", "Deutsch";
    privacy_mode: "Privacy", "Datenschutz";
    essential: "Essential: nothing is stored until the visitor opens the chat or responds to an invitation",
        "Notwendig: Es wird nichts gespeichert, bis der Besucher den Chat öffnet oder auf eine Einladung antwortet";
    ask: "Ask: behaves like Essential until your page reports consent, then like Full",
        "Nachfragen: Verhält sich wie „Notwendig“, bis Ihre Seite die Einwilligung meldet, danach wie „Vollständig“";
    full: "Full: a token is stored from the first page view until the tab is closed",
        "Vollständig: Vom ersten Seitenaufruf an wird ein Token gespeichert, bis der Tab geschlossen wird";
    invitation: "Invitation text", "Einladungstext";
    invitation_hint: "{agent} is replaced with the agent's first name.",
        "{agent} wird durch den Vornamen des Agenten ersetzt.";
    templates: "Invitation templates", "Einladungsvorlagen";
    templates_hint: "Enter one per line in the form “Name: text”. {agent} is replaced with the agent's first name.",
        "Geben Sie pro Zeile eine Vorlage im Format „Name: Text“ ein. {agent} wird durch den Vornamen des Agenten ersetzt.";
    zone: "Time zone", "Zeitzone";
    hours: "Opening hours", "Öffnungszeiten";
    hours_hint: "Enter days and times, one entry per line, such as Mon-Fri 9:00-12:30, 13:30-17:00. Leave blank if you are always open.",
        "Geben Sie pro Zeile Tage und Uhrzeiten ein, zum Beispiel Mo-Fr 9:00-12:30, 13:30-17:00. Lassen Sie das Feld leer, wenn Sie immer geöffnet haben.";
    quiet_deny: "Quiet period after a declined invitation (minutes)",
        "Ruhezeit nach einer abgelehnten Einladung (Minuten)";
    quiet_unanswered: "Quiet period after an unanswered invitation (minutes)",
        "Ruhezeit nach einer unbeantworteten Einladung (Minuten)";
    quiet_hint: "Leave blank to use the server's setting.",
        "Lassen Sie das Feld leer, um die Einstellung des Servers zu verwenden.";
    excluded_paths: "Pages without prompts", "Seiten ohne Einblendungen";
    excluded_paths_hint: "Enter one path per line. An asterisk (*) matches any characters, as in /checkout/*. Upper and lower case count. Visitors cannot be invited on these pages, and any open prompts are hidden.",
        "Geben Sie pro Zeile einen Pfad ein. Ein Sternchen (*) steht für beliebige Zeichen, zum Beispiel /checkout/*. Groß- und Kleinschreibung wird unterschieden. Auf diesen Seiten können Besucher nicht eingeladen werden, und bereits geöffnete Einblendungen werden ausgeblendet.";
    no_team: "Everyone", "Alle";
    preview: "Preview", "Vorschau";
    not_a_site: "“{}” is not a valid address. Enter only the protocol and domain, such as https://www.example.com.",
        "„{}“ ist keine gültige Adresse. Geben Sie nur Protokoll und Domain ein, zum Beispiel https://www.example.com.";
    not_a_color: "Please enter # followed by six hexadecimal digits, such as #2f5bd7.",
        "Bitte geben Sie # und sechs Hexadezimalziffern ein, zum Beispiel #2f5bd7.";
    not_a_zone: "Please choose a time zone from the list.", "Bitte wählen Sie eine Zeitzone aus der Liste aus.";
    bad_hours: "Line {} does not contain valid opening hours. Example: Mon-Fri 9:00-17:00.",
        "Zeile {} enthält keine gültigen Öffnungszeiten. Beispiel: Mo-Fr 9:00-17:00.";
    not_a_path: "“{}” is not a valid path. Example: /checkout/*.",
        "„{}“ ist kein gültiger Pfad. Beispiel: /checkout/*.";
    bad_template: "Line {} is not a valid template. Use the form “Name: text”.",
        "Zeile {} ist keine gültige Vorlage. Verwenden Sie das Format „Name: Text“.";
    too_many: "Please enter no more than {}.", "Bitte geben Sie höchstens {} ein.";
    out_of_range: "Please enter a whole number {}.", "Bitte geben Sie eine ganze Zahl {} ein.";
    from_to: "from {} to ", "von {} bis ";
}
