//! The bytes of a log: lines, carriage returns, ANSI, levels, search. No UI.
//!
//! A console log is whatever a script wrote: it may hold a gigabyte without a newline, invalid UTF-8, terminal escapes.
//! Everything here reads it by position ([`Source`], no memory map: a file that is truncated under a map kills the
//! reader), holds a bounded part of it at a time, and never fails on its content.
//!
//! | module | what it knows |
//! | --- | --- |
//! | [`source`] | bytes by position |
//! | [`lines`] | where lines begin and end, and how over-long ones are cut for display |
//! | [`tail`] | the lines around a position, with no index |
//! | [`index`] | line numbers to positions and back |
//! | [`sidecar`] | when each part was written, and to which stream |
//! | [`merge`] | several logs as one, by time |
//! | [`ansi`], [`style`] | what a terminal would show of a line, and cutting that by columns |
//! | [`paint`] | styled lines as text for a terminal |
//! | [`sanitize`](mod@sanitize) | what of untrusted text may reach a screen |
//! | [`level`] | error, warning, … guessed from a line |
//! | [`filter`] | the lines that fit a filter, in slices of work |
//! | [`lineset`] | many lines of a log in a few bytes each |
//! | [`search`] | literal and regular-expression search, forwards and backwards, in slices of work |

pub mod ansi;
pub mod filter;
pub mod index;
pub mod level;
pub mod lines;
pub mod lineset;
mod literal;
pub mod merge;
pub mod paint;
pub mod sanitize;
mod scan;
pub mod search;
mod segments;
mod sgr;
pub mod sidecar;
pub mod source;
pub mod style;
pub mod tail;
mod varint;

pub use ansi::{plain_text, style_line};
pub use filter::{Filter, FilteredLines};
pub use index::{LineIndex, Progress};
pub use level::{Level, level_of};
pub use lines::{MAX_LINE, RawLine};
pub use lineset::LineSet;
pub use merge::{Merged, Part, SharedSource};
pub use paint::painted;
pub use sanitize::sanitize;
pub use search::{Direction, Found, Match, PatternError, Searcher};
pub use sidecar::{Record, Sidecar, Stamp, Stream};
pub use source::{FileSource, FileState, Source};
pub use style::{Color, Span, Style, StyledLine};
pub use tail::{line_at, lines_after, lines_before, start_of_last_lines};
