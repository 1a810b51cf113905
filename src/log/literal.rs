//! Texts of which a line must contain one, or it cannot match: looked for first, they spare most lines the expression.
//!
//! The `regex` crate looks ahead for what a match *begins* with. In `step \d+99999 ` that is `step `, which may be in every
//! line of a log, while `99999 ` is in hardly any. Every part of a sequence begins somewhere in the match, so one of the
//! texts that its rest can begin with is in the line. Which part is the rarest is not guessed but counted, in the log
//! that is searched.

use std::cmp::Reverse;

use regex::bytes::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::literal::{Extractor, Seq};
use regex_syntax::hir::{Hir, HirKind};

/// Shorter texts are too common to be worth a look.
const SHORTEST: usize = 3;

/// How many parts of an expression are tried.
const PARTS: usize = 3;

/// How much of a log is looked at to find out what is rare in it.
const SAMPLE: usize = 64 * 1024;

/// A text that is found more often in a sample spares too little.
const RARE: usize = 64;

/// What lines that match contain.
#[derive(Debug, Clone, Default)]
pub(super) struct Literals {
    /// What a match begins with: the expression itself looks for it.
    first: Option<Regex>,
    /// What else is in each match, the longest first.
    inner: Vec<Regex>,
}

impl Literals {
    /// Takes an expression apart, as the `regex` crate reads it. One that is nothing but literals has no inner ones.
    pub fn of(pattern: &str, case_insensitive: bool) -> Self {
        let mut parser = ParserBuilder::new();
        parser.utf8(false).case_insensitive(case_insensitive).multi_line(true).crlf(true);
        let hir = parser.build().parse(pattern).ok();
        let Some(hir) = hir.filter(|hir| !Extractor::new().extract(hir).is_exact()) else {
            return Self::default();
        };
        let first = beginnings(&hir);
        let mut inner = Vec::new();
        each_rest(&hir, &mut inner);
        inner.retain(|texts| texts.min_literal_len().is_some_and(|shortest| shortest >= SHORTEST));
        inner.sort_by_key(|texts| (Reverse(texts.min_literal_len()), texts.len()));
        inner.dedup();
        Self { first: finder(&first), inner: inner.iter().filter_map(finder).take(PARTS).collect() }
    }

    /// What is worth looking for before the expression, judged by a part of the log.
    pub fn rarest_in(&self, log: &[u8]) -> Option<&Regex> {
        let sample = &log[..log.len().min(SAMPLE)];
        let count = |literal: &Regex| literal.find_iter(sample).take(RARE + 1).count();
        let (rarest, found) =
            self.inner.iter().map(|literal| (literal, count(literal))).min_by_key(|(_, found)| *found)?;
        let is_rarer = self.first.as_ref().is_none_or(|first| found < count(first));
        (is_rarer && found <= RARE).then_some(rarest)
    }
}

/// What the rest of each sequence in `hir` begins with that every match goes through.
fn each_rest(hir: &Hir, found: &mut Vec<Seq>) {
    match hir.kind() {
        HirKind::Capture(capture) => each_rest(&capture.sub, found),
        HirKind::Repetition(repetition) if repetition.min > 0 => each_rest(&repetition.sub, found),
        HirKind::Concat(parts) => {
            for (at, part) in parts.iter().enumerate() {
                found.push(beginnings(&Hir::concat(parts[at..].to_vec())));
                each_rest(part, found);
            }
        }
        _ => {}
    }
}

/// The texts with which what `hir` matches begins, as few as are good to look for.
fn beginnings(hir: &Hir) -> Seq {
    let mut texts = Extractor::new().extract(hir);
    texts.optimize_for_prefix_by_preference();
    texts
}

/// Finds any of the texts; none if they are not known or could be empty.
fn finder(texts: &Seq) -> Option<Regex> {
    let texts = texts.literals().filter(|texts| texts.iter().all(|text| !text.is_empty()))?;
    let escaped = |text: &[u8]| text.iter().map(|byte| format!(r"\x{byte:02x}")).collect::<Vec<_>>().concat();
    let any: Vec<_> = texts.iter().map(|text| escaped(text.as_bytes())).collect();
    RegexBuilder::new(&any.join("|")).unicode(false).build().ok()
}

#[cfg(test)]
mod tests {
    // Proves the design of L3 of the targets (a search costs what its rarest part costs).
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::behind_a_common_beginning(r"step \d+99999 ", Some("99999 "))]
    #[case::shorter_but_rarer(r"step \d+ done", Some(" done"))]
    #[case::in_either_case(r"\d+ (FATAL|PANIC)", Some(" PANIC"))]
    #[case::inside_a_group(r"(?:\w+ (99999) )+$", Some(" 99999 "))]
    #[case::one_byte_of_a_character(r"\w+ [äö]lig", Some(" ölig"))]
    #[case::the_beginning_is_rare(r"oops\d* step", None)]
    #[case::not_in_each_match(r"step (99999 )?\d", None)]
    #[case::nor_of_both_ways(r"step (99999 |\d)", None)]
    #[case::too_short(r"\d+99", None)]
    #[case::nothing_but_literals("step 99999|step 88888", None)]
    #[case::nothing_to_look_for(r"\w+", None)]
    #[case::everywhere(r"\d step", None)]
    fn the_rarest_text_of_all_matches(#[case] pattern: &str, #[case] holds: Option<&str>) {
        let log = "now 1 step 17 of 2 step 18\n".repeat(200);
        let literals = Literals::of(pattern, false);
        let found = literals.rarest_in(log.as_bytes());
        assert_eq!(found.is_some(), holds.is_some(), "{found:?}");
        if let (Some(found), Some(text)) = (found, holds) {
            assert_eq!(found.find(text.as_bytes()).map(|found| found.len()), Some(text.len()), "{found}");
        }
    }
}
