//! The house rules that a compiler does not hold: floors, and which crates appear where.

#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::path::{Path, PathBuf};

/// Each floor may use those with a lower number, and itself.
const FLOORS: [(&str, u8); 12] = [
    ("model", 0),
    ("config", 1),
    ("help", 1),
    ("log", 1),
    ("chart", 1),
    ("report", 1),
    ("store", 2),
    ("node", 3),
    ("ops", 4),
    ("cli", 5),
    ("tui", 5),
    // The command line opens the terminal UI when it is given nothing to do: that one call is its own.
    ("main", 6),
];

/// Crates that belong to certain floors alone.
const CRATES: [(&str, &[&str]); 11] = [
    ("ratatui", &["tui"]),
    ("crossterm", &["tui"]),
    ("tui_textarea", &["tui"]),
    ("tokio", &["tui"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("rusqlite", &["store"]),
    ("ureq", &["node"]),
    ("zstd", &["store"]),
    ("resvg", &["chart"]),
    ("pulldown_cmark", &["help"]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found
}

/// The code lines of the sources with their floors: comments and strings of documentation do not count.
fn lines() -> Vec<(String, String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut lines = Vec::new();
    for path in sources(&root) {
        let inside = path.strip_prefix(&root).unwrap();
        let floor = inside.components().next().unwrap().as_os_str().to_string_lossy().replace(".rs", "");
        for (number, line) in (1..).zip(std::fs::read_to_string(&path).unwrap().lines()) {
            let code = line.trim();
            if !code.starts_with("//") {
                lines.push((floor.clone(), format!("src/{}:{number}", inside.display()), code.to_owned()));
            }
        }
    }
    assert!(lines.len() > 1000, "the sources were found");
    lines
}

fn floor(name: &str) -> Option<u8> {
    FLOORS.iter().find(|(floor, _)| *floor == name).map(|(_, level)| *level)
}

/// The modules a line names after `crate::`.
fn imports(code: &str) -> Vec<String> {
    let named = code.split("crate::").skip(1).flat_map(|rest| {
        let group = rest.strip_prefix('{').map(|group| group.split('}').next().unwrap_or(group));
        let words: Vec<_> = group.map_or_else(|| vec![rest], |group| group.split(',').collect());
        words
            .into_iter()
            .map(|word| word.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
    });
    named.collect()
}

#[test]
fn nothing_imports_upwards() {
    let mut wrong = Vec::new();
    for (from, place, code) in lines() {
        let Some(own) = floor(&from) else { continue };
        for to in imports(&code) {
            let opens_the_ui = from == "cli" && to == "tui";
            if let Some(other) = floor(&to)
                && from != to
                && other >= own
                && !opens_the_ui
            {
                wrong.push(format!("{place}: {from} uses {to}: {code}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn crates_stay_on_their_floors() {
    let mut wrong = Vec::new();
    for (from, place, code) in lines() {
        for (name, floors) in CRATES {
            let is_named = code.contains(&format!("{name}::")) || code.contains(&format!("use {name};"));
            let is_word = is_named && !code.contains(&format!("_{name}::"));
            if is_word && !floors.contains(&from.as_str()) {
                wrong.push(format!("{place}: {name} belongs to {floors:?}: {code}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_module_says_what_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let silent: Vec<_> = sources(&root)
        .into_iter()
        .filter(|path| !std::fs::read_to_string(path).unwrap().trim_start().starts_with("//!"))
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}
