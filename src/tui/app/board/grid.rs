//! Where charts stand: side by side, as many as can be read.

use ratatui::layout::Rect;

/// The least columns and rows of a chart with its title.
const LEAST: (u16, u16) = (28, 7);
/// More charts than this are not worth a smaller size.
const ENOUGH: usize = 16;
/// Columns for each row of a chart that is a pleasure to look at.
const SHAPE: f64 = 4.0;

/// Charts on an area, page by page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Grid {
    area: Rect,
    columns: usize,
    rows: usize,
    /// The first chart of the page.
    pub first: usize,
    /// How many charts the page has.
    pub shown: usize,
}

impl Grid {
    /// The page with a selected chart of so many.
    pub fn new(area: Rect, count: usize, selected: usize) -> Self {
        Self::of(area, count, selected, LEAST)
    }

    /// The same of charts with their own least columns and rows.
    pub fn of(area: Rect, count: usize, selected: usize, least: (u16, u16)) -> Self {
        if area.is_empty() || count == 0 {
            return Self { area, ..Self::default() };
        }
        let most = usize::from(area.width / least.0).clamp(1, count);
        let high = usize::from(area.height / least.1).max(1);
        let shape = |columns: usize| {
            let rows = count.div_ceil(columns).min(high);
            let cell = |whole: u16, parts: usize| f64::from(whole) / f64::from(size(parts).max(1));
            let away = (cell(area.width, columns) / cell(area.height, rows) / SHAPE).ln().abs();
            (count.min(rows * columns).min(ENOUGH), -away, rows)
        };
        let best = (1..=most).map(|columns| (shape(columns), columns));
        let best = best.max_by(|(a, _), (b, _)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let (columns, rows) = best.map_or((1, 1), |((_, _, rows), columns)| (columns, rows));
        let page = columns * rows;
        let first = selected.min(count - 1) / page * page;
        Self { area, columns, rows, first, shown: page.min(count - first) }
    }

    /// One chart alone on an area.
    pub const fn single(area: Rect, selected: usize) -> Self {
        Self { area, columns: 1, rows: 1, first: selected, shown: 1 }
    }

    /// The places of the page's charts, each with its number; a column and, where there is room, a row apart.
    pub fn cells(&self) -> impl Iterator<Item = (usize, Rect)> {
        let Self { area, columns, rows, .. } = *self;
        let edge = |whole: u16, parts: usize, at: usize| {
            let edge = u32::from(whole) * u32::from(size(at)) / u32::from(size(parts).max(1));
            u16::try_from(edge).unwrap_or(whole)
        };
        (0..self.shown).map(move |place| {
            let (row, column) = (place / columns.max(1), place % columns.max(1));
            let (left, right) = (edge(area.width, columns, column), edge(area.width, columns, column + 1));
            let (top, bottom) = (edge(area.height, rows, row), edge(area.height, rows, row + 1));
            let gap = u16::from(column + 1 < columns) * 2;
            let width = (right - left).saturating_sub(gap);
            let cell = Rect { x: area.x + left, y: area.y + top, width, height: bottom - top };
            (self.first + place, cell)
        })
    }
}

fn size(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    // Proves C7 (charts at every size).
    #[rstest]
    #[case((78, 12), 1, 0, (1, 1))]
    #[case((78, 12), 9, 0, (2, 2))]
    #[case((118, 36), 16, 0, (16, 4))]
    #[case((118, 36), 4, 0, (4, 2))]
    #[case((38, 9), 5, 3, (1, 1))]
    #[case((10, 2), 5, 4, (1, 1))]
    fn pages(
        #[case] size: (u16, u16),
        #[case] count: usize,
        #[case] selected: usize,
        #[case] expected: (usize, usize),
    ) {
        let grid = Grid::new(Rect::new(0, 0, size.0, size.1), count, selected);
        assert_eq!((grid.shown, grid.columns), expected);
    }

    proptest! {
        #[test]
        fn the_selected_chart_is_on_the_page_and_nothing_overlaps(
            width in 1_u16..300, height in 1_u16..100, count in 1_usize..500, selected: prop::sample::Index,
        ) {
            let area = Rect::new(3, 5, width, height);
            let selected = selected.index(count);
            let cells: Vec<_> = Grid::new(area, count, selected).cells().collect();
            prop_assert!(cells.iter().any(|(number, _)| *number == selected));
            for (i, (number, cell)) in cells.iter().enumerate() {
                prop_assert!(*number < count && area.intersection(*cell) == *cell);
                prop_assert!(cells[i + 1..].iter().all(|(_, other)| cell.intersection(*other).is_empty()));
            }
        }
    }
}
