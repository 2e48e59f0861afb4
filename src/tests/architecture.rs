//! Checks the layout of the source code by reading the files. The lists in this file *are* the architecture: invariants
//! 3, 4, 6, and 8 of `docs/architecture.md`.

use std::{
    fs,
    path::{Path, PathBuf},
};

struct Source {
    path: String,
    code: String,
}

/// Returns every Rust source file in the repository, except tests, with comments removed.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders: Vec<PathBuf> = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                let text = fs::read_to_string(&path).unwrap();
                let code =
                    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
                sources.push(Source { path: name, code });
            }
        }
    }
    assert!(sources.len() > 30, "no source files were found");
    sources.retain(|source| !source.path.starts_with("tests/"));
    sources
}

/// Returns the files under `within` that contain any of the given words, except the files listed in `may`.
fn violations(within: &str, words: &[&str], may: &[&str]) -> Vec<String> {
    sources()
        .into_iter()
        .filter(|source| source.path.starts_with(within) && !may.iter().any(|allowed| source.path.starts_with(allowed)))
        .filter_map(|source| {
            words.iter().find(|word| source.code.contains(**word)).map(|word| format!("{}: `{word}`", source.path))
        })
        .collect()
}

const NO_VIOLATIONS: [String; 0] = [];

#[test]
fn invariant_3_the_dashboard_reaches_the_engine_through_its_api_only() {
    let words = ["engine::", "use engine", "screens::", "use screens"];
    assert_eq!(violations("dashboard/", &words, &["dashboard/api"]), NO_VIOLATIONS);
}

#[test]
fn screens_do_not_depend_on_the_web() {
    assert_eq!(violations("screens/", &["axum", "leptos", "dashboard::", "server::"], &[]), NO_VIOLATIONS);
}

#[test]
fn invariant_3_only_the_router_names_the_dashboard() {
    assert_eq!(violations("", &["dashboard::"], &["server/router.rs", "dashboard/", "lib.rs"]), NO_VIOLATIONS);
}

#[test]
fn invariant_4_sql_is_in_the_store_only() {
    let words = ["sqlx::", "SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM"];
    assert_eq!(violations("engine/", &words, &["engine/store"]), NO_VIOLATIONS);
    for room in ["server/", "screens/", "dashboard/", "demo/", "cli/", "protocol/", "widget/", "load/"] {
        assert_eq!(violations(room, &words, &[]), NO_VIOLATIONS);
    }
}

#[test]
fn invariant_4_the_hubs_state_is_pure() {
    // The hub's task lives in a separate file because it needs the clock, channels, and spawned tasks.
    let words = [".await", "async fn", "tokio::", "Instant::now", "SystemTime"];
    assert_eq!(violations("engine/hub/", &words, &["engine/hub/task", "engine/hub/mod.rs"]), NO_VIOLATIONS);
}

#[test]
fn invariant_6_websockets_are_used_in_few_modules() {
    let may = ["server/socket", "widget/socket.rs", "dashboard/live", "load/"];
    assert_eq!(violations("", &["WebSocket", "tungstenite"], &may), NO_VIOLATIONS);
}

#[test]
fn invariant_8_no_html_sink() {
    let words =
        ["inner_html", "set_inner_html", "insert_adjacent_html", "document.write", "set_outer_html", "innerHTML"];
    assert_eq!(violations("", &words, &[]), NO_VIOLATIONS);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for script in [
        "src/widget/loader.js",
        "src/widget/boot.js",
        "src/widget/files.js",
        "src/widget/rating.js",
        "src/widget/unreachable.js",
        "public/files.js",
        "public/shop/shop.js",
    ] {
        let Ok(text) = fs::read_to_string(root.join(script)) else { continue };
        let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for sink in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
            assert!(!code.contains(sink), "{script} contains `{sink}`");
        }
    }
}

/// Leptos writes titles into the page without escaping them, so user input must go through `as_title`.
#[test]
fn invariant_8_server_rendered_titles_are_escaped() {
    let fixed = ["<Title text=as_title(", "<Title text=i18n::", "<Title text=format!(\"{} · {}\", i18n::"];
    for source in sources() {
        for title in source.code.match_indices("<Title").map(|(at, _)| &source.code[at..]) {
            let is_fixed = fixed.iter().any(|fixed| title.starts_with(fixed));
            assert!(is_fixed || source.path == "dashboard/pages/layout.rs", "{}: {:.60}", source.path, title);
        }
    }
}

#[test]
fn protocol_and_engine_do_not_depend_on_the_web() {
    assert_eq!(violations("engine/", &["axum", "leptos"], &[]), NO_VIOLATIONS);
    assert_eq!(violations("protocol/", &["std::time", "web_sys", "tokio"], &[]), NO_VIOLATIONS);
}
