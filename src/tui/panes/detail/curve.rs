//! A quantity over time as bars, some rows high, with its scale at the left.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::model::Time;
use crate::model::load::{self, Unit};
use crate::ops::view::load::Curve;
use crate::tui::theme::{Glyphs, Role, Theme};
use crate::tui::widgets::text;

/// Columns of the scale.
pub const SCALE: u16 = 10;

/// The eighths of a cell.
const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII: [char; 9] = [' ', '.', '.', '_', '_', '-', '-', '#', '#'];

/// Points further apart than so many usual distances have a gap between them: nobody measured there.
const GAP: i64 = 4;

/// Draws a curve; `span` is what the whole width stands for.
pub fn draw(buffer: &mut Buffer, area: Rect, curve: &Curve, span: (Time, Time), style: Style, theme: &Theme) {
    let width = area.width.saturating_sub(SCALE);
    let (most, rows) = (scale(curve), usize::from(area.height));
    let blocks = if theme.glyphs == Glyphs::UNICODE { BLOCKS } else { ASCII };
    let dim = theme.style(Role::Dim);
    let label = |value| text::fit_right(&curve.text(value), usize::from(SCALE) - 1, theme.glyphs.more);
    buffer.set_stringn(area.x, area.y, label(most), usize::from(area.width), dim);
    if rows > 2 {
        buffer.set_stringn(area.x, area.bottom() - 1, label(0.0), usize::from(area.width), dim);
    }
    for (value, x) in columns(&curve.points, span, usize::from(width)).into_iter().zip(area.x + SCALE..) {
        let Some(value) = value else { continue };
        let level = eighths(value / most, rows);
        for (row, y) in (area.y..area.bottom()).rev().enumerate() {
            let filled = level.saturating_sub(8 * row).min(8);
            buffer[(x, y)].set_char(blocks[filled]).set_style(style);
        }
    }
}

/// How many eighths of cells a share of some rows fills; anything above nothing is seen.
fn eighths(share: f64, rows: usize) -> usize {
    #[allow(clippy::cast_precision_loss, reason = "rows of a screen")]
    let all = (8 * rows) as f64;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and the rows")]
    let level = (share.clamp(0.0, 1.0) * all).round() as usize;
    level.max(usize::from(share > 0.0))
}

/// What the full height stands for: all there is, or else the next round value.
fn scale(curve: &Curve) -> f64 {
    let highest = curve.highest.max(0.0);
    match curve.most {
        Some(most) if most > 0.0 => most.max(highest),
        _ => round_up(highest, load::unit(&curve.name)),
    }
}

fn round_up(value: f64, unit: Unit) -> f64 {
    let (base, steps): (f64, &[f64]) = match unit {
        Unit::Bytes => (1024.0, &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0]),
        Unit::Percent | Unit::Count | Unit::Number => (10.0, &[1.0, 2.0, 5.0]),
    };
    let mut decade = 1.0;
    while decade < f64::MAX / base {
        if let Some(step) = steps.iter().map(|step| step * decade).find(|step| *step >= value) {
            return step;
        }
        decade *= base;
    }
    value
}

/// The mean of each column's points. Columns between two points have the first one's value.
fn columns(points: &[(Time, f64)], (first, last): (Time, Time), width: usize) -> Vec<Option<f64>> {
    let mut columns: Vec<(f64, u32)> = vec![(0.0, 0); width];
    let whole = last.micros().saturating_sub(first.micros()).max(1);
    let place = |time: Time| {
        let passed = i128::from(time.micros().saturating_sub(first.micros()).clamp(0, whole));
        let columns = i128::try_from(width.saturating_sub(1)).unwrap_or(0);
        usize::try_from(passed * columns / i128::from(whole)).unwrap_or(0)
    };
    let steps = i64::try_from(points.len().saturating_sub(1)).unwrap_or(i64::MAX).max(1);
    let reach =
        points.first().zip(points.last()).map_or(0, |((from, _), (to, _))| to.micros() - from.micros());
    let mut before: Option<(Time, f64)> = None;
    for (time, value) in points {
        let at = place(*time);
        if let Some((since, held)) = before
            && time.micros() - since.micros() <= reach / steps * GAP
        {
            for column in columns.iter_mut().take(at).skip(place(since) + 1) {
                *column = (held, 1);
            }
        }
        if let Some((sum, count)) = columns.get_mut(at) {
            (*sum, *count) = (*sum + value, *count + 1);
        }
        before = Some((*time, *value));
    }
    columns.into_iter().map(|(sum, count)| (count > 0).then(|| sum / f64::from(count))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn at(second: i64) -> Time {
        Time::from_micros(second * 1_000_000)
    }

    // Proves C7, C1 (curves over time, gaps where nothing was measured).
    #[test]
    fn columns_stand_for_time() {
        let points: Vec<_> =
            [0, 1, 2, 3, 8, 9].map(|second: i32| (at(second.into()), f64::from(second))).into();
        let ten = columns(&points, (at(0), at(9)), 10);
        let gap = [Some(0.0), Some(1.0), Some(2.0), Some(3.0)];
        assert_eq!(ten[..4], gap);
        assert_eq!(ten[8..], [Some(8.0), Some(9.0)]);
        // Five seconds are less than four usual distances, which are two seconds here.
        assert_eq!(ten[4..8], [Some(3.0); 4]);
        let far: Vec<_> = points.iter().copied().chain([(at(90), 1.0)]).collect();
        assert_eq!(columns(&far, (at(0), at(90)), 91)[10..90], [None; 80]);
        assert_eq!(columns(&points, (at(0), at(9)), 2), [Some(14.0 / 5.0), Some(9.0)]);
    }

    #[rstest]
    #[case(0.0, Unit::Percent, 1.0)]
    #[case(152.0, Unit::Percent, 200.0)]
    #[case(3.0, Unit::Count, 5.0)]
    #[case(1_000.0, Unit::Number, 1_000.0)]
    #[case(700.0 * 1024.0, Unit::Bytes, 1024.0 * 1024.0)]
    #[case(5e9, Unit::Bytes, 8.0 * 1024.0 * 1024.0 * 1024.0)]
    fn scales_end_at_round_values(#[case] value: f64, #[case] unit: Unit, #[case] most: f64) {
        assert!((round_up(value, unit) - most).abs() < f64::EPSILON);
    }

    #[test]
    fn little_is_more_than_nothing() {
        assert_eq!([0.0, 0.001, 0.5, 1.0, 7.0].map(|share| eighths(share, 2)), [0, 1, 8, 16, 16]);
    }

    proptest! {
        #[test]
        fn any_points_fit_any_width(
            points in prop::collection::vec((any::<i32>(), -1e300_f64..1e300), 0..40),
            width in 0_usize..50,
        ) {
            let points: Vec<_> = points.into_iter().map(|(second, value)| (at(second.into()), value)).collect();
            let span = (at(-1_000), at(1_000));
            prop_assert_eq!(columns(&points, span, width).len(), width);
        }
    }
}
