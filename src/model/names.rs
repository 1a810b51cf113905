//! Names of things, and lists of names as people write them: `run3-run9`, `run7.*`, `curious/run26`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// What is wrong with a name.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum NameError {
    /// Not the form of a run's name.
    #[error("`{0}` is no run: runs are called run7, or run7.3 for a child")]
    Run(String),
    /// Not the form of a job's name.
    #[error("`{0}` is no job: jobs are called job7")]
    Job(String),
    /// A range that ends before it begins.
    #[error("the range `{0}` ends before it begins")]
    Range(String),
    /// A workspace's or experiment's name that cannot be used.
    #[error("`{name}` cannot be the name of {what}: {why}")]
    Unusable {
        /// The name, with control characters made visible.
        name: String,
        /// A workspace or an experiment.
        what: &'static str,
        /// The reason.
        why: &'static str,
    },
}

/// The factor between a run's number and its place in the order of all runs (`XTLib`'s `run_num`).
const CHILD_SPACE: u64 = 1_000_000;

/// The name of a run: `run7`, or `run7.3` for the third child of run 7.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunName {
    /// The number, unique in the workspace.
    pub number: u64,
    /// The child's number, from 1; 0 for a run that is nobody's child.
    pub child: u64,
}

impl RunName {
    /// The most children a run can have.
    pub const MOST_CHILDREN: u64 = CHILD_SPACE - 1;

    /// A run that is nobody's child.
    pub const fn top(number: u64) -> Self {
        Self { number, child: 0 }
    }

    /// A child of this run.
    #[must_use]
    pub const fn child(self, child: u64) -> Self {
        Self { number: self.number, child }
    }

    /// The run this is a child of.
    pub const fn parent(self) -> Option<Self> {
        if self.child == 0 { None } else { Some(Self::top(self.number)) }
    }

    /// `XTLib`'s `run_num`: the number times 1,000,000 plus the child's.
    pub const fn run_num(self) -> u64 {
        self.number.saturating_mul(CHILD_SPACE).saturating_add(self.child)
    }
}

impl fmt::Display for RunName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.child {
            0 => format!("run{}", self.number),
            child => format!("run{}.{child}", self.number),
        };
        f.pad(&text)
    }
}

impl FromStr for RunName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let wrong = || NameError::Run(visible(text));
        let digits = text.strip_prefix("run").ok_or_else(wrong)?;
        let (number, child) = digits.split_once('.').map_or((digits, None), |(n, c)| (n, Some(c)));
        let number = parse_number(number).ok_or_else(wrong)?;
        let child = child.map_or(Some(0), |c| parse_number(c).filter(|c| (1..CHILD_SPACE).contains(c)));
        Ok(Self { number, child: child.ok_or_else(wrong)? })
    }
}

/// Digits alone (no sign, no blanks), and small enough that `run_num` keeps its room.
fn parse_number(digits: &str) -> Option<u64> {
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok().filter(|n| *n < 1_000_000_000_000)
}

macro_rules! serde_by_text {
    ($name:ty) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }
    };
}
serde_by_text!(RunName);
serde_by_text!(super::JobName);

/// A run in a workspace: the workspace is optional where people name runs (`curious/run26`, `run26`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RunPath {
    /// The workspace.
    pub ws: String,
    /// The run.
    pub run: RunName,
}

impl RunPath {
    /// A run in a workspace.
    pub fn new(ws: impl Into<String>, run: RunName) -> Self {
        Self { ws: ws.into(), run }
    }

    /// Reads `run26` or `curious/run26`; without a workspace it is the given one.
    pub fn parse(text: &str, default_ws: &str) -> Result<Self, NameError> {
        let (ws, run) = text.rsplit_once('/').unwrap_or((default_ws, text));
        Ok(Self::new(ws, run.parse()?))
    }
}

impl fmt::Display for RunPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.ws, self.run)
    }
}

/// One word of a list of runs or jobs, as a range of numbers or a wildcard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selector {
    /// Everything whose order number (`run_num`, `job_num`) lies between these two, both included.
    Numbers(u64, u64),
    /// Names that match a pattern with `*` and `?`.
    Glob(String),
}

impl Selector {
    /// Reads one word of a list of runs: `run7`, `run3-run9`, `run7.1-run7.5`, `run7.*`, `run1*`.
    ///
    /// A range of top-level runs takes their children along; a single name means that run alone.
    pub fn run(word: &str) -> Result<Self, NameError> {
        if word.contains(['*', '?']) {
            return Ok(Self::Glob(word.to_owned()));
        }
        let Some((first, last)) = word.split_once('-') else {
            let num = word.parse::<RunName>()?.run_num();
            return Ok(Self::Numbers(num, num));
        };
        let (first, last): (RunName, RunName) = (first.parse()?, last.parse()?);
        let end = if last.child == 0 { last.run_num() + CHILD_SPACE - 1 } else { last.run_num() };
        Self::range(word, first.run_num(), end)
    }

    /// Reads one word of a list of jobs: `job7`, `job3-job9`, `job1*`.
    pub fn job(word: &str) -> Result<Self, NameError> {
        if word.contains(['*', '?']) {
            return Ok(Self::Glob(word.to_owned()));
        }
        let (first, last) = word.split_once('-').unwrap_or((word, word));
        let (first, last): (super::JobName, super::JobName) = (first.parse()?, last.parse()?);
        Self::range(word, first.0, last.0)
    }

    fn range(word: &str, first: u64, last: u64) -> Result<Self, NameError> {
        if first > last {
            return Err(NameError::Range(visible(word)));
        }
        Ok(Self::Numbers(first, last))
    }
}

/// Splits the words of lists at commas: people write `run1, run3-run5` and `run1,run3`.
pub fn words<'a>(lists: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    lists.into_iter().flat_map(|list| list.split(',')).map(str::trim).filter(|word| !word.is_empty())
}

impl FromStr for super::JobName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        text.strip_prefix("job").and_then(parse_number).map(Self).ok_or_else(|| NameError::Job(visible(text)))
    }
}

/// Names that mean something else in the store's layout, or would on another kind of store.
const RESERVED: [&str; 4] = ["xt-store-info", "__jobs__", "ws_counters", "__mongo_info__"];

/// Checks the name of a new workspace.
///
/// It becomes a folder, a database collection and a container, so it is kept to letters, digits, `-`, `_`
/// and `.`; other kinds of store are stricter still and say so themselves.
pub fn check_workspace(name: &str) -> Result<(), NameError> {
    let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let why = if name.is_empty() {
        "it is empty"
    } else if name.len() > 63 {
        "it has more than 63 characters"
    } else if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        "it must begin with a letter or a digit"
    } else if !name.chars().all(fine) {
        "only letters, digits, `-`, `_` and `.` may be used"
    } else if RESERVED.contains(&name) || name.starts_with("xts-") {
        "xt uses that name itself"
    } else {
        return Ok(());
    };
    Err(NameError::Unusable { name: visible(name), what: "a workspace", why })
}

/// Checks the name of an experiment: any printable text without slashes, for it becomes part of a path.
pub fn check_experiment(name: &str) -> Result<(), NameError> {
    let why = if name.trim().is_empty() {
        "it is empty"
    } else if name.len() > 128 {
        "it has more than 128 bytes"
    } else if name.contains(['/', '\\']) {
        "slashes would make it a path"
    } else if name.starts_with('.') {
        "it must not begin with a dot"
    } else if name.chars().any(char::is_control) {
        "it has control characters"
    } else {
        return Ok(());
    };
    Err(NameError::Unusable { name: visible(name), what: "an experiment", why })
}

/// Untrusted text as one visible line: control characters and the invisible characters that can reorder a
/// terminal's text are written as escapes.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let reorders = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        if c.is_control() || reorders {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// The existing name nearest to a mistyped one, if one is near enough to be meant.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    names
        .into_iter()
        .map(|name| (strsim::normalized_damerau_levenshtein(&lower, &name.to_lowercase()), name))
        .filter(|(likeness, _)| *likeness >= 0.6)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::super::JobName;
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    // Proves A7 (ranges, wildcards), B40 (unknown names), P9 (absurd names).
    #[rstest]
    #[case("run7", Some((7, 0)))]
    #[case("run7.3", Some((7, 3)))]
    #[case("run7.0", None)]
    #[case("run", None)]
    #[case("run-7", None)]
    #[case("run+7", None)]
    #[case("run7.", None)]
    #[case("run7.1000000", None)]
    #[case("run99999999999999999999", None)]
    #[case("job7", None)]
    fn run_names(#[case] text: &str, #[case] expected: Option<(u64, u64)>) {
        let parsed = text.parse::<RunName>().ok().map(|name| (name.number, name.child));
        assert_eq!(parsed, expected);
    }

    #[rstest]
    #[case("run3-run9", Selector::Numbers(3_000_000, 9_999_999))]
    #[case("run7.1-run7.5", Selector::Numbers(7_000_001, 7_000_005))]
    #[case("run7", Selector::Numbers(7_000_000, 7_000_000))]
    #[case("run7.*", Selector::Glob("run7.*".into()))]
    fn run_selectors(#[case] word: &str, #[case] expected: Selector) {
        assert_eq!(Selector::run(word).unwrap(), expected);
    }

    #[test]
    fn a_range_must_go_forwards() {
        assert_eq!(Selector::run("run9-run3"), Err(NameError::Range("run9-run3".into())));
        assert_eq!(Selector::job("job3-job5").unwrap(), Selector::Numbers(3, 5));
    }

    #[test]
    fn lists_split_at_commas() {
        assert_eq!(words(["run1, run3-run5", "run7,"]).collect::<Vec<_>>(), ["run1", "run3-run5", "run7"]);
    }

    #[rstest]
    #[case("curious", true)]
    #[case("My.ws_1", true)]
    #[case("", false)]
    #[case("a b", false)]
    #[case("../x", false)]
    #[case(".hidden", false)]
    #[case("a/b", false)]
    #[case("naïve", false)]
    #[case("xt-store-info", false)]
    #[case("xts-data", false)]
    fn workspace_names(#[case] name: &str, #[case] usable: bool) {
        assert_eq!(check_workspace(name).is_ok(), usable);
    }

    #[rstest]
    #[case("lr sweep 🚀 $HOME v1.2", true)]
    #[case("a/b", false)]
    #[case("..", false)]
    #[case("a\nb", false)]
    #[case("  ", false)]
    fn experiment_names(#[case] name: &str, #[case] usable: bool) {
        assert_eq!(check_experiment(name).is_ok(), usable);
    }

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        assert_eq!(nearest("curios", ["ws1", "curious"]), Some("curious"));
        assert_eq!(nearest("zebra", ["ws1", "curious"]), None);
    }

    proptest! {
        #[test]
        fn names_round_trip(number in 0_u64..1_000_000_000, child in 0_u64..1_000_000) {
            let name = RunName { number, child };
            prop_assert_eq!(name.to_string().parse::<RunName>(), Ok(name));
            prop_assert_eq!(JobName(number).to_string().parse::<JobName>(), Ok(JobName(number)));
        }

        #[test]
        fn visible_text_has_no_control_characters(text in any::<String>()) {
            prop_assert!(!visible(&text).chars().any(char::is_control));
        }
    }
}
