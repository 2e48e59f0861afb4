//! Every word of the screens and of what is mailed, in each language: here what several use, in a file each what one place says.
//! `{}` stands for a name, a time or a number, put in by [`fill`].
//!
//! Which language it is, nobody hands from function to function: whoever lets somebody in says it once ([`with_language`]), and all
//! that is done for him meanwhile speaks it.

mod audit;
mod canned_replies_and_routing;
mod concierges;
mod field_errors;
mod history;
mod languages;
mod mail;
mod people;

pub use audit::*;
pub use canned_replies_and_routing::*;
pub use concierges::*;
pub use field_errors::field_error;
pub use history::*;
pub use languages::language_name;
pub use mail::*;
pub use people::*;
pub use protocol::i18n::fill;
use protocol::language::Language;

tokio::task_local! {
    static LANGUAGE: Language;
}

/// A word that is still to be said, where there is no language yet.
pub type StringFn = fn() -> &'static str;

/// Does what is to be done in a language.
pub async fn with_language<T>(language: Language, work: impl Future<Output = T>) -> T {
    LANGUAGE.scope(language, work).await
}

/// Says what is to be said in a language.
pub fn in_language<T>(language: Language, say: impl FnOnce() -> T) -> T {
    LANGUAGE.sync_scope(language, say)
}

/// The language that is spoken here; English where nobody has said.
pub fn current_language() -> Language {
    LANGUAGE.try_with(|language| *language).unwrap_or_default()
}

macro_rules! strings {
    ($($name:ident: $en:literal, $de:literal;)*) => {$(
        #[doc = $en]
        pub fn $name() -> &'static str {
            $crate::screens::i18n::current_language().pick($en, $de)
        }
    )*};
}
use strings;

strings! {
    settings: "Settings", "Einstellungen";
    saved: "Saved.", "Gespeichert.";
    save: "Save", "Speichern";
    show: "Show", "Anzeigen";
    more: "Older", "Ältere";
    name: "Name", "Name";
    everybody: "Everybody", "Alle";
    organization: "Organization", "Organisation";
    organization_lead: "What the people of your organization share.", "Was in Ihrer Organisation allen gemeinsam ist.";
    organization_name_hint: "Agents read it in the dashboard.", "Agenten lesen ihn im Dashboard.";
    missing: "This cannot be left out.", "Das darf nicht fehlen.";
    too_long: "This is longer than {} characters.", "Das ist länger als {} Zeichen.";
    audit: "Changes", "Änderungen";
}
