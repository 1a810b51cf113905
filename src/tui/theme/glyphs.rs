//! The signs the UI draws, in Unicode and in ASCII.

use ratatui::symbols::border;

use crate::model::Status;

/// A set of signs. Each is one column wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Glyphs {
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
}
