//! Blocks as lines of a given width: the same for the console and for the screen.

use unicode_width::UnicodeWidthStr as _;

use super::document::{Block, Emphasis, Inline, code_parts, plain};

/// A line.
pub type Line = Vec<Span>;

/// A piece of a line in one look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The text.
    pub text: String,
    /// How it looks.
    pub look: Look,
}

/// What a piece of text is; each face has a style for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// Words.
    #[default]
    Plain,
    /// The title of a topic.
    Title,
    /// A heading in it.
    Heading,
    /// Words that matter.
    Strong,
    /// Words in another tone.
    Emphasised,
    /// What is typed, or stands in a file.
    Code,
    /// A link to another topic.
    Link,
    /// Signs around the words: bullets, rules, prompts, comments.
    Muted,
}

/// The longest line that is pleasant to read.
const WIDEST: usize = 92;

/// With less room than this for its last column, a table is shown as paragraphs.
const NARROWEST_CELL: usize = 24;

/// The text of a line.
pub fn text(line: &[Span]) -> String {
    line.iter().map(|span| span.text.as_str()).collect()
}

/// Puts blocks into lines of at most `width` columns. Code and words that are longer stand out.
pub fn layout(blocks: &[Block], width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    flow(blocks, width.min(WIDEST), &mut lines);
    lines
}

fn flow(blocks: &[Block], width: usize, lines: &mut Vec<Line>) {
    for (at, block) in blocks.iter().enumerate() {
        // A list in an item follows its words without a gap, as items follow each other.
        let tight =
            matches!(block, Block::List { .. }) && matches!(blocks.first(), Some(Block::Paragraph(_)));
        // A heading stands close to what it heads; a title has room around it.
        let heads = |block: &Block| matches!(block, Block::Heading { level: 2.., .. });
        let headed = at.checked_sub(1).and_then(|before| blocks.get(before)).is_some_and(heads);
        if at > 0 && !headed && !(tight && at == 1 && blocks.len() == 2) {
            lines.push(Line::new());
        }
        put(block, width, lines);
    }
}

fn put(block: &Block, width: usize, lines: &mut Vec<Line>) {
    match block {
        Block::Heading { level, text } => {
            let look = if *level == 1 { Look::Title } else { Look::Heading };
            lines.extend(wrap(&[span(&plain(text), look)], width));
        }
        Block::Paragraph(text) => lines.extend(wrap(&spans(text), width)),
        Block::Code { lines: code, .. } => lines.extend(code.iter().map(|line| code_line(line))),
        Block::List { first, items } => {
            let count = items.len() as u64;
            let room = first.map_or(2, |first| (first + count).to_string().len() + 2);
            for (number, item) in (first.unwrap_or(0)..).zip(items) {
                let sign = if first.is_some() { format!("{number}.") } else { "•".to_owned() };
                let mut inner = Vec::new();
                flow(item, width.saturating_sub(room), &mut inner);
                lines.extend(inner.into_iter().enumerate().map(|(at, line)| {
                    let sign = if at == 0 { sign.as_str() } else { "" };
                    indent(span(&format!("{sign:room$}"), Look::Muted), line)
                }));
            }
        }
        Block::Table { head, rows } => table(head, rows, width, lines),
    }
}

/// A line of code: its prompt and its comment step back.
fn code_line(line: &str) -> Line {
    if line.is_empty() {
        return Line::new();
    }
    let (prompt, words, comment) = code_parts(line);
    let mut spans = vec![
        span("  ", Look::Plain),
        span(prompt, Look::Muted),
        span(words, Look::Code),
        span(comment, Look::Muted),
    ];
    spans.retain(|span| !span.text.is_empty());
    spans
}

fn table(head: &[Vec<Inline>], rows: &[Vec<Vec<Inline>>], width: usize, lines: &mut Vec<Line>) {
    const GAP: usize = 2;
    let all = || std::iter::once(head).chain(rows.iter().map(Vec::as_slice));
    let columns = head.len();
    let natural = |column: usize| {
        all().filter_map(|row| row.get(column)).map(|cell| plain(cell).width()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns.saturating_sub(1)).map(natural).collect();
    let before: usize = widths.iter().map(|width| width + GAP).sum();
    let last = width.saturating_sub(before);
    if last < NARROWEST_CELL.min(natural(columns.saturating_sub(1))) {
        return stacked(rows, width, lines);
    }
    let mut row = |cells: &[Vec<Inline>], look: Option<Look>| {
        let mut line = Line::new();
        for (cell, width) in cells.iter().zip(&widths) {
            let missing = (width + GAP).saturating_sub(plain(cell).width());
            line.extend(looking(cell, look));
            line.push(span(&" ".repeat(missing), Look::Plain));
        }
        let cell = cells.get(widths.len()).map(|cell| looking(cell, look)).unwrap_or_default();
        let mut wrapped = wrap(&cell, last).into_iter();
        line.extend(wrapped.next().unwrap_or_default());
        lines.push(line);
        lines.extend(wrapped.map(|more| indent(span(&" ".repeat(before), Look::Plain), more)));
    };
    if head.iter().any(|cell| !cell.is_empty()) {
        row(head, Some(Look::Muted));
    }
    for cells in rows {
        row(cells, None);
    }
}

/// A table for narrow screens: the first cell, and below it the others.
fn stacked(rows: &[Vec<Vec<Inline>>], width: usize, lines: &mut Vec<Line>) {
    for row in rows {
        let mut cells = row.iter().filter(|cell| !cell.is_empty());
        let Some(first) = cells.next() else { continue };
        lines.extend(wrap(&spans(first), width));
        for cell in cells {
            let inner = wrap(&spans(cell), width.saturating_sub(2));
            lines.extend(inner.into_iter().map(|line| indent(span("  ", Look::Plain), line)));
        }
    }
}

fn span(text: &str, look: Look) -> Span {
    Span { text: text.to_owned(), look }
}

fn indent(by: Span, mut line: Line) -> Line {
    line.insert(0, by);
    line
}

fn looking(cell: &[Inline], look: Option<Look>) -> Vec<Span> {
    look.map_or_else(|| spans(cell), |look| vec![span(&plain(cell), look)])
}

fn spans(text: &[Inline]) -> Vec<Span> {
    let look = |piece: &Inline| match piece.emphasis {
        _ if piece.link.is_some() => Look::Link,
        Emphasis::None => Look::Plain,
        Emphasis::Emphasised => Look::Emphasised,
        Emphasis::Strong => Look::Strong,
        Emphasis::Code => Look::Code,
    };
    text.iter().map(|piece| span(&piece.text, look(piece))).collect()
}

/// Breaks at blanks so that no line is wider than `width`, unless a single word is.
fn wrap(spans: &[Span], width: usize) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = Line::new();
    let mut used = 0;
    for (blank, word) in words(spans) {
        let wide: usize = word.iter().map(|span| span.text.width()).sum();
        let gap = usize::from(blank.is_some() && used > 0);
        if used > 0 && blank.is_some() && used + gap + wide > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        } else if let Some(look) = blank.filter(|_| gap > 0) {
            append(&mut line, span(" ", look));
            used += gap;
        }
        for span in word {
            append(&mut line, span);
        }
        used += wide;
    }
    lines.push(line);
    lines
}

/// Words with the look of the blank before them; a word may change its look in its middle.
fn words(spans: &[Span]) -> Vec<(Option<Look>, Line)> {
    let mut words: Vec<(Option<Look>, Line)> = Vec::new();
    let mut blank = Some(Look::Plain);
    for Span { text, look } in spans {
        for (at, part) in text.split(' ').enumerate() {
            if at > 0 {
                // Blanks between two pieces are plain: a link's line does not go beyond its words.
                let inside = !part.is_empty() && !text.starts_with(' ');
                blank = Some(if inside { *look } else { Look::Plain });
            }
            if part.is_empty() {
                continue;
            }
            match words.last_mut() {
                Some((_, word)) if blank.is_none() => append(word, span(part, *look)),
                _ => words.push((blank.take(), vec![span(part, *look)])),
            }
        }
    }
    words
}

fn append(line: &mut Line, more: Span) {
    match line.last_mut() {
        Some(last) if last.look == more.look => last.text.push_str(&more.text),
        _ => line.push(more),
    }
}

#[cfg(test)]
mod tests {
    // Proves B11 (readable at any width).
    use super::*;
    use crate::help::document::parse;
    use proptest::prelude::*;

    fn shown(markdown: &str, width: usize) -> String {
        layout(&parse(markdown), width).iter().map(|line| text(line) + "\n").collect()
    }

    #[test]
    fn paragraphs_lists_and_code() {
        let markdown = "# Title\n\nSome **words** that are `too long` here.\n\n- an item that wraps\n  - inner\n- b\n\n```sh\n$ xt run a  # why\n```\n";
        assert_eq!(
            shown(markdown, 18),
            "Title\n\nSome words that\nare too long here.\n\n• an item that\n  wraps\n  • inner\n• b\n\n  $ xt run a  # why\n"
        );
        let lines = layout(&parse(markdown), 18);
        assert!(lines[2].contains(&span("words", Look::Strong)), "{lines:?}");
        assert_eq!(lines[3][1], span("too long", Look::Code));
        assert_eq!(lines.last().unwrap()[3], span("  # why", Look::Muted));
    }

    #[test]
    fn a_table_wraps_its_last_column_and_is_stacked_where_there_is_no_room() {
        let markdown = "| a | what |\n| --- | --- |\n| `lost` | the machine is gone, on evidence |\n";
        assert_eq!(shown(markdown, 30), "a     what\nlost  the machine is gone, on\n      evidence\n");
        assert_eq!(shown(markdown, 20), "lost\n  the machine is\n  gone, on evidence\n");
    }

    #[test]
    fn a_word_is_one_word_whatever_it_is_made_of() {
        assert_eq!(shown("aaa `b`**c**, d", 5), "aaa\nbc, d\n");
    }

    proptest! {
        #[test]
        fn lines_are_no_wider_than_asked_and_no_word_is_lost(
            words in proptest::collection::vec("(\\*\\*)?[a-z]{1,8}(\\*\\*)?", 1..40),
            width in 14usize..60,
        ) {
            let markdown = words.join(" ");
            let blocks = parse(&markdown);
            let lines = layout(&blocks, width);
            for line in &lines {
                prop_assert!(text(line).width() <= width, "{:?}", line);
            }
            let Block::Paragraph(pieces) = &blocks[0] else { unreachable!() };
            let shown = lines.iter().map(|line| text(line)).collect::<Vec<_>>().join(" ");
            prop_assert_eq!(shown, plain(pieces));
        }
    }
}
