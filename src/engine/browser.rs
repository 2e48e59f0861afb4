//! What a user agent says, in the few words that the board shows.

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

// The order matters: Edge and Opera also say Chrome, and Chrome also says Safari.
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

/// Family, major version and system: `Firefox 143 · Linux`. What is not known is left out.
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

/// Whether the browser stands on a phone or tablet, where sockets close whenever the screen does.
pub fn is_mobile(user_agent: &str) -> bool {
    ["Mobile", "Android", "iPhone", "iPad"].iter().any(|mark| user_agent.contains(mark))
}

/// Whether a program says of itself that it is one.
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
    fn phones_and_programs_are_known() {
        assert!(is_mobile(SAFARI) && !is_mobile(FIREFOX));
        assert!(
            is_known_bot("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)")
                && is_known_bot("")
        );
        assert!(!is_known_bot(FIREFOX) && !is_known_bot(SAFARI));
    }
}
