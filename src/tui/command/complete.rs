//! What a typed line may become: commands by their names and docs, then what may follow them. Best first.

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use super::{Argument, Command, Entry, Invocation, entries};

/// A name beats any doc.
const NAME: u32 = 1 << 16;

/// At most so many are kept: more than a screen shows.
const KEPT: usize = 200;

/// Something that may stand where an argument does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Value {
    /// As it is typed.
    pub name: String,
    /// About it, in a line.
    pub doc: String,
}

/// Something that a typed line may become.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The whole line.
    pub line: String,
    /// What is shown of it: the name of a command, or of what follows it.
    pub name: String,
    /// The letters of the name, by number, that fit what was typed.
    pub matched: Vec<u32>,
    /// About it, in a line.
    pub doc: String,
    /// The command, if it is one and not yet what follows.
    pub command: Option<&'static Entry>,
}

impl Candidate {
    /// The line as it goes on: with a blank where something may follow.
    pub fn continued(&self) -> String {
        let more = self.command.is_some_and(|entry| entry.argument != Argument::None);
        format!("{}{}", self.line, if more { " " } else { "" })
    }
}

/// What a line may become; `values` tells what there is of a kind of argument.
pub fn complete(line: &str, readonly: bool, values: impl Fn(&Entry) -> Vec<Value>) -> Vec<Candidate> {
    let line = line.trim_start();
    if let Ok(Invocation { entry, .. }) = Invocation::parse(line)
        && entry.argument != Argument::None
        && let Some(rest) = line.strip_prefix(entry.name).filter(|rest| rest.starts_with(' '))
    {
        return arguments(line, rest, values(entry));
    }
    commands(line.trim_end(), readonly)
}

fn commands(line: &str, readonly: bool) -> Vec<Candidate> {
    let mut fuzzy = Fuzzy::new(line);
    let words: Vec<String> = line.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let in_doc = |entry: &Entry| {
        words.iter().all(|word| entry.doc.to_lowercase().contains(word) || entry.name.contains(word))
    };
    let fits = |entry: &'static Entry| {
        let (score, matched) = match fuzzy.score(entry.name) {
            // What was typed whole goes before what is longer.
            Some((score, matched)) if entry.name == line => (score + 2 * NAME, matched),
            Some((score, matched)) => (score + NAME, matched),
            None if in_doc(entry) => (0, Vec::new()),
            None => return None,
        };
        let candidate = Candidate {
            line: entry.name.to_owned(),
            name: entry.name.to_owned(),
            matched,
            doc: entry.doc.to_owned(),
            command: Some(entry),
        };
        Some((score, candidate))
    };
    let offered = entries().filter(|entry| entry.allowed(readonly) && entry.can_be_typed());
    best(offered.filter_map(fits).collect())
}

/// Completes the last word of what follows a command.
fn arguments(line: &str, rest: &str, values: Vec<Value>) -> Vec<Candidate> {
    let word = rest.rsplit([' ', ',']).next().unwrap_or_default();
    let before = line.strip_suffix(word).unwrap_or(line);
    let mut fuzzy = Fuzzy::new(word);
    let fits = |value: Value| {
        let (score, matched) = fuzzy.score(&value.name)?;
        let score = if value.name == word { score + NAME } else { score };
        let line = format!("{before}{}", value.name);
        Some((score, Candidate { line, name: value.name, matched, doc: value.doc, command: None }))
    };
    best(values.into_iter().filter_map(fits).collect())
}

/// The best first; those that fit alike in the order in which they came.
fn best(mut found: Vec<(u32, Candidate)>) -> Vec<Candidate> {
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().take(KEPT).map(|(_, candidate)| candidate).collect()
}

struct Fuzzy {
    matcher: Matcher,
    pattern: Pattern,
    letters: Vec<char>,
}

impl Fuzzy {
    fn new(typed: &str) -> Self {
        let mut config = Config::DEFAULT;
        config.prefer_prefix = true;
        let pattern = Pattern::new(typed, CaseMatching::Ignore, Normalization::Smart, AtomKind::Fuzzy);
        Self { matcher: Matcher::new(config), pattern, letters: Vec::new() }
    }

    /// How well a name fits, and which of its letters do.
    fn score(&mut self, name: &str) -> Option<(u32, Vec<u32>)> {
        let mut matched = Vec::new();
        let name = Utf32Str::new(name, &mut self.letters);
        let score = self.pattern.indices(name, &mut self.matcher, &mut matched)?;
        matched.sort_unstable();
        matched.dedup();
        Some((score, matched))
    }
}

impl Argument {
    /// Whether it must be one of the values there are: what begins like one then means it.
    pub const fn is_closed(self) -> bool {
        matches!(self, Self::Theme | Self::Keymap | Self::Workspace | Self::Topic)
    }
}

impl Command {
    /// Whether what follows it is acted on only after a question, and shown before.
    pub fn previews(self) -> bool {
        self == Self::Cancel
    }
}

#[cfg(test)]
mod tests {
    // Proves C1 (the palette: fuzzy, best first, with the letters that fit; arguments).
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn values(_: &Entry) -> Vec<Value> {
        ["run41.3", "run41.2", "run4", "job12"]
            .map(|name| Value { name: name.into(), doc: String::new() })
            .to_vec()
    }

    fn names(line: &str) -> Vec<String> {
        complete(line, false, values).into_iter().map(|found| found.line).collect()
    }

    #[rstest]
    #[case("re", "rerun")]
    #[case("sort", "sort")]
    #[case("srev", "sort reverse")]
    #[case("gj", "goto jobs")]
    #[case("CR", "cancel run")]
    #[case("bell", "watch")]
    #[case("cancel run job", "cancel run job12")]
    #[case("cancel run run4", "cancel run run4")]
    #[case("cancel run run4,run412", "cancel run run4,run41.2")]
    #[case("cancel run run4 j", "cancel run run4 job12")]
    fn the_best_is_first(#[case] line: &str, #[case] expected: &str) {
        assert_eq!(names(line).first().map(String::as_str), Some(expected), "{:?}", names(line));
    }

    #[test]
    fn the_letters_that_fit_are_told() {
        let found = complete("gj", false, values).remove(0);
        assert_eq!((found.matched.as_slice(), found.continued().as_str()), (&[0, 5][..], "goto jobs"));
        assert_eq!(complete("canc", false, values)[0].continued(), "cancel run ");
        assert!(names("kill the wabbit").is_empty() && names("quit now").is_empty());
    }

    proptest! {
        #[test]
        fn no_line_breaks_it(line in ".{0,40}") {
            for found in complete(&line, false, values) {
                prop_assert!(found.matched.iter().all(|at| (*at as usize) < found.name.chars().count()));
            }
        }
    }
}
