//! L: the widget in a host page. Most cases are tested in a browser; these tests read the sources.

use std::{fs, path::Path};

fn source(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/widget").join(file)).unwrap()
}

/// L1, L2: the two windows communicate through a port, which is handed over once, to one window and one origin.
#[test]
fn post_message_names_its_target_origin() {
    let (loader, boot) = (source("loader.js"), source("boot.js"));
    for script in [&loader, &boot] {
        assert!(!script.contains("'*'") && !script.contains("\"*\""), "{script}");
    }
    assert_eq!(loader.matches("contentWindow.postMessage('jumpin', origin, [port2])").count(), 1);
    assert_eq!(loader.matches("contentWindow").count(), 1);
    // The frame accepts a message only from its parent, and from then on only from the port.
    assert!(boot.contains("if (event.source !== parent || event.data !== 'jumpin' || !port) return;"));
    assert_eq!(boot.matches("addEventListener('message', onMessage)").count(), 1);
    assert_eq!(boot.matches("removeEventListener('message', onMessage)").count(), 1);
    assert!(!boot.contains("parent.postMessage") && !loader.contains("addEventListener('message'"));
}

/// L14: `Math.random`, which a page can overwrite, only decides how long to wait and never creates an id.
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
