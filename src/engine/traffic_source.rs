//! Where a visit came from, and what the browser reported about itself. This is untrusted text, which is sanitized
//! before anyone sees or stores it.

use url::{Url, form_urlencoded};

use crate::{opening_hours, page, user_agent::Device};

/// The campaign parameters to keep, in this order.
const CAMPAIGN: [&str; 5] = ["utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content"];
/// The maximum length of each value, in characters.
const CAMPAIGN_CHARS: usize = 60;
/// The maximum length of the referrer, in bytes.
const REFERRER_BYTES: usize = 512;
/// The maximum length of a language tag, in characters.
const LANGUAGE_CHARS: usize = 35;

/// Where a visit came from, and what the browser reported about itself. Fields that were not reported are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The URL of the referring page on another site, without its query and fragment.
    pub referrer: Box<str>,
    /// The campaign parameters from the URL of the first page, such as `utm_source=news&utm_campaign=may`.
    pub campaign: Box<str>,
    /// The browser's preferred language, such as `de-AT`.
    pub language: Box<str>,
    /// The name of the visitor's time zone.
    pub time_zone: Box<str>,
    /// The kind of device.
    pub device: Option<Device>,
}

impl Source {
    /// Sanitizes what a browser reported. `entry_info` comes from its hello frame: the time zone, the referrer, and the
    /// campaign parameters, separated by spaces. If it contains no campaign parameters, they are read from `address`,
    /// the URL of the first page. `languages` lists the accepted languages in order of preference.
    pub fn read(entry_info: &str, address: &str, languages: &str, device: Device) -> Self {
        let mut parts = entry_info.splitn(3, ' ');
        let [zone, referrer, query] = [(); 3].map(|()| parts.next().unwrap_or_default());
        Self {
            referrer: external_referrer(referrer, address).into(),
            campaign: campaign(if query.is_empty() { query_of(address) } else { query }).into(),
            language: language(languages).into(),
            time_zone: if zone.is_empty() || opening_hours::is_zone(zone) { zone } else { "UTC" }.into(),
            device: Some(device),
        }
    }

    /// Returns the part that may be stored. If `whole` is set, that is everything. Otherwise (without consent), it is
    /// only the device.
    #[must_use]
    pub fn kept(&self, whole: bool) -> Self {
        if whole { self.clone() } else { Self { device: self.device, ..Self::default() } }
    }

    /// Returns the campaign parameters as pairs, such as `source` and `news`.
    pub fn campaign(&self) -> Vec<(String, String)> {
        let pairs = form_urlencoded::parse(self.campaign.as_bytes());
        pairs.map(|(name, value)| (name.trim_start_matches("utm_").to_owned(), value.into_owned())).collect()
    }

    /// Returns a copy whose empty fields are filled in from `other`.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        let or = |mine: &str, other: &str| if mine.is_empty() { other } else { mine }.into();
        Self {
            referrer: or(&self.referrer, &other.referrer),
            campaign: or(&self.campaign, &other.campaign),
            language: or(&self.language, &other.language),
            time_zone: or(&self.time_zone, &other.time_zone),
            device: self.device.or(other.device),
        }
    }
}

/// Returns the sanitized referrer, or an empty string if it is on the same site.
fn external_referrer(referrer: &str, address: &str) -> String {
    let referrer = page::clean_url(referrer, REFERRER_BYTES);
    let origin = |address: &str| Url::parse(address).ok().map(|url| url.origin());
    if origin(&referrer) == origin(address) { String::new() } else { referrer }
}

fn query_of(address: &str) -> &str {
    let address = address.split_once('#').map_or(address, |(before, _)| before);
    address.split_once('?').map_or("", |(_, query)| query)
}

fn campaign(query: &str) -> String {
    let query = page::truncate_bytes(query, 2 * protocol::limits::URL_BYTES).as_bytes();
    let mut kept = form_urlencoded::Serializer::new(String::new());
    for wanted in CAMPAIGN {
        let found = form_urlencoded::parse(query).find(|(name, _)| name == wanted);
        let value = found.map(|(_, value)| page::clean_text(&value, CAMPAIGN_CHARS)).unwrap_or_default();
        if !value.is_empty() {
            kept.append_pair(wanted, &value);
        }
    }
    kept.finish()
}

/// Returns the first language, or `en` if it is not a valid language tag.
fn language(languages: &str) -> &str {
    let first = languages.split([',', ';']).next().unwrap_or_default().trim();
    let is_part = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_name = |part: &str| (2..=3).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    let mut parts = first.split('-');
    let is_tag = first.len() <= LANGUAGE_CHARS && parts.next().is_some_and(is_name) && parts.all(is_part);
    if is_tag || first.is_empty() { first } else { "en" }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(entry_info: &str, address: &str, languages: &str) -> Source {
        Source::read(entry_info, address, languages, Device::Phone)
    }

    #[test]
    fn referrer_is_cleaned_and_the_own_site_is_dropped() {
        let from = |referrer: &str| source(&format!("UTC {referrer}"), "https://shop.test/boots", "").referrer;
        assert_eq!(&*from("https://user:pass@search.test/find?q=CANARY#top"), "https://search.test/find");
        for none in
            ["https://shop.test/", "javascript:alert(1)", "data:text/html,x", "", "search.test", "android-app://x"]
        {
            assert_eq!(&*from(none), "", "{none}");
        }
        assert_eq!(&*from("https://shop.test:8443/"), "https://shop.test:8443/", "another port is another site");
        assert!(from(&format!("https://search.test/{}", "ä".repeat(9_000))).len() <= REFERRER_BYTES);
    }

    #[test]
    fn only_campaign_parameters_of_the_query_are_kept() {
        let of = |query: &str| source("", &format!("https://shop.test/?{query}"), "").campaign;
        assert_eq!(
            &*of("token=CANARY&utm_campaign=Spring+%26+more&utm_source=news&utm_id=CANARY&utm_source=other"),
            "utm_source=news&utm_campaign=Spring+%26+more"
        );
        assert_eq!(&*of("utm_source=%00%0a&utm_medium="), "");
        assert_eq!(of(&format!("utm_term={}", "é".repeat(999))).matches("%C3%A9").count(), CAMPAIGN_CHARS);
        let spring = source("", "https://shop.test/?utm_source=news&utm_campaign=a%26b", "");
        assert_eq!(spring.campaign(), [("source".into(), "news".into()), ("campaign".into(), "a&b".into())]);
    }

    #[test]
    fn campaign_is_read_from_the_entry_info() {
        let of = |entry_info: &str| source(entry_info, "https://shop.test/boots", "").campaign;
        assert_eq!(&*of("UTC https://search.test/ utm_source=news&token=CANARY"), "utm_source=news");
        assert_eq!(&*of("UTC  utm_source=news&utm_term=a+b"), "utm_source=news&utm_term=a+b", "no referrer");
        assert_eq!(&*of("UTC https://search.test/ "), "");
        assert_eq!(&*of("UTC https://search.test/ utm_source=a b"), "utm_source=a+b");
        assert_eq!(&*source("UTC  ", "https://shop.test/?utm_source=news#?utm_term=x", "").campaign, "utm_source=news");
    }

    /// The loader sends exactly the campaign parameters that are kept here, and truncates them at the same length.
    #[test]
    fn loader_tells_what_is_kept() {
        let loader = include_str!("../widget/loader.js");
        let names = CAMPAIGN.map(|name| format!("'{name}'")).join(", ");
        for part in
            [format!("of [{names}]"), format!("slice(0, {CAMPAIGN_CHARS})"), format!("slice(0, {REFERRER_BYTES})")]
        {
            assert!(loader.contains(&part), "{part}");
        }
    }

    /// Cases A17 and A9 in `docs/testing.md`.
    #[test]
    fn unknown_zone_and_language_fall_back_to_defaults() {
        let said = |zone: &str, languages: &str| {
            let source = source(zone, "", languages);
            (source.time_zone.into_string(), source.language.into_string())
        };
        let known = |zone: &str, language: &str| (zone.to_owned(), language.to_owned());
        assert_eq!(said("Europe/Vienna https://a.test/", "de-AT,de;q=0.9"), known("Europe/Vienna", "de-AT"));
        assert_eq!(said("../../etc/passwd", "xx'; DROP TABLE visitor"), known("UTC", "en"));
        for languages in ["*", "<script>", "e", "en\r\nX: y", "de--", "toolong", "de_DE"] {
            assert_eq!(said("Mars/Olympus x", languages), known("UTC", "en"), "{languages}");
        }
        assert_eq!(said("", ""), known("", ""), "without a time zone, none is assumed");
        assert_eq!(said("undefined", "zh-Hant-TW;q=1"), known("UTC", "zh-Hant-TW"));
    }

    #[test]
    fn source_without_consent_is_reduced_and_gaps_are_merged() {
        let whole = source("Europe/Berlin https://search.test/", "https://shop.test/?utm_source=news", "de");
        assert_eq!(whole.kept(true), whole);
        let kept = whole.kept(false);
        assert_eq!(kept, Source { device: Some(Device::Phone), ..Source::default() });
        assert_eq!(kept.or(&whole), whole);
    }
}
