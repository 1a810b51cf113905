//! The signs the UI draws, in Unicode and in ASCII.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use ratatui::symbols::border;
use unicode_width::UnicodeWidthChar;

use crate::model::Status;

/// A set of signs. Each is one column wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyphs {
    /// The terminal reads UTF-8.
    pub unicode: bool,
    /// Runs.
    pub running: &'static str,
    /// Is being started.
    pub starting: &'static str,
    /// Waits.
    pub waiting: &'static str,
    /// Ended well.
    pub completed: &'static str,
    /// Failed.
    pub failed: &'static str,
    /// Was ended.
    pub cancelled: &'static str,
    /// Nobody knows.
    pub unknown: &'static str,
    /// Between the parts of a path.
    pub path: &'static str,
    /// An open branch of a tree.
    pub open: &'static str,
    /// A closed branch.
    pub closed: &'static str,
    /// A mark.
    pub mark: &'static str,
    /// Its end will be told.
    pub watched: &'static str,
    /// Beside the selected row of a pane without the focus.
    pub here: &'static str,
    /// Between things of a line.
    pub dot: &'static str,
    /// Work in the background.
    pub tasks: &'static str,
    /// Sorted upwards.
    pub ascending: &'static str,
    /// Sorted downwards.
    pub descending: &'static str,
    /// Something was cut off.
    pub more: &'static str,
    /// Stands for no value.
    pub none: &'static str,
    /// Borders.
    pub border: border::Set<'static>,
}

const ASCII_BORDER: border::Set<'static> = border::Set {
    top_left: "+",
    top_right: "+",
    bottom_left: "+",
    bottom_right: "+",
    vertical_left: "|",
    vertical_right: "|",
    horizontal_top: "-",
    horizontal_bottom: "-",
};

impl Glyphs {
    /// For terminals that read UTF-8.
    pub const UNICODE: Self = Self {
        unicode: true,
        running: "●",
        starting: "◐",
        waiting: "◌",
        completed: "✓",
        failed: "✗",
        cancelled: "⊘",
        unknown: "?",
        path: "▸",
        open: "▾",
        closed: "▸",
        mark: "▌",
        watched: "◎",
        here: "›",
        dot: "·",
        tasks: "⇅",
        ascending: "▴",
        descending: "▾",
        more: "…",
        none: "—",
        border: border::ROUNDED,
    };

    /// For all others.
    pub const ASCII: Self = Self {
        unicode: false,
        running: "*",
        starting: "o",
        waiting: ".",
        completed: "+",
        failed: "x",
        cancelled: "/",
        unknown: "?",
        path: ">",
        open: "v",
        closed: ">",
        mark: "#",
        watched: "w",
        here: ">",
        dot: "-",
        tasks: "%",
        ascending: "^",
        descending: "v",
        more: "~",
        none: "-",
        border: ASCII_BORDER,
    };

    /// What themes can change, by name.
    pub const NAMES: [&str; 18] = [
        "running",
        "starting",
        "waiting",
        "completed",
        "failed",
        "cancelled",
        "unknown",
        "path",
        "open",
        "closed",
        "mark",
        "watched",
        "here",
        "dot",
        "tasks",
        "ascending",
        "descending",
        "more",
    ];

    /// Puts a sign of a person's own in the place of one of [`Self::NAMES`].
    pub fn set(&mut self, name: &str, sign: char) {
        let place = match name {
            "running" => &mut self.running,
            "starting" => &mut self.starting,
            "waiting" => &mut self.waiting,
            "completed" => &mut self.completed,
            "failed" => &mut self.failed,
            "cancelled" => &mut self.cancelled,
            "unknown" => &mut self.unknown,
            "path" => &mut self.path,
            "open" => &mut self.open,
            "closed" => &mut self.closed,
            "mark" => &mut self.mark,
            "watched" => &mut self.watched,
            "here" => &mut self.here,
            "dot" => &mut self.dot,
            "tasks" => &mut self.tasks,
            "ascending" => &mut self.ascending,
            "descending" => &mut self.descending,
            "more" => &mut self.more,
            _ => return,
        };
        *place = kept(sign);
    }

    /// A text as a sign: one character, one column wide.
    pub fn sign(text: &str) -> Option<char> {
        let mut chars = text.chars();
        chars.next().filter(|sign| sign.width() == Some(1) && chars.next().is_none())
    }

    /// The sign of a status.
    pub const fn status(&self, status: Status) -> &'static str {
        match status {
            Status::Running => self.running,
            Status::Spawning => self.starting,
            Status::Created | Status::Allocating | Status::Queued => self.waiting,
            Status::Completed => self.completed,
            Status::Error | Status::Aborted => self.failed,
            Status::Cancelled => self.cancelled,
            Status::Lost | Status::Unknown => self.unknown,
        }
    }
}

/// A sign as a text that lives as long as the process. Each is kept once, so that a theme that is read again and
/// again takes no more room.
fn kept(sign: char) -> &'static str {
    static KEPT: Mutex<BTreeMap<char, &'static str>> = Mutex::new(BTreeMap::new());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    kept.entry(sign).or_insert_with(|| Box::leak(sign.to_string().into_boxed_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use unicode_width::UnicodeWidthStr;

    // Proves C1 (state is never shown by colour alone).
    #[test]
    fn the_states_a_person_must_tell_apart_have_signs_of_their_own() {
        for glyphs in [Glyphs::UNICODE, Glyphs::ASCII] {
            let states = [
                Status::Running,
                Status::Spawning,
                Status::Queued,
                Status::Completed,
                Status::Error,
                Status::Cancelled,
                Status::Lost,
            ];
            let signs: HashSet<_> = states.map(|status| glyphs.status(status)).into_iter().collect();
            assert_eq!(signs.len(), states.len());
            assert!(signs.iter().all(|sign| sign.width() == 1));
        }
    }

    #[test]
    fn every_sign_can_be_ones_own() {
        for name in Glyphs::NAMES {
            let mut glyphs = Glyphs::UNICODE;
            glyphs.set(name, '★');
            assert_ne!(glyphs, Glyphs::UNICODE, "{name}");
        }
        assert!(std::ptr::eq(kept('★'), kept('★')));
        assert_eq!(
            [Glyphs::sign("★"), Glyphs::sign("日"), Glyphs::sign("ab"), Glyphs::sign("\x07")],
            [Some('★'), None, None, None]
        );
    }
}
