//! Setting up, and concierges.

#![allow(rustdoc::bare_urls, reason = "the words are their own description, and some name an address")]

use super::words;

words! {
    SET_UP: "Set up Jump-In";
    SET_UP_LEAD: "Nobody can sign in yet. You become the first admin; everything here can be changed later.";
    SET_UP_NOW: "Set up and sign in";
    YOUR_NAME: "Your first and last name";
    YOUR_EMAIL: "Your e-mail";
    YOUR_PASSWORD: "Your password";
    PASSWORD_HINT: "Ten characters or more.";
    FIRST_CONCIERGE: "First concierge";
    FIRST_CONCIERGE_HINT: "What your agents call the place where the chat stands, such as Website or Shop.";
    FIRST_SITE: "The site it stands on";
    FIRST_SITE_HINT: "An origin, such as https://www.example.com. The chat is shown there and nowhere else.";
    WEBSITE: "Website";
    CONCIERGES: "Concierges";
    CONCIERGES_LEAD: "A concierge is one place of the chat on your sites: its look, its words, its team.";
    NEW_CONCIERGE: "New concierge";
    NO_CONCIERGES: "There is no concierge yet.";
    KEY: "Key";
    KEY_IS: "Its key is {}; it never changes.";
    SITES: "Sites";
    SITES_HINT: "Origins, one a line, such as https://www.example.com. None: every site may show it.";
    EVERY_SITE: "Every site";
    TEAM: "Team";
    STATE: "State";
    IN_USE: "In use";
    PAUSED: "Paused";
    PAUSE: "Pause";
    RESUME: "Resume";
    EMBED: "Put this line into your pages, at the end of the body:";
    LOOKS: "How it looks";
    TITLE: "Title";
    TITLE_HINT: "The head of the panel.";
    GREETING: "Greeting";
    GREETING_HINT: "What the concierge says first.";
    COLOUR: "Colour";
    COLOUR_HINT: "What stands on it is black or white, whichever can be read.";
    SIDE: "Side";
    LEFT: "Left";
    RIGHT: "Right";
    LANGUAGE: "Language";
    ENGLISH: "English";
    GERMAN: "German";
    PRIVACY_MODE: "Privacy";
    ESSENTIAL: "Essential: nothing is stored before the visitor opens the chat or answers";
    ASK: "Ask: the same, until your page reports consent";
    FULL: "Full: a token for the session of the tab from the first page on";
    INVITATION: "Greeting of an invitation";
    INVITATION_HINT: "{agent} stands for the agent's first name.";
    TEMPLATES: "Templates of invitations";
    TEMPLATES_HINT: "One a line: Name: words. {agent} stands for the agent's first name.";
    ZONE: "Time zone";
    HOURS: "Opening hours";
    HOURS_HINT: "One a line: Mon-Fri 9:00-12:30, 13:30-17:00. None: always open.";
    QUIET_DENY: "Quiet after a denial, minutes";
    QUIET_UNANSWERED: "Quiet after no answer, minutes";
    QUIET_HINT: "Empty: as the server's settings say.";
    KEPT_FREE: "Pages without prompts";
    KEPT_FREE_HINT: "Paths, one a line; * stands for any letters: /checkout/*. There nobody can be invited, and an open prompt goes.";
    NO_TEAM: "Everybody";
    PREVIEW: "Preview";
    NOT_A_SITE: "“{}” is no origin such as https://www.example.com.";
    NOT_A_COLOUR: "A colour is # and six digits, such as #2f5bd7.";
    NOT_A_ZONE: "There is no such time zone.";
    BAD_HOURS: "Line {} says no hours, such as Mon-Fri 9:00-17:00.";
    NOT_A_PATH: "“{}” is no path such as /checkout/*.";
    BAD_TEMPLATE: "Line {} is no template, such as Question: May I help?";
    TOO_MANY: "There may be {} at most.";
    OUT_OF_RANGE: "A whole number is needed, {}.";
    FROM_TO: "from {} to ";
}
