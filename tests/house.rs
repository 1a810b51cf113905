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
const CRATES: [(&str, &[&str]); 16] = [
    ("ratatui", &["tui"]),
    ("crossterm", &["tui"]),
    ("tui_textarea", &["tui"]),
    ("tokio", &["store", "tui"]),
    ("azure_core", &["store"]),
    ("azure_identity", &["store"]),
    ("azure_storage_blobs", &["store"]),
    ("rustls", &["store"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("rusqlite", &["store"]),
    ("mongodb", &["store"]),
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

/// A line of code, a `use` statement as a whole.
struct Code {
    floor: String,
    place: String,
    /// How far its module is below the crate's root.
    depth: usize,
    text: String,
}

/// The code of the sources: comments and strings of documentation do not count.
fn code() -> Vec<Code> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    for path in sources(&root) {
        let inside = path.strip_prefix(&root).unwrap();
        let floor = inside.components().next().unwrap().as_os_str().to_string_lossy().replace(".rs", "");
        let own_name = usize::from(!inside.ends_with("mod.rs"));
        let depth = inside.components().count() - 1 + own_name;
        for (number, text) in statements(&std::fs::read_to_string(&path).unwrap()) {
            let place = format!("src/{}:{number}", inside.display());
            all.push(Code { floor: floor.clone(), place, depth, text });
        }
    }
    assert!(all.len() > 1000, "the sources were found");
    all
}

/// The lines of a source with their numbers; the lines of a `use` statement are one.
fn statements(source: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (number, line) in (1..).zip(source.lines().map(str::trim)) {
        if line.starts_with("//") {
            continue;
        }
        match found.last_mut().filter(|_| open) {
            Some((_, text)) => *text += line,
            None => found.push((number, line.to_owned())),
        }
        let is_use = line.starts_with("use ") || (line.starts_with("pub") && line.contains(" use "));
        open = (open || is_use) && !line.contains(';');
    }
    found
}

fn floor(name: &str) -> Option<u8> {
    FLOORS.iter().find(|(floor, _)| *floor == name).map(|(_, level)| *level)
}

/// The modules of the crate's root that code names, after `crate::` or enough of `super::`.
fn imports(text: &str, depth: usize) -> Vec<String> {
    let root = "super::".repeat(depth);
    let roots = ["crate::", &root];
    roots.iter().flat_map(|root| text.split(root).skip(1).flat_map(names)).collect()
}

/// The first names of a path, or of each path of a group.
fn names(rest: &str) -> Vec<String> {
    let word = |text: &str| text.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    let Some(group) = rest.strip_prefix('{') else { return vec![word(rest)] };
    let mut found = Vec::new();
    let (mut level, mut start) = (0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => level += 1,
            '}' | ',' if level == 0 => {
                found.push(word(&group[start..at]));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => level -= 1,
            _ => {}
        }
    }
    found
}

// Whoever holds the rules must not be blind to a way of writing.
#[test]
fn imports_are_seen_however_they_are_written() {
    let of = |source: &str| -> Vec<String> {
        statements(source)
            .iter()
            .flat_map(|(_, text)| imports(text, 2))
            .filter(|name| !name.is_empty())
            .collect()
    };
    assert_eq!(of("use crate::model::Run;"), ["model"]);
    assert_eq!(
        of("use crate::{\n    model::{Job, Run},\n    // a word\n    tui::App,\n};"),
        ["model", "tui"]
    );
    assert_eq!(of("pub(super) use crate::{store,\n ops};"), ["store", "ops"]);
    assert_eq!(of("let x = crate::cli::main(crate::ops::run());"), ["cli", "ops"]);
    assert_eq!(of("use super::super::tui::App;\nuse super::here;"), ["tui"]);
    assert_eq!(of("// crate::tui"), Vec::<String>::new());
}

#[test]
fn nothing_imports_upwards() {
    let mut wrong = Vec::new();
    for Code { floor: from, place, depth, text } in code() {
        let Some(own) = floor(&from) else { continue };
        for to in imports(&text, depth) {
            let opens_the_ui = from == "cli" && to == "tui";
            if let Some(other) = floor(&to)
                && from != to
                && other >= own
                && !opens_the_ui
            {
                wrong.push(format!("{place}: {from} uses {to}: {text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn crates_stay_on_their_floors() {
    let mut wrong = Vec::new();
    for Code { floor: from, place, text, .. } in code() {
        for (name, floors) in CRATES {
            let is_named = text.contains(&format!("{name}::")) || text.contains(&format!("use {name};"));
            let is_word = is_named && !text.contains(&format!("_{name}::"));
            if is_word && !floors.contains(&from.as_str()) {
                wrong.push(format!("{place}: {name} belongs to {floors:?}: {text}"));
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
