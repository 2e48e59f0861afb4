//! Renders the frame's document, which is the widget's page with a concierge's look and UI strings filled in. Also
//! renders a static preview of it.

use protocol::{
    concierge::Look,
    file::ACCEPT,
    i18n,
    language::Language,
    opening_hours::{WallClock, format_time},
    widget_strings,
};

use super::bundle::FRAME;

/// Returns the widget's page with a concierge's look and UI strings filled in and escaped.
pub(super) fn document(look: &Look) -> String {
    let language = look.language;
    let widget_strings = widget_strings::widget_strings(language);
    let placeholders = [
        ("strings", widget_strings.as_str()),
        ("lang", language.tag()),
        ("side", look.side.as_str()),
        ("color", &look.color),
        ("title", &look.title),
        ("greeting", &look.greeting),
        ("open_chat", i18n::open_chat(language)),
        ("close_chat", i18n::close_chat(language)),
        ("full_screen", i18n::full_screen(language)),
        ("request_to_live_chat", i18n::request_to_live_chat(language)),
        ("accept", i18n::accept(language)),
        ("deny", i18n::deny(language)),
        ("talk_to_a_person", i18n::talk_to_a_person(language)),
        ("end_the_chat", i18n::end_the_chat(language)),
        ("messages", i18n::messages(language)),
        ("write_a_message", i18n::write_a_message(language)),
        ("attach", i18n::attach_a_file(language)),
        ("send", i18n::send(language)),
        ("your_email", i18n::your_email(language)),
        ("your_name", i18n::your_name(language)),
        ("new_messages", i18n::new_messages(language)),
        ("file_types", ACCEPT),
        ("leave_a_message", i18n::leave_a_message(language)),
    ];
    // A single pass ensures that double braces in an admin's text are not expanded.
    let mut document = String::with_capacity(FRAME.len() + 1_000);
    let mut rest = FRAME;
    while let Some((before, after)) = rest.split_once("{{") {
        document.push_str(before);
        let (name, after) = after.split_once("}}").unwrap_or((after, ""));
        match placeholders.iter().find(|(known, _)| *known == name) {
            Some((_, word)) => document.push_str(&escape(word)),
            None => document.extend(["{{", name, "}}"]),
        }
        rest = after;
    }
    document.push_str(rest);
    document
}

/// Returns the sentence that tells visitors when the chat opens next, with the day and time in the concierge's time
/// zone.
pub(super) fn back_at(language: Language, opens: WallClock) -> String {
    let at = [i18n::day(language, opens.day), language.pick(" at ", ", "), &format_time(opens.minute)].concat();
    i18n::fill(i18n::back_at(language), &at)
}

/// Escapes text for use in attributes and elements.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// Returns the document with a style added, without its script, and with the panel open.
pub(super) fn preview_document(document: &str, style: &str) -> String {
    let without_script = document.split_once("<script").map_or(document, |(before, _)| before);
    let dressed = format!("<link rel=\"stylesheet\" href=\"widget.css\"><style>{style}</style>\n</head>");
    let open = without_script.replacen("</head>", &dressed, 1);
    let panel = "<section id=\"jumpin-panel\" role=\"dialog\" aria-labelledby=\"jumpin-title\"";
    open.replacen(&format!("{panel} hidden"), panel, 1) + "</body>\n</html>\n"
}

/// Returns a style with the concierge's color and the color of the text on it, which is black or white. The rule is the
/// same as in boot.js.
pub(super) fn preview_style(color: &str) -> String {
    let part = |at: usize| color.get(at..at + 2).and_then(|two| u8::from_str_radix(two, 16).ok()).unwrap_or_default();
    let light = |at: usize| (f64::from(part(at)) / 255.0).powf(2.2);
    let on = if 0.2126 * light(1) + 0.7152 * light(3) + 0.0722 * light(5) > 0.18 { "#000" } else { "#fff" };
    format!(":root{{--color:#{:02x}{:02x}{:02x};--on-color:{on}}}", part(1), part(3), part(5))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use protocol::{concierge::Side, opening_hours::Day};

    use super::*;

    #[test]
    fn admin_text_is_escaped_in_frame_document() {
        let look = Look {
            title: "\"><script>alert(1)</script>".into(),
            greeting: "{{title}} </p><script>alert(2)</script>".into(),
            color: "#fff\" onload=\"x".into(),
            side: Side::Left,
            language: Language::De,
        };
        let html = document(&look);
        assert!(!html.contains("<script>alert") && !html.contains("\" onload=\""), "{html}");
        assert!(html.contains("lang=\"de\"") && html.contains("Ablehnen"), "{html}");
        // Braces in an admin's text are kept; all other placeholders are filled in.
        assert_eq!(html.matches("{{").count(), 1, "{html}");
    }

    #[test]
    fn greeting_outside_opening_hours_names_next_opening() {
        let monday = WallClock { day: Day::Monday, minute: 9 * 60 };
        assert_eq!(back_at(Language::En, monday), "We will be back on Monday at 9:00.");
        assert_eq!(back_at(Language::De, monday), "Wir sind ab Montag, 9:00 Uhr wieder da.");
    }

    #[test]
    fn widget_strings_stay_within_budget() {
        let weight = |text: &str| {
            let mut compressed = Vec::new();
            let mut writer = brotli::CompressorWriter::new(&mut compressed, 4096, 11, 22);
            writer.write_all(text.as_bytes()).unwrap();
            drop(writer);
            compressed.len()
        };
        for language in [Language::En, Language::De] {
            let (title, greeting) = ("Ridgeline".into(), "Hello! Ask us anything about boots and tents.".into());
            let look = Look { title, greeting, color: "#2f6f4e".into(), side: Side::Right, language };
            let words = weight(&document(&look)) - weight(FRAME);
            assert!(words <= 680, "{language:?}: {words} bytes, but server/build/budgets.rs allows 680");
        }
    }

    #[test]
    fn preview_document_has_style_and_no_script() {
        let look = Look {
            title: "</style><script>alert(1)</script>".into(),
            greeting: "Hello".into(),
            color: "#ffee00".into(),
            side: Side::Left,
            language: Language::En,
        };
        let html = preview_document(&document(&look), &preview_style(&look.color));
        assert!(!html.contains("<script"), "{html}");
        assert!(html.contains("--color:#ffee00;--on-color:#000") && html.contains("widget.css"), "{html}");
        assert!(html.contains("aria-labelledby=\"jumpin-title\">"), "the panel is open: {html}");
        assert!(!preview_style("red;}body{background:url(//canary)}").contains("canary"));
    }
}
