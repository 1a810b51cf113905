//! The detail pane beside its log: the selected run's parameters, metrics, files and events as rows.

mod load;
mod picture;
mod rows;

use std::sync::Arc;

pub use load::Load;
pub use picture::{Picture, Shown, place};
pub use rows::{Row, identities};

use super::list::Cursor;
use super::tab::Tab;
use crate::model::{Event, RunPath, Time};
use crate::ops::view::RunPage;
use crate::ops::view::load::Curves;
use crate::ops::view::picture::is_picture;

/// All that is read of one run for the tabs.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Its record, its job's settings, its files.
    pub page: RunPage,
    /// What happened to it.
    pub events: Vec<Event>,
}

/// The state of the tabs.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// The tab that is shown.
    pub tab: Tab,
    /// The rows of the tab.
    pub rows: Vec<Row>,
    /// The selected row.
    pub cursor: Cursor<u64>,
    /// What tells the rows apart.
    keys: Vec<u64>,
    /// Why the page cannot be read.
    pub failed: Option<String>,
    /// The load of the run, for its tab.
    pub load: Load,
    /// What is shown has changed in the records.
    pub stale: bool,
    /// The picture that is open in the files' tab, in place of its rows.
    pub picture: Option<Picture>,
    page: Option<Arc<Page>>,
    asked: Option<RunPath>,
}

impl Detail {
    /// Shows a tab, from its beginning.
    pub fn show(&mut self, tab: Tab) {
        if self.tab != tab {
            self.tab = tab;
            self.picture = None;
            self.cursor.clear();
            self.refresh();
        }
    }

    /// The selected file of the files' tab, by its path in the folder of its run.
    pub fn file(&self) -> Option<(RunPath, String)> {
        let page = &self.page.as_ref().filter(|_| self.tab == Tab::Files)?.page;
        let file = page.files.get(self.cursor.row())?;
        Some((page.run.path(), file.path.clone()))
    }

    /// The page of this run, if it is at hand.
    pub fn known(&self, run: &RunPath) -> Option<Arc<Page>> {
        self.page.clone().filter(|page| page.page.run.path() == *run)
    }

    /// The page at hand.
    pub fn page(&self) -> Option<&Page> {
        self.page.as_deref()
    }

    /// Whether the page at hand, or the one being read, is this run's.
    pub fn is_of(&self, run: &RunPath) -> bool {
        self.asked.as_ref() == Some(run)
    }

    /// Is about this run from now on; the page of another one than before has to be read.
    pub fn turn_to(&mut self, run: &RunPath) {
        if !self.is_of(run) {
            self.asked = Some(run.clone());
            (self.failed, self.stale) = (None, true);
        }
    }

    /// Takes a page that was read.
    pub fn take(&mut self, page: Arc<Page>) {
        let same = self.page.as_ref().is_some_and(|old| old.page.run.path() == page.page.run.path());
        if !same {
            self.cursor.clear();
        }
        self.failed = None;
        self.page = Some(page);
        self.refresh();
        self.find_picture(same);
    }

    /// Opens the selected file as a picture.
    pub fn open_picture(&mut self) {
        self.picture = self.file().map(|(run, file)| Picture::new(run, file));
    }

    /// The pictures of the run by their rows, and which of them is open.
    pub fn pictures(&self) -> (Vec<usize>, usize) {
        let files = self.page.as_deref().map_or(&[][..], |page| &page.page.files);
        let open = self.cursor.row();
        let rows = files.iter().enumerate().filter(|(row, file)| *row == open || is_picture(&file.path));
        let rows: Vec<usize> = rows.map(|(row, _)| row).collect();
        let at = rows.iter().position(|row| *row == open).unwrap_or(0);
        (rows, at)
    }

    /// The files are listed anew, or those of another run: of them, the one with the same path is open from now on.
    fn find_picture(&mut self, same_run: bool) {
        let Some(open) = &mut self.picture else { return };
        let files = self.page.as_deref().map_or(&[][..], |page| &page.page.files);
        match files.iter().position(|file| file.path == open.file) {
            Some(row) => {
                open.stale = true;
                self.select(row);
                if !same_run {
                    self.open_picture();
                }
            }
            None => self.picture = None,
        }
    }

    /// Takes curves that were read.
    pub fn take_load(&mut self, curves: Arc<Curves>, started: Option<Time>) {
        self.load.take(curves, started);
        self.refresh();
    }

    /// Shows the load of this run from now on.
    pub fn turn_load_to(&mut self, run: &RunPath) {
        if self.load.run() != Some(run) {
            self.cursor.clear();
        }
        self.load.turn_to(run);
    }

    /// Forgets the run: there is none.
    pub fn clear(&mut self) {
        *self = Self { tab: self.tab, ..Self::default() };
    }

    /// Moves the selection by rows, or to the picture before or after.
    pub fn step(&mut self, by: isize) {
        if self.picture.is_some() {
            let (rows, at) = self.pictures();
            let next = at.saturating_add_signed(by.signum()).min(rows.len().saturating_sub(1));
            if let Some(row) = rows.get(next).filter(|_| next != at) {
                self.select(*row);
                self.open_picture();
            }
            return;
        }
        self.select(self.cursor.row().saturating_add_signed(by));
    }

    /// Selects a row; beyond the end, the last.
    pub fn select(&mut self, row: usize) {
        self.cursor.select(row, &self.keys);
    }

    /// What of the selected row is worth copying.
    pub fn selected(&self) -> Option<String> {
        self.rows.get(self.cursor.row()).map(Row::text)
    }

    /// Keeps the selected row on a pane of so many rows.
    pub fn scroll_into(&mut self, height: usize) {
        self.cursor.scroll_into(height, self.rows.len());
    }

    fn refresh(&mut self) {
        self.rows = match (self.tab, self.page.as_deref()) {
            (Tab::Node, _) => self.load.curves().map_or_else(Vec::new, rows::load),
            (_, Some(page)) => rows::rows(page, self.tab),
            (_, None) => Vec::new(),
        };
        self.keys = identities(&self.rows);
        self.cursor.refresh(&self.keys);
    }
}
