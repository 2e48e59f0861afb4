//! Mail: what the letters say, and what an admin reads of them.

use super::strings;

strings! {
    mail: "Mail", "E-Mail";
    mail_lead: "Invitations and links to new passwords are mailed.",
        "Einladungen und Links zu neuen Passwörtern werden per E-Mail verschickt.";
    mail_off: "Mail is not set up. Whoever runs the server can do it, in the table mail of Leptos.toml. Until then you hand links over yourself.",
        "Der E-Mail-Versand ist nicht eingerichtet. Das kann tun, wer den Server betreibt, in der Tabelle mail von Leptos.toml. Bis dahin geben Sie Links selbst weiter.";
    mail_from: "From", "Von";
    mail_try: "Send me a test", "Test an mich senden";
    mail_test_sent: "A test is on its way to your own address; the mail server has taken it.",
        "Ein Test ist unterwegs an Ihre eigene Adresse; der Mailserver hat ihn angenommen.";
    mail_test_waits: "The mail server has not taken the test yet; it is tried again.",
        "Der Mailserver hat den Test noch nicht angenommen; es wird erneut versucht.";
    mail_test_failed: "The test could not be mailed.", "Der Test konnte nicht verschickt werden.";
    mail_returned: "Not mailed", "Nicht verschickt";
    mail_returned_none: "Nothing was given up since the server started.",
        "Seit dem Start des Servers ist nichts gescheitert.";
    mail_to: "To", "An";
    mail_why: "FieldErrorKind", "Warum";
    mailed_to: "It was mailed to {}.", "Der Link wurde an {} verschickt.";
    mailing_to: "It is being mailed to {}. If it does not arrive, copy the link.",
        "Der Link wird an {} verschickt. Kommt er nicht an, kopieren Sie ihn.";
    not_mailed: "It could not be mailed; copy the link.", "Der Link konnte nicht verschickt werden; kopieren Sie ihn.";
    mail_queue_full: "Too many mails wait already.", "Es warten schon zu viele E-Mails.";
    mail_unreachable: "The mail server does not answer.", "Der Mailserver antwortet nicht.";
    mail_timed_out: "The mail server took too long.", "Der Mailserver hat zu lange gebraucht.";
    mail_not_private: "The connection to the mail server cannot be made private.",
        "Die Verbindung zum Mailserver lässt sich nicht verschlüsseln.";
    mail_unfit: "The mail server offers no STARTTLS, or no way to sign in.",
        "Der Mailserver bietet kein STARTTLS oder keine passende Anmeldung an.";
    mail_refused: "The mail server refused it (code {}).", "Der Mailserver hat die E-Mail abgelehnt (Code {}).";
    mail_unwritable: "It cannot be written as a mail.", "Daraus lässt sich keine E-Mail machen.";
    mail_invites: "{} invites you to chat with visitors", "{} lädt Sie ein, mit Besuchern zu chatten,";
    mail_into: "for {}.", "im Namen von {}.";
    mail_join: "To join, open this address. It is good once, for seven days:",
        "Um beizutreten, öffnen Sie diese Adresse. Sie gilt einmal, sieben Tage lang:";
    mail_link_by: "{} has made a link for you to a new password.",
        "{} hat für Sie einen Link zu einem neuen Passwort erstellt.";
    mail_forgotten: "Somebody, perhaps you, says that the password for this address is forgotten.",
        "Jemand, vielleicht Sie, gibt an, dass das Passwort zu dieser Adresse vergessen ist.";
    mail_password_subject: "A new password", "Ein neues Passwort";
    mail_password_day: "To choose it, open this address. It is good once, for a day:",
        "Um es zu wählen, öffnen Sie diese Adresse. Sie gilt einmal, einen Tag lang:";
    mail_password_hour: "To choose a new one, open this address. It is good once, for an hour:",
        "Um ein neues zu wählen, öffnen Sie diese Adresse. Sie gilt einmal, eine Stunde lang:";
    mail_unexpected: "If you did not expect this, you need do nothing.",
        "Wenn Sie das nicht erwartet haben, brauchen Sie nichts zu tun.";
    mail_not_you: "If it was not you, you need do nothing: your password stays as it is.",
        "Wenn Sie es nicht waren, brauchen Sie nichts zu tun: Ihr Passwort bleibt, wie es ist.";
    mail_test_subject: "Jump-In can mail", "Jump-In kann E-Mails senden";
    mail_test_body: "This is the test that you asked for. Mail works.",
        "Dies ist der Test, um den Sie gebeten haben. Der E-Mail-Versand funktioniert.";
    forgotten_by_mail: "You get a link to a new one by mail.", "Sie bekommen per E-Mail einen Link zu einem neuen.";
    forgotten_sent: "If somebody signs in with this address, a link is on its way to it. It is good once, for an hour.",
        "Gibt es zu dieser Adresse ein Konto, ist ein Link dorthin unterwegs. Er gilt einmal, eine Stunde lang.";
    send_link: "Send me a link", "Link senden";
}
