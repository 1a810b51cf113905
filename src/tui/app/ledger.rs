//! The screens of background tasks and of what went wrong: a list, and all of the selected one below it.

use ratatui::layout::Rect;

use super::effect::TaskId;
use super::list::Cursor;
use super::model::{Model, Notice, Task};
use super::screen::Screen;

/// Where one is on these screens.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// The selected task.
    pub tasks: Cursor<TaskId>,
    /// The selected notice, by its number.
    pub errors: Cursor<u64>,
    /// The number of the next notice.
    pub next: u64,
}

/// Where the list stands, and below it all of the selected one; that is empty where there is no room.
pub fn areas(body: Rect) -> (Rect, Rect) {
    let below = if body.height < 12 { 0 } else { (body.height / 3).max(5) };
    let list = Rect { height: body.height - below, ..body };
    (list, Rect { y: list.bottom(), height: below, ..body })
}

/// How many of the list are seen.
pub fn rows(body: Rect) -> usize {
    usize::from(areas(body).0.height.saturating_sub(2))
}

impl Model {
    /// The selected task.
    pub fn selected_task(&self) -> Option<&Task> {
        self.tasks.get(self.ledger.tasks.row())
    }

    /// The selected one of what went wrong.
    pub fn selected_notice(&self) -> Option<&Notice> {
        self.notices.get(self.ledger.errors.row())
    }

    /// Selects a row of the screen's list; beyond the end, the last.
    pub fn select_in_ledger(&mut self, row: usize) {
        if self.screen == Screen::Tasks {
            let keys = self.task_keys();
            self.ledger.tasks.select(row, &keys);
        } else {
            let keys = self.notice_keys();
            self.ledger.errors.select(row, &keys);
        }
    }

    /// The selected row of the screen's list, and the first that is seen.
    pub const fn ledger_rows(&self) -> (usize, usize) {
        match self.screen {
            Screen::Tasks => (self.ledger.tasks.row(), self.ledger.tasks.top()),
            _ => (self.ledger.errors.row(), self.ledger.errors.top()),
        }
    }

    /// How long the screen's list is.
    pub fn ledger_len(&self) -> usize {
        if self.screen == Screen::Tasks { self.tasks.len() } else { self.notices.len() }
    }

    /// Keeps the selections where they were, whatever came or went, and on the screen.
    pub fn settle_ledger(&mut self) {
        let rows = rows(self.body());
        if self.screen == Screen::Tasks {
            let keys = self.task_keys();
            self.ledger.tasks.refresh(&keys);
            self.ledger.tasks.scroll_into(rows, keys.len());
        } else if self.screen == Screen::Errors {
            let keys = self.notice_keys();
            self.ledger.errors.refresh(&keys);
            self.ledger.errors.scroll_into(rows, keys.len());
        }
    }

    fn task_keys(&self) -> Vec<TaskId> {
        self.tasks.iter().map(|task| task.id).collect()
    }

    fn notice_keys(&self) -> Vec<u64> {
        self.notices.iter().map(|notice| notice.number).collect()
    }
}
