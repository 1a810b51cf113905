//! A cursor in a long list: it belongs to a thing, not to a row.

/// The selected thing of a list and the part of the list that is seen.
#[derive(Clone, Debug)]
pub struct Cursor<K> {
    /// The selected thing.
    selected: Option<K>,
    /// Its row now.
    row: usize,
    /// The first row that is seen.
    top: usize,
}

impl<K> Default for Cursor<K> {
    fn default() -> Self {
        Self { selected: None, row: 0, top: 0 }
    }
}

impl<K: Copy + PartialEq> Cursor<K> {
    /// The selected thing.
    pub const fn selected(&self) -> Option<K> {
        self.selected
    }

    /// The selected row.
    pub const fn row(&self) -> usize {
        self.row
    }

    /// The first row that is seen.
    pub const fn top(&self) -> usize {
        self.top
    }

    /// Selects a row; beyond the end, the last.
    pub fn select(&mut self, row: usize, keys: &[K]) {
        self.row = row.min(keys.len().saturating_sub(1));
        self.selected = keys.get(self.row).copied();
    }

    /// Forgets the selection: the next [`Self::refresh`] takes the first row.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Moves by rows.
    pub fn step(&mut self, by: isize, keys: &[K]) {
        self.select(self.row.saturating_add_signed(by), keys);
    }

    /// The list changed: the selected thing stays selected, wherever it went, and (away from the beginning of
    /// the list) stays in its row of the screen; if it is gone, its neighbour is selected.
    pub fn refresh(&mut self, keys: &[K]) {
        let offset = self.row.saturating_sub(self.top);
        let near = self.selected.filter(|key| keys.get(self.row) == Some(key)).map(|_| self.row);
        let found = near.or_else(|| keys.iter().position(|key| Some(*key) == self.selected));
        let row = found.unwrap_or(self.row);
        self.select(row, keys);
        // At the beginning of a list one wants to see what comes there.
        if self.top > 0 {
            self.top = self.row.saturating_sub(offset);
        }
    }

    /// Scrolls as little as shows the selected row in `height` rows.
    pub fn scroll_into(&mut self, height: usize, len: usize) {
        let height = height.max(1);
        let least = (self.row + 1).saturating_sub(height);
        self.top = self.top.clamp(least, self.row).min(len.saturating_sub(height));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // Proves C1, S7 (selection is an identity).
    #[test]
    fn a_refresh_does_not_move_the_cursor_to_another_thing() {
        let mut cursor = Cursor::default();
        let keys: Vec<u32> = (0..100).collect();
        cursor.select(40, &keys);
        cursor.scroll_into(10, keys.len());
        let offset = cursor.row() - cursor.top();
        let more: Vec<u32> = (200..250).chain(0..100).collect();
        cursor.refresh(&more);
        assert_eq!((cursor.selected(), cursor.row(), cursor.row() - cursor.top()), (Some(40), 90, offset));
        let without: Vec<u32> = more.into_iter().filter(|key| *key != 40).collect();
        cursor.refresh(&without);
        assert_eq!(cursor.selected(), Some(41));
        cursor.refresh(&[]);
        assert_eq!(cursor.selected(), None);
    }

    proptest! {
        #[test]
        fn the_selection_survives_any_change_that_keeps_it(
            keys in prop::collection::hash_set(0u32..500, 1..80),
            others in prop::collection::hash_set(500u32..900, 0..80),
            at: prop::sample::Index,
            height in 1usize..30,
        ) {
            let keys: Vec<u32> = keys.into_iter().collect();
            let mut cursor = Cursor::default();
            cursor.select(at.index(keys.len()), &keys);
            let chosen = cursor.selected().unwrap();
            let next: Vec<u32> = others.into_iter().chain(keys.iter().rev().copied()).collect();
            cursor.refresh(&next);
            cursor.scroll_into(height, next.len());
            prop_assert_eq!(cursor.selected(), Some(chosen));
            prop_assert_eq!(next[cursor.row()], chosen);
            prop_assert!(cursor.top() <= cursor.row() && cursor.row() < cursor.top() + height);
        }
    }
}
