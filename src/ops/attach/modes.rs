//! What a run switches on in the terminal it is shown on: mouse, the other screen, pasting. Whoever leaves while it
//! goes on must switch it off again.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Modes that are on in a terminal when nobody has said anything: lines wrap, and the cursor is seen.
const USUALLY_ON: [u16; 2] = [7, 25];

/// The private modes (`CSI ? 1049 h`) that what was shown has changed; reads on across pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Modes {
    changed: BTreeSet<u16>,
    state: State,
    numbers: Vec<u16>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Text,
    Escape,
    Control,
    Private,
}

impl Modes {
    /// Takes in what is shown.
    pub fn read(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.state = match (self.state, byte) {
                (_, 0x1b) => State::Escape,
                (State::Escape, b'[') => State::Control,
                (State::Control, b'?') => {
                    self.numbers = vec![0];
                    State::Private
                }
                (State::Private, b'0'..=b'9') => {
                    if let Some(number) = self.numbers.last_mut() {
                        *number = number.saturating_mul(10).saturating_add(u16::from(byte - b'0'));
                    }
                    State::Private
                }
                // Nobody sets more at once; what claims to is no reason to hold on to it.
                (State::Private, b';') if self.numbers.len() < 32 => {
                    self.numbers.push(0);
                    State::Private
                }
                (State::Private, b'h' | b'l') => {
                    for number in self.numbers.drain(..) {
                        if (*byte == b'h') == USUALLY_ON.contains(&number) {
                            self.changed.remove(&number);
                        } else {
                            self.changed.insert(number);
                        }
                    }
                    State::Text
                }
                _ => State::Text,
            };
        }
    }

    /// What puts the terminal back; the other screen is left last, so that the rest is done where it was begun.
    pub fn undo(&self) -> String {
        let is_screen = |mode: &&u16| matches!(mode, 47 | 1047 | 1049);
        let (screens, others): (Vec<_>, Vec<_>) = self.changed.iter().partition(is_screen);
        let mut text = String::new();
        for mode in others.into_iter().chain(screens) {
            let end = if USUALLY_ON.contains(mode) { 'h' } else { 'l' };
            let _ = write!(text, "\x1b[?{mode}{end}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    // Proves C4: the terminal is as it was when a full-screen program is left by the detach key.
    #[rstest]
    #[case("plain \x1b[31mred\x1b[0m", "")]
    #[case("\x1b[?1049h\x1b[?25l", "\x1b[?25h\x1b[?1049l")]
    #[case("\x1b[?1049h\x1b[?1049l\x1b[?25l\x1b[?25h", "")]
    #[case("\x1b[?1000;1006;2004h", "\x1b[?1000l\x1b[?1006l\x1b[?2004l")]
    #[case("\x1b[?1000;1006;2004h\x1b[?1006l", "\x1b[?1000l\x1b[?2004l")]
    #[case("\x1b[?7l\x1b[4h\x1b[?1$p\x1b[?1", "\x1b[?7h")]
    fn what_was_switched_on_is_switched_off(#[case] shown: &str, #[case] undo: &str) {
        let mut modes = Modes::default();
        modes.read(shown.as_bytes());
        assert_eq!(modes.undo(), undo);
        let mut after = modes.clone();
        after.read(undo.as_bytes());
        assert_eq!(after.undo(), "");
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(bytes in prop::collection::vec(prop::sample::select(b"\x1b[?0149;hl".to_vec()), 0..80), at in 0..80_usize) {
            let (mut whole, mut pieces) = (Modes::default(), Modes::default());
            whole.read(&bytes);
            let (first, rest) = bytes.split_at(at.min(bytes.len()));
            pieces.read(first);
            pieces.read(rest);
            prop_assert_eq!(whole, pieces);
        }
    }
}
