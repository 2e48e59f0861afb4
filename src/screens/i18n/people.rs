//! Strings for agents, teams, and the agent's own account.

use super::strings;

strings! {
    agents: "Agents", "Agenten";
    agents_lead: "Everyone who can sign in, and their roles.", "Alle, die sich anmelden können, und ihre Rollen.";
    invite_agent: "Invite an agent", "Agenten einladen";
    invite_agent_lead: "Create a link for the new agent. It can be used once and is valid for seven days.",
        "Erstellen Sie einen Link für den neuen Agenten. Er kann nur einmal verwendet werden und ist sieben Tage gültig.";
    make_link: "Create link", "Link erstellen";
    send_it: "Send this link to {}.", "Senden Sie diesen Link an {}.";
    link_made: "The link can be used once and is valid for seven days.",
        "Der Link kann nur einmal verwendet werden und ist sieben Tage gültig.";
    shown_once: "It will not be shown again.", "Er wird nicht noch einmal angezeigt.";
    reset_made: "The agent can use this link to set a new password. It can be used once and is valid for one day.",
        "Mit diesem Link kann der Agent ein neues Passwort festlegen. Er kann nur einmal verwendet werden und ist einen Tag gültig.";
    invited: "Pending invitations", "Offene Einladungen";
    invited_none: "No pending invitations.", "Keine offenen Einladungen.";
    until: "Valid until", "Gültig bis";
    take_back: "Withdraw", "Zurückziehen";
    role: "Role", "Rolle";
    role_hint: "Agents can invite visitors and chat with them. Supervisors can also take over chats and view all chat history. Admins can also change any setting.",
        "Agenten können Besucher einladen und mit ihnen chatten. Supervisoren können außerdem Chats übernehmen und den gesamten Chatverlauf einsehen. Admins können zusätzlich alle Einstellungen ändern.";
    agent: "Agent", "Agent";
    supervisor: "Supervisor", "Supervisor";
    admin: "Admin", "Admin";
    max_chats: "Maximum simultaneous chats", "Höchstzahl gleichzeitiger Chats";
    teams: "Teams", "Teams";
    teams_lead: "Each chat goes to its concierge's team.", "Jeder Chat geht an das Team, das dem jeweiligen Concierge zugeordnet ist.";
    new_team: "New team", "Neues Team";
    no_teams: "No teams yet.", "Noch keine Teams.";
    members: "Members", "Mitglieder";
    up: "Move up", "Nach oben";
    active: "Active", "Aktiv";
    deactivated: "Deactivated", "Deaktiviert";
    deactivate: "Deactivate", "Deaktivieren";
    deactivate_hint: "Deactivated agents are immediately signed out everywhere. Everything they wrote is kept.",
        "Deaktivierte Agenten werden sofort überall abgemeldet. Alles, was sie geschrieben haben, bleibt erhalten.";
    reactivate: "Reactivate", "Reaktivieren";
    reset: "Create password reset link", "Link zum Zurücksetzen des Passworts erstellen";
    join: "Join {}", "{} beitreten";
    join_lead: "You will sign in with {}.", "Sie melden sich künftig mit {} an.";
    join_now: "Join", "Beitreten";
    new_password: "New password", "Neues Passwort";
    new_password_of: "For {}. All current sessions will be signed out.",
        "Gilt für {}. Alle bestehenden Sitzungen werden beendet.";
    set_password: "Set password", "Passwort festlegen";
    account: "Your account", "Ihr Konto";
    account_lead: "Your profile and sign-in settings.", "Ihr Profil und Ihre Anmeldung.";
    your_zone: "Time zone", "Zeitzone";
    your_zone_hint: "Leave blank to use your browser's time zone.",
        "Lassen Sie das Feld leer, um die Zeitzone Ihres Browsers zu verwenden.";
    avatar: "Profile picture", "Profilbild";
    new_avatar: "New picture", "Neues Bild";
    no_avatar: "You do not have a profile picture yet. Your initials are shown instead.",
        "Sie haben noch kein Profilbild. Stattdessen werden Ihre Initialen angezeigt.";
    avatar_hint: "Your picture is shown to colleagues and to visitors you invite or chat with. Upload a PNG, JPEG, or WebP file. It will be cropped to a square, and all other data in the file will be discarded.",
        "Ihr Bild ist für Kollegen sichtbar und für Besucher, die Sie einladen oder mit denen Sie chatten. Laden Sie eine PNG-, JPEG- oder WebP-Datei hoch. Das Bild wird quadratisch zugeschnitten, und alle weiteren Daten in der Datei werden verworfen.";
    upload: "Upload", "Hochladen";
    remove: "Remove", "Entfernen";
    password: "Password", "Passwort";
    old_password: "Current password", "Aktuelles Passwort";
    change_password: "Change password", "Passwort ändern";
    password_change_hint: "You will be signed out of all other sessions.",
        "Alle Ihre anderen Sitzungen werden beendet.";
    sign_ins: "Active sessions", "Aktive Sitzungen";
    since: "Since", "Seit";
    last_used: "Last used", "Zuletzt verwendet";
    this_one: "This session", "Diese Sitzung";
    end: "End", "Beenden";
    end_others: "End all other sessions", "Alle anderen Sitzungen beenden";
    second_factor: "Two-factor authentication", "Zwei-Faktor-Authentifizierung";
    factor_off: "Two-factor authentication is off. When it is on, you also need a code from an app on your phone to sign in.",
        "Die Zwei-Faktor-Authentifizierung ist ausgeschaltet. Wenn sie eingeschaltet ist, benötigen Sie bei der Anmeldung zusätzlich einen Code aus einer App auf Ihrem Telefon.";
    factor_on: "Two-factor authentication is on. Recovery codes left: {}.",
        "Die Zwei-Faktor-Authentifizierung ist eingeschaltet. Verbleibende Wiederherstellungscodes: {}.";
    turn_on: "Turn on", "Einschalten";
    turn_off: "Turn off", "Ausschalten";
    scan: "Scan this QR code with your authenticator app, or enter the secret key manually. Then enter the code shown in the app.",
        "Scannen Sie diesen QR-Code mit Ihrer Authenticator-App, oder geben Sie den geheimen Schlüssel von Hand ein. Geben Sie dann den Code ein, den die App anzeigt.";
    totp_qr_code: "QR code containing the secret key", "QR-Code mit dem geheimen Schlüssel";
    code: "Code", "Code";
    code_hint: "Enter the six-digit code from your app, or a recovery code.",
        "Geben Sie den sechsstelligen Code aus Ihrer App oder einen Wiederherstellungscode ein.";
    confirm: "Confirm", "Bestätigen";
    recovery: "Recovery codes", "Wiederherstellungscodes";
    recovery_lead: "Each code lets you sign in once if you lose your phone. Store them in a safe place. They will not be shown again.",
        "Mit jedem Code können Sie sich einmal anmelden, falls Sie Ihr Telefon verlieren. Bewahren Sie die Codes sicher auf. Sie werden nicht noch einmal angezeigt.";
    second_step: "Verification code", "Bestätigungscode";
    second_step_lead: "Please enter your verification code to continue.",
        "Bitte geben Sie Ihren Bestätigungscode ein, um fortzufahren.";
    sign_in: "Sign in", "Anmelden";
    sign_in_again: "Please sign in again. There were too many wrong codes, or too much time has passed.",
        "Bitte melden Sie sich noch einmal an. Es gab zu viele falsche Codes, oder es ist zu viel Zeit vergangen.";
    forgotten: "Forgot your password?", "Passwort vergessen?";
    forgotten_lead: "Ask an admin in your organization for a password reset link.",
        "Bitten Sie einen Admin Ihrer Organisation um einen Link zum Zurücksetzen des Passworts.";
    not_an_email: "Please enter a valid email address.", "Bitte geben Sie eine gültige E-Mail-Adresse ein.";
    email_taken: "This email address already belongs to an agent of your organization.",
        "Diese E-Mail-Adresse gehört bereits zu einem Agenten Ihrer Organisation.";
    too_short: "Please use at least {} characters.", "Bitte verwenden Sie mindestens {} Zeichen.";
    weak_password: "This password is easy to guess. Please choose a longer or more unusual one.",
        "Dieses Passwort ist leicht zu erraten. Bitte wählen Sie ein längeres oder ungewöhnlicheres.";
    your_current_password: "Your password", "Ihr Passwort";
    export_password_hint: "To export, please enter your password again.",
        "Geben Sie zum Exportieren bitte Ihr Passwort noch einmal ein.";
    wrong_password: "That's not your current password.", "Das ist nicht Ihr aktuelles Passwort.";
    password_needed: "Please enter your password again.", "Bitte geben Sie Ihr Passwort noch einmal ein.";
    wrong_code: "This code is incorrect or has expired.", "Dieser Code ist falsch oder abgelaufen.";
    not_an_image: "This file is not a valid PNG, JPEG, or WebP image.",
        "Diese Datei ist kein gültiges PNG-, JPEG- oder WebP-Bild.";
    image_too_large: "The picture cannot be wider or taller than {} pixels.",
        "Das Bild darf höchstens {} Pixel breit und hoch sein.";
    image_too_narrow: "The longer side of the picture can be at most {} times as long as the shorter one.",
        "Die längere Seite des Bildes darf höchstens {}-mal so lang sein wie die kürzere.";
    last_admin: "There must be at least one admin.", "Es muss mindestens einen Admin geben.";
    oneself: "You cannot deactivate your own account.", "Sie können Ihr eigenes Konto nicht deaktivieren.";
}
