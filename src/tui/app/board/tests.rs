//! Charts that are read, and read on: any order of questions, answers, keys and changes.
// Proves A8, C7 (charts), R5 (a batch costs the batch), S3 (what is seen is read), S4 (nothing is asked twice).

use proptest::prelude::*;
use ratatui::layout::Rect;

use super::*;
use crate::chart::Curve;
use crate::model::{RunName, Scalar};
use crate::tui::testing::news;

const AREA: Rect = Rect::new(0, 0, 118, 36);

fn run(number: u64, names: &[&str]) -> Run {
    let mut run = Run { ws: "ws1".into(), run_name: RunName::top(number), ..Run::default() };
    for name in names {
        run.metrics.insert((*name).to_owned(), Scalar::Float(1.0));
        run.metric_names.push((*name).to_owned());
    }
    run
}

fn board(names: &[&str]) -> Board {
    let mut board = Board::default();
    board.show(std::iter::once(&run(1, names)));
    board
}

/// The questions that the board has when it is drawn.
fn asked(board: &mut Board) -> Vec<Question> {
    let grid = board.grid(AREA);
    board.wants(&grid)
}

/// What a run that has logged so many points of each metric answers.
fn answer(questions: &[Question], logged: u64) -> Vec<News> {
    #[allow(clippy::cast_precision_loss)]
    let point = |_: &str, i: u64| (i as f64, (i * i % 17) as f64);
    questions.iter().flat_map(|question| news(question, logged, point)).collect()
}

#[test]
fn a_batch_is_read_and_not_the_history() {
    let mut board = board(&["loss", "acc"]);
    let first = asked(&mut board);
    assert_eq!(first[0].metrics, [("loss".to_owned(), 0), ("acc".to_owned(), 0)]);
    assert_eq!(asked(&mut board), [], "one question at a time");
    board.changed(&first[0].run);
    board.take(answer(&first, 100));
    let second = asked(&mut board);
    assert_eq!(second[0].metrics, [("loss".to_owned(), 100), ("acc".to_owned(), 100)]);
    board.take(answer(&second, 130));
    assert_eq!(asked(&mut board), [], "nothing changed, nothing is asked");
    assert_eq!(board.chart().unwrap().points(), 130);
    board.smooth(true);
    assert_eq!(
        asked(&mut board)[0].metrics[0],
        ("loss".to_owned(), 0),
        "another curve is made where none waits"
    );
}

#[test]
fn of_ten_thousand_metrics_a_page_is_read() {
    let names: Vec<String> = (0..10_000).map(|i| format!("layer{i}/norm")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut board = board(&names);
    let page = board.grid(AREA).shown;
    assert!((4..=32).contains(&page), "{page}");
    let first = asked(&mut board);
    assert_eq!(first[0].metrics.len(), page);
    board.take(answer(&first, 10));
    for _ in 0..200 {
        board.step(isize::try_from(page).unwrap());
        let next = asked(&mut board);
        assert_eq!(next[0].metrics.len(), page);
        board.take(answer(&next, 10));
    }
    assert!(board.panels.len() <= CHARTS_KEPT + page);
    board.set_pattern("layer77 NORM");
    assert_eq!((board.count(), board.selected()), ((111, 10_000), Some("layer77/norm")));
}

#[test]
fn the_selected_chart_stays_when_metrics_come_and_those_that_count_stand_last() {
    let mut board = board(&["epoch", "loss", "acc"]);
    assert_eq!(board.found().collect::<Vec<_>>(), ["loss", "acc", "epoch"]);
    board.select(1);
    board.show(std::iter::once(&run(1, &["epoch", "loss", "acc", "lr"])));
    assert_eq!(board.selected(), Some("acc"));
    board.set_pattern("l");
    assert_eq!(board.found().collect::<Vec<_>>(), ["loss", "lr"]);
    board.next_x();
    board.next_x();
    assert_eq!(board.look.x, X::Metric("epoch".into()));
    board.next_x();
    assert_eq!(board.look.x, X::Step);
    assert!(board.name_x("nothing").unwrap_err().contains("`nothing`"));
    board.name_x("acc").unwrap();
    board.show(std::iter::once(&run(2, &["loss"])));
    assert_eq!((board.found().count(), board.look.x.clone()), (1, X::Metric("acc".into())));
}

#[test]
fn the_step_runs_along_x_where_the_runs_lack_the_metric_that_was_chosen() {
    let mut board = board(&["epoch", "loss"]);
    board.name_x("epoch").unwrap();
    board.show(std::iter::once(&run(2, &["loss"])));
    assert_eq!((board.missing_x(), board.effective().x), (Some("epoch"), X::Step));
    let looks: Vec<X> = asked(&mut board).into_iter().map(|question| question.look.x).collect();
    assert_eq!(looks, [X::Step]);
    // It comes back with the next run that has it.
    board.show(std::iter::once(&run(3, &["epoch", "loss"])));
    assert_eq!((board.missing_x(), board.effective().x), (None, X::Metric("epoch".into())));
    // Whoever goes on to the next one sees the next one.
    board.show(std::iter::once(&run(4, &["loss"])));
    board.next_x();
    assert_eq!(board.effective().x, X::Time);
}

#[test]
fn the_cursor_reads_points_and_zoom_comes_back() {
    let mut board = board(&["loss"]);
    let questions = asked(&mut board);
    board.take(answer(&questions, 11));
    asked(&mut board);
    board.move_cursor(false, 100);
    assert_eq!(board.view.cursor, Some(10.0));
    board.move_cursor(false, 100);
    assert_eq!(board.view.cursor, Some(9.0), "to the next point, though it is far");
    board.turn(Turn::ZoomIn);
    let (low, high) = board.view.x.unwrap();
    assert!(low > 0.0 && high > 9.0 && high <= 10.0);
    board.turn(Turn::PanLeft);
    assert!(board.view.x.unwrap().0 < low);
    board.turn(Turn::ZoomOut);
    board.turn(Turn::ZoomOut);
    board.turn(Turn::Fit);
    assert_eq!(board.view.x, None);
}

#[test]
fn a_failure_is_told_and_asked_about_again_when_something_changes() {
    let mut board = board(&["loss"]);
    let run = asked(&mut board)[0].run.clone();
    board.fail("the disk is gone".into());
    assert_eq!(asked(&mut board), []);
    board.changed(&run);
    assert_eq!(asked(&mut board).len(), 1);
}

proptest! {
    #[test]
    fn any_order_of_what_happens_leads_to_the_same_curves(
        steps in prop::collection::vec((0_u8..9, 0_u64..40), 0..60),
    ) {
        let mut board = board(&["loss", "acc"]);
        let run = board.members()[0].path.clone();
        let mut logged = 0;
        let mut under_way: Vec<Question> = Vec::new();
        for (what, number) in steps {
            match what {
                0 | 1 => { logged += number; board.changed(&run); }
                2 | 3 if !under_way.is_empty() => board.take(answer(&std::mem::take(&mut under_way), logged)),
                4 => board.smooth(true),
                5 => board.step(1),
                6 => board.turn([Turn::ZoomIn, Turn::ZoomOut, Turn::PanLeft][usize::try_from(number % 3).unwrap()]),
                7 => board.move_cursor(number % 2 == 0, 60),
                _ => board.toggle_log(),
            }
            let questions = asked(&mut board);
            prop_assert!(questions.is_empty() || under_way.is_empty());
            under_way.extend(questions);
        }
        // What is still under way comes, and what that leaves to be asked.
        for _ in 0..3 {
            if !under_way.is_empty() {
                board.take(answer(&std::mem::take(&mut under_way), logged));
            }
            under_way = asked(&mut board);
        }
        prop_assert!(under_way.is_empty(), "{under_way:?}");
        for (_, panel) in (0..2).filter_map(|row| board.panel(row)) {
            let panel = panel.unwrap();
            let mut curve = Curve::default().smoothed(board.look.smoothing);
            #[allow(clippy::cast_precision_loss)]
            curve.extend((0..logged).map(|i| (i as f64, (i * i % 17) as f64)));
            prop_assert_eq!(panel.chart.curves[0].drawn().ys(), curve.drawn().ys());
            panel.chart.figure(60, 12, crate::chart::Glyphs::Braille);
        }
    }
}

#[test]
fn values_are_zoomed_in_one_chart_around_the_latest_and_fit_again() {
    let mut board = board(&["loss", "acc"]);
    let first = asked(&mut board);
    #[allow(clippy::cast_precision_loss)]
    // Far away at first, and then near one.
    let point = |_: &str, i: u64| (i as f64, if i == 0 { 1000.0 } else { 1.0 + i as f64 / 100.0 });
    board.take(first.iter().flat_map(|question| news(question, 100, point)).collect());
    let y = |board: &Board, name: &str| {
        let y = board.view_of(name).window(&board.panels[name].chart.curves).y;
        (y.low(), y.high())
    };
    let all = y(&board, "loss");
    assert_eq!(all, (1.01, 1000.0));
    for _ in 0..9 {
        board.turn(Turn::ZoomYIn);
    }
    let (low, high) = y(&board, "loss");
    assert!(low > 1.0 && low < 1.99 && high > 1.99 && high < 4.0, "{low} {high}");
    assert_eq!(y(&board, "acc"), all, "the others are as they were");
    board.turn(Turn::ZoomYOut);
    assert!(y(&board, "loss").1 > high);
    for _ in 0..20 {
        board.turn(Turn::ZoomYOut);
    }
    assert_eq!((board.y.len(), y(&board, "loss")), (0, all));
    // Around the line that reads values.
    board.view.cursor = Some(0.0);
    board.turn(Turn::ZoomYIn);
    assert!(y(&board, "loss").0 > 400.0, "{:?}", y(&board, "loss"));
    board.turn(Turn::Fit);
    assert_eq!(y(&board, "loss"), all);
    // On a logarithmic axis it begins anew.
    board.turn(Turn::ZoomYIn);
    board.toggle_log();
    assert_eq!(y(&board, "loss"), all);
}
