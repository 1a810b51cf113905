//! What a person types to filter the runs: words to be found anywhere, or conditions of the filter language.

use crate::model::Scalar;
use crate::model::filter::{Filter, FilterError, Op};

/// Where words are looked for.
const FIELDS: [&str; 10] = [
    "run_name",
    "status",
    "job_id",
    "exper_name",
    "description",
    "box_name",
    "command",
    "username",
    "hparams",
    "tags",
];

/// The filter that a text means; `None` for a blank one, which everything passes. Each word must be found
/// somewhere, in any case; `!word` must not.
pub fn filter_of(text: &str) -> Result<Option<Filter>, FilterError> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match Filter::parse(text) {
        Ok(filter) => Ok(Some(filter)),
        Err(error) if has_operator(text) => Err(error),
        Err(_) => {
            let mut words: Vec<Filter> = text.split_whitespace().filter_map(word_of).collect();
            Ok(if words.len() == 1 { words.pop() } else { Some(Filter::All(words)) })
        }
    }
}

fn has_operator(text: &str) -> bool {
    text.contains(['=', '<', '>', '~']) || text.contains(":exists:") || text.contains(":regex:")
}

fn word_of(word: &str) -> Option<Filter> {
    let (word, not) = word.strip_prefix('!').map_or((word, false), |rest| (rest, true));
    if word.is_empty() {
        return None;
    }
    let pattern = format!("(?i){}", regex::escape(word));
    let matches = |field: &str| Filter::Compare {
        field: field.to_owned(),
        op: Op::Match,
        value: Scalar::Text(pattern.clone()),
    };
    let found = Filter::Any(FIELDS.into_iter().map(matches).collect());
    Some(if not { Filter::Not(Box::new(found)) } else { found })
}

#[cfg(test)]
mod tests {
    // Proves A7, C1 (filters of lists).
    use super::*;
    use crate::model::{Run, RunName, Status};
    use rstest::rstest;

    #[rstest]
    #[case("", true)]
    #[case("run41", true)]
    #[case("RUN41", true)]
    #[case("run40", false)]
    #[case("running", true)]
    #[case("running train", true)]
    #[case("running other", false)]
    #[case("!running", false)]
    #[case("!error", true)]
    #[case("adam", true)]
    #[case("best", true)]
    #[case("(", false)]
    #[case("status=running", true)]
    #[case("lr<0.1", true)]
    #[case("lr<0.1 and status=error", false)]
    fn words_and_conditions(#[case] text: &str, #[case] passes: bool) {
        let mut run = Run { run_name: RunName::top(41), status: Status::Running, ..Run::default() };
        run.command = vec!["python".into(), "train.py".into()];
        run.hparams.insert("opt".into(), Scalar::Text("adam".into()));
        run.hparams.insert("lr".into(), Scalar::Float(0.03));
        run.tags.insert("best".into(), Scalar::Null);
        let filter = filter_of(text).unwrap();
        assert_eq!(filter.is_none_or(|filter| filter.matches(&|name| run.field(name))), passes);
    }

    #[test]
    fn a_broken_condition_is_told() {
        assert!(filter_of("lr<").is_err());
    }
}
