//! Strings for emails and the screens about email.

use super::strings;

strings! {
    mail: "Email", "E-Mail";
    mail_lead: "Agent invitations and password reset links are sent by email.",
        "Einladungen für Agenten und Links zum Zurücksetzen des Passworts werden per E-Mail gesendet.";
    mail_off: "Email is not set up. The server operator can configure it in the mail table of Leptos.toml. Until then, you will need to send links yourself.",
        "Der E-Mail-Versand ist nicht eingerichtet. Der Betreiber des Servers kann ihn im Abschnitt „mail“ der Datei Leptos.toml einrichten. Bis dahin müssen Sie Links selbst weitergeben.";
    mail_from: "Sender", "Absender";
    mail_try: "Send me a test email", "Test-E-Mail an mich senden";
    mail_test_sent: "The mail server accepted the test email. It should reach you soon.",
        "Der Mailserver hat die Test-E-Mail angenommen. Sie sollte bald bei Ihnen eintreffen.";
    mail_test_waits: "The mail server has not accepted the test email yet. Jump-In will try again.",
        "Der Mailserver hat die Test-E-Mail noch nicht angenommen. Jump-In versucht es erneut.";
    mail_test_failed: "The test email could not be sent.", "Die Test-E-Mail konnte nicht gesendet werden.";
    mail_returned: "Failed emails", "Fehlgeschlagene E-Mails";
    mail_returned_none: "No emails have failed since the server started.",
        "Seit dem Start des Servers ist keine E-Mail fehlgeschlagen.";
    mail_to: "Recipient", "Empfänger";
    mail_why: "Reason", "Grund";
    mailed_to: "The link was sent to {}.", "Der Link wurde an {} gesendet.";
    mailing_to: "The link is being sent to {}. If it does not arrive, the email settings show why.",
        "Der Link wird an {} gesendet. Falls er nicht ankommt, steht der Grund in den E-Mail-Einstellungen.";
    not_mailed: "The link could not be sent. Please create a new one later.",
        "Der Link konnte nicht gesendet werden. Bitte erstellen Sie später einen neuen.";
    mail_queue_full: "Too many emails are waiting to be sent.", "Es warten bereits zu viele E-Mails auf den Versand.";
    mail_unreachable: "The mail server cannot be reached.", "Der Mailserver ist nicht erreichbar.";
    mail_timed_out: "The mail server took too long to respond.", "Der Mailserver hat zu lange nicht geantwortet.";
    mail_not_private: "The connection to the mail server could not be encrypted.",
        "Die Verbindung zum Mailserver konnte nicht verschlüsselt werden.";
    mail_unfit: "The mail server does not offer STARTTLS or a supported sign-in method.",
        "Der Mailserver bietet entweder kein STARTTLS oder kein unterstütztes Anmeldeverfahren an.";
    mail_refused: "The mail server rejected the email (code {}).",
        "Der Mailserver hat die E-Mail abgelehnt (Code {}).";
    mail_unwritable: "The email could not be created.", "Die E-Mail konnte nicht erstellt werden.";
    mail_invites: "{} has invited you to chat with website visitors", "{} hat Sie eingeladen,";
    mail_into: "on behalf of {}.", "im Namen von {} mit Website-Besuchern zu chatten.";
    mail_join: "To join, open this link. It can be used once and is valid for seven days:",
        "Öffnen Sie zum Beitreten diesen Link (nur einmal verwendbar, sieben Tage gültig):";
    mail_address_in_use: "You cannot join with this email address, because it already belongs to your account with another organization on this server. We have not told anybody.",
        "Mit dieser E-Mail-Adresse können Sie nicht beitreten, weil sie bereits zu Ihrem Konto bei einer anderen Organisation auf diesem Server gehört. Wir haben das niemandem mitgeteilt.";
    mail_other_address: "If you want to join, ask {} to invite another address.",
        "Wenn Sie beitreten möchten, bitten Sie {} um eine Einladung an eine andere Adresse.";
    mail_link_by: "{} has created a link for you to set a new password.",
        "{} hat für Sie einen Link erstellt, mit dem Sie ein neues Passwort festlegen können.";
    mail_forgotten: "We received a request to reset the password for this email address.",
        "Für diese E-Mail-Adresse wurde ein neues Passwort angefordert.";
    mail_password_subject: "Set a new password", "Neues Passwort festlegen";
    mail_password_day: "To set a new password, open this link. It can be used once and is valid for one day:",
        "Öffnen Sie diesen Link, um ein neues Passwort festzulegen (nur einmal verwendbar, einen Tag gültig):";
    mail_password_hour: "To set a new password, open this link. It can be used once and is valid for one hour:",
        "Öffnen Sie diesen Link, um ein neues Passwort festzulegen (nur einmal verwendbar, eine Stunde gültig):";
    mail_unexpected: "If you were not expecting this email, you can ignore it.",
        "Falls Sie diese E-Mail nicht erwartet haben, können Sie sie ignorieren.";
    mail_not_you: "If you did not request this, you can ignore this email. Your password will not change.",
        "Falls Sie das nicht angefordert haben, können Sie diese E-Mail ignorieren. Ihr Passwort bleibt unverändert.";
    mail_codes_subject: "Wrong codes for your account", "Falsche Codes für Ihr Konto";
    mail_codes: "Someone who knows your password has entered many wrong codes for two-factor authentication.",
        "Jemand, der Ihr Passwort kennt, hat viele falsche Codes für die Zwei-Faktor-Authentifizierung eingegeben.";
    mail_codes_what: "If it was not you, please set a new password now. If your password stays secret, no one can try codes.",
        "Falls Sie das nicht waren, legen Sie bitte jetzt ein neues Passwort fest. Ohne Ihr Passwort kann niemand Codes ausprobieren.";
    mail_test_subject: "Test email from Jump-In", "Test-E-Mail von Jump-In";
    mail_test_body: "This is the test email you requested. Email is working.",
        "Dies ist die von Ihnen angeforderte Test-E-Mail. Der E-Mail-Versand funktioniert.";
    forgotten_by_mail: "We will email you a link to set a new password.",
        "Sie erhalten per E-Mail einen Link, mit dem Sie ein neues Passwort festlegen können.";
    forgotten_sent: "If an account exists for this address, a link is on its way. It can be used once and is valid for one hour.",
        "Falls es zu dieser Adresse ein Konto gibt, ist ein Link unterwegs. Er kann nur einmal verwendet werden und ist eine Stunde gültig.";
    send_link: "Send me a link", "Link senden";
}
