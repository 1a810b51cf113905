//! When the screen changes without anybody doing anything.

use std::time::Duration;

use super::Model;
use crate::model::Status;
use crate::tui::app::screen::Screen;

impl Model {
    /// When the screen changes by itself next: a toast goes, a duration is a second older.
    pub fn next_change(&self) -> Option<Duration> {
        let toast = self.toasts.iter().map(|(_, until)| *until).min();
        let second = self.shows_durations().then(|| Duration::from_secs(self.uptime.as_secs() + 1));
        let nodes = self.nodes.due().filter(|_| self.screen == Screen::Nodes);
        [toast, second, nodes].into_iter().flatten().min()
    }

    /// Whether a duration that grows is on the screen.
    fn shows_durations(&self) -> bool {
        match self.screen {
            Screen::Nodes => return self.nodes.any_runs(),
            Screen::Compare => return false,
            Screen::Main => {}
            Screen::Tasks => return self.running_tasks() > 0,
            Screen::Errors => return !self.notices.is_empty(),
        }
        if self.areas().runs.is_empty() {
            return false;
        }
        let top = self.runs.cursor.top();
        (top..top + self.runs_height()).any(|row| {
            self.runs.key(row).is_some_and(|key| {
                self.runs.doc(key.id).map_or(key.status, |run| run.status) == Status::Running
            })
        })
    }
}
