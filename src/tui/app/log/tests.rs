// Proves A11, B43 (a log of any size, followed, with nothing dropped).
use super::super::message::Bounds;
use super::*;
use crate::log::{Style, StyledLine};
use proptest::prelude::*;

fn line(n: u64) -> LogLine {
    let text = StyledLine::plain(format!("line {n}"), Style::default());
    LogLine::new(n * 10, n * 10 + 10, text, None)
}

fn lines(range: Range<u64>) -> Vec<LogLine> {
    range.map(line).collect()
}

fn bounds(range: Range<u64>) -> Bounds {
    Bounds { filter: Generation::default(), range }
}

fn opened(range: Range<u64>) -> Log {
    let mut log = Log::default();
    log.open(LogSource::Controller, Generation(1));
    let bounds = bounds(0..range.end * 10);
    log.take(LogEvent::Page { place: Place::End, lines: lines(range), bounds });
    log
}

#[test]
fn following_stays_at_the_end_and_a_move_up_pauses_it() {
    let mut log = opened(0..100);
    log.take(LogEvent::Counted { lines: 100, complete: true });
    assert_eq!(log.first_seen(80, 10), (90, 0));
    log.take(LogEvent::Grown { from: 1000, lines: lines(100..110), bounds: bounds(0..1100) });
    assert_eq!(log.first_seen(80, 10), (100, 0));
    log.take(LogEvent::Counted { lines: 110, complete: true });
    log.scroll(-3, 80, 10);
    assert!(!log.follows());
    log.take(LogEvent::Grown { from: 1100, lines: lines(110..230), bounds: bounds(0..2300) });
    log.take(LogEvent::Counted { lines: 230, complete: true });
    assert_eq!((log.first_seen(80, 10), log.new_lines()), ((97, 0), 120));
    log.set_follow(true, 80, 10);
    assert_eq!((log.first_seen(80, 10), log.new_lines()), ((220, 0), 0));
}

#[test]
fn an_unfinished_last_line_is_replaced_by_its_next_form() {
    let mut log = opened(0..3);
    let grown = LogLine { end: 45, ..line(2) };
    log.take(LogEvent::Grown { from: 20, lines: vec![grown], bounds: bounds(0..45) });
    assert_eq!((log.lines.len(), log.lines.back().unwrap().end), (3, 45));
}

#[test]
fn a_burst_larger_than_the_window_is_jumped_over_while_following_and_can_be_read_back() {
    let mut log = opened(0..100);
    log.take(LogEvent::Grown { from: 90_000, lines: lines(9_000..9_500), bounds: bounds(0..95_000) });
    assert_eq!(log.lines.len(), 500);
    log.scroll(-500, 80, 10);
    assert_eq!(log.wanted(80, 10), Some(Place::Before(90_000)));
    log.take(LogEvent::Page {
        place: Place::Before(90_000),
        lines: lines(8_900..9_000),
        bounds: bounds(0..95_000),
    });
    assert_eq!(log.first_seen(80, 10).0, 100, "the view stays where it was");
}

#[test]
fn while_paused_a_burst_leaves_a_gap_that_is_read_when_it_is_reached() {
    let mut log = opened(0..100);
    log.scroll(-1, 80, 10);
    log.take(LogEvent::Grown { from: 90_000, lines: lines(9_000..9_500), bounds: bounds(0..95_000) });
    assert_eq!(log.lines.len(), 100);
    assert_eq!(log.wanted(80, 10), Some(Place::After(1_000)));
}

proptest! {
    #[test]
    fn scrolling_never_leaves_the_lines(
        moves in prop::collection::vec((-50isize..50, any::<bool>(), 1usize..40), 1..60),
    ) {
        let mut log = opened(0..120);
        for (by, wrap, width) in moves {
            log.wrap = wrap;
            log.scroll(by, width, 7);
            let (at, _) = log.first_seen(width, 7);
            prop_assert!(at < log.lines.len());
        }
    }
}
