//! Checks that the documentation refers only to things that exist: links lead somewhere, file names are real, and every
//! scenario and case is described.

use std::{
    fs,
    path::{Path, PathBuf},
};

const NOTHING: [String; 0] = [];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// Returns the path and text of every Markdown file written for people: those at the top level, in `docs`, and in
/// `docs/decisions`.
fn documents() -> Vec<(PathBuf, String)> {
    let documents: Vec<_> = ["", "docs", "docs/decisions"]
        .iter()
        .flat_map(|folder| fs::read_dir(root().join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect();
    assert!(documents.len() > 20, "the documentation was not found");
    documents
}

/// Returns the text without its fenced code blocks, which may contain third-party commands and code.
fn prose(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// Returns the targets of all `[…](target)` links outside of code.
fn links(text: &str) -> Vec<String> {
    let text: String = prose(text).split('`').step_by(2).collect();
    text.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target.to_owned())).collect()
}

/// Returns the anchor that common hosts generate for a heading: lowercase, with spaces replaced by hyphens and all
/// other punctuation removed.
fn anchor(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter_map(|sign| match sign {
            ' ' => Some('-'),
            '-' | '_' => Some(sign),
            _ => sign.is_alphanumeric().then_some(sign),
        })
        .collect()
}

/// Returns whether a word in backticks is meant to be a path in this repository.
fn is_repository_path(word: &str) -> bool {
    const FOLDERS: [&str; 9] =
        ["src/", "style/", "public/", "end2end/", "service/", "docs/", ".ci/", ".github/", ".cargo/"];
    FOLDERS.iter().any(|folder| word.starts_with(folder)) && !word.contains(['*', '…', '{', ' '])
}

#[test]
fn every_link_between_documents_leads_somewhere() {
    let mut dead = Vec::new();
    for (path, text) in documents() {
        for target in links(&text).into_iter().filter(|target| !target.contains("://")) {
            let (file, heading) = target.split_once('#').unwrap_or((&target, ""));
            let file = if file.is_empty() { path.clone() } else { path.parent().unwrap().join(file) };
            let is_alive = match fs::read_to_string(&file) {
                Ok(text) => {
                    heading.is_empty()
                        || prose(&text).lines().any(|line| line.starts_with('#') && anchor(line) == heading)
                }
                // An image or a directory.
                Err(_) => file.exists() && heading.is_empty(),
            };
            if !is_alive {
                dead.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert_eq!(dead, NOTHING);
}

#[test]
fn every_file_name_in_a_document_exists() {
    let mut missing = Vec::new();
    for (path, text) in documents() {
        for word in prose(&text).split('`').skip(1).step_by(2).filter(|word| is_repository_path(word)) {
            if !root().join(word).exists() {
                missing.push(format!("{}: {word}", path.display()));
            }
        }
    }
    assert_eq!(missing, NOTHING);
}

#[test]
fn every_scenario_and_every_case_has_its_text() {
    let testing = fs::read_to_string(root().join("docs/testing.md")).unwrap();
    let scenarios = testing.split("## Scenarios").nth(1).unwrap().split("## Bad input").next().unwrap();
    let missing: Vec<_> = (1..=20)
        .filter(|number| !scenarios.lines().any(|line| line.starts_with(&format!("{number}. "))))
        .map(|number| number.to_string())
        .chain(crate::bad_input::case_numbers().filter(|case| !testing.contains(&format!("\n| {case} | "))))
        .collect();
    assert_eq!(missing, NOTHING);
}

/// A server that takes all the memory of its machine takes everything else down with it.
#[test]
fn systemd_unit_limits_the_memory() {
    let unit = fs::read_to_string(root().join("service/jumpin.service")).unwrap();
    assert!(unit.lines().any(|line| line.starts_with("MemoryMax=")));
}

/// The tests of a number are listed as `src/file.rs`: `test`, `other_test`; ….
#[test]
fn every_test_that_the_list_of_attacks_names_exists() {
    let text = fs::read_to_string(root().join("docs/testing.md")).unwrap();
    let rows: Vec<&str> = text.lines().filter(|line| line.starts_with("| S")).collect();
    assert_eq!(rows.len(), 12);
    let mut missing = Vec::new();
    for row in rows {
        let (mut source, mut tests) = (String::new(), 0);
        for word in row.split('`').skip(1).step_by(2) {
            if word.starts_with("src/") {
                source = fs::read_to_string(root().join(word)).unwrap_or_default();
                assert!(source.contains("fn "), "{word}");
                tests += source.matches("::test]").count() + source.matches("#[test]").count();
            } else if !source.contains(&format!("fn {word}(")) {
                missing.push(word.to_owned());
            }
        }
        assert!(tests > 0, "no tests: {row}");
    }
    assert_eq!(missing, NOTHING);
}
