//! Text with colours, as a terminal would show it, and cutting it by columns. Independent of any UI crate.

use unicode_width::UnicodeWidthChar;

/// A colour that a program asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Color {
    /// An entry of the terminal's palette: 0 to 7 the basic colours, 8 to 15 their bright forms, then the colour cube and
    /// the greys.
    Indexed(u8),
    /// Red, green and blue.
    Rgb(u8, u8, u8),
}

/// How a character looks. The default is the terminal's own look.
#[allow(clippy::struct_excessive_bools, reason = "they are independent switches, as in the escape sequences")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Style {
    /// The colour of the text; `None` is the terminal's own.
    pub fg: Option<Color>,
    /// The colour behind the text; `None` is the terminal's own.
    pub bg: Option<Color>,
    /// Bold.
    pub bold: bool,
    /// Dim.
    pub dim: bool,
    /// Italic.
    pub italic: bool,
    /// Underlined.
    pub underline: bool,
    /// With both colours exchanged.
    pub reverse: bool,
    /// Struck through.
    pub strike: bool,
}

/// A stretch of text in one style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Its text: no control characters.
    pub text: String,
    /// Its look.
    pub style: Style,
}

/// One line as a terminal would show it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StyledLine {
    /// Its parts from left to right, none empty, neighbours of different styles.
    pub spans: Vec<Span>,
}

/// The number of columns a character takes: 0 for one that joins the character before it, 2 for a wide one.
pub(super) fn columns(ch: char) -> usize {
    ch.width().unwrap_or(0)
}

impl StyledLine {
    /// A line in one style; `text` must hold no control characters.
    pub fn plain(text: impl Into<String>, style: Style) -> Self {
        let text = text.into();
        let spans = if text.is_empty() { Vec::new() } else { vec![Span { text, style }] };
        Self { spans }
    }

    /// Appends text, joining it to the last span if that looks the same.
    pub fn push(&mut self, text: &str, style: Style) {
        match self.spans.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if last.style == style => last.text.push_str(text),
            _ => self.spans.push(Span { text: text.to_owned(), style }),
        }
    }

    /// The text without the styles.
    pub fn text(&self) -> String {
        self.spans.iter().map(|span| span.text.as_str()).collect()
    }

    /// The number of columns it takes.
    pub fn width(&self) -> usize {
        self.spans.iter().flat_map(|span| span.text.chars()).map(columns).sum()
    }

    /// The columns `from..to`. A wide character that lies across an edge is shown as a space, so that everything else
    /// stays in its column.
    #[must_use]
    pub fn slice_columns(&self, from: usize, to: usize) -> Self {
        let mut slice = Self::default();
        let mut column = 0;
        for (cluster, width, style) in self.clusters() {
            let end = column + width;
            if column >= to {
                break;
            }
            if from <= column && end <= to {
                slice.push(cluster, style);
            } else {
                for _ in column.max(from)..end.min(to) {
                    slice.push(" ", style);
                }
            }
            column = end;
        }
        slice
    }

    /// The line in rows of at most `width` columns, at least one row. A wide character that no longer fits begins the next
    /// row; where it does not fit at all (`width` below 2) it gets a row of its own.
    pub fn wrap(&self, width: usize) -> Vec<Self> {
        let mut rows = Vec::new();
        let mut row = Self::default();
        let mut column = 0;
        for (cluster, columns, style) in self.clusters() {
            if column > 0 && column + columns > width.max(1) {
                rows.push(std::mem::take(&mut row));
                column = 0;
            }
            row.push(cluster, style);
            column += columns;
        }
        rows.push(row);
        rows
    }

    /// The number of rows that [`StyledLine::wrap`] makes.
    pub fn rows(&self, width: usize) -> usize {
        let is_narrow = self.spans.iter().all(|span| span.text.is_ascii());
        if is_narrow { self.width().div_ceil(width.max(1)).max(1) } else { self.wrap(width).len() }
    }

    /// What may not be cut: each character with those that join it, its width and its style.
    fn clusters(&self) -> impl Iterator<Item = (&str, usize, Style)> {
        self.spans.iter().flat_map(|span| {
            let mut rest = span.text.as_str();
            std::iter::from_fn(move || {
                let first = rest.chars().next()?;
                let end = rest
                    .char_indices()
                    .skip(1)
                    .find(|&(_, ch)| columns(ch) > 0)
                    .map_or(rest.len(), |(at, _)| at);
                let (cluster, after) = rest.split_at(end);
                rest = after;
                Some((cluster, columns(first), span.style))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    // Proves A11 (the log pane: wrap, horizontal scroll).
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn line(text: &str) -> StyledLine {
        StyledLine::plain(text, Style::default())
    }

    #[rstest]
    #[case("hello", 1, 3, "el")]
    #[case("hello", 3, 99, "lo")]
    #[case("hello", 9, 99, "")]
    #[case("hello", 3, 2, "")]
    #[case("日本語", 0, 4, "日本")]
    #[case("日本語", 1, 6, " 本語")]
    #[case("日本語", 0, 3, "日 ")]
    #[case("日本語", 1, 2, " ")]
    #[case("e\u{301}x", 0, 1, "e\u{301}")]
    #[case("e\u{301}x", 1, 2, "x")]
    fn a_slice_keeps_columns(
        #[case] text: &str,
        #[case] from: usize,
        #[case] to: usize,
        #[case] expected: &str,
    ) {
        assert_eq!(line(text).slice_columns(from, to).text(), expected);
    }

    #[rstest]
    #[case("", 3, &[""])]
    #[case("abcdef", 3, &["abc", "def"])]
    #[case("abcd", 3, &["abc", "d"])]
    #[case("a日本", 2, &["a", "日", "本"])]
    #[case("a日", 1, &["a", "日"])]
    #[case("ab", 0, &["a", "b"])]
    fn rows_of_a_width(#[case] text: &str, #[case] width: usize, #[case] expected: &[&str]) {
        let rows: Vec<String> = line(text).wrap(width).iter().map(StyledLine::text).collect();
        assert_eq!(rows, expected);
        assert_eq!(line(text).rows(width), expected.len());
    }

    fn any_line() -> impl Strategy<Value = StyledLine> {
        let text = "[a-z 日本é\u{FF21}\u{1F600}]{0,6}";
        prop::collection::vec((text, any::<bool>()), 0..6).prop_map(|parts| {
            let mut line = StyledLine::default();
            for (text, bold) in parts {
                line.push(&text, Style { bold, ..Style::default() });
            }
            line
        })
    }

    fn joined(parts: &[StyledLine]) -> StyledLine {
        let mut whole = StyledLine::default();
        for span in parts.iter().flat_map(|part| &part.spans) {
            whole.push(&span.text, span.style);
        }
        whole
    }

    proptest! {
        #[test]
        fn rows_concatenate_to_the_line(line in any_line(), width in 1usize..12) {
            let rows = line.wrap(width);
            prop_assert_eq!(joined(&rows), line);
            prop_assert!(rows.iter().all(|row| row.width() <= width.max(2)));
        }

        #[test]
        fn slices_have_their_width_and_concatenate(line in any_line(), from in 0usize..40, to in 0usize..40) {
            let slice = line.slice_columns(from, to);
            prop_assert_eq!(slice.width(), to.min(line.width()).saturating_sub(from));
            let cut = from.min(line.width());
            let parts = [line.slice_columns(0, cut), line.slice_columns(cut, usize::MAX)];
            if joined(&parts) != line {
                // Only a wide character across the cut may be lost, and then it is two spaces.
                prop_assert_eq!(joined(&parts).width(), line.width());
                prop_assert!(line.slice_columns(cut - 1, cut + 1).text().chars().any(|ch| columns(ch) == 2));
            }
        }
    }
}
