//! Tests for what `loader.js` tells the frame about pages. They need Node.js and are skipped without it.

use std::{io::Write, process::Command};

const FOLDER: &str = env!("CARGO_MANIFEST_DIR");

/// Returns what the loader passes to the frame, as JSON, or `None` without Node.js.
fn told(page: &str, referrer: &str, next: &str) -> Option<String> {
    let (test, loader) = (format!("{FOLDER}/tests/loader.mjs"), format!("{FOLDER}/loader.js"));
    let Ok(output) = Command::new("node").args([&test, &loader, page, referrer, next]).output() else {
        writeln!(std::io::stderr(), "SKIPPED: what the loader tells, because there is no Node.js").unwrap();
        return None;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().trim().to_owned())
}

/// The part of the frame's name that represents a visit without a campaign.
const NO_CAMPAIGN: &str = "utm_source=&utm_medium=&utm_campaign=&utm_term=&utm_content=";

#[test]
fn loader_tells_no_credentials_queries_or_fragments() {
    for (page, referrer) in [
        ("https://ann:SECRET@shop.test/boots?token=SECRET#SECRET", "https://u:SECRET@search.test/find?q=SECRET#SECRET"),
        ("https://shop.test/boots?SECRET", "http://search.test/find?SECRET"),
        ("https://shop.test/boots?utm_id=SECRET&xutm_source=SECRET&utm_sourceSECRET=1", "https://search.test/find?"),
    ] {
        let Some(told) = told(page, referrer, "https://shop.test/tents?token=SECRET#SECRET") else { return };
        assert!(!told.contains("SECRET"), "{page} {referrer}: {told}");
        assert!(told.contains("\"pages\":[\"https://shop.test/boots\",\"https://shop.test/tents\"]"), "{told}");
        assert!(told.contains("://search.test/find utm_source="), "{told}");
    }
}

#[test]
fn loader_tells_the_campaign_and_a_referrer_of_another_site() {
    let name = |page: &str, referrer: &str| {
        let told = told(page, referrer, "")?;
        Some(told.split("\"name\":\"").nth(1)?.split('"').next()?.to_owned())
    };
    let page = "https://shop.test/?utm_source=news&utm_campaign=Spring+%26+more&utm_source=other";
    let Some(campaign) = name(page, "https://search.test/") else { return };
    assert_eq!(
        campaign,
        "https://search.test/ utm_source=news&utm_medium=&utm_campaign=Spring+%26+more&utm_term=&utm_content="
    );
    for none in ["https://shop.test/cart?id=SECRET", "android-app://SECRET", "data:SECRET", "about:SECRET", ""] {
        assert_eq!(name("https://shop.test/", none).unwrap(), format!(" {NO_CAMPAIGN}"), "{none}");
    }
    let long = name(&format!("https://shop.test/?utm_term={}", "é".repeat(99)), "").unwrap();
    assert_eq!(long.matches("%C3%A9").count(), 60);
    let long = name("https://shop.test/", &format!("https://search.test/{}", "x".repeat(9_000))).unwrap();
    assert_eq!(long.split(' ').next().unwrap().len(), 512);
}

#[test]
fn loader_tells_fragments_that_are_routes_without_their_query() {
    for (fragment, route) in
        [("#/two?token=SECRET", "#/two"), ("#!/two", "#!/two"), ("#two/SECRET", ""), ("#", ""), ("#?/SECRET", "")]
    {
        let Some(told) = told("https://shop.test/app", "", &format!("https://shop.test/app/{fragment}")) else {
            return;
        };
        assert!(told.ends_with(&format!("\"https://shop.test/app/{route}\"]}}")), "{fragment}: {told}");
    }
}
