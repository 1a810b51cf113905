//! A curve in one line of text.

/// Eight heights, and the same for terminals without Unicode.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII: [char; 8] = ['_', '_', '.', '.', '-', '-', '^', '^'];

/// Draws values as at most `width` characters, the latest at the right.
///
/// More values than characters are averaged in equal pieces; what is not a finite number is left out of the
/// averages, and a piece without any finite number is a blank. A curve that does not move is drawn at half
/// height.
pub fn sparkline(values: &[f64], width: usize, unicode: bool) -> String {
    let columns = width.min(values.len());
    let means: Vec<_> = (0..columns)
        .map(|column| mean(&values[column * values.len() / columns..(column + 1) * values.len() / columns]))
        .collect();
    let finite = || means.iter().flatten().copied();
    let low = finite().fold(f64::INFINITY, f64::min);
    let high = finite().fold(f64::NEG_INFINITY, f64::max);
    let glyphs = if unicode { BLOCKS } else { ASCII };
    means.iter().map(|mean| mean.map_or(' ', |mean| glyphs[level(mean, low, high)])).collect()
}

/// The mean of the finite values.
fn mean(values: &[f64]) -> Option<f64> {
    let finite = || values.iter().filter(|value| value.is_finite());
    let count = finite().count();
    #[allow(clippy::cast_precision_loss, reason = "a count of points on a screen")]
    // Divided before they are added: the sum of large numbers is no number.
    (count > 0).then(|| finite().map(|value| value / count as f64).sum())
}

/// The height of a value between the lowest and the highest, 0 to 7.
fn level(value: f64, low: f64, high: f64) -> usize {
    // Halved first, for the distance of two large numbers is no number.
    let range = high / 2.0 - low / 2.0;
    if range <= 0.0 {
        return 3;
    }
    let share = (value / 2.0 - low / 2.0) / range;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 7")]
    let level = (share * 7.0).round().clamp(0.0, 7.0) as usize;
    level
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // Proves C7 (curves in the table).
    #[test]
    fn curves_are_recognisable() {
        assert_eq!(sparkline(&[7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0], 8, true), "█▇▆▅▄▃▂▁");
        assert_eq!(sparkline(&[1.0, 1.0, 1.0], 8, true), "▄▄▄");
        assert_eq!(sparkline(&[0.0, f64::NAN, 1.0], 3, true), "▁ █");
        assert_eq!(sparkline(&[0.0, 0.0, 4.0, 4.0], 2, true), "▁█");
        assert_eq!(sparkline(&[0.0, 7.0], 5, false), "_^");
        assert_eq!(sparkline(&[], 5, true), "");
    }

    proptest! {
        #[test]
        fn any_values_fit(values in prop::collection::vec(any::<f64>(), 0..200), width in 0_usize..50) {
            let line = sparkline(&values, width, true);
            prop_assert_eq!(line.chars().count(), width.min(values.len()));
            if width > 0 && values.iter().any(|value| value.is_finite()) {
                prop_assert!(line.chars().any(|glyph| glyph != ' '));
            }
        }
    }
}
