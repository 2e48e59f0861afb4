//! Agents, teams, and one's own account.

use super::strings;

strings! {
    agents: "Agents", "Agenten";
    agents_lead: "Who can sign in, and what they may do.", "Wer sich anmelden kann, und was jeder darf.";
    invite_agent: "Invite an agent", "Agenten einladen";
    invite_agent_lead: "You get a link to send. It is good once, for seven days.",
        "Sie bekommen einen Link zum Weitergeben. Er gilt einmal, sieben Tage lang.";
    make_link: "Make the link", "Link erstellen";
    send_it: "Send this link to {}.", "Senden Sie diesen Link an {}.";
    link_made: "It is good once, for seven days, and is not shown again.",
        "Er gilt einmal, sieben Tage lang, und wird nicht noch einmal gezeigt.";
    reset_made: "It sets a new password, is good once, for a day, and is not shown again.",
        "Er setzt ein neues Passwort, gilt einmal, einen Tag lang, und wird nicht noch einmal gezeigt.";
    invited: "Invited", "Eingeladen";
    invited_none: "No invitation is open.", "Keine Einladung ist offen.";
    until: "Good until", "Gültig bis";
    take_back: "Take back", "Zurückziehen";
    role: "Role", "Rolle";
    role_hint: "Agents invite and chat. Supervisors also take over and read every history. Admins also set everything up.",
        "Agenten laden ein und chatten. Supervisoren übernehmen außerdem Chats und lesen jeden Verlauf. Admins richten außerdem alles ein.";
    agent: "Agent", "Agent";
    supervisor: "Supervisor", "Supervisor";
    admin: "Admin", "Admin";
    max_chats: "Chats at once", "Chats zugleich";
    teams: "Teams", "Teams";
    teams_lead: "Chats go to the team of their concierge.", "Chats gehen an das Team ihres Concierges.";
    new_team: "New team", "Neues Team";
    no_teams: "There is no team yet.", "Noch gibt es kein Team.";
    members: "Members", "Mitglieder";
    up: "Move up", "Nach oben";
    active: "Active", "Aktiv";
    deactivated: "Deactivated", "Deaktiviert";
    deactivate: "Deactivate", "Deaktivieren";
    deactivate_hint: "He is signed out everywhere at once. What he wrote stays.",
        "Alle Anmeldungen enden sofort. Was geschrieben wurde, bleibt.";
    reactivate: "Reactivate", "Reaktivieren";
    reset: "Link to a new password", "Link zu neuem Passwort";
    join: "Join {}", "{} beitreten";
    join_lead: "You sign in as {}.", "Sie melden sich als {} an.";
    join_now: "Join", "Beitreten";
    new_password: "New password", "Neues Passwort";
    new_password_of: "For {}. Every sign-in with the old one ends.", "Für {}. Alle Anmeldungen mit dem alten enden.";
    set_password: "Set the password", "Passwort setzen";
    account: "Your account", "Ihr Konto";
    account_lead: "What others see of you, and how you sign in.",
        "Was andere von Ihnen sehen, und wie Sie sich anmelden.";
    your_zone: "Time zone", "Zeitzone";
    your_zone_hint: "Empty: your browser's.", "Leer: die Ihres Browsers.";
    avatar: "Picture", "Bild";
    new_avatar: "Another picture", "Anderes Bild";
    no_avatar: "You have none; your initials stand in its place.",
        "Sie haben keines; an seiner Stelle stehen Ihre Initialen.";
    avatar_hint: "Colleagues see it, and visitors whom you invite or chat with. PNG, JPEG or WebP; it is cut to a square, and nothing else of the file is kept.",
        "Kollegen sehen es, und Besucher, die Sie einladen oder mit denen Sie chatten. PNG, JPEG oder WebP; es wird quadratisch zugeschnitten, und sonst wird von der Datei nichts aufbewahrt.";
    upload: "Upload", "Hochladen";
    remove: "Remove", "Entfernen";
    password: "Password", "Passwort";
    old_password: "Old password", "Altes Passwort";
    change_password: "Change the password", "Passwort ändern";
    password_change_hint: "Every other sign-in of yours ends.", "Alle Ihre anderen Anmeldungen enden.";
    sign_ins: "Sign-ins", "Anmeldungen";
    since: "Since", "Seit";
    last_used: "Last used", "Zuletzt benutzt";
    this_one: "This one", "Diese";
    end: "End", "Beenden";
    end_others: "End all others", "Alle anderen beenden";
    second_factor: "Second factor", "Zweiter Faktor";
    factor_off: "Off. With it, signing in asks for a code from an app on your phone.",
        "Aus. Ist er an, fragt die Anmeldung nach einem Code aus einer App auf Ihrem Telefon.";
    factor_on: "On. {} recovery codes are left.", "An. Verbleibende Wiederherstellungscodes: {}.";
    turn_on: "Turn on", "Einschalten";
    turn_off: "Turn off", "Ausschalten";
    scan: "Scan this with your app, or type the secret into it; then type the code that it shows.",
        "Scannen Sie dies mit Ihrer App, oder tippen Sie den geheimen Schlüssel dort ein; geben Sie dann den Code ein, den sie zeigt.";
    totp_qr_code: "The secret, for an app to scan", "Der geheime Schlüssel, zum Scannen mit einer App";
    code: "Code", "Code";
    code_hint: "Six digits from your app, or a recovery code.",
        "Sechs Ziffern aus Ihrer App, oder ein Wiederherstellungscode.";
    confirm: "Confirm", "Bestätigen";
    recovery: "Recovery codes", "Wiederherstellungscodes";
    recovery_lead: "Each lets you in once, when your phone is lost. Keep them safe: they are not shown again.",
        "Jeder lässt Sie einmal hinein, wenn Ihr Telefon verloren ist. Bewahren Sie sie sicher auf: Sie werden nicht noch einmal gezeigt.";
    second_step: "Second step", "Zweiter Schritt";
    second_step_lead: "Your password was right. Now the code.", "Ihr Passwort war richtig. Nun der Code.";
    sign_in: "Sign in", "Anmelden";
    forgotten: "Forgot your password?", "Passwort vergessen?";
    forgotten_lead: "Ask an admin of your organization for a link to a new one.",
        "Bitten Sie einen Admin Ihrer Organisation um einen Link zu einem neuen.";
    not_an_email: "This is no e-mail address.", "Das ist keine E-Mail-Adresse.";
    email_taken: "Somebody signs in with this e-mail already, or is invited elsewhere.",
        "Mit dieser E-Mail-Adresse meldet sich schon jemand an, oder sie ist anderswo eingeladen.";
    too_short: "It needs {} characters or more.", "Mindestens {} Zeichen sind nötig.";
    wrong_password: "That is not your password.", "Das ist nicht Ihr Passwort.";
    password_needed: "Please type your password once more.", "Bitte geben Sie Ihr Passwort noch einmal ein.";
    wrong_code: "That code is not good, or no longer.", "Dieser Code gilt nicht, oder nicht mehr.";
    not_an_image: "This is no PNG, JPEG or WebP that can be read.", "Das ist kein lesbares PNG, JPEG oder WebP.";
    image_too_large: "The picture may have {} pixels in each direction at most.",
        "Das Bild darf in jeder Richtung höchstens {} Bildpunkte haben.";
    last_admin: "Somebody must remain who is an admin.", "Jemand muss Admin bleiben.";
    oneself: "You cannot deactivate yourself.", "Sie können sich nicht selbst deaktivieren.";
}
