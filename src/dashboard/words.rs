//! Every English word of the dashboard that is not fixed by `protocol` (the statuses, and the sentences for refusals). One
//! place, so that a second language has one home. `{}` stands for a name, a time or a number, put in by [`fill`].

use protocol::{
    availability::{Availability, AwayReason},
    goodbye::Goodbye,
    invitation::InvitationState,
};

use super::arrangement::Column;

pub use protocol::words::{fill, happening, refused};

macro_rules! words {
    ($($name:ident: $words:literal;)*) => {$(
        #[doc = $words]
        pub const $name: &str = $words;
    )*};
}

// The product, its pages, and the calls to action: fixed, use exactly these.
words! {
    PRODUCT: "Jump-In";
    VISITORS: "Visitors";
    MY_CHATS: "My Chats";
    INVITE: "Invite to Chat";
    CLAIM: "Claim this Chat";
    TAKE_OVER: "Take Over the Chat";
    WITHDRAW: "Withdraw";
    SEND_INVITATION: "Send invitation";
    CONCIERGE_VISITOR: "Concierge Visitor";
}

// The frame, and what stands on several pages.
words! {
    MAIN_MENU: "Main";
    SKIP: "Skip to the content";
    PAGES_BESIDE: "Pages beside this one";
    SETTINGS: "Settings";
    HISTORY: "History";
    NO_SUCH_PAGE: "There is no such page.";
    CLOSE: "Close";
    KEYBOARD: "Keyboard";
    SOUND_ON: "Sound on";
    SOUND_OFF: "Sound off";
    UNREAD: "unread messages";
    AN_AGENT: "An agent";
    LATER: "…";
    UTC: "{} UTC";
    UNREACHED: "The server could not be reached. Nothing was changed and your text is kept; please try again.";
    REQUEST: "(request {})";
}

// Availability.
words! {
    AVAILABILITY: "Availability";
    AVAILABLE: "Available";
    AWAY: "Away";
    BREAK: "Break";
    LUNCH: "Lunch";
    MEETING: "Meeting";
    IDLE: "Idle";
    ANOTHER_REASON: "Another reason";
    SET: "Set";
    TEAM_NOW: "There now";
    TWO_COUNTS: "{} available, {} away";
    ONE_CHAT: "1 chat";
    CHATS: "{} chats";
    SINCE: "since {}";
}

// Signing in and out.
words! {
    SIGN_IN: "Sign in";
    SIGNING_IN: "Signing in…";
    SIGN_OUT: "Sign out";
    EMAIL: "E-mail";
    PASSWORD: "Password";
    FORGOTTEN: "Forgot your password?";
}

// The connection.
words! {
    CONNECTING: "Connecting…";
    LOST: "Connection lost. What you write is kept. Trying again…";
    LOST_FOR: "Connection lost. What you write is kept. Trying again in {} s.";
    TRY_NOW: "Try now";
    RELOAD: "Reload";
}

// The visitors.
words! {
    ALL: "All";
    FILTER: "Filter by status";
    SEARCH: "Search";
    SEARCH_IN: "Search visitors, pages, agents and browsers";
    SHOW_ALL: "Show all";
    NOBODY_HERE: "Nobody is on the website right now";
    EMBED_HINT: "Visitors appear here the moment they open a page that carries the concierge. Put this line into your pages, at the end of the body:";
    WAITING_FIRST: "Waiting for your first visitor…";
    FIRST_IS_HERE: "Your first visitor is here.";
    NOTHING_FITS: "No visitor fits this filter";
    NO_PROMPTS_UNTIL: "No prompts until {}";
    RESERVED: "reserved · {}";
    OFFLINE: "offline";
    RECONNECTING: "reconnecting";
    IS_WRITING: "{} is writing…";
}

// The palette, and what an agent likes to see of the board.
words! {
    PALETTE: "Find a page, a visitor, a chat, a filter, a view or an action";
    PALETTE_OF_VIEWS: "Choose, or name what you see now to save it";
    VIEWS: "Views…";
    VIEW: "View";
    PAGE: "Page";
    CHOSEN: "Chosen visitor";
    DETAILS: "Details of the visitor";
    SAVE_VIEW: "Save this view as “{}”";
    FORGET_VIEW: "Forget the view {}";
    SHOW_COLUMN: "Show the column {}";
    HIDE_COLUMN: "Hide the column {}";
    LOW_ROWS: "Low rows";
    HIGH_ROWS: "High rows";
}

// One visitor.
words! {
    VISITOR: "Visitor";
    TIME_ON_SITE: "Time";
    BROWSER: "Browser";
    CONCIERGE: "Concierge";
    INVITATION: "Invitation";
    PAGES: "Pages";
    NO_PAGES: "No pages are known.";
    NOT_ON_THE_SITE: "Not on the site now";
}

// Inviting.
words! {
    GREETING: "Greeting";
    TEMPLATES_OF: "Templates";
    INVITE_WHOM: "Invite {} to chat";
    THE_INVITATION: "The invitation";
    SEND_KEY: "Ctrl ↵";
}

// Notices.
words! {
    NOTICES: "Notices";
    DISMISS: "Dismiss";
    ACCEPTED: "{} accepted your invitation";
    ACCEPTED_LATE: "{} accepted your invitation, after it had ended";
    WAITS: "{} waits for an agent";
    STILL_WAITS: "{} still waits for an agent";
    DENIED: "Your invitation was denied";
    LEFT: "The visitor left before answering your invitation";
    UNANSWERED: "Your invitation was not answered";
    CLAIMED: "{} claimed the chat you had invited to";
    TAKEN_OVER: "{} took your chat over";
    READ_ALONG: "Read along";
    YOURS_FOR: "Yours for {}";
    OPEN_TO_THE_TEAM: "Open to the team now";
    OFFERED: "{} waits, and is offered to you";
    OFFERED_FOR: "Offered to you for {}";
    DECLINE: "Decline";
    HANDED_OVER_TO_ME: "{} has handed a chat over to you";
    WHISPERS: "{} whispers";
    OPEN: "Open";
    WAITS_LONGEST: "Waiting longest:";
}

// My chats.
words! {
    NO_CHATS: "No chats yet. Invite a visitor, or claim a chat that waits.";
    CHOOSE_A_CHAT: "Choose a chat on the left.";
    NO_SUCH_CHAT: "There is no such chat, or it is not yours to see.";
    ENDED: "Ended";
    YOU: "You: {}";
    NO_MESSAGE: "No message yet";
    WAITING_FOR: "Waits for an answer";
    BACK: "Back to the list";
    END_CHAT: "End chat";
    ANSWER_BY_MAIL: "Answer by e-mail";
    LEFT_A_MESSAGE: "left a message";
    END_THIS_CHAT: "End this chat?";
    END_NOW: "End now";
    GO_ON: "Go on";
    HAND_OVER: "Hand over";
    HAND_OVER_TO: "To";
    INSIST: "Though away or full";
    TEAMS: "Teams";
    AGENTS: "Agents";
    NOTE_FOR_AGENTS: "Note, for agents only";
    NOTE: "Note";
    A_NOTE: "Write a note: the visitor never sees it";
    NOTED: "{} noted";
    WHISPER: "Whisper";
    A_WHISPER: "Whisper to the agent: the visitor never sees it";
    READS_ALONG: "{} reads along";
    I_READ_ALONG: "You are reading along.";
    TAGS: "Tags";
    ADD_TAG: "Add a tag";
    REMOVE_TAG: "Remove the tag {}";
    REPLIES: "Canned replies";
    THERE: "there";
    NO_REPLY: "No canned reply fits. They are kept under Settings.";
    CONVERSATION: "Conversation";
    MESSAGES: "Messages";
    TYPING: "The visitor is typing…";
    WITH_ANOTHER: "{} is in this chat.";
    NOBODY_IN_IT: "Nobody is in this chat yet. Claim it to write.";
    CHAT_OVER: "The chat is over.";
    WRITE: "Write a message";
    SEND: "Send";
    ATTACH: "Attach files";
    EMOJI: "Emoji";
    EDIT: "Edit";
    EDITED: "edited";
    SAVE: "Save";
    DELETE: "Delete";
    DELETE_NOW: "Delete for everybody";
    DELETED: "This message was deleted";
    CONCIERGE_SAYS: "Concierge";
    SENDING: "Sending";
    SENT: "Sent";
    DELIVERED: "Delivered";
    READ: "Read";
    SEND_AGAIN: "Send again";
    DISCARD: "Discard";
    TODAY: "Today";
    YESTERDAY: "Yesterday";
}

/// Emoji to choose from: the name of a group, and what is in it.
pub const EMOJI_BY_GROUP: [(&str, &str); 4] = [
    ("Faces", "🙂 😀 😂 😉 😊 😍 🤔 😅 😕 😢 😮 😎"),
    ("Hands", "👍 👎 👋 🙏 👏 💪 👌 ✌️ 🤝 👉 🙌 🤷"),
    ("Signs", "❤️ ✅ ❌ ⭐ 🔥 🎉 ✨ ⚠️ ❓ ❗ 💡 💯"),
    ("Things", "📦 🚚 🛒 💳 📅 ⏰ 📎 📞 ✉️ 📍 🎁 ☕"),
];

/// The keys and what they do.
pub const KEYS: [(&str, &str); 10] = [
    ("↑ ↓", "Move through the visitors"),
    ("Enter", DETAILS),
    ("I", INVITE),
    ("C", CLAIM),
    ("T", TAKE_OVER),
    ("/", SEARCH),
    ("Ctrl K", "Everything, by a few letters"),
    ("Alt ↓", "Next chat that waits for an answer"),
    ("Esc", CLOSE),
    ("?", "This list"),
];

/// The head of a column.
pub fn column(column: Column) -> &'static str {
    match column {
        Column::Status => "STATUS",
        Column::Visitor => "VISITOR",
        Column::Concierge => "CONCIERGE",
        Column::Team => "TEAM",
        Column::Agent => "AGENT",
        Column::Page => "CURRENT PAGE",
        Column::Browser => "BROWSER",
        Column::Time => "TIME",
    }
}

/// How far an invitation got.
pub fn invitation(state: InvitationState) -> &'static str {
    match state {
        InvitationState::Sent => "Sent",
        InvitationState::Delivered => "Delivered",
        InvitationState::Seen => "Seen",
        InvitationState::Accepted => "Accepted",
        InvitationState::Denied => "Denied",
        InvitationState::Expired => "Expired",
        InvitationState::Withdrawn => "Withdrawn",
        InvitationState::Left => "Left",
    }
}

/// Whether somebody takes chats.
pub fn availability(availability: &Availability) -> String {
    match availability {
        Availability::Available => AVAILABLE.into(),
        Availability::Away { reason, .. } => match reason {
            AwayReason::Break => BREAK.into(),
            AwayReason::Lunch => LUNCH.into(),
            AwayReason::Meeting => MEETING.into(),
            AwayReason::Other(words) => words.clone(),
            AwayReason::Idle => IDLE.into(),
        },
    }
}

/// What to do when the server will not have us back as we are.
pub fn parted(goodbye: Goodbye) -> &'static str {
    match goodbye {
        Goodbye::SignedOut => "You have been signed out.",
        Goodbye::Outdated => "Jump-In has been updated. Please reload the page; your drafts are kept.",
        _ => "The server ended the connection. Please reload the page; your drafts are kept.",
    }
}
