//! A search finds what its definition says, whatever the blocks, budgets and bytes.
// Proves A11 (search in the log pane) and the design of L3 of the targets (search in slices, both ways).
use super::*;
use crate::log::lines_after;
use proptest::prelude::*;
use rstest::rstest;

/// All matches by definition: line by line over the whole text.
fn naive(searcher: &Searcher, bytes: &[u8]) -> Vec<Match> {
    let mut matches = Vec::new();
    let mut start = 0;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        matches.extend(
            searcher
                .regex
                .find_iter(text)
                .map(|found| Match { offset: start + found.start() as u64, len: found.len() as u64 }),
        );
        start += line.len() as u64;
    }
    matches
}

/// All matches by walking, in slices of `budget` bytes.
fn walk(searcher: &Searcher, bytes: &Vec<u8>, direction: Direction, budget: u64) -> Vec<Match> {
    let mut matches = Vec::new();
    let mut from = if direction == Direction::Forward { 0 } else { bytes.len() as u64 + 1 };
    loop {
        match searcher.next_match(bytes, from, direction, budget).unwrap() {
            Found::Match(found) => {
                matches.push(found);
                from = if direction == Direction::Forward { found.offset + 1 } else { found.offset };
            }
            Found::NotYet(resume) => {
                assert_ne!(resume, from, "always on");
                from = resume;
            }
            Found::End => break,
        }
    }
    if direction == Direction::Backward {
        matches.reverse();
    }
    matches
}

/// The lines that match, by walking in slices.
fn walk_lines(searcher: &Searcher, bytes: &Vec<u8>, budget: u64) -> Vec<Range<u64>> {
    let (mut lines, mut from) = (Vec::new(), Some(0));
    while let Some(at) = from {
        from = searcher
            .each_line(bytes, at, budget, |line, text| {
                let end = usize::try_from(line.end).unwrap();
                assert!(bytes[..end].strip_suffix(b"\n").unwrap_or(&bytes[..end]).ends_with(text));
                lines.push(line);
                ControlFlow::Continue(())
            })
            .unwrap();
    }
    lines
}

/// The lines that match, from one to the next.
fn step_lines(searcher: &Searcher, bytes: &Vec<u8>, direction: Direction, budget: u64) -> Vec<u64> {
    let mut starts = Vec::new();
    let mut from = if direction == Direction::Forward { 0 } else { bytes.len() as u64 };
    loop {
        match searcher.next_line(bytes, from, direction, budget, |_, _| true).unwrap() {
            Found::Match(line) => {
                starts.push(line.offset);
                from = if direction == Direction::Forward { line.offset + line.len } else { line.offset };
            }
            Found::NotYet(resume) => from = resume,
            Found::End => break,
        }
    }
    if direction == Direction::Backward {
        starts.reverse();
    }
    starts
}

fn check(searcher: &Searcher, bytes: &Vec<u8>, budget: u64) {
    let expected = naive(searcher, bytes);
    let mut lines: Vec<Range<u64>> = Vec::new();
    for found in &expected {
        // A match at the very end, behind the last newline, is in no line.
        let Some(line) = crate::log::line_at(bytes, found.offset).unwrap() else { continue };
        if lines.last().is_none_or(|last| last.start < line.start) {
            lines.push(line.start..line.end);
        }
    }
    assert_eq!(walk_lines(searcher, bytes, budget), lines, "line by line");
    let starts: Vec<u64> = lines.iter().map(|line| line.start).collect();
    for direction in [Direction::Forward, Direction::Backward] {
        assert_eq!(step_lines(searcher, bytes, direction, budget), starts, "{direction:?}");
    }
    assert_eq!(walk(searcher, bytes, Direction::Forward, budget), expected, "forwards");
    assert_eq!(walk(searcher, bytes, Direction::Backward, budget), expected, "backwards");
}

#[rstest]
#[case("error", "An Error here", true)]
#[case("Error", "an error here", false)]
#[case(r"\Srror", "ERROR", true)]
#[case("größe", "GRÖSSE GRÖẞE", true)]
fn lower_case_finds_either(#[case] pattern: &str, #[case] text: &str, #[case] found: bool) {
    assert_eq!(Searcher::regex(pattern).unwrap().matches_in(text.as_bytes()).next().is_some(), found);
}

#[rstest]
#[case("E1124 10:22:33.123456 123 main.cc:3] failed")]
#[case("F0101 00:00:12.5 1 x.cc:1] ERROR")]
#[case("ValueError: bad shape")]
#[case("thread 'main' panicked at src/main.rs:3:5:")]
#[case(r#"{"level":"critical"}"#)]
fn likely_errors_are_proposed(#[case] line: &str) {
    assert!(Searcher::likely_errors().unwrap().matches_in(line.as_bytes()).next().is_some());
}

#[test]
fn a_literal_has_no_syntax() {
    let searcher = Searcher::literal("loss[0] = (x)").unwrap();
    assert_eq!(searcher.matches_in(b"the Loss[0] = (x)").next(), Some(4..17));
}

#[test]
fn a_bad_pattern_says_what_is_wrong() {
    let message = Searcher::regex("(unclosed").unwrap_err().to_string();
    assert_eq!(message, "cannot search for `(unclosed`: unclosed group");
}

#[rstest]
#[case("needle")]
#[case("^a")]
#[case("a$")]
#[case("^$")]
#[case("a*")]
#[case(r"a\s+b")]
#[case("[^x]+x")]
#[case("(?s)a.*b")]
#[case(r"\Aa")]
#[case(r"b\z")]
#[case("(?-m)^a")]
#[case(r"\bab\b|\Bb")]
#[case("\n")]
fn walking_finds_what_the_definition_does(#[case] pattern: &str) {
    let text = "a b\r\nab\n\n xa\nneedle needleneedle\nb\na\r\n\r\nbbb ab xx a\tb".repeat(7);
    let mut searcher = Searcher::regex(pattern).unwrap();
    for block in [1, 5, 64, 100_000] {
        searcher.block = block;
        for budget in [1, 50, u64::MAX] {
            check(&searcher, &text.clone().into_bytes(), budget);
        }
    }
}

#[rstest]
#[case("needle")]
#[case(r"\d+needle")]
fn matches_across_the_cuts_of_a_long_line_are_found(#[case] pattern: &str) {
    let mut bytes = vec![b'.'; 400_000];
    for at in (20_480..390_000).step_by(20_480).flat_map(|at| [at - 5, at + 7_000]) {
        bytes[at..at + 8].copy_from_slice(b"12needle");
    }
    bytes[10] = b'\n';
    let cut = lines_after(&bytes, 11, 2).unwrap()[1].start;
    let cut = usize::try_from(cut).unwrap();
    assert!((1..8).any(|back| bytes[cut - back..].starts_with(b"12needle")), "a match lies across a cut");
    let mut searcher = Searcher::regex(pattern).unwrap();
    for block in [70_000, BLOCK] {
        searcher.block = block;
        check(&searcher, &bytes, 1);
    }
}

#[test]
fn a_cut_is_no_word_boundary_and_no_start_of_a_line() {
    let mut bytes = vec![b'x'; 400_000];
    for at in (20_980..390_000).step_by(20_480) {
        bytes[at] = b' ';
    }
    check(&Searcher::regex(r"\bx").unwrap(), &bytes, 1);
    check(&Searcher::regex(r"^x| x").unwrap(), &bytes, 1);
}

#[test]
fn a_slice_of_a_search_reads_no_more_than_its_budget() {
    let bytes = "nothing to be found here\n".repeat(100_000).into_bytes();
    let searcher = Searcher::literal("needle").unwrap();
    let Found::NotYet(resume) = searcher.next_match(&bytes, 0, Direction::Forward, 1).unwrap() else {
        panic!("the log is longer than a block");
    };
    assert!(resume <= BLOCK && resume > BLOCK / 2);
    let end = bytes.len() as u64;
    let Found::NotYet(resume) = searcher.next_match(&bytes, end, Direction::Backward, 1).unwrap() else {
        panic!("the log is longer than a block");
    };
    assert!(end - resume <= BLOCK && end - resume > BLOCK / 2);
}

proptest! {
    #[test]
    fn any_bytes_any_pattern_any_block(
        bytes in prop::collection::vec(
            prop_oneof![3 => Just(b'\n'), 1 => Just(b'\r'), 8 => b'a'..=b'd', 1 => any::<u8>()], 0..200),
        pattern in prop_oneof![
            "[a-d]{1,3}",
            prop::sample::select(vec!["[a-d]+$", "^[a-d]", "[^a]{1,2}b", "a|[cd]+", r"\b.", r"a\B", "[^a]*c", "c*", r"\w+"])
                .prop_map(str::to_owned),
        ],
        (block, budget) in (1u64..80, 1u64..100),
    ) {
        let mut searcher = Searcher::regex(&pattern).unwrap();
        searcher.block = block;
        check(&searcher, &bytes, budget);
    }

    #[test]
    fn any_lines_with_texts_that_matches_have_within_them(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "step ", "1", "22", "99999 ", "ERROR", "error", "Straße", "STRASSE", "\u{17f}tep", " ", "\r", "\n", "\r\n", "\n",
            ]),
            0..60,
        ),
        broken in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
        pattern in prop::sample::select(vec![
            r"step \d+99999 ", r"\d+(99999 |ERROR)+", r"^.* ERROR$", r"\d\s+ERROR", r"[^x]+Stra(ß|SS)e", r"\w+ error", r"\d* ?straße",
            r"\d+\bstep\b", r"(?-u)\d[^\n]*\xFF", r"\AStep|\d+ERROR\z", r".*99999 $", r"\d{2,}step(?:99999 |ERROR)",
        ]),
        (block, budget) in (1u64..120, 1u64..150),
    ) {
        let mut bytes = words.concat().into_bytes();
        if !bytes.is_empty() {
            for at in &broken {
                *at.get_mut(&mut bytes) = 0xFF;
            }
        }
        let mut searcher = Searcher::regex(pattern).unwrap();
        searcher.block = block;
        check(&searcher, &bytes, budget);
    }
}
