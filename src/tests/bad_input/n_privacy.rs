//! Cases N1 to N8: leaks. The log is checked after every case.

use std::path::Path;

use super::{invariant_check::InvariantCheck, log_capture, page};
use crate::test_server::TestServer;

/// Covers N1: links that grant access never appear in the log.
#[tokio::test(flavor = "multi_thread")]
async fn access_links_are_not_logged() {
    let server = TestServer::start().await;
    let after = InvariantCheck::start(&server).await;
    for path in ["/join/", "/reset/"] {
        for query in ["", "?a=b", "/more"] {
            assert_eq!(
                page(&server, None, &format!("{path}{}{query}", log_capture::SECRET)).await.status,
                404,
                "{path}{query}"
            );
        }
    }
    for path in
        ["/sign-in", "/nothing", "/history/export.csv", "/concierge/v1/frame", "/loader.js", "/socket/visitor/v1"]
    {
        page(&server, None, &format!("{path}?key={0}&token={0}&words={0}", log_capture::SECRET)).await;
    }
    after.assert_invariants().await;
}

/// Covers N7: panic messages contain a location but never user input.
#[test]
fn no_panic_message_contains_user_input() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut read = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "tests" {
                folders.push(path);
            } else if name.ends_with(".rs") && name != "tests.rs" {
                let text = std::fs::read_to_string(&path).unwrap();
                // The tests at the end of a file may print whatever they like.
                let code = text.split("#[cfg(test)]").next().unwrap();
                for word in ["panic!(", "unreachable!(", ".expect(&", "unwrap_or_else(|error| panic"] {
                    assert!(!code.contains(word), "{}: {word}", path.display());
                }
                read += 1;
            }
        }
    }
    assert!(read > 100, "no source files were found");
}
