//! The points of one curve.

use std::ops::Range;

use super::pyramid::{Extent, Pyramid};

/// Points in the order of x, with a pyramid of their extremes.
///
/// A series is a function: **of several values at one x, the last one that was appended counts.** A resumed
/// script that goes back some steps overwrites what it had logged there, one step after the other, and what
/// lies beyond stays until it is overtaken. A value that is not finite (`NaN`, an infinity) is a gap in the
/// curve; a point whose x is not finite has no place and is left out.
///
/// A point takes 16 bytes and 3 more for the pyramid.
#[derive(Clone, Debug, Default)]
pub struct Series {
    xs: Vec<f64>,
    ys: Vec<f64>,
    pyramid: Pyramid,
}

impl Series {
    /// A series of these points.
    pub fn new(points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        let mut series = Self::default();
        series.extend(points);
        series
    }

    /// How many points there are.
    pub const fn len(&self) -> usize {
        self.xs.len()
    }

    /// Whether there is no point.
    pub const fn is_empty(&self) -> bool {
        self.xs.is_empty()
    }

    /// Appends points; answers the index from which on the series has changed.
    ///
    /// Points in order cost O(1) each, whatever the history; points that go back cost a sort of theirs, and
    /// once for all of them a move of what lies behind the place they go back to.
    pub fn extend(&mut self, points: impl IntoIterator<Item = (f64, f64)>) -> usize {
        let points = points.into_iter();
        let mut changed = self.len();
        let mut late = Vec::new();
        let expected = points.size_hint().0;
        self.xs.reserve(expected);
        self.ys.reserve(expected);
        let mut last = self.xs.last().copied().unwrap_or(f64::NEG_INFINITY);
        for (x, y) in points {
            // There is one zero.
            let x = x + 0.0;
            if x > last && x < f64::INFINITY {
                self.xs.push(x);
                self.ys.push(y);
                last = x;
            } else if let Some(value) = self.ys.last_mut().filter(|_| x.total_cmp(&last).is_eq()) {
                *value = y;
                changed = changed.min(self.xs.len() - 1);
            } else if x.is_finite() {
                late.push((x, y));
            }
        }
        if !late.is_empty() {
            changed = changed.min(self.merge(late));
        }
        self.pyramid.update(&self.ys, changed);
        changed
    }

    /// Takes in points that lie before the last one; answers where the first of them went.
    fn merge(&mut self, mut late: Vec<(f64, f64)>) -> usize {
        // Stable: points of one x stay in the order they came in.
        late.sort_by(|a, b| a.0.total_cmp(&b.0));
        let place = self.xs.partition_point(|&x| x < late[0].0);
        let (xs, ys) = (self.xs.split_off(place), self.ys.split_off(place));
        let mut old = xs.into_iter().zip(ys).peekable();
        for (x, y) in late {
            while let Some((x, y)) = old.next_if(|(old, _)| *old < x) {
                self.set(place, x, y);
            }
            old.next_if(|(old, _)| old.total_cmp(&x).is_eq());
            self.set(place, x, y);
        }
        for (x, y) in old {
            self.set(place, x, y);
        }
        place
    }

    /// Pushes a point, or replaces the one of the same x among those from `place` on.
    fn set(&mut self, place: usize, x: f64, y: f64) {
        if self.xs.len() > place && self.xs.last() == Some(&x) {
            self.ys.pop();
        } else {
            self.xs.push(x);
        }
        self.ys.push(y);
    }

    /// The place of every point, rising.
    pub fn xs(&self) -> &[f64] {
        &self.xs
    }

    /// The value of every point.
    pub fn ys(&self) -> &[f64] {
        &self.ys
    }

    /// The first and the last x.
    pub fn x_range(&self) -> Option<(f64, f64)> {
        Some((*self.xs.first()?, *self.xs.last()?))
    }

    /// The indexes of the points between two x, both included.
    pub fn between(&self, low: f64, high: f64) -> Range<usize> {
        let first = self.xs.partition_point(|&x| x < low);
        first..first + self.xs[first..].partition_point(|&x| x <= high)
    }

    /// How far the values of some points reach.
    pub fn extent(&self, range: Range<usize>) -> Extent {
        self.pyramid.extent(&self.ys, range)
    }

    /// The point that is nearest to an x.
    pub fn nearest(&self, x: f64) -> Option<(f64, f64)> {
        let after = self.xs.partition_point(|&other| other < x);
        let near = [after.checked_sub(1), Some(after)];
        let near = near.into_iter().flatten().filter(|&i| i < self.len());
        let best = near.min_by(|&a, &b| (self.xs[a] - x).abs().total_cmp(&(self.xs[b] - x).abs()))?;
        Some((self.xs[best], self.ys[best]))
    }

    /// The last value that is a finite number.
    pub fn last_value(&self) -> Option<f64> {
        self.ys.iter().rev().copied().find(|value| value.is_finite())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn points(series: &Series) -> Vec<(f64, f64)> {
        series.xs().iter().copied().zip(series.ys().iter().copied()).collect()
    }

    // Proves A8, C7 (a resumed script, steps that are logged twice or out of order).
    #[rstest]
    #[case::in_order(&[(1.0, 1.0), (2.0, 2.0)], &[(1.0, 1.0), (2.0, 2.0)])]
    #[case::twice(&[(1.0, 1.0), (1.0, 2.0)], &[(1.0, 2.0)])]
    #[case::straggler(&[(1.0, 1.0), (3.0, 3.0), (2.0, 2.0), (4.0, 4.0)],
        &[(1.0, 1.0), (2.0, 2.0), (3.0, 3.0), (4.0, 4.0)])]
    #[case::resumed(&[(1.0, 1.0), (2.0, 2.0), (3.0, 3.0), (2.0, 20.0), (3.0, 30.0), (4.0, 40.0)],
        &[(1.0, 1.0), (2.0, 20.0), (3.0, 30.0), (4.0, 40.0)])]
    #[case::from_the_start(&[(1.0, 1.0), (2.0, 2.0), (3.0, 3.0), (1.0, 10.0)],
        &[(1.0, 10.0), (2.0, 2.0), (3.0, 3.0)])]
    #[case::no_place(&[(f64::NAN, 1.0), (f64::INFINITY, 2.0), (f64::NEG_INFINITY, 3.0), (0.0, 4.0)], &[(0.0, 4.0)])]
    fn later_values_win(#[case] appended: &[(f64, f64)], #[case] expected: &[(f64, f64)]) {
        assert_eq!(points(&Series::new(appended.iter().copied())), expected);
        let mut one_by_one = Series::default();
        for point in appended {
            one_by_one.extend([*point]);
        }
        assert_eq!(points(&one_by_one), expected);
    }

    #[test]
    fn appending_tells_what_changed() {
        let mut series = Series::new((0..100).map(|x| (f64::from(x), 0.0)));
        assert_eq!(series.extend([(100.0, 1.0)]), 100);
        assert_eq!(series.extend([(100.0, 2.0)]), 100);
        assert_eq!(series.extend([(40.0, 3.0)]), 40);
        assert_eq!(series.extend([]), 101);
        assert_eq!((series.len(), series.extent(0..101).high), (101, 3.0));
    }

    #[test]
    fn the_nearest_point_is_read() {
        let series = Series::new([(0.0, 1.0), (10.0, 2.0)]);
        assert_eq!(series.nearest(4.0), Some((0.0, 1.0)));
        assert_eq!(series.nearest(6.0), Some((10.0, 2.0)));
        assert_eq!(series.nearest(-1e300), Some((0.0, 1.0)));
        assert_eq!(Series::default().nearest(0.0), None);
    }

    proptest! {
        #[test]
        fn any_points_in_any_batches_make_the_same_function(
            appended in prop::collection::vec((prop_oneof![8 => (-9..30_i8).prop_map(f64::from), 1 => any::<f64>()], any::<f64>()), 0..200),
            batch in 1_usize..40,
        ) {
            let mut batched = Series::default();
            for points in appended.chunks(batch) {
                batched.extend(points.iter().copied());
            }
            let mut expected: Vec<(f64, f64)> = Vec::new();
            for &(x, y) in appended.iter().filter(|(x, _)| x.is_finite()) {
                match expected.iter_mut().find(|point| (point.0 - x).abs() <= 0.0) {
                    Some(point) => point.1 = y,
                    None => expected.push((x, y)),
                }
            }
            expected.sort_by(|a, b| a.0.total_cmp(&b.0));
            let bits = |points: &[(f64, f64)]| points.iter().map(|(x, y)| (x + 0.0, y.to_bits())).collect::<Vec<_>>();
            prop_assert_eq!(bits(&points(&batched)), bits(&expected));
            prop_assert_eq!(batched.extent(0..batched.len()), Extent::of(batched.ys()));
        }
    }
}
