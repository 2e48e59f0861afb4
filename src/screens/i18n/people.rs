//! Texts for agents, teams and the agent's own account.

use super::strings;

strings! {
    agents: "Agents", "Agenten";
    agents_lead: "Everyone who can sign in, and their roles.", "Alle, die sich anmelden können, und ihre Rollen.";
    invite_agent: "Invite an agent", "Agenten einladen";
    invite_agent_lead: "Create a link for the new agent. It works once and is valid for seven days.",
        "Erstellen Sie einen Link für den neuen Agenten. Er funktioniert einmal und ist sieben Tage gültig.";
    make_link: "Create link", "Link erstellen";
    send_it: "Send this link to {}.", "Senden Sie diesen Link an {}.";
    link_made: "It works once, is valid for seven days, and will not be shown again.",
        "Er funktioniert einmal, ist sieben Tage gültig und wird nicht noch einmal angezeigt.";
    reset_made: "It sets a new password, works once, is valid for one day, and will not be shown again.",
        "Mit ihm lässt sich ein neues Passwort festlegen. Er funktioniert einmal, ist einen Tag gültig und wird nicht noch einmal angezeigt.";
    invited: "Pending invitations", "Offene Einladungen";
    invited_none: "No pending invitations.", "Keine offenen Einladungen.";
    until: "Valid until", "Gültig bis";
    take_back: "Withdraw", "Zurückziehen";
    role: "Role", "Rolle";
    role_hint: "Agents invite visitors and chat. Supervisors can also take over chats and read all histories. Admins can also change all settings.",
        "Agenten laden Besucher ein und chatten. Supervisoren können außerdem Chats übernehmen und alle Verläufe lesen. Admins können außerdem alle Einstellungen ändern.";
    agent: "Agent", "Agent";
    supervisor: "Supervisor", "Supervisor";
    admin: "Admin", "Admin";
    max_chats: "Maximum simultaneous chats", "Maximal gleichzeitige Chats";
    teams: "Teams", "Teams";
    teams_lead: "Each chat goes to the team of its concierge.", "Jeder Chat geht an das Team seines Concierges.";
    new_team: "New team", "Neues Team";
    no_teams: "No teams yet.", "Noch keine Teams.";
    members: "Members", "Mitglieder";
    up: "Move up", "Nach oben";
    active: "Active", "Aktiv";
    deactivated: "Deactivated", "Deaktiviert";
    deactivate: "Deactivate", "Deaktivieren";
    deactivate_hint: "Deactivated agents are signed out everywhere immediately. Everything they wrote is kept.",
        "Deaktivierte Agenten werden sofort überall abgemeldet. Alles, was sie geschrieben haben, bleibt erhalten.";
    reactivate: "Reactivate", "Reaktivieren";
    reset: "Create password link", "Passwort-Link erstellen";
    join: "Join {}", "{} beitreten";
    join_lead: "Your sign-in address will be {}.", "Ihre Adresse für die Anmeldung ist {}.";
    join_now: "Join", "Beitreten";
    new_password: "New password", "Neues Passwort";
    new_password_of: "For {}. All current sessions will end.", "Für {}. Alle bestehenden Sitzungen werden beendet.";
    set_password: "Set password", "Passwort festlegen";
    account: "Your account", "Ihr Konto";
    account_lead: "What others see of you, and how you sign in.",
        "Was andere von Ihnen sehen und wie Sie sich anmelden.";
    your_zone: "Time zone", "Zeitzone";
    your_zone_hint: "Leave empty to use your browser's time zone.",
        "Lassen Sie das Feld leer, um die Zeitzone Ihres Browsers zu verwenden.";
    avatar: "Profile picture", "Profilbild";
    new_avatar: "New picture", "Neues Bild";
    no_avatar: "You have no picture; your initials are shown instead.",
        "Sie haben kein Bild; stattdessen werden Ihre Initialen angezeigt.";
    avatar_hint: "Shown to colleagues and to visitors you invite or chat with. PNG, JPEG, or WebP; it is cropped to a square, and nothing else from the file is kept.",
        "Sichtbar für Kollegen sowie für Besucher, die Sie einladen oder mit denen Sie chatten. PNG, JPEG oder WebP; es wird quadratisch zugeschnitten, und nichts anderes aus der Datei wird aufbewahrt.";
    upload: "Upload", "Hochladen";
    remove: "Remove", "Entfernen";
    password: "Password", "Passwort";
    old_password: "Current password", "Aktuelles Passwort";
    change_password: "Change password", "Passwort ändern";
    password_change_hint: "All your other sessions will end.", "Alle Ihre anderen Sitzungen werden beendet.";
    sign_ins: "Active sessions", "Aktive Sitzungen";
    since: "Since", "Seit";
    last_used: "Last used", "Zuletzt verwendet";
    this_one: "This session", "Diese Sitzung";
    end: "End", "Beenden";
    end_others: "End all other sessions", "Alle anderen Sitzungen beenden";
    second_factor: "Two-factor authentication", "Zwei-Faktor-Authentifizierung";
    factor_off: "Off. When it is on, signing in also requires a code from an app on your phone.",
        "Aus. Ist sie eingeschaltet, brauchen Sie bei der Anmeldung zusätzlich einen Code aus einer App auf Ihrem Telefon.";
    factor_on: "On. Recovery codes left: {}.", "Ein. Verbleibende Wiederherstellungscodes: {}.";
    turn_on: "Turn on", "Einschalten";
    turn_off: "Turn off", "Ausschalten";
    scan: "Scan this with your authenticator app, or enter the secret key there. Then enter the code that the app shows.",
        "Scannen Sie dies mit Ihrer Authenticator-App, oder geben Sie dort den geheimen Schlüssel ein. Geben Sie dann den Code ein, den die App anzeigt.";
    totp_qr_code: "QR code with the secret key", "QR-Code mit dem geheimen Schlüssel";
    code: "Code", "Code";
    code_hint: "The six digits from your app, or a recovery code.",
        "Die sechs Ziffern aus Ihrer App oder ein Wiederherstellungscode.";
    confirm: "Confirm", "Bestätigen";
    recovery: "Recovery codes", "Wiederherstellungscodes";
    recovery_lead: "Each code lets you sign in once if you lose your phone. Keep them safe: they will not be shown again.",
        "Mit jedem Code können Sie sich einmal anmelden, falls Sie Ihr Telefon verlieren. Bewahren Sie die Codes sicher auf: Sie werden nicht noch einmal angezeigt.";
    second_step: "Verification code", "Bestätigungscode";
    second_step_lead: "Your password is correct. Please enter your code to continue.",
        "Ihr Passwort ist richtig. Bitte geben Sie zum Fortfahren Ihren Code ein.";
    sign_in: "Sign in", "Anmelden";
    forgotten: "Forgot your password?", "Passwort vergessen?";
    forgotten_lead: "Ask an admin of your organization for a link to set a new password.",
        "Bitten Sie einen Admin Ihrer Organisation um einen Link, mit dem Sie ein neues Passwort festlegen können.";
    not_an_email: "Please enter a valid e-mail address.", "Bitte geben Sie eine gültige E-Mail-Adresse ein.";
    email_taken: "This e-mail address already has an account or an invitation elsewhere.",
        "Zu dieser E-Mail-Adresse gibt es bereits ein Konto oder anderswo eine Einladung.";
    too_short: "Please use at least {} characters.", "Bitte verwenden Sie mindestens {} Zeichen.";
    wrong_password: "This is not your current password.", "Das ist nicht Ihr aktuelles Passwort.";
    password_needed: "Please enter your password again.", "Bitte geben Sie Ihr Passwort noch einmal ein.";
    wrong_code: "This code is incorrect or no longer valid.", "Dieser Code ist falsch oder nicht mehr gültig.";
    not_an_image: "This is not a readable PNG, JPEG, or WebP image.",
        "Das ist kein lesbares PNG-, JPEG- oder WebP-Bild.";
    image_too_large: "The picture can be at most {} pixels wide and high.",
        "Das Bild darf höchstens {} Pixel breit und hoch sein.";
    image_too_narrow: "The longer side of the picture can be at most {} times as long as the shorter one.",
        "Die längere Seite des Bildes darf höchstens {}-mal so lang sein wie die kürzere.";
    last_admin: "At least one admin must remain.", "Mindestens ein Admin muss bleiben.";
    oneself: "You cannot deactivate your own account.", "Sie können Ihr eigenes Konto nicht deaktivieren.";
}
