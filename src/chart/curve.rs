//! A curve: a series, its name, its colour, and its smoothed twin.

use super::series::Series;
use super::smooth::Smoother;

/// One curve of a chart.
#[derive(Clone, Debug, Default)]
pub struct Curve {
    /// What the legend calls it.
    pub name: String,
    /// Its index in the palette: the first is 0. Faces have as many colours as they like and begin again.
    pub colour: usize,
    /// It is there, but not drawn, and no axis makes room for it.
    pub hidden: bool,
    raw: Series,
    smooth: Option<(Smoother, Series)>,
}

impl Curve {
    /// A curve without points.
    pub fn new(name: impl Into<String>, colour: usize) -> Self {
        Self { name: name.into(), colour, ..Self::default() }
    }

    /// The same curve, smoothed.
    #[must_use]
    pub fn smoothed(mut self, weight: f64) -> Self {
        self.set_smoothing(weight);
        self
    }

    /// Appends points ([`Series::extend`]); the smoothed curve grows by as much.
    pub fn extend(&mut self, points: impl IntoIterator<Item = (f64, f64)>) {
        let before = self.raw.len();
        let changed = self.raw.extend(points);
        if changed < before {
            // The average of what came after the change is another one.
            self.set_smoothing(self.smoothing());
        } else if let Some((smoother, smooth)) = &mut self.smooth {
            let (xs, ys) = (&self.raw.xs()[changed..], &self.raw.ys()[changed..]);
            smooth.extend(xs.iter().zip(ys).map(|(x, y)| (*x, smoother.next(*y))));
        }
    }

    /// Takes the points of another curve, and what was made of them, in place of its own.
    pub fn replace(&mut self, other: Self) {
        (self.raw, self.smooth) = (other.raw, other.smooth);
    }

    /// Smooths the curve with this weight of the past ([`Smoother::new`]), or no longer (0).
    pub fn set_smoothing(&mut self, weight: f64) {
        let mut smoother = Smoother::new(weight);
        let points = self.raw.xs().iter().zip(self.raw.ys());
        self.smooth = (smoother.weight() > 0.0).then(|| {
            let smooth = Series::new(points.map(|(x, y)| (*x, smoother.next(*y))));
            (smoother, smooth)
        });
    }

    /// The weight of the past; 0 without smoothing.
    pub fn smoothing(&self) -> f64 {
        self.smooth.as_ref().map_or(0.0, |(smoother, _)| smoother.weight())
    }

    /// The points as they were appended.
    pub const fn raw(&self) -> &Series {
        &self.raw
    }

    /// The points that are drawn: the smoothed ones, where the curve is smoothed.
    pub fn drawn(&self) -> &Series {
        self.smooth.as_ref().map_or(&self.raw, |(_, smooth)| smooth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // Proves A8, C7 (a live curve is smoothed as the finished one).
    proptest! {
        #[test]
        fn batches_are_smoothed_as_the_whole(
            points in prop::collection::vec(((0..60_u8).prop_map(f64::from), -9.0..9.0), 1..200), batch in 1_usize..20,
        ) {
            let mut live = Curve::new("loss", 0).smoothed(0.7);
            for points in points.chunks(batch) {
                live.extend(points.iter().copied());
            }
            let mut whole = Curve::new("loss", 0);
            whole.extend(points);
            whole.set_smoothing(0.7);
            prop_assert_eq!(live.drawn().xs(), whole.drawn().xs());
            prop_assert_eq!(live.drawn().ys(), whole.drawn().ys());
        }
    }
}
