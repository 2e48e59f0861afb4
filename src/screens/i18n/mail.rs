//! Texts of the e-mails, and of the screens about e-mail.

use super::strings;

strings! {
    mail: "E-mail", "E-Mail";
    mail_lead: "Agent invitations and password reset links are sent by e-mail.",
        "Einladungen für Agenten und Links zum Zurücksetzen des Passworts werden per E-Mail gesendet.";
    mail_off: "E-mail is not set up. The server's operator can do this in the mail table of Leptos.toml. Until then, please send links yourself.",
        "Der E-Mail-Versand ist nicht eingerichtet. Der Betreiber des Servers kann das in der Tabelle mail von Leptos.toml nachholen. Bis dahin geben Sie Links bitte selbst weiter.";
    mail_from: "Sender", "Absender";
    mail_try: "Send me a test e-mail", "Test-E-Mail an mich senden";
    mail_test_sent: "The mail server accepted the test e-mail. It should reach you soon.",
        "Der Mailserver hat die Test-E-Mail angenommen. Sie sollte bald bei Ihnen eintreffen.";
    mail_test_waits: "The mail server has not accepted the test e-mail yet. Jump-In will try again.",
        "Der Mailserver hat die Test-E-Mail noch nicht angenommen. Jump-In versucht es erneut.";
    mail_test_failed: "The test e-mail could not be sent.", "Die Test-E-Mail konnte nicht gesendet werden.";
    mail_returned: "Failed e-mails", "Fehlgeschlagene E-Mails";
    mail_returned_none: "No e-mails have failed since the server started.",
        "Seit dem Start des Servers ist keine E-Mail fehlgeschlagen.";
    mail_to: "Recipient", "Empfänger";
    mail_why: "Reason", "Grund";
    mailed_to: "The link was sent to {}.", "Der Link wurde an {} gesendet.";
    mailing_to: "The link is being sent to {}. If it does not arrive, please copy it below.",
        "Der Link wird an {} gesendet. Falls er nicht ankommt, kopieren Sie ihn bitte unten.";
    not_mailed: "The link could not be sent; please copy it below.",
        "Der Link konnte nicht gesendet werden; bitte kopieren Sie ihn unten.";
    mail_queue_full: "Too many e-mails are waiting to be sent.", "Es warten bereits zu viele E-Mails auf den Versand.";
    mail_unreachable: "The mail server cannot be reached.", "Der Mailserver ist nicht erreichbar.";
    mail_timed_out: "The mail server took too long to respond.", "Der Mailserver hat zu lange nicht geantwortet.";
    mail_not_private: "The connection to the mail server could not be encrypted.",
        "Die Verbindung zum Mailserver konnte nicht verschlüsselt werden.";
    mail_unfit: "The mail server does not offer STARTTLS or a supported sign-in method.",
        "Der Mailserver bietet kein STARTTLS oder kein unterstütztes Anmeldeverfahren an.";
    mail_refused: "The mail server rejected the e-mail (code {}).",
        "Der Mailserver hat die E-Mail abgelehnt (Code {}).";
    mail_unwritable: "The e-mail could not be created.", "Die E-Mail konnte nicht erstellt werden.";
    mail_invites: "{} has invited you to chat with visitors", "{} hat Sie eingeladen,";
    mail_into: "for {}.", "für {} mit Besuchern zu chatten.";
    mail_join: "To join, open this link. It works once and is valid for seven days:",
        "Um beizutreten, öffnen Sie diesen Link. Er funktioniert einmal und ist sieben Tage gültig:";
    mail_link_by: "{} has created a link for you to set a new password.",
        "{} hat für Sie einen Link erstellt, mit dem Sie ein neues Passwort festlegen können.";
    mail_forgotten: "Someone, perhaps you, requested a new password for this address.",
        "Jemand, vielleicht Sie selbst, hat ein neues Passwort für diese Adresse angefordert.";
    mail_password_subject: "Set a new password", "Neues Passwort festlegen";
    mail_password_day: "To choose a new password, open this link. It works once and is valid for one day:",
        "Um ein neues Passwort zu wählen, öffnen Sie diesen Link. Er funktioniert einmal und ist einen Tag gültig:";
    mail_password_hour: "To choose a new password, open this link. It works once and is valid for one hour:",
        "Um ein neues Passwort zu wählen, öffnen Sie diesen Link. Er funktioniert einmal und ist eine Stunde gültig:";
    mail_unexpected: "If you did not expect this e-mail, you can ignore it.",
        "Falls Sie diese E-Mail nicht erwartet haben, können Sie sie ignorieren.";
    mail_not_you: "If this was not you, you can ignore this e-mail. Your password stays the same.",
        "Falls Sie das nicht waren, können Sie diese E-Mail ignorieren. Ihr Passwort bleibt unverändert.";
    mail_test_subject: "Test e-mail from Jump-In", "Test-E-Mail von Jump-In";
    mail_test_body: "This is the test e-mail that you requested. Sending e-mail works.",
        "Dies ist die Test-E-Mail, die Sie angefordert haben. Der E-Mail-Versand funktioniert.";
    forgotten_by_mail: "We will e-mail you a link to set a new password.",
        "Sie erhalten per E-Mail einen Link, mit dem Sie ein neues Passwort festlegen können.";
    forgotten_sent: "If an account exists for this address, a link is on its way. It works once and is valid for one hour.",
        "Falls es zu dieser Adresse ein Konto gibt, ist ein Link unterwegs. Er funktioniert einmal und ist eine Stunde gültig.";
    send_link: "Send me a link", "Link senden";
}
