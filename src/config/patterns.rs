//! Patterns that stand for files: `output/**`, `*.ckpt`, `__pycache__`.

use std::path::Path;

use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::model::names::visible;

/// Some patterns, ready to be compared with paths.
#[derive(Clone, Debug, Default)]
pub struct Patterns(GlobSet);

/// A pattern that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pattern `{}` cannot be read: {}", visible(pattern), visible(detail))]
pub struct PatternError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub detail: String,
}

impl Patterns {
    /// Patterns of whole paths.
    pub fn of_paths<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Self, PatternError> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            set.add(glob(pattern)?);
        }
        finished(&set)
    }

    /// Patterns of what is left out: a bare name is meant at any depth, as in an ignore file.
    pub fn of_names<'a>(patterns: impl IntoIterator<Item = &'a str>) -> Result<Self, PatternError> {
        let mut set = GlobSetBuilder::new();
        for pattern in patterns {
            let pattern = pattern.trim_end_matches('/');
            set.add(glob(pattern)?);
            if !pattern.contains('/') {
                set.add(glob(&format!("**/{pattern}"))?);
            }
        }
        finished(&set)
    }

    /// Whether a path is meant. What lies in a folder that is meant is for the caller to pass over.
    pub fn matches(&self, path: &Path) -> bool {
        self.0.is_match(path)
    }
}

fn glob(pattern: &str) -> Result<Glob, PatternError> {
    Glob::new(pattern).map_err(|error| broken(pattern, &error))
}

fn finished(set: &GlobSetBuilder) -> Result<Patterns, PatternError> {
    set.build().map(Patterns).map_err(|error| broken(error.glob().unwrap_or_default(), &error))
}

fn broken(pattern: &str, error: &globset::Error) -> PatternError {
    PatternError { pattern: pattern.to_owned(), detail: error.kind().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("__pycache__", "__pycache__", true)]
    #[case("__pycache__", "output/deep/__pycache__", true)]
    #[case("data/", "output/data", true)]
    #[case("output/data", "data", false)]
    #[case("*.tmp", "a/b.tmp", true)]
    fn a_bare_name_is_left_out_at_any_depth(#[case] pattern: &str, #[case] path: &str, #[case] meant: bool) {
        assert_eq!(Patterns::of_names([pattern]).unwrap().matches(Path::new(path)), meant);
    }

    #[test]
    fn a_pattern_that_cannot_be_read_is_named() {
        let error = Patterns::of_paths(["output/**", "output/[a"]).unwrap_err().to_string();
        assert_eq!(error, "the pattern `output/[a` cannot be read: unclosed character class; missing ']'");
    }
}
