//! All strings for screens and emails, in every language. This module contains the strings shared by several screens;
//! each submodule contains the strings for one area. [`fill`] replaces the placeholder `{}` with a name, a time, or a
//! number.
//!
//! The language is task-local: the entry point sets it once with [`with_language`], and everything that runs within
//! that call uses it, so it does not have to be passed around.

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

/// A string that is resolved later, for tables that are built before the language is known.
pub type StringFn = fn() -> &'static str;

/// Runs a future with the given language as the current language.
pub async fn with_language<T>(language: Language, work: impl Future<Output = T>) -> T {
    LANGUAGE.scope(language, work).await
}

/// Calls a function with the given language as the current language.
pub fn in_language<T>(language: Language, say: impl FnOnce() -> T) -> T {
    LANGUAGE.sync_scope(language, say)
}

/// Returns the current language, or English if none has been set.
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
    more: "Show older", "Ältere anzeigen";
    name: "Name", "Name";
    everybody: "Everyone", "Alle";
    organization: "Organization", "Organisation";
    organization_lead: "These settings apply to your whole organization.",
        "Diese Einstellungen gelten für Ihre gesamte Organisation.";
    organization_name_hint: "Shown to agents in the dashboard.", "Wird den Agenten im Dashboard angezeigt.";
    missing: "This field is required.", "Bitte füllen Sie dieses Feld aus.";
    too_long: "Please use {} characters or fewer.", "Bitte verwenden Sie höchstens {} Zeichen.";
    audit: "Audit log", "Änderungsprotokoll";
}
