//! Charts in cells.
use super::*;
use crate::chart::scale::Spread;
use proptest::prelude::*;

fn curve(name: &'static str, colour: usize, value: impl Fn(f64) -> f64) -> Curve {
    let mut curve = Curve::new(name, colour);
    curve.extend((0..=400).map(|i| (f64::from(i) * 10.0, value(f64::from(i)))));
    curve
}

fn sample() -> Chart {
    let wave = |i: f64| (i * 1.7).sin() * 0.1;
    Chart {
        title: "loss".into(),
        x_name: "step".into(),
        curves: vec![
            curve("run1", 0, |i| 2.0 / (1.0 + i / 40.0) + wave(i)),
            curve("run2", 1, |i| 1.2 - i / 700.0),
        ],
        ..Chart::default()
    }
}

fn shown(figure: &Figure) -> String {
    let row = |row| figure.row(row).iter().map(|cell| cell.glyph).collect::<String>().trim_end().to_owned();
    (0..figure.height).map(|i| row(i) + "\n").collect()
}

/// Glyphs, and below them what they belong to.
fn inked(figure: &Figure) -> String {
    let ink = |cell: &Cell| match cell.ink {
        Ink::Blank => ' ',
        Ink::Axis => '.',
        Ink::Label => 'l',
        Ink::Cursor => 'c',
        Ink::Curve(i) => char::from(b'0' + u8::try_from(i).unwrap()),
        Ink::Faint(i) => char::from(b'a' + u8::try_from(i).unwrap()),
    };
    let row = |row| figure.row(row).iter().map(ink).collect::<String>().trim_end().to_owned();
    shown(figure) + &(0..figure.height).map(|i| row(i) + "\n").collect::<String>()
}

// Proves A8, C7 (charts in cells): looked at, then kept.
#[test]
fn charts_in_cells() {
    let mut chart = sample();
    insta::assert_snapshot!("chart", inked(&chart.figure(60, 14, Glyphs::Braille)));
    insta::assert_snapshot!("chart_in_signs", shown(&chart.figure(60, 14, Glyphs::Signs)));
    insta::assert_snapshot!("chart_small", shown(&chart.figure(20, 6, Glyphs::Braille)));
    insta::assert_snapshot!("chart_tiny", shown(&chart.figure(10, 3, Glyphs::Braille)));
    chart.view.y_spread = Spread::Log;
    chart.x_unit = Unit::Seconds;
    chart.x_name = "time".into();
    chart.view.cursor = Some(1000.0);
    chart.curves[0].set_smoothing(0.9);
    insta::assert_snapshot!("chart_smoothed", inked(&chart.figure(60, 14, Glyphs::Braille)));
}

#[test]
fn the_legend_reads_values_at_the_cursor() {
    let mut chart = sample();
    let values = |chart: &Chart| chart.legend().iter().map(Entry::label).collect::<Vec<_>>();
    assert_eq!(values(&chart), ["0.2806", "0.6286"]);
    chart.view.cursor = Some(1003.0);
    assert_eq!((chart.legend()[1].x, chart.legend()[1].label()), (Some(1000.0), "1.057".into()));
    let figure = chart.figure(60, 14, Glyphs::Braille);
    let column = figure.column_of(1003.0).unwrap();
    assert!((figure.x_at(column).unwrap() - 1003.0).abs() < 80.0);
    assert_eq!(figure.x_at(0), None);
}

proptest! {
    #[test]
    fn any_chart_at_any_size(
        points in prop::collection::vec((any::<f64>(), any::<f64>()), 0..60),
        (width, height) in (0_usize..70, 0_usize..30),
        log in any::<bool>(), cursor in any::<f64>(), x in prop::option::of((any::<f64>(), any::<f64>())),
    ) {
        let mut curve = Curve::new("x", 0).smoothed(0.5);
        curve.extend(points);
        let spread = if log { Spread::Log } else { Spread::Linear };
        let view = View { x, y: None, x_spread: spread, y_spread: spread, cursor: Some(cursor) };
        let chart = Chart { curves: vec![curve], view, x_name: "step".into(), ..Chart::default() };
        let figure = chart.figure(width, height, Glyphs::Braille);
        prop_assert_eq!((0..height).map(|row| figure.row(row).len()).sum::<usize>(), width * height);
    }
}
