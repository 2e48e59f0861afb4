//! Strings for the audit log.

use super::strings;

strings! {
    audit_lead: "Who changed what, and when.", "Hier sehen Sie, wer was wann geändert hat.";
    audit_empty: "No changes found.", "Keine Änderungen gefunden.";
    audit_when: "Time", "Zeitpunkt";
    audit_who: "By", "Von";
    audit_what: "Action", "Aktion";
    audit_subject: "Subject", "Betrifft";
    audit_detail: "Details", "Details";
    audit_all: "All actions", "Alle Aktionen";
}
