//! The audit log.

use super::words;

words! {
    AUDIT_LEAD: "What was changed, by whom and when.";
    AUDIT_EMPTY: "Nothing was changed yet.";
    AUDIT_WHEN: "When";
    AUDIT_WHO: "Who";
    AUDIT_WHAT: "What";
    AUDIT_SUBJECT: "Of";
    AUDIT_DETAIL: "In detail";
    AUDIT_ALL: "Everything";
}
