//! Tests for the validation of a concierge's settings.

use super::*;
use crate::validation::FieldError;

fn typed() -> ConciergeForm {
    ConciergeForm::of(&ConciergeSettings::named("Shop", Language::En), Language::En)
}

fn errors(typed: &ConciergeForm) -> Vec<FieldError> {
    match typed.validate() {
        Err(FormError::FieldErrors(errors)) => errors,
        other => panic!("{other:?}"),
    }
}

#[test]
fn settings_round_trip_through_the_form() {
    let settings = ConciergeSettings {
        sites: vec!["https://shop.test".into(), "http://127.0.0.1:4000".into()],
        opening_hours: OpeningHours::parse("Europe/Berlin", "Mon-Fri 9-17\nSat 10-14").expect("valid opening hours"),
        invitation_policy: InvitationPolicy {
            quiet_after_deny: Some(90 * MINUTE),
            quiet_after_unanswered: None,
            excluded_paths: vec!["/checkout/*".into()],
        },
        ..ConciergeSettings::named("Shop", Language::De)
    };
    assert_eq!(ConciergeForm::of(&settings, Language::De).validate(), Ok(settings));
}

#[test]
fn a_site_is_an_origin_and_nothing_more() {
    assert_eq!(
        sites("https://Shop.Test/\n\n http://127.0.0.1:4000 \nhttps://shop.test:443"),
        Ok(vec!["https://shop.test".into(), "http://127.0.0.1:4000".into()])
    );
    for site in [
        "shop.test",
        "https://",
        "javascript:alert(1)",
        "https://shop.test/path",
        "https://*.shop.test",
        "https://ann@shop.test",
        "https://a.test; script-src *",
    ] {
        assert_eq!(sites(site), Err(FieldErrorKind::NotASite(site.into())), "{site}");
    }
}

/// Covers A18: anything that is not a color is refused.
#[test]
fn a_color_is_six_digits() {
    assert_eq!(color(" #AbCdEf "), Ok("#abcdef".into()));
    for text in ["red", "#fff", "#12345g", "red;}body{background:url(//canary)}", "#123456;", "", "#１２３４５６"]
    {
        assert_eq!(color(text), Err(FieldErrorKind::NotAColor), "{text}");
    }
}

#[test]
fn every_invalid_field_is_reported_at_once() {
    let wrong = ConciergeForm {
        name: " ".into(),
        sites: "shop.test".into(),
        color: "red".into(),
        templates: "no words".into(),
        zone: "../../etc/passwd".into(),
        hours: "always".into(),
        quiet_after_deny: "-1".into(),
        quiet_after_unanswered: "1e3".into(),
        excluded_paths: "checkout".into(),
        ..typed()
    };
    let fields: Vec<_> = errors(&wrong).into_iter().map(|field_error| field_error.field).collect();
    assert_eq!(
        fields,
        [
            "name",
            "sites",
            "color",
            "templates",
            "zone",
            "hours",
            "quiet_after_deny",
            "quiet_after_unanswered",
            "excluded_paths"
        ]
    );
    assert_eq!(typed().validate().map(|settings| settings.name), Ok("Shop".into()));
}

#[test]
fn key_is_safe_in_an_embed_tag_whatever_the_name() {
    for name in ["Shop", "Ünïcode & Söhne <script>", "日本", &"long ".repeat(50)] {
        let key = generate_key(name).expect("the operating system provides random bytes");
        assert!(key.is_well_formed(), "{key:?}");
        assert_ne!(key, generate_key(name).expect("the operating system provides random bytes"));
    }
}
