//! What of a series can be seen on so many columns.

use super::pyramid::Extent;
use super::scale::Scale;
use super::series::Series;

/// The points that fall into one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Column {
    /// Which column, from the left.
    pub at: usize,
    /// The first of the points.
    pub first: (f64, f64),
    /// The last of them.
    pub last: (f64, f64),
    /// How far they reach.
    pub extent: Extent,
}

/// A series on columns: those without a point are left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    /// The last point left of the columns.
    pub before: Option<(f64, f64)>,
    /// The columns with points, from the left.
    pub columns: Vec<Column>,
    /// The first point right of the columns.
    pub after: Option<(f64, f64)>,
}

impl Trace {
    /// Looks at a series through `count` columns over the length of an axis, in O(count · log n).
    pub fn new(series: &Series, x: &Scale, count: usize) -> Self {
        let (xs, ys) = (series.xs(), series.ys());
        let seen = series.between(x.low(), x.high());
        let point = |i: usize| Some((*xs.get(i)?, *ys.get(i)?));
        #[allow(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a column of a screen"
        )]
        let column = |value: f64| {
            let place = x.place(value).unwrap_or(0.0) * count as f64;
            (place.max(0.0) as usize).min(count.saturating_sub(1))
        };
        let mut columns = Vec::new();
        let mut start = seen.start;
        // Columns of a metric hold about as many points each.
        let mut guess = 0;
        while count > 0 && start < seen.end {
            let at = column(xs[start]);
            let more = prefix(&xs[start + 1..seen.end], guess, |&other| column(other) == at);
            guess = more;
            let end = start + 1 + more;
            columns.push(Column {
                at,
                first: (xs[start], ys[start]),
                last: (xs[end - 1], ys[end - 1]),
                extent: series.extent(start..end),
            });
            start = end;
        }
        Self { before: seen.start.checked_sub(1).and_then(point), columns, after: point(seen.end) }
    }
}

/// How many of the first elements hold a condition that all before the first exception hold: looks around a
/// guess with growing steps, which costs the logarithm of the guess's error.
fn prefix<T>(slice: &[T], guess: usize, holds: impl Fn(&T) -> bool) -> usize {
    // All before `low` hold it, and `high`, if there is one, does not.
    let (mut low, mut high) = (0, slice.len());
    let mut at = guess.min(slice.len().saturating_sub(1));
    let mut step = 1;
    while low < high {
        if holds(&slice[at]) {
            low = at + 1;
            if low == high || high < slice.len() {
                break;
            }
            at = (at + step).min(high - 1);
        } else {
            high = at;
            if low == high || low > 0 {
                break;
            }
            at = at.saturating_sub(step);
        }
        step *= 2;
    }
    low + slice[low..high].partition_point(holds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::scale::Spread;
    use proptest::prelude::*;

    // Proves C7, S3 (a column tells of every point in it, and only columns with points are visited).
    #[test]
    fn columns_hold_their_points() {
        let series = Series::new([(0.0, 5.0), (1.0, 1.0), (1.2, 9.0), (1.4, 2.0), (3.5, 4.0), (9.0, 0.0)]);
        let trace = Trace::new(&series, &Scale::new(Spread::Linear, 1.0, 5.0), 4);
        assert_eq!((trace.before, trace.after), (Some((0.0, 5.0)), Some((9.0, 0.0))));
        let [left, right] = trace.columns[..] else { panic!("{trace:?}") };
        assert_eq!((left.at, left.first, left.last), (0, (1.0, 1.0), (1.4, 2.0)));
        assert_eq!((left.extent.low, left.extent.high), (1.0, 9.0));
        assert_eq!((right.at, right.first), (2, (3.5, 4.0)));
    }

    proptest! {
        #[test]
        fn every_point_in_sight_is_in_one_column(
            points in prop::collection::vec((-5.0..25.0, -9.0..9.0), 0..300),
            low in 0.0..10.0, length in 0.1..10.0, count in 0_usize..50,
        ) {
            let series = Series::new(points);
            let trace = Trace::new(&series, &Scale::new(Spread::Linear, low, low + length), count);
            let seen = series.between(low, low + length);
            let whole = trace.columns.iter().fold(Extent::EMPTY, |extent, column| extent.and(column.extent));
            if count > 0 {
                prop_assert_eq!(whole, series.extent(seen));
            }
            prop_assert!(trace.columns.windows(2).all(|pair| pair[0].at < pair[1].at));
            prop_assert!(trace.columns.iter().all(|column| column.at < count));
        }

        #[test]
        fn any_guess_leads_to_the_end(length in 0_usize..200, holds in 0_usize..250, guess in 0_usize..250) {
            let numbers: Vec<_> = (0..length).collect();
            prop_assert_eq!(prefix(&numbers, guess, |&number| number < holds), holds.min(length));
        }
    }
}
