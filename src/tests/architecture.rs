//! The map of the sources, checked by reading the files. The lists here *are* the architecture (invariants 3, 4, 6 and 8).

use std::{
    fs,
    path::{Path, PathBuf},
};

struct Source {
    path: String,
    code: String,
}

/// Every Rust file of the repository but the tests, without comments.
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
    assert!(sources.len() > 30, "the sources were not found");
    sources.retain(|source| !source.path.starts_with("tests/"));
    sources
}

/// The files in `within` that hold one of the words and may not.
fn trespassers(within: &str, words: &[&str], may: &[&str]) -> Vec<String> {
    sources()
        .into_iter()
        .filter(|source| source.path.starts_with(within) && !may.iter().any(|allowed| source.path.starts_with(allowed)))
        .filter_map(|source| {
            words.iter().find(|word| source.code.contains(**word)).map(|word| format!("{} says `{word}`", source.path))
        })
        .collect()
}

const NOBODY: [String; 0] = [];

#[test]
fn invariant_3_one_door_from_the_dashboard_to_the_engine() {
    let words = ["engine::", "use engine", "screens::", "use screens"];
    assert_eq!(trespassers("dashboard/", &words, &["dashboard/api"]), NOBODY);
}

#[test]
fn the_screens_know_nothing_of_the_web() {
    assert_eq!(trespassers("screens/", &["axum", "leptos", "dashboard::", "server::"], &[]), NOBODY);
}

#[test]
fn invariant_3_only_the_router_names_the_dashboard() {
    assert_eq!(trespassers("", &["dashboard::"], &["server/router.rs", "dashboard/", "lib.rs"]), NOBODY);
}

#[test]
fn invariant_4_sql_stands_in_the_store_only() {
    let words = ["sqlx::", "SELECT ", "INSERT INTO", "UPDATE ", "DELETE FROM"];
    assert_eq!(trespassers("engine/", &words, &["engine/store"]), NOBODY);
    for room in ["server/", "screens/", "dashboard/", "demo/", "cli/", "protocol/", "widget/", "load/"] {
        assert_eq!(trespassers(room, &words, &[]), NOBODY);
    }
}

#[test]
fn invariant_4_the_hubs_state_is_pure() {
    // The shell around it, which has the clock, the channels and the tasks, is a file of its own.
    let words = [".await", "async fn", "tokio::", "Instant::now", "SystemTime"];
    assert_eq!(trespassers("engine/hub/", &words, &["engine/hub/task", "engine/hub/mod.rs"]), NOBODY);
}

#[test]
fn invariant_6_few_know_that_there_is_a_websocket() {
    let may = ["server/socket", "widget/socket.rs", "dashboard/live", "load/"];
    assert_eq!(trespassers("", &["WebSocket", "tungstenite"], &may), NOBODY);
}

#[test]
fn invariant_8_no_html_sink() {
    let words =
        ["inner_html", "set_inner_html", "insert_adjacent_html", "document.write", "set_outer_html", "innerHTML"];
    assert_eq!(trespassers("", &words, &[]), NOBODY);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for script in [
        "src/widget/loader.js",
        "src/widget/boot.js",
        "src/widget/files.js",
        "src/widget/rating.js",
        "public/files.js",
        "public/shop/shop.js",
    ] {
        let Ok(text) = fs::read_to_string(root.join(script)) else { continue };
        let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        for sink in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function"] {
            assert!(!code.contains(sink), "{script} says `{sink}`");
        }
    }
}

/// The framework writes a title into the page as it is: words that anybody typed go through `as_title`.
#[test]
fn invariant_8_a_title_is_a_sink_on_the_server() {
    let fixed = ["<Title text=as_title(", "<Title text=i18n::", "<Title text=format!(\"{} · {}\", i18n::"];
    for source in sources() {
        for title in source.code.match_indices("<Title").map(|(at, _)| &source.code[at..]) {
            let is_fixed = fixed.iter().any(|fixed| title.starts_with(fixed));
            assert!(is_fixed || source.path == "dashboard/pages/frame.rs", "{}: {:.60}", source.path, title);
        }
    }
}

#[test]
fn protocol_and_engine_know_nothing_of_the_web() {
    assert_eq!(trespassers("engine/", &["axum", "leptos"], &[]), NOBODY);
    assert_eq!(trespassers("protocol/", &["std::time", "web_sys", "tokio"], &[]), NOBODY);
}
