//! The audit log.

use super::strings;

strings! {
    audit_lead: "What was changed, by whom and when.", "Was geändert wurde, von wem und wann.";
    audit_empty: "Nothing was changed yet.", "Bisher wurde nichts geändert.";
    audit_when: "When", "Wann";
    audit_who: "Who", "Wer";
    audit_what: "What", "Was";
    audit_subject: "Of", "Woran";
    audit_detail: "In detail", "Im Einzelnen";
    audit_all: "Everything", "Alles";
}
