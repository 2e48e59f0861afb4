//! Mail: what the letters say, and what an admin reads of them.

use super::words;

words! {
    MAIL: "Mail";
    MAIL_LEAD: "Invitations and links to new passwords are mailed.";
    MAIL_OFF: "Mail is not set up. Whoever runs the server can do it, in the table mail of Leptos.toml. Until then you hand links over yourself.";
    MAIL_FROM: "From";
    MAIL_TRY: "Send me a test";
    MAIL_TEST_SENT: "A test is on its way to your own address; the mail server has taken it.";
    MAIL_TEST_WAITS: "The mail server has not taken the test yet; it is tried again.";
    MAIL_TEST_FAILED: "The test could not be mailed.";
    MAIL_RETURNED: "Not mailed";
    MAIL_RETURNED_NONE: "Nothing was given up since the server started.";
    MAIL_TO: "To";
    MAIL_WHY: "Why";
    MAILED_TO: "It was mailed to {}.";
    MAILING_TO: "It is being mailed to {}. If it does not arrive, copy the link.";
    NOT_MAILED: "It could not be mailed; copy the link.";
    MAIL_QUEUE_FULL: "Too many mails wait already.";
    MAIL_UNREACHABLE: "The mail server does not answer.";
    MAIL_TIMED_OUT: "The mail server took too long.";
    MAIL_NOT_PRIVATE: "The connection to the mail server cannot be made private.";
    MAIL_UNFIT: "The mail server offers no STARTTLS, or no way to sign in.";
    MAIL_REFUSED: "The mail server refused it (code {}).";
    MAIL_UNWRITABLE: "It cannot be written as a mail.";
    MAIL_INVITES: "{} invites you to chat with visitors";
    MAIL_INTO: "for {}.";
    MAIL_JOIN: "To join, open this address. It is good once, for seven days:";
    MAIL_LINK_BY: "{} has made a link for you to a new password.";
    MAIL_FORGOTTEN: "Somebody, perhaps you, says that the password for this address is forgotten.";
    MAIL_PASSWORD_SUBJECT: "A new password";
    MAIL_PASSWORD_DAY: "To choose it, open this address. It is good once, for a day:";
    MAIL_PASSWORD_HOUR: "To choose a new one, open this address. It is good once, for an hour:";
    MAIL_UNEXPECTED: "If you did not expect this, you need do nothing.";
    MAIL_NOT_YOU: "If it was not you, you need do nothing: your password stays as it is.";
    MAIL_TEST_SUBJECT: "Jump-In can mail";
    MAIL_TEST_BODY: "This is the test that you asked for. Mail works.";
    FORGOTTEN_BY_MAIL: "You get a link to a new one by mail.";
    FORGOTTEN_SENT: "If somebody signs in with this address, a link is on its way to it. It is good once, for an hour.";
    SEND_LINK: "Send me a link";
}
