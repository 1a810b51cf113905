//! The lines around a position, read from there: what a scrolling view needs, with no index at all.
//!
//! Opening a log at its end costs a read or two, however large it is.

use std::io;

use memchr::memrchr_iter;

use super::lines::{RawLine, Window, span};
use super::source::Source;

/// What is read at a time.
const BLOCK: u64 = 64 * 1024;

/// Where the last `n` lines start, or where the last `max_bytes` do if those lines are longer. A last line that has no
/// newline yet counts.
pub fn start_of_last_lines(source: &dyn Source, n: u64, max_bytes: u64) -> io::Result<u64> {
    let len = source.len()?;
    let floor = len.saturating_sub(max_bytes);
    let (mut high, mut wanted) = (len, n);
    let mut block = vec![0; span(BLOCK.min(len - floor))];
    while high > floor && wanted > 0 {
        let low = high.saturating_sub(BLOCK).max(floor);
        let block = &mut block[..span(high - low)];
        let read = source.read_full_at(low, block)?;
        for newline in memrchr_iter(b'\n', &block[..read]) {
            let behind = low + newline as u64 + 1;
            // The newline at the very end closes the last line; it does not begin another.
            if behind < len {
                wanted -= 1;
                if wanted == 0 {
                    return Ok(behind);
                }
            }
        }
        high = low;
    }
    Ok(if n == 0 { len } else { floor })
}

/// The line (or piece of an over-long one) that `offset` lies in; `None` at the end.
pub fn line_at(source: &dyn Source, offset: u64) -> io::Result<Option<RawLine>> {
    let mut window = Window::new(source)?;
    window.piece_at(offset)?.map(|piece| window.raw_line(piece)).transpose()
}

/// Up to `n` lines before the one that `offset` lies in, in the order of the file; at the end, the last ones.
/// Holds at most `n` times [`MAX_LINE`](super::MAX_LINE) bytes.
pub fn lines_before(source: &dyn Source, offset: u64, n: usize) -> io::Result<Vec<RawLine>> {
    let mut window = Window::new(source)?;
    let mut end = window.piece_at(offset)?.map_or(window.len(), |piece| piece.start);
    let mut lines = Vec::new();
    while lines.len() < n && end > 0 {
        let Some(piece) = window.piece_at(end - 1)?.filter(|piece| piece.start < end) else {
            break;
        };
        lines.push(window.raw_line(piece)?);
        end = piece.start;
    }
    lines.reverse();
    Ok(lines)
}

/// Up to `n` lines from the one that `offset` lies in.
/// Holds at most `n` times [`MAX_LINE`](super::MAX_LINE) bytes.
pub fn lines_after(source: &dyn Source, offset: u64, n: usize) -> io::Result<Vec<RawLine>> {
    let mut window = Window::new(source)?;
    let mut position = offset;
    let mut lines = Vec::new();
    while lines.len() < n {
        let Some(piece) = window.piece_at(position)? else {
            break;
        };
        lines.push(window.raw_line(piece)?);
        position = piece.end;
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    // Proves A11 (`view log --tail`, the log pane) and the design of L1 of the targets (open at the end).
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;
    use std::cell::Cell;

    /// Counts the bytes that are read.
    struct Counting(Vec<u8>, Cell<u64>);

    impl Source for Counting {
        fn len(&self) -> io::Result<u64> {
            Source::len(&self.0)
        }

        fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
            let read = self.0.read_at(offset, buf)?;
            self.1.set(self.1.get() + read as u64);
            Ok(read)
        }
    }

    #[rstest]
    #[case("a\nb\nc\n", 2, 100, "b\nc\n")]
    #[case("a\nb\nc", 2, 100, "b\nc")]
    #[case("a\nb\nc", 9, 100, "a\nb\nc")]
    #[case("a\nb\n\n", 1, 100, "\n")]
    #[case("a\nb\nc\n", 0, 100, "")]
    #[case("a\nlong line\n", 1, 5, "line\n")]
    #[case("a\nb\n", 2, 0, "")]
    #[case("", 3, 100, "")]
    fn the_last_lines(#[case] log: &str, #[case] n: u64, #[case] max_bytes: u64, #[case] expected: &str) {
        let bytes = log.as_bytes().to_vec();
        let start = start_of_last_lines(&bytes, n, max_bytes).unwrap();
        assert_eq!(&log[usize::try_from(start).unwrap()..], expected);
    }

    #[test]
    fn the_end_of_a_large_log_takes_a_small_read() {
        let log = Counting("a line of the log, as it happens\n".repeat(200_000).into_bytes(), Cell::new(0));
        assert_eq!(lines_before(&log, u64::MAX, 50).unwrap().len(), 50);
        assert!(log.1.get() <= 3 * BLOCK, "{} bytes read", log.1.get());
        log.1.set(0);
        assert_eq!(start_of_last_lines(&log, 50, u64::MAX).unwrap(), 199_950 * 33);
        assert!(log.1.get() <= BLOCK);
    }

    #[test]
    fn a_gigantic_line_takes_a_small_read() {
        let log = Counting(vec![b'x'; 8 << 20], Cell::new(0));
        let lines = lines_before(&log, u64::MAX, 2).unwrap();
        assert!(lines.iter().all(|line| line.continued) && lines.len() == 2);
        assert!(log.1.get() <= 32 * BLOCK, "{} bytes read", log.1.get());
    }

    proptest! {
        #[test]
        fn lines_around_any_position_are_those_of_the_file(
            bytes in prop::collection::vec(prop_oneof![1 => Just(b'\n'), 3 => any::<u8>()], 0..300),
            at in 0u64..320,
            (above, below) in (0usize..20, 0usize..20),
        ) {
            let naive: Vec<&[u8]> = bytes.split_inclusive(|&byte| byte == b'\n').collect();
            let mut starts = vec![0u64];
            starts.extend(naive.iter().scan(0, |end, line| { *end += <[u8]>::len(line) as u64; Some(*end) }));
            let current = starts[1..].partition_point(|&end| end <= at).min(naive.len());
            let text = |lines: &[RawLine]| lines.iter().map(|line| line.text.clone()).collect::<Vec<_>>();
            let expected = |lines: &[&[u8]]| lines.iter()
                .map(|line| line.strip_suffix(b"\n").unwrap_or(line).to_vec()).collect::<Vec<_>>();
            let before = lines_before(&bytes, at, above).unwrap();
            prop_assert_eq!(text(&before), expected(&naive[current.saturating_sub(above)..current]));
            let after = lines_after(&bytes, at, below).unwrap();
            prop_assert_eq!(text(&after), expected(&naive[current..naive.len().min(current + below)]));
            for (line, index) in after.iter().zip(current..) {
                prop_assert_eq!((line.start, line.end), (starts[index], starts[index + 1]));
            }
        }
    }
}
