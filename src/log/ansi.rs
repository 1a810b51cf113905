//! What a terminal would show of a line, with its colours and nothing else of its escapes.
//!
//! Of what a program sends to a terminal, this keeps what makes text: characters, colours and attributes (SGR), and what
//! progress bars do within their line (`\r`, backspace, tab, erase in line). Every other well-formed escape sequence
//! (cursor moves, titles, clipboard, links, images, …) is left out, and everything else that a terminal might obey is
//! shown by a visible notation, see [`sanitize`](mod@super::sanitize).
//!
//! The whole line is at hand, so sequences are found by looking ahead instead of by a terminal's state machine: one that
//! is never finished is then shown as text, where a terminal would swallow the rest of the log. The syntax is that of
//! ECMA-48; OSC may end with BEL, as xterm allows.

use super::sanitize::{Fate, fate, push_notation};
use super::sgr::apply_sgr;
use super::style::{Style, StyledLine, columns};

/// The distance of tab stops.
const TAB: usize = 8;

/// What joins a character when there is none before it: Unicode's custom for showing a mark alone.
const DOTTED_CIRCLE: char = '\u{25CC}';

/// What a terminal shows of a line (or a piece of one) that begins in style `start`, and the style it leaves behind, with
/// which the next line begins. To begin in the middle of a log, pass the default style.
pub fn style_line(bytes: &[u8], start: Style) -> (StyledLine, Style) {
    if bytes.iter().all(|byte| matches!(byte, b' '..=b'~')) {
        return (StyledLine::plain(String::from_utf8_lossy(bytes), start), start);
    }
    let text = String::from_utf8_lossy(bytes);
    let mut row = Row { cells: Vec::new(), end: 0, blank: 0, cursor: 0, style: start };
    let mut rest = text.as_ref();
    while let Some(ch) = rest.chars().next() {
        if let Some((escape, after)) = ch.eq(&'\x1b').then(|| split_escape(rest)).flatten() {
            row.obey(escape);
            rest = after;
        } else {
            row.put(ch);
            rest = &rest[ch.len_utf8()..];
        }
    }
    let style = row.style;
    (row.into_line(), style)
}

/// What a terminal shows of a line, without colours.
pub fn plain_text(bytes: &[u8]) -> String {
    style_line(bytes, Style::default()).0.text()
}

/// A finished escape sequence, as far as it matters here.
#[derive(Clone, Copy)]
enum Escape<'a> {
    /// Select graphic rendition: its parameters.
    Sgr(&'a str),
    /// Erase in line: its parameter.
    EraseInLine(&'a str),
    /// Any other: left out.
    Other,
}

/// Splits the sequence off with which `text` begins; `None` if it is not a finished one. `text` begins with ESC.
fn split_escape(text: &str) -> Option<(Escape<'_>, &str)> {
    let bytes = text.as_bytes();
    match *bytes.get(1)? {
        b'[' => {
            let params = run(bytes, 2, 0x30..=0x3F);
            let end = run(bytes, params, 0x20..=0x2F);
            let last = *bytes.get(end).filter(|byte| matches!(byte, 0x40..=0x7E))?;
            let escape = match last {
                b'm' if params == end && !bytes[2..end].iter().any(|byte| matches!(byte, b'<'..=b'?')) => {
                    Escape::Sgr(&text[2..params])
                }
                b'K' if params == end => Escape::EraseInLine(&text[2..params]),
                _ => Escape::Other,
            };
            Some((escape, &text[end + 1..]))
        }
        // OSC; DCS, SOS, PM and APC: strings that ST ends.
        b']' => string_end(&text[2..], true).map(|after| (Escape::Other, after)),
        b'P' | b'X' | b'^' | b'_' => string_end(&text[2..], false).map(|after| (Escape::Other, after)),
        _ => {
            let end = run(bytes, 1, 0x20..=0x2F);
            matches!(bytes.get(end)?, 0x30..=0x7E).then(|| (Escape::Other, &text[end + 1..]))
        }
    }
}

/// Where the run of bytes in `class` that begins at `from` ends.
fn run(bytes: &[u8], from: usize, class: std::ops::RangeInclusive<u8>) -> usize {
    from + bytes[from..].iter().take_while(|byte| class.contains(byte)).count()
}

/// What follows a string's terminator: ST as `ESC \` or as one character, or BEL where that counts. Another ESC, CAN or
/// SUB would abort the string in a terminal: it is not a finished one.
fn string_end(text: &str, bell_ends: bool) -> Option<&str> {
    let end =
        text.find(|ch| matches!(ch, '\x18' | '\x1a' | '\x1b' | '\u{9c}') || (bell_ends && ch == '\x07'))?;
    let after = &text[end..];
    after.strip_prefix("\x1b\\").or_else(|| after.strip_prefix(['\x07', '\u{9c}']))
}

/// A column of a row.
#[derive(Clone, Default)]
struct Cell {
    text: CellText,
    style: Style,
}

/// What stands in a column; most often one character, which needs no allocation.
#[derive(Clone, PartialEq)]
enum CellText {
    /// A further column of the wide character before it.
    Covered,
    One(char),
    /// A character and those that join it.
    Joined(String),
}

impl Default for CellText {
    fn default() -> Self {
        Self::One(' ')
    }
}

/// One row of a terminal, as wide as it needs to be. Moving far and erasing, again and again, costs nothing: only columns
/// that may hold something are cleared.
struct Row {
    /// The columns that were ever used; those from `end` on are blank.
    cells: Vec<Cell>,
    /// Where the shown part ends.
    end: usize,
    /// How many columns at the start are known to be blank.
    blank: usize,
    cursor: usize,
    style: Style,
}

impl Row {
    fn put(&mut self, ch: char) {
        match ch {
            '\r' => self.cursor = 0,
            '\n' => {}
            '\x08' => self.cursor = self.cursor.saturating_sub(1),
            '\t' => self.cursor = (self.cursor / TAB + 1) * TAB,
            _ => match fate(ch) {
                Fate::Show => self.print(ch),
                Fate::Drop => {}
                Fate::Note => {
                    let mut notation = String::new();
                    push_notation(&mut notation, ch);
                    notation.chars().for_each(|ch| self.print(ch));
                }
            },
        }
    }

    fn print(&mut self, ch: char) {
        let width = columns(ch);
        if width == 0 {
            self.join(ch);
            return;
        }
        let end = self.cursor + width;
        if self.cells.len() < end {
            self.cells.resize(end, Cell::default());
        }
        self.part_wide(self.cursor, end);
        self.end = self.end.max(end);
        self.blank = self.blank.min(self.cursor);
        self.cells[self.cursor] = Cell { text: CellText::One(ch), style: self.style };
        for covered in &mut self.cells[self.cursor + 1..end] {
            *covered = Cell { text: CellText::Covered, style: self.style };
        }
        self.cursor = end;
    }

    /// Adds a character without a width to the one before the cursor.
    fn join(&mut self, mark: char) {
        if self.cursor == 0 || self.cursor > self.end {
            self.print(DOTTED_CIRCLE);
        }
        let at = self.owner(self.cursor - 1);
        match &mut self.cells[at].text {
            CellText::Joined(text) => text.push(mark),
            text => {
                let base = if let CellText::One(base) = text { *base } else { DOTTED_CIRCLE };
                *text = CellText::Joined(String::from_iter([base, mark]));
            }
        }
    }

    /// The first column of the character that column `at` shows.
    fn owner(&self, at: usize) -> usize {
        self.cells[..=at].iter().rposition(|cell| cell.text != CellText::Covered).unwrap_or(0)
    }

    /// Wide characters that are half within the columns `from..to` become spaces.
    fn part_wide(&mut self, from: usize, to: usize) {
        for edge in [from, to] {
            if self.cells.get(edge).is_some_and(|cell| cell.text == CellText::Covered) {
                let covered =
                    self.cells[edge..].iter().take_while(|cell| cell.text == CellText::Covered).count();
                let owner = self.owner(edge);
                for cell in &mut self.cells[owner..edge + covered] {
                    cell.text = CellText::default();
                }
            }
        }
    }

    fn obey(&mut self, escape: Escape<'_>) {
        match escape {
            Escape::Sgr(params) => self.style = apply_sgr(self.style, params),
            Escape::EraseInLine("" | "0") if self.cursor < self.end => {
                self.erase(self.cursor, self.end);
                self.end = self.cursor;
            }
            Escape::EraseInLine("1") => {
                let end = (self.cursor + 1).min(self.end);
                self.erase(self.blank, end);
                self.blank = self.blank.max(end);
            }
            Escape::EraseInLine("2") => {
                self.erase(self.blank, self.end);
                (self.blank, self.end) = (self.cells.len(), 0);
            }
            Escape::EraseInLine(_) | Escape::Other => {}
        }
    }

    fn erase(&mut self, from: usize, to: usize) {
        if from < to {
            self.part_wide(from, to);
            self.cells[from..to].fill(Cell::default());
        }
    }

    fn into_line(self) -> StyledLine {
        let mut line = StyledLine::default();
        for cell in self.cells.into_iter().take(self.end) {
            match cell.text {
                CellText::Covered => {}
                CellText::One(ch) => line.push(ch.encode_utf8(&mut [0; 4]), cell.style),
                CellText::Joined(text) => line.push(&text, cell.style),
            }
        }
        line
    }
}

#[cfg(test)]
mod tests {
    // Proves A11 (the log pane: colours kept, progress bars as one line) and P9 of the targets (hostile escapes).
    use super::super::style::Color;
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case::plain(b"hello", "hello")]
    #[case::crlf(b"hello\r", "hello")]
    #[case::progress(b"\r 10%|#   |\r 50%|##  |\r100%|####|", "100%|####|")]
    #[case::shorter_overwrites_only_its_part(b"loading...\rdone", "doneing...")]
    #[case::erased(b"loading...\rdone\x1b[K", "done")]
    #[case::erased_whole(b"loading...\r\x1b[2Kdone", "done")]
    #[case::erased_before(b"abcdef\x08\x08\x08\x1b[1K", "    ef")]
    #[case::erased_twice(b"ab\x1b[1K\rcd\x1b[1K", "  ")]
    #[case::erased_whole_twice(b"ab\x1b[2K\rcd\x1b[2Ke", "  e")]
    #[case::backspace(b"abd\x08c", "abc")]
    #[case::backspace_at_the_start(b"\x08a", "a")]
    #[case::overstrike(b"N\x08NA\x08A", "NA")]
    #[case::tabs(b"a\tb\t\tc", "a       b               c")]
    #[case::wide_then_tab("日\tb".as_bytes(), "日      b")]
    #[case::tab_does_not_erase(b"0123456789\r\tx", "01234567x9")]
    #[case::cursor_moves(b"a\x1b[2A\x1b[3;4Hb\x1b[?25l\x1b[2Jc", "abc")]
    #[case::title(b"a\x1b]0;evil\x07b", "ab")]
    #[case::clipboard(b"a\x1b]52;c;ZXZpbA==\x1b\\b", "ab")]
    #[case::link(b"\x1b]8;;http://evil\x1b\\text\x1b]8;;\x1b\\", "text")]
    #[case::dcs(b"a\x1bPq#0;2~\x1b\\b", "ab")]
    #[case::charset(b"a\x1b(0b\x1bcc\x1b7d", "abcd")]
    #[case::unfinished_string_hides_nothing(b"a\x1b]0;rest of the line", "a^[]0;rest of the line")]
    #[case::aborted_string(b"\x1b]0;x\x1b[31my", "^[]0;xy")]
    #[case::unfinished_csi(b"a\x1b[3", "a^[[3")]
    #[case::lone_escape(b"a\x1b", "a^[")]
    #[case::controls(b"\x07\x00\x0b\x7f", "^G^@^K^?")]
    #[case::c1("\u{9b}31mred".as_bytes(), "<U+009B>31mred")]
    #[case::bidi("a\u{202e}b".as_bytes(), "a<U+202E>b")]
    #[case::invalid_utf8(b"a\xff\xfeb\xe2\x82", "a\u{fffd}\u{fffd}b\u{fffd}")]
    #[case::raw_c1(b"\x9b31m", "\u{fffd}31m")]
    #[case::mark_joins("e\u{301}".as_bytes(), "e\u{301}")]
    #[case::mark_joins_a_wide_one("日\u{301}".as_bytes(), "日\u{301}")]
    #[case::mark_alone("\u{301}".as_bytes(), "\u{25cc}\u{301}")]
    #[case::half_overwritten("日本\rx".as_bytes(), "x 本")]
    #[case::half_overwritten_behind("日本\x08\x08\x08x".as_bytes(), " x本")]
    fn what_a_terminal_shows(#[case] bytes: &[u8], #[case] expected: &str) {
        assert_eq!(plain_text(bytes), expected);
    }

    #[test]
    fn the_style_is_carried_to_the_next_line() {
        let red = Style { fg: Some(Color::Indexed(1)), ..Style::default() };
        let (line, after) = style_line(b"a\x1b[31mb", Style::default());
        let spans: Vec<_> = line.spans.iter().map(|span| (span.text.as_str(), span.style)).collect();
        assert_eq!((spans, after), (vec![("a", Style::default()), ("b", red)], red));
        let (line, after) = style_line(b"c\x1b[0m", after);
        assert_eq!((line, after), (StyledLine::plain("c", red), Style::default()));
    }

    #[test]
    fn a_private_sequence_is_no_colour() {
        assert_eq!(style_line(b"\x1b[>4;1mx", Style::default()).1, Style::default());
    }

    #[test]
    fn overwritten_text_takes_the_new_style() {
        let (line, _) = style_line(b"\x1b[31mred\r\x1b[32mg", Style::default());
        let colours: Vec<_> = line.spans.iter().map(|span| (span.text.as_str(), span.style.fg)).collect();
        assert_eq!(colours, [("g", Some(Color::Indexed(2))), ("ed", Some(Color::Indexed(1)))]);
    }

    fn terminal_bytes() -> impl Strategy<Value = Vec<u8>> {
        let part = prop_oneof![
            4 => "[ -~]{1,6}".prop_map(String::into_bytes),
            1 => Just("日é😀\u{301}".as_bytes().to_vec()),
            1 => Just(b"\r".to_vec()),
            1 => Just(b"\x08".to_vec()),
            1 => Just(b"\t".to_vec()),
            1 => prop::sample::select(&["\x1b[K", "\x1b[1K", "\x1b[2K"][..]).prop_map(Into::into),
            1 => Just(b"\x1b[1;38;5;9m".to_vec()),
            1 => Just(b"\x1b]0;title\x07".to_vec()),
        ];
        prop::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn it_agrees_with_a_terminal(bytes in terminal_bytes()) {
            // A mark at the start of a row is the one thing shown otherwise.
            let mut terminal = vt100::Parser::new(2, 400, 0);
            terminal.process(&bytes);
            let shown = terminal.screen().rows(0, 400).next().unwrap_or_default();
            let ours = plain_text(&bytes);
            prop_assume!(!ours.contains(DOTTED_CIRCLE));
            prop_assert_eq!(ours.trim_end(), shown.trim_end());
        }

        #[test]
        fn nothing_is_left_that_a_terminal_obeys(
            bytes in prop::collection::vec(prop_oneof![
                3 => any::<u8>(), 1 => prop::sample::select(&b"\x1b[]P\\;:?0123m\x07\r\x08\tK"[..])], 0..120),
        ) {
            let (line, _) = style_line(&bytes, Style::default());
            let text = line.text();
            prop_assert!(text.chars().all(|ch| !ch.is_control() && fate(ch) == Fate::Show), "{text:?}");
            prop_assert!(line.spans.iter().all(|span| !span.text.is_empty()));
            prop_assert!(line.spans.windows(2).all(|pair| pair[0].style != pair[1].style));
        }

        #[test]
        fn printable_text_is_kept(text in "[ -~é日]{0,80}") {
            prop_assert_eq!(plain_text(text.as_bytes()), text);
        }
    }
}
