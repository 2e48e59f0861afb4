//! Cases L1 to L14: the widget in a host page. Most of them are tested in a browser. The tests here inspect the source
//! code.

use std::{fs, path::Path};

fn source(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/widget").join(file)).unwrap()
}

/// Covers L1 and L2: the two windows communicate through a port that is handed over only once, to a single window and
/// origin.
#[test]
fn post_message_names_its_target_origin() {
    let (loader, boot) = (source("loader.js"), source("boot.js"));
    // Loaders in a page and its frames agree on one launcher with a single word that contains nothing. The word goes to
    // windows whose origin is unknown.
    assert!(!boot.contains("'*'") && !boot.contains("\"*\""), "{boot}");
    assert_eq!(loader.matches("'*'").count() + loader.matches("\"*\"").count(), 1);
    assert!(loader.contains("const claim = (pane) => pane.postMessage('jumpin', '*');"));
    assert!(loader.contains("const hearClaim = (event) => {\n      if (event.data !== 'jumpin') return;"));
    assert_eq!(
        loader.matches("addEventListener('message'").count(),
        loader.matches("addEventListener('message', hearClaim)").count()
    );
    assert_eq!(loader.matches("contentWindow.postMessage('jumpin', origin, [channel.port2])").count(), 1);
    assert_eq!(loader.matches("contentWindow").count(), 1);
    // The frame accepts its first message only from its parent, and everything after that only through the port.
    assert!(boot.contains("if (event.source !== parent || event.data !== 'jumpin' || !port) return;"));
    assert_eq!(boot.matches("addEventListener('message', onMessage)").count(), 1);
    assert_eq!(boot.matches("removeEventListener('message', onMessage)").count(), 1);
    assert!(!boot.contains("parent.postMessage"));
}

/// Covers L14: a page can replace `Math.random`, so it is used only to choose delays and never to create ids.
#[test]
fn ids_come_from_the_browsers_crypto_random() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/widget");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    for file in files.filter(|file| file.extension().is_some_and(|end| end == "rs" || end == "js")) {
        let (name, text) =
            (file.file_name().unwrap().to_string_lossy().into_owned(), fs::read_to_string(&file).unwrap());
        assert!(!text.contains("Math.random"), "{name}");
        let asks = text.contains("random()") && !text.contains("fn random() -> f64");
        assert!(!asks || name == "socket.rs", "{name}");
    }
    assert!(source("browser.rs").contains("js_namespace = crypto, js_name = getRandomValues"));
}
