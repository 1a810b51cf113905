//! The log tab by its keys, on the real reader.
// Proves A11, B43, C1 (follow, search, filter, errors, jumps, attempts, merged runs, copies; no line dropped).

use std::fmt::Write as _;

use proptest::prelude::*;
use rstest::rstest;

use super::toast;
use crate::model::{RunName, RunPath};
use crate::tui::app::Tab;
use crate::tui::app::dialog::{Overlay, field};
use crate::tui::app::effect::{Effect, LogSource, TerminalRequest};
use crate::tui::app::model::Model;
use crate::tui::keymap::KeyContext;
use crate::tui::testing::World;

/// The log tab of a run with this log.
fn on_log(log: &str) -> (World, Model) {
    let mut world = World::usual();
    log.clone_into(&mut world.log);
    let mut model = world.model((100, 30));
    world.press(&mut model, "4");
    world.seen.clear();
    (world, model)
}

/// Ten thousand lines; every thousandth is an error.
fn long_log() -> String {
    let mut log = String::new();
    for n in 1..=10_000 {
        let level = if n % 1000 == 500 { "ERROR" } else { "INFO" };
        writeln!(log, "{level} step {n} loss {:.3}", 1.0 / f64::from(n)).unwrap();
    }
    log
}

fn seen(model: &Model) -> Vec<String> {
    let (width, height) = model.log_size();
    model.log.seen(width, height).map(|line| line.text.text()).collect()
}

fn typed(world: &mut World, model: &mut Model, key: &str, text: &str) {
    world.press(model, key);
    if let Some(Overlay::Prompt(prompt)) = &mut model.overlay {
        prompt.input = field("");
    }
    world.type_text(model, text);
    world.press(model, "enter");
}

fn current(model: &Model) -> String {
    let line = model.log.lines.iter().find(|line| Some(line.start) == model.log.current);
    line.map(|line| line.text.text()).unwrap_or_default()
}

#[test]
fn a_move_up_pauses_and_what_comes_is_counted() {
    let (mut world, mut model) = on_log(&long_log());
    assert!(model.log.follows());
    world.press(&mut model, "up");
    let before = seen(&model);
    world.grow(&mut model, &"INFO more\n".repeat(120));
    assert_eq!((model.log.new_lines(), seen(&model)), (120, before));
    world.press(&mut model, "G");
    assert_eq!((model.log.new_lines(), model.log.follows()), (0, true));
    assert_eq!(seen(&model).last().unwrap(), "INFO more");
}

#[test]
fn hits_are_counted_and_gone_through_in_the_whole_log() {
    let (mut world, mut model) = on_log(&long_log());
    typed(&mut world, &mut model, "/", r"step \d+00 ");
    let hits = |model: &Model| {
        let hits = model.log.search.as_ref().unwrap().hits.unwrap();
        (hits.rank.unwrap().1, hits.count, hits.complete)
    };
    assert_eq!((current(&model).as_str(), hits(&model)), ("INFO step 10000 loss 0.000", (100, 100, true)));
    world.press(&mut model, "N N");
    assert_eq!((current(&model).as_str(), hits(&model)), ("INFO step 9800 loss 0.000", (98, 100, true)));
    world.press(&mut model, "n");
    assert_eq!(hits(&model).0, 99);
    world.press(&mut model, "home n");
    assert_eq!((current(&model).as_str(), hits(&model)), ("INFO step 100 loss 0.010", (1, 100, true)));
    world.grow(&mut model, "step 100 again\n");
    assert_eq!(hits(&model), (1, 101, true));
}

#[test]
fn what_is_no_expression_is_searched_as_it_stands() {
    let (mut world, mut model) = on_log("one\nf(x\ntwo\n");
    typed(&mut world, &mut model, "/", "f(x");
    assert_eq!(current(&model), "f(x");
}

#[test]
fn a_filter_shows_what_fits_and_follows_and_keeps_the_place() {
    let (mut world, mut model) = on_log(&long_log());
    typed(&mut world, &mut model, "&", "ERROR");
    let filter = model.log.filter.clone().unwrap();
    assert_eq!((filter.shown, filter.complete, seen(&model).len()), (10, true, 10));
    world.grow(&mut model, "INFO nothing\nERROR at last\n");
    assert_eq!(seen(&model).last().unwrap(), "ERROR at last");
    world.press(&mut model, "home");
    typed(&mut world, &mut model, "/", "step 4");
    assert_eq!(current(&model), "ERROR step 4500 loss 0.000", "hidden lines are no hits");
    assert_eq!(model.log.search.as_ref().unwrap().hits.unwrap().count, 1);
    world.press(&mut model, "esc");
    assert!(model.log.filter.is_none() && model.log.search.is_some() && !model.log.follows());
    assert!(seen(&model).iter().any(|line| line.contains("step 500 ")), "{:?}", seen(&model));
    typed(&mut world, &mut model, "&", "!INFO");
    assert_eq!(model.log.filter.as_ref().unwrap().shown, 11);
    typed(&mut world, &mut model, "&", "");
    assert!(model.log.filter.is_none());
    world.press(&mut model, "esc");
    assert!(model.log.search.is_none());
}

#[test]
fn errors_are_found_far_beyond_the_lines_at_hand() {
    let (mut world, mut model) = on_log(&long_log());
    world.press(&mut model, "[ [");
    assert_eq!(current(&model), "ERROR step 8500 loss 0.000");
    world.press(&mut model, "]");
    assert_eq!(current(&model), "ERROR step 9500 loss 0.000");
    world.press(&mut model, "]");
    assert!(toast(&model).contains("no error"), "{}", toast(&model));
    world.press(&mut model, "home ]");
    assert_eq!(current(&model), "ERROR step 500 loss 0.002");
}

#[rstest]
#[case("J", "4,242", "INFO step 4242 ")]
#[case(":", "4242", "INFO step 4242 ")]
#[case(":", "jump 4242", "INFO step 4242 ")]
#[case("J", "99999", "INFO step 10000 ")]
// Line 1 was written at noon, 40 seconds after 20:26 by the clock of the tests, and then one came each second.
#[case("J", "-1h", "INFO step 6400 ")]
fn lines_and_times_are_gone_to(#[case] key: &str, #[case] text: &str, #[case] expected: &str) {
    let (mut world, mut model) = on_log(&long_log());
    typed(&mut world, &mut model, key, text);
    assert!(current(&model).starts_with(expected), "{}", current(&model));
    assert!(seen(&model).iter().any(|line| line.starts_with(expected)));
}

#[test]
fn what_is_no_place_is_told() {
    let (mut world, mut model) = on_log("one\n");
    typed(&mut world, &mut model, "J", "yesterday");
    assert!(matches!(&model.overlay, Some(Overlay::Prompt(prompt)) if prompt.problem.is_some()));
}

#[test]
fn numbers_and_times_stand_before_the_lines() {
    let (mut world, mut model) = on_log("one\nWARNING two\nthree");
    let wide = model.log_size().0;
    world.press(&mut model, "@ #");
    assert!(model.log_size().0 < wide);
    let lines: Vec<_> = model.log.lines.iter().map(|line| (line.number, line.stderr)).collect();
    assert_eq!(lines, [(Some(1), false), (Some(2), true), (Some(3), false)]);
    world.grow(&mut model, " goes on\nfour\n");
    assert_eq!(model.log.lines.back().unwrap().number, Some(4));
    world.press(&mut model, "home");
    assert_eq!(model.log.lines.front().unwrap().number, Some(1));
}

#[test]
fn one_looks_on_from_what_is_seen_however_many_rows_a_line_takes() {
    // Each line takes four rows: a few of them are a screen.
    let long = "x".repeat(250);
    let mut text = String::new();
    for number in 1..=60 {
        let _ = writeln!(text, "hit {number:02} {long}");
    }
    let (mut world, mut model) = on_log(&text);
    typed(&mut world, &mut model, "/", "hit");
    world.press(&mut model, "end pgup pgup pgup");
    model.log.current = None;
    let (width, height) = model.log_size();
    let seen: Vec<String> = model.log.seen(width, height).map(|line| line.text.text()).collect();
    assert!(seen.len() < height);
    world.press(&mut model, "N");
    assert_eq!(current(&model), *seen.last().unwrap());
}

#[test]
fn attempts_are_stepped_through() {
    let mut world = World::usual();
    let mut model = world.model((100, 30));
    world.press(&mut model, "home down down down down down down 4");
    let path = RunPath::new("ws1", RunName::top(40));
    assert_eq!(
        (model.log.source.clone(), model.log.attempt),
        (Some(LogSource::Run(path.clone())), Some((2, 2)))
    );
    world.press(&mut model, "{");
    assert_eq!(model.log.source, Some(LogSource::Attempt(path.clone(), 1)));
    world.press(&mut model, "{");
    assert!(toast(&model).contains("first attempt"));
    world.press(&mut model, "}");
    assert_eq!(model.log.source, Some(LogSource::Run(path)));
    world.press(&mut model, "{ 3 down");
    assert!(model.log.pinned.is_none(), "another run shows its own log");
    for step in ["{", "}"] {
        world.press(&mut model, "3 home 4");
        world.press(&mut model, step);
        assert!(toast(&model).contains("run41.6 was not started yet"), "{}", toast(&model));
    }
}

#[test]
fn the_runs_of_a_job_are_merged_and_parted_again() {
    let mut world = World::usual();
    let mut model = world.model((100, 30));
    world.press(&mut model, "M");
    assert!(matches!(&model.log.source, Some(LogSource::Job { .. })));
    assert_eq!(model.log.runs.len(), 6);
    assert_eq!(model.log.lines.len(), 6 * world.log.lines().count());
    let firsts: Vec<_> = model.log.lines.iter().take(6).map(|line| line.run).collect();
    assert_eq!(firsts, (0..6).map(Some).collect::<Vec<_>>());
    world.grow(&mut model, "epoch 42\n");
    assert_eq!(model.log.lines.back().unwrap().text.text(), "epoch 42");
    world.press(&mut model, "M");
    assert!(matches!(&model.log.source, Some(LogSource::Run(_))));
    world.press(&mut model, "3 space space M");
    assert!(matches!(&model.log.source, Some(LogSource::Runs(runs)) if runs.len() == 2));
    world.press(&mut model, "esc");
    assert!(matches!(&model.log.source, Some(LogSource::Run(_))));
}

#[test]
fn lines_are_saved_and_a_file_is_only_written_over_when_that_was_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.log").display().to_string();
    let (mut world, mut model) = on_log("one\n\x1b[31mtwo\x1b[0m\nthree");
    typed(&mut world, &mut model, ":", &format!("save log {path}"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), world.log);
    typed(&mut world, &mut model, "&", "t");
    typed(&mut world, &mut model, "W", &path);
    assert!(matches!(&model.overlay, Some(Overlay::Confirm(_))));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), world.log, "not yet");
    world.read(&mut model);
    world.press(&mut model, "y");
    assert!(toast(&model).starts_with("saved"), "{}", toast(&model));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "\x1b[31mtwo\x1b[0m\nthree\n");
    typed(&mut world, &mut model, ":", "save log /nowhere/at/all");
    assert!(toast(&model).contains("cannot save"), "{}", toast(&model));
}

#[test]
fn the_current_line_or_what_is_seen_is_copied_and_printed_without_what_steers_a_terminal() {
    let (mut world, mut model) = on_log("one\n\x1b]0;evil\x07two\x1b[2J\nthree\n");
    world.press(&mut model, "Y");
    assert_eq!(world.seen.pop(), Some(Effect::Terminal(TerminalRequest::Copy("one\ntwo\nthree".into()))));
    typed(&mut world, &mut model, "/", "tw");
    world.press(&mut model, "Y P");
    let Some(Effect::Terminal(TerminalRequest::Print(lines))) = world.seen.pop() else {
        panic!("nothing printed")
    };
    assert_eq!(lines.iter().map(crate::log::StyledLine::text).collect::<Vec<_>>(), ["one", "two", "three"]);
    assert_eq!(world.seen.pop(), Some(Effect::Terminal(TerminalRequest::Copy("two".into()))));
}

#[test]
fn another_runs_log_has_the_same_filter_and_search() {
    let (mut world, mut model) = on_log(&long_log());
    typed(&mut world, &mut model, "&", "ERROR");
    typed(&mut world, &mut model, "/", "step 5");
    world.press(&mut model, "3 down 4");
    assert_eq!(model.log.filter.as_ref().unwrap().shown, 10);
    assert_eq!(model.log.search.as_ref().unwrap().hits.unwrap().count, 2);
}

fn doing() -> impl Strategy<Value = (&'static str, String)> {
    let keys = vec![
        "up", "down", "pgup", "pgdn", "home", "G", "f", "w", "left", "right", "n", "N", "[", "]", "@", "#",
        "esc", "4", "{", "}", "z",
    ];
    prop_oneof![
        10 => prop::sample::select(keys).prop_map(|key| (key, String::new())),
        2 => prop::sample::select(vec!["a", "!a", "b", "!", "zz", "a$"]).prop_map(|text| ("&", text.to_owned())),
        2 => prop::sample::select(vec!["a", "b", "c", ""]).prop_map(|text| ("/", text.to_owned())),
        2 => prop::sample::select(vec!["1", "40", "700", "-5m", "20:30"]).prop_map(|text| ("J", text.to_owned())),
        4 => "[abc ]{0,6}\n?".prop_map(|text| ("grow", text)),
        1 => Just(("grow", "ab\nERROR b\n".repeat(300))),
        12 => any::<u8>().prop_map(|lane| ("step", lane.to_string())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn whatever_is_done_the_lines_at_hand_are_those_of_the_log_without_a_gap(
        late: bool,
        doings in prop::collection::vec(doing(), 1..60),
    ) {
        let (mut world, mut model) = on_log(&"a b\nERROR c\nab ab\n".repeat(200));
        world.late = late;
        for (what, text) in doings.into_iter().chain([("catch up", String::new())]) {
            match what {
                "grow" => world.grow(&mut model, &text),
                "&" | "/" | "J" => typed(&mut world, &mut model, what, &text),
                "step" => {
                    let (lanes, at) = (world.lanes(), text.parse::<usize>().unwrap());
                    if !lanes.is_empty() {
                        world.step(&mut model, lanes[at % lanes.len()], false);
                    }
                }
                "catch up" => world.catch_up(&mut model),
                key => world.press(&mut model, key),
            }
            model.overlay = None;
            if model.key_context() != KeyContext::Detail(Tab::Log) {
                world.press(&mut model, "4");
            }
            let filter = model.log.filter.as_ref().map(|filter| crate::log::Filter::parse(&filter.text).unwrap());
            let mut at = 0;
            let all = world.log.split_inclusive('\n').map(|line| {
                at += line.len() as u64;
                (at - line.len() as u64, line.trim_end_matches('\n'))
            });
            let fits = |line: &str| filter.as_ref().is_none_or(|filter| filter.fits(line.as_bytes()));
            let visible: Vec<(u64, String)> =
                all.filter(|(_, line)| fits(line)).map(|(at, line)| (at, line.to_owned())).collect();
            let at_hand: Vec<(u64, String)> =
                model.log.lines.iter().map(|line| (line.start, line.text.text())).collect();
            let first = at_hand.first().map_or(0, |(start, _)| visible.partition_point(|(at, _)| at < start));
            let expected: Vec<_> = visible.iter().skip(first).take(at_hand.len()).cloned().collect();
            if !world.lanes().is_empty() {
                // Whatever is still under way: no line is shown that the filter hides.
                let hidden = model.log.lines.iter().find(|line| !fits(&line.text.text()));
                prop_assert_eq!(hidden, None, "after {} of {}", what, text.len());
                continue;
            }
            prop_assert_eq!(&at_hand, &expected, "after {} of {}", what, text.len());
            prop_assert_eq!(at_hand.is_empty(), visible.is_empty(), "after {} of {}", what, text.len());
            if model.log.follows() {
                prop_assert_eq!(at_hand.last(), visible.last(), "after {} of {}", what, text.len());
            }
            if let Some((lines, true)) = model.log.count {
                prop_assert_eq!(lines, world.log.lines().count() as u64);
            }
        }
    }
}
