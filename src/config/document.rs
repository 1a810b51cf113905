//! The schema for people: a file to start from, and the reference.

use std::fmt::Write as _;

use super::schema::{Key, Kind, Rule, SECTIONS};

const HEADER: &str = "\
# xt_config.yaml: how xt works for you. Everything here is optional.
#
# What is commented out is the default; to change a value, remove its `# `. Later layers win: the built-in
# defaults, this file in xt's configuration folder, xt_config.yaml in the working directory (or the file named
# with --xt-config), the environment (XT_CONFIG__section__key=value), options of the command line.
#
# Passwords and keys may be written as `$env:NAME`, `$file:path` or `$cmd:command` (the last in your own file only).
";

/// A file with every default commented out, for `xt config --create`.
pub fn template() -> String {
    let mut out = HEADER.to_owned();
    for section in SECTIONS.iter().filter(|key| !key.has(Rule::Ignored)) {
        let _ = write!(out, "\n## {}\n", sentence(&described(section)));
        match section.kind {
            Kind::Keys(keys) => {
                let _ = writeln!(out, "{}:", section.name);
                let line = |key: &Key| {
                    let value = if key.default.is_empty() { "null" } else { key.default };
                    format!("    # {}: {value}", key.name)
                };
                aligned(&mut out, keys, line, "  # ");
            }
            Kind::Entries(keys) => {
                let _ = writeln!(out, "{}:", section.name);
                entries(&mut out, section);
                let _ = writeln!(out, "    ## NAME: {{key: value, …}} with the keys");
                aligned(&mut out, keys, |key| format!("    ##   {}", key.name), "  ");
            }
            _ => {
                let _ = writeln!(out, "# {}: {}", section.name, section.default);
            }
        }
    }
    out
}

/// One line a key, what it does in a column of its own; only lines that are far too long stick out.
fn aligned(out: &mut String, keys: &[Key], line: impl Fn(&Key) -> String, gap: &str) {
    const WIDEST: usize = 50;
    let lines: Vec<_> =
        keys.iter().filter(|key| !key.has(Rule::Ignored)).map(|key| (line(key), described(key))).collect();
    let widths = lines.iter().map(|(line, _)| line.len());
    let width = widths.filter(|width| *width <= WIDEST).max().unwrap_or_default();
    for (line, doc) in lines {
        let _ = writeln!(out, "{line:width$}{gap}{doc}");
    }
}

/// The built-in entries of a section, as one map.
fn entries(out: &mut String, section: &Key) {
    let built_in =
        section.default.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).unwrap_or_default();
    if !built_in.is_empty() {
        let _ = writeln!(out, "    # {built_in}");
    }
}

/// The reference, in Markdown.
pub fn documentation() -> String {
    let mut out = String::new();
    for section in SECTIONS {
        let _ = write!(out, "## {}\n\n{}\n\n", section.name, sentence(&described(section)));
        if section.has(Rule::Ignored) {
            continue;
        }
        match section.kind {
            Kind::Keys(keys) => table(&mut out, keys),
            Kind::Entries(keys) => {
                out.push_str("Named entries, each with these keys:\n\n");
                table(&mut out, keys);
                built_in(&mut out, section);
            }
            kind => {
                let _ = writeln!(out, "This is {kind}.\n");
                built_in(&mut out, section);
            }
        }
    }
    out
}

fn built_in(out: &mut String, section: &Key) {
    if !section.default.is_empty() {
        let _ = writeln!(out, "Built in: `{}`\n", section.default);
    }
}

fn table(out: &mut String, keys: &[Key]) {
    out.push_str("| key | default | what it does |\n| --- | --- | --- |\n");
    for key in keys {
        let default = if key.default.is_empty() { "—".to_owned() } else { format!("`{}`", key.default) };
        let _ = writeln!(out, "| `{}` | {default} | {} |", key.name, described(key).replace('|', "\\|"));
    }
    out.push('\n');
}

/// What it does, and what may be written where that is not plain from the default.
fn described(key: &Key) -> String {
    let mut text = key.doc.to_owned();
    if let Kind::Choice(words) = key.kind {
        let _ = write!(text, " ({})", words.join(", "));
    }
    if key.has(Rule::Required) {
        text.push_str(" (required)");
    }
    if key.has(Rule::Trusted) {
        text.push_str(" (not in a working directory's file)");
    }
    if key.has(Rule::Idle) {
        text.push_str(" (no effect yet)");
    }
    text
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| format!("{}{}.", first.to_uppercase(), letters.as_str()))
}
