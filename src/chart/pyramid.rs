//! The lowest and highest of any stretch of a series, in a time that hardly grows with it.
//!
//! A segment tree without its unfinished parts: the bottom level summarises blocks of [`BLOCK`] values, each
//! level above pairs of the one below. Only complete nodes are kept, so that appending costs O(1) on
//! average; a question is answered from O(log n) nodes and less than two blocks of values.

use std::ops::Range;

/// Values under one node of the bottom level. With 16 a pyramid adds 3 bytes to the 8 of a value.
const BLOCK: usize = 16;

/// How far some values reach. What is not a finite number does not count.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent {
    /// The lowest; infinite, if there is no value.
    pub low: f64,
    /// The highest; minus infinity, if there is no value.
    pub high: f64,
    /// The lowest above zero, for logarithmic scales; infinite, if there is none.
    pub positive: f64,
}

impl Extent {
    /// No value.
    pub const EMPTY: Self = Self { low: f64::INFINITY, high: f64::NEG_INFINITY, positive: f64::INFINITY };

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.low > self.high
    }

    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
            positive: self.positive.min(other.positive),
        }
    }

    /// How far these values reach.
    pub fn of(values: &[f64]) -> Self {
        let mut extent = Self::EMPTY;
        for &value in values {
            let finite = value.is_finite();
            extent.low = if finite && value < extent.low { value } else { extent.low };
            extent.high = if finite && value > extent.high { value } else { extent.high };
            let positive = value > 0.0 && value < extent.positive;
            extent.positive = if positive { value } else { extent.positive };
        }
        extent
    }
}

/// Summaries of a list of values that is kept elsewhere.
#[derive(Clone, Debug, Default)]
pub struct Pyramid {
    /// `levels[k][i]` covers `BLOCK << k` values from `i * (BLOCK << k)` on.
    levels: Vec<Vec<Extent>>,
}

impl Pyramid {
    /// Takes in that the values from `from` on are new or changed.
    pub fn update(&mut self, values: &[f64], from: usize) {
        let whole = from / BLOCK;
        for (level, nodes) in self.levels.iter_mut().enumerate() {
            nodes.truncate(whole >> level);
        }
        let first = self.levels.first().map_or(0, Vec::len);
        for block in values[first * BLOCK..].chunks_exact(BLOCK) {
            self.push(Extent::of(block));
        }
    }

    /// Adds a node at the bottom and completes those above.
    fn push(&mut self, mut node: Extent) {
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let nodes = &mut self.levels[level];
            nodes.push(node);
            if nodes.len() % 2 == 1 {
                return;
            }
            node = nodes[nodes.len() - 2].and(node);
        }
    }

    /// How far the values of a range reach; `values` are those of the last update.
    pub fn extent(&self, values: &[f64], range: Range<usize>) -> Extent {
        let (mut first, mut last) = (range.start.div_ceil(BLOCK), range.end / BLOCK);
        if first >= last {
            return Extent::of(&values[range]);
        }
        let ends = Extent::of(&values[range.start..first * BLOCK]);
        let mut extent = ends.and(Extent::of(&values[last * BLOCK..range.end]));
        for nodes in &self.levels {
            if first >= last {
                break;
            }
            if first % 2 == 1 {
                extent = extent.and(nodes[first]);
                first += 1;
            }
            if last % 2 == 1 {
                last -= 1;
                extent = extent.and(nodes[last]);
            }
            (first, last) = (first / 2, last / 2);
        }
        extent
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // Proves C7 (no extreme of a history is missed).
    proptest! {
        #[test]
        fn a_pyramid_tells_what_looking_at_every_value_tells(
            values in prop::collection::vec(prop_oneof![9 => -9.0..9.0, 1 => any::<f64>()], 1..700),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 1..6),
        ) {
            let mut pyramid = Pyramid::default();
            pyramid.update(&values, 0);
            for cut in &cuts {
                // As if everything from here on had been replaced.
                pyramid.update(&values, cut.index(values.len()));
            }
            let (a, b) = (cuts[0].index(values.len()), cuts[cuts.len() - 1].index(values.len() + 1));
            let range = a.min(b)..a.max(b);
            prop_assert_eq!(pyramid.extent(&values, range.clone()), Extent::of(&values[range]));
        }

        #[test]
        fn value_by_value_is_as_good_as_at_once(values in prop::collection::vec(any::<f64>(), 0..300)) {
            let (mut slow, mut quick) = (Pyramid::default(), Pyramid::default());
            for end in 0..values.len() {
                slow.update(&values[..=end], end);
            }
            quick.update(&values, 0);
            prop_assert_eq!(slow.levels, quick.levels);
        }
    }

    #[test]
    fn a_pyramid_is_small() {
        let values = vec![1.0; 1 << 16];
        let mut pyramid = Pyramid::default();
        pyramid.update(&values, 0);
        let nodes: usize = pyramid.levels.iter().map(Vec::len).sum();
        assert!(nodes * size_of::<Extent>() <= 3 * values.len());
    }
}
