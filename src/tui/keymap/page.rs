//! The keys in force as a page of text: for each part of the screen, what is particular to it.

use std::fmt::Write;

use indexmap::IndexMap;

use super::context::Table;
use super::{Keymap, Sequence};

/// Columns of the keys.
const KEYS: usize = 22;

/// The page.
pub fn page(keymap: &Keymap, readonly: bool) -> String {
    let mut page = String::new();
    for table in Table::all() {
        let mut lines: IndexMap<String, Vec<String>> = IndexMap::new();
        for (keys, choices) in keymap.bindings(table) {
            for choice in choices.iter().filter(|choice| choice.run.entry.allowed(readonly)) {
                let when = choice.when.to_string();
                let when = if when.is_empty() { when } else { format!(" (when {when})") };
                let line = format!("{:<20} {}{when}", choice.run.to_string(), choice.doc());
                lines.entry(line).or_default().push(Sequence::to_string(keys));
            }
        }
        if lines.is_empty() {
            continue;
        }
        let gap = if page.is_empty() { "" } else { "\n" };
        let _ = writeln!(page, "{gap}[{}] {}", table.name(), table.doc());
        for (line, keys) in lines {
            let _ = writeln!(page, "  {:<KEYS$} {line}", keys.join(", "));
        }
    }
    page
}
