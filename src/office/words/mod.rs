//! Every English word of the sheets: here what several use, in a file each what one place says. One room, so that a second
//! language has one home. `{}` stands for a name, a time or a number, put in by [`fill`].

mod audit;
mod flaw;
mod history;
mod languages;
mod mail;
mod people;
mod places;
mod working;

pub use audit::*;
pub use flaw::flaw;
pub use history::*;
pub use languages::language;
pub use mail::*;
pub use people::*;
pub use places::*;
pub use protocol::words::fill;
pub use working::*;

macro_rules! words {
    ($($name:ident: $words:literal;)*) => {$(
        #[doc = $words]
        pub const $name: &str = $words;
    )*};
}
pub(super) use words;

words! {
    SETTINGS: "Settings";
    SAVED: "Saved.";
    SAVE: "Save";
    SHOW: "Show";
    MORE: "Older";
    NAME: "Name";
    EVERYBODY: "Everybody";
    ORGANIZATION: "Organization";
    ORGANIZATION_LEAD: "What the people of your organization share.";
    ORGANIZATION_NAME_HINT: "Agents read it in the dashboard.";
    MISSING: "This cannot be left out.";
    TOO_LONG: "This is longer than {} characters.";
    AUDIT: "Changes";
}
