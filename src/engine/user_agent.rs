//! Extracts a short description from a user agent string, which is shown on the board.

const BOTS: [&str; 16] = [
    "bot",
    "crawl",
    "spider",
    "slurp",
    "headless",
    "lighthouse",
    "prerender",
    "preview",
    "facebookexternalhit",
    "pingdom",
    "monitor",
    "curl/",
    "wget/",
    "python-",
    "phantomjs",
    "archiver",
];

// The order matters: Edge and Opera also contain `Chrome/`, and Chrome also contains `Safari/`.
const FAMILIES: [(&str, &str); 10] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
];

/// Returns the browser, its major version, and the operating system, such as `Firefox 143 · Linux`. Unknown parts are
/// omitted.
pub fn describe(user_agent: &str) -> String {
    let family = FAMILIES.iter().find_map(|(mark, name)| {
        let (_, after) = user_agent.split_once(mark)?;
        let version: String = after.chars().take_while(char::is_ascii_digit).take(5).collect();
        let known = *name != "Safari" || user_agent.contains("Safari/");
        (known && !version.is_empty()).then(|| format!("{name} {version}"))
    });
    let system = SYSTEMS.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| (*name).to_owned());
    match (family, system) {
        (Some(family), Some(system)) => format!("{family} · {system}"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => "Unknown browser".to_owned(),
    }
}

/// The kind of device that a browser runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Device {
    /// A desktop computer or a laptop.
    Desktop,
    /// A smartphone.
    Phone,
    /// A tablet that identifies itself as one. iPads identify themselves as Macs.
    Tablet,
}

impl Device {
    /// Returns the identifier used in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Desktop => "desktop",
            Self::Phone => "phone",
            Self::Tablet => "tablet",
        }
    }

    /// Returns the device with the given identifier.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Desktop, Self::Phone, Self::Tablet].into_iter().find(|device| device.as_str() == word)
    }
}

/// Returns the kind of device. `is_mobile` is what the browser reported separately from its user agent.
pub fn device(user_agent: &str, is_mobile: bool) -> Device {
    let says = |mark: &str| user_agent.contains(mark);
    match () {
        () if says("iPad") || says("Tablet") || says("Android") && !says("Mobile") && !is_mobile => Device::Tablet,
        () if is_mobile || self::is_mobile(user_agent) => Device::Phone,
        () => Device::Desktop,
    }
}

/// Returns whether the browser is running on a phone or tablet, where sockets close whenever the screen turns off.
pub fn is_mobile(user_agent: &str) -> bool {
    ["Mobile", "Android", "iPhone", "iPad"].iter().any(|mark| user_agent.contains(mark))
}

/// Returns whether the client identifies itself as a program rather than a browser.
pub fn is_known_bot(user_agent: &str) -> bool {
    let lower = user_agent.to_ascii_lowercase();
    lower.is_empty() || BOTS.iter().any(|mark| lower.contains(mark))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";
    const SAFARI: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1";
    const EDGE: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0";

    #[test]
    fn family_version_and_system() {
        assert_eq!(describe(FIREFOX), "Firefox 143 · Linux");
        assert_eq!(describe(SAFARI), "Safari 18 · iPhone");
        assert_eq!(describe(EDGE), "Edge 140 · Windows");
        assert_eq!(describe("gibberish"), "Unknown browser");
    }

    #[test]
    fn device_is_read_from_the_user_agent() {
        const ANDROID: &str =
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0";
        let of = |user_agent: &str| device(user_agent, false);
        assert_eq!([of(FIREFOX), of(EDGE), of("")], [Device::Desktop; 3]);
        assert_eq!(
            [of(SAFARI), of(&format!("{ANDROID} Mobile Safari/537.36")), device(ANDROID, true)],
            [Device::Phone; 3]
        );
        assert_eq!(
            [of(ANDROID), of("Mozilla/5.0 (Android 14; Tablet; rv:143.0)"), of("(iPad; CPU OS 18)")],
            [Device::Tablet; 3]
        );
        for known in [Device::Desktop, Device::Phone, Device::Tablet] {
            assert_eq!(Device::from_word(known.as_str()), Some(known));
        }
        assert_eq!(Device::from_word(""), None);
    }

    #[test]
    fn phones_and_bots_are_recognized() {
        assert!(is_mobile(SAFARI) && !is_mobile(FIREFOX));
        assert!(
            is_known_bot("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")
                && is_known_bot("")
        );
        assert!(!is_known_bot(FIREFOX) && !is_known_bot(SAFARI));
    }
}
