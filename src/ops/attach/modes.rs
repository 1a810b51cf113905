//! What a run switches on in a terminal that shows its output as it is: it does not outlast the attachment.

use std::collections::BTreeSet;

/// The private modes that are on in a terminal as a person uses it: lines wrap, and the cursor is seen.
const USUALLY_ON: [u16; 2] = [7, 25];

/// The other screen, with the cursor kept: where it has been switched on it is switched off first.
const OTHER_SCREEN: [u16; 3] = [1049, 1047, 47];

/// What has no mode of its own: scrolling region (which moves the cursor: it is kept), inserting, numbers of the keypad,
/// character sets, colours.
const PLAIN: &[u8] = b"\x1b7\x1b[r\x1b8\x1b[4l\x1b>\x1b(B\x0f\x1b[0m";

/// The terminal's modes as a stream of output changes them.
#[derive(Debug, Default)]
pub struct Modes {
    state: State,
    /// The numbers of the sequence under way, finished and not.
    numbers: Vec<u16>,
    /// Those that are not as usual.
    changed: BTreeSet<u16>,
    /// The keyboard's protocol (kitty's) was changed.
    keyboard: bool,
    /// Keys pressed with others are told apart (xterm's modifyOtherKeys).
    other_keys: bool,
    /// The cursor has another shape.
    cursor: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Escape,
    Bracket,
    /// In the numbers of a sequence that begins with this character (with `[`: with none of its own).
    Numbers(u8),
    /// Behind the space after the numbers of a sequence.
    Space,
}

impl Modes {
    /// Takes in more of what is written to the terminal; sequences may begin in one piece and end in the next.
    pub fn take(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.state = match (self.state, *byte) {
                (_, b'\x1b') => State::Escape,
                (State::Escape, b'[') => State::Bracket,
                // A full reset.
                (State::Escape, b'c') => {
                    *self = Self::default();
                    State::Text
                }
                (State::Bracket, kind @ (b'?' | b'>' | b'=')) => {
                    self.numbers = vec![0];
                    State::Numbers(kind)
                }
                (State::Bracket, digit @ b'0'..=b'9') => {
                    self.numbers = vec![u16::from(digit - b'0')];
                    State::Numbers(b'[')
                }
                (State::Numbers(kind), digit @ b'0'..=b'9') => {
                    if let Some(last) = self.numbers.last_mut() {
                        *last = last.saturating_mul(10).saturating_add(u16::from(digit - b'0'));
                    }
                    State::Numbers(kind)
                }
                (State::Numbers(kind), b';') if self.numbers.len() < 64 => {
                    self.numbers.push(0);
                    State::Numbers(kind)
                }
                (State::Numbers(b'['), b' ') => State::Space,
                (State::Space, b'q') => {
                    self.cursor = self.numbers != [0];
                    State::Text
                }
                (State::Numbers(kind), end) => {
                    self.end(kind, end);
                    State::Text
                }
                _ => State::Text,
            }
        }
    }

    fn end(&mut self, kind: u8, end: u8) {
        match (kind, end) {
            (b'?', b'h' | b'l') => {
                for mode in self.numbers.drain(..) {
                    if (end == b'h') == USUALLY_ON.contains(&mode) {
                        self.changed.remove(&mode);
                    } else {
                        self.changed.insert(mode);
                    }
                }
            }
            (b'>' | b'=', b'u') => self.keyboard = true,
            (b'>', b'm') => match self.numbers.as_slice() {
                // Without numbers all such resources are as they were.
                [0 | 4] => self.other_keys = false,
                [4, how, ..] => self.other_keys = *how > 0,
                _ => {}
            },
            _ => {}
        }
    }

    /// What makes a terminal as it usually is.
    pub fn back(&self) -> Vec<u8> {
        const KEYBOARD: &[u8] = b"\x1b[=0u";
        let keyboard = if self.keyboard { KEYBOARD } else { b"" };
        let mut bytes = keyboard.to_vec();
        let other = OTHER_SCREEN.into_iter().filter(|mode| self.changed.contains(mode));
        let rest = self.changed.iter().copied().filter(|mode| !OTHER_SCREEN.contains(mode));
        for mode in other.chain(rest) {
            let switch = if USUALLY_ON.contains(&mode) { 'h' } else { 'l' };
            bytes.extend(format!("\x1b[?{mode}{switch}").into_bytes());
        }
        // Each screen has its own.
        bytes.extend(keyboard);
        if self.other_keys {
            bytes.extend(b"\x1b[>4m");
        }
        if self.cursor {
            bytes.extend(b"\x1b[0 q");
        }
        bytes.extend(PLAIN);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    fn back(stream: &[u8]) -> String {
        let mut modes = Modes::default();
        modes.take(stream);
        let all = String::from_utf8(modes.back()).unwrap();
        all.strip_suffix(std::str::from_utf8(PLAIN).unwrap()).unwrap().to_owned()
    }

    // Proves A4 (detaching leaves nothing of the run in the terminal).
    #[rstest]
    #[case::nothing(b"plain \x1b[31mred\x1b[0m", "")]
    #[case::an_editor(b"\x1b[?1049h\x1b[?2004h\x1b[?25l", "\x1b[?1049l\x1b[?25h\x1b[?2004l")]
    #[case::that_has_ended(b"\x1b[?1049h\x1b[?1h\x1b[?1l\x1b[?1049l", "")]
    #[case::several_at_once(b"\x1b[?1000;1006h", "\x1b[?1000l\x1b[?1006l")]
    #[case::no_wrapping(b"\x1b[?7l", "\x1b[?7h")]
    #[case::a_keyboard(b"\x1b[>1u", "\x1b[=0u\x1b[=0u")]
    #[case::other_keys(b"\x1b[>4;2m", "\x1b[>4m")]
    #[case::other_keys_and_back(b"\x1b[>4;2m\x1b[>4m", "")]
    #[case::other_keys_and_none(b"\x1b[>4;2m\x1b[>4;0m", "")]
    #[case::another_resource(b"\x1b[>2;1m", "")]
    #[case::a_cursor(b"\x1b[6 q", "\x1b[0 q")]
    #[case::a_cursor_and_back(b"\x1b[6 q\x1b[0 q", "")]
    #[case::no_cursor(b"\x1b[6q\x1b[6;1H q", "")]
    #[case::reset(b"\x1b[?1003h\x1bc", "")]
    #[case::numbers_without_end(b"\x1b[?99999999h", "\x1b[?65535l")]
    fn what_was_changed_is_changed_back(#[case] stream: &[u8], #[case] expected: &str) {
        assert_eq!(back(stream), expected);
    }

    proptest! {
        #[test]
        fn pieces_are_as_the_whole(pieces in prop::collection::vec("(\x1b|\\[|\\?|>|[0-9]{1,4}|;| q|h|l|m|x){0,9}", 0..9)) {
            let mut modes = Modes::default();
            for piece in &pieces {
                modes.take(piece.as_bytes());
            }
            let mut whole = Modes::default();
            whole.take(pieces.concat().as_bytes());
            prop_assert_eq!(modes.back(), whole.back());
        }

        #[test]
        fn afterwards_there_is_nothing_to_change(stream in "(\x1b\\[(\\?(1|7|25|47|1000|1049|2004)(h|l)|>4;[0-2]m|[0-6] q)){0,20}") {
            let mut modes = Modes::default();
            modes.take(stream.as_bytes());
            modes.take(&modes.back());
            prop_assert_eq!(modes.back(), PLAIN);
        }
    }
}
