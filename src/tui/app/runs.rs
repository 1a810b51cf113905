//! The list of runs: keys for all of them, documents for those that are seen.

use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use super::list::Cursor;
use crate::model::{Run, RunPath, Scalar, Status};
use crate::store::{RunKey, RunQuery};

/// The most documents that are kept.
const KEPT: usize = 600;

/// How many differing hyperparameters and how many metrics have a column.
const HPARAMS: usize = 2;
const METRICS: usize = 3;

/// Runs by where they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All.
    pub total: usize,
    /// Active.
    pub active: usize,
    /// Waiting.
    pub waiting: usize,
    /// Failed.
    pub failed: usize,
}

impl Counts {
    /// Counts keys.
    pub fn of(keys: &[RunKey]) -> Self {
        let mut counts = Self { total: keys.len(), ..Self::default() };
        for key in keys {
            counts.active += usize::from(key.status.is_active());
            counts.waiting += usize::from(key.status.is_waiting());
            counts.failed += usize::from(key.status.is_failure());
        }
        counts
    }
}

/// The names that have a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Columns {
    /// Hyperparameters that differ between the runs at hand.
    pub hparams: Vec<String>,
    /// Metrics.
    pub metrics: Vec<String>,
}

/// The state of the runs pane.
#[derive(Clone, Debug, Default)]
pub struct Runs {
    /// The keys, in order.
    ids: Vec<i64>,
    statuses: Vec<Status>,
    /// Where they stand, those included that the filter hides.
    pub counts: Counts,
    /// The documents at hand.
    docs: HashMap<i64, Arc<Run>>,
    by_path: HashMap<RunPath, i64>,
    /// The selection.
    pub cursor: Cursor<i64>,
    /// A run is chosen: by the person, or the newest active one when the list first arrived.
    pub chosen: bool,
    /// The marked runs, in the order in which their names came to be known.
    pub marks: IndexMap<i64, RunPath>,
    /// Keys of runs that are marked as soon as their names are known.
    pub to_mark: IndexSet<i64>,
    /// The run that a range of marks begins at.
    pub anchor: Option<i64>,
    /// What a verb is doing to a run, until the records say it.
    pub pending: HashMap<RunPath, &'static str>,
    /// The names that have a column.
    pub columns: Columns,
    /// Where runs stand that have changed and whose documents are not at hand.
    away: HashMap<RunPath, Status>,
    /// Something came that may have other names.
    columns_stale: bool,
    /// The query the keys answer, once they have arrived.
    pub query: Option<RunQuery>,
    /// Why the list could not be read.
    pub failed: Option<String>,
    /// Keys whose documents have been asked for.
    asked: HashSet<i64>,
    /// While documents are being read: the runs that changed meanwhile, for what is read may be older.
    meanwhile: Option<HashMap<RunPath, Arc<Run>>>,
    /// Documents could not be read: they are asked for again when something happens, and not before.
    unread: bool,
}

impl Runs {
    /// How many runs the list has.
    pub const fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether the list has no runs.
    pub const fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The key and status of a row.
    pub fn key(&self, row: usize) -> Option<RunKey> {
        Some(RunKey { id: *self.ids.get(row)?, status: *self.statuses.get(row)? })
    }

    /// The document of a key, if it is at hand.
    pub fn doc(&self, id: i64) -> Option<&Arc<Run>> {
        self.docs.get(&id)
    }

    /// The document of a run, if it is at hand.
    pub fn doc_at(&self, path: &RunPath) -> Option<&Arc<Run>> {
        self.docs.get(self.by_path.get(path)?)
    }

    /// All documents at hand, in no order.
    pub fn at_hand(&self) -> impl Iterator<Item = &Arc<Run>> {
        self.docs.values()
    }

    /// The selected run, if its document is at hand.
    pub fn selected(&self) -> Option<&Arc<Run>> {
        self.doc(self.cursor.selected()?)
    }

    /// Takes a new list. The selected run stays selected wherever it went.
    pub fn set_keys(&mut self, keys: &[RunKey], counts: Counts) {
        self.ids = keys.iter().map(|key| key.id).collect();
        self.statuses = keys.iter().map(|key| key.status).collect();
        (self.counts, self.failed) = (counts, None);
        if self.chosen {
            self.cursor.refresh(&self.ids);
        } else {
            let newest = |wanted: fn(Status) -> bool| self.statuses.iter().position(|status| wanted(*status));
            let (active, waiting) = (newest(Status::is_active), newest(Status::is_waiting));
            self.cursor.clear();
            self.cursor.select(active.or(waiting).unwrap_or(0), &self.ids);
            // From now on it is this run, whatever happens to others; only one that waits makes room for the
            // first that runs.
            self.chosen = !self.ids.is_empty() && (active.is_some() || waiting.is_none());
        }
        self.asked.clear();
        (self.unread, self.columns_stale) = (false, true);
    }

    /// Something happened: documents that could not be read may be readable now.
    pub const fn try_again(&mut self) {
        self.unread = false;
    }

    /// Documents could not be read.
    pub fn fail_docs(&mut self) {
        self.unread = true;
        self.asked.clear();
        self.meanwhile = None;
    }

    /// Begins with another list: nothing of the old one is shown under its name.
    pub fn clear(&mut self) {
        self.ids.clear();
        self.statuses.clear();
        self.cursor.clear();
        self.asked.clear();
        (self.chosen, self.unread, self.query, self.failed) = (false, false, None, None);
        (self.counts, self.columns) = (Counts::default(), Columns::default());
    }

    /// Moves the selection.
    pub fn step(&mut self, by: isize) {
        (self.chosen, self.unread) = (true, false);
        self.cursor.step(by, &self.ids);
    }

    /// Selects a row.
    pub fn select(&mut self, row: usize) {
        (self.chosen, self.unread) = (true, false);
        self.cursor.select(row, &self.ids);
    }

    /// The rows that are seen on a screen of so many.
    pub fn seen(&self, height: usize) -> Range<usize> {
        let top = self.cursor.top();
        top.min(self.len())..(top + height).min(self.len())
    }

    /// The rows of a screen and one screen on either side.
    fn window(&self, height: usize) -> Range<usize> {
        let top = self.cursor.top().saturating_sub(height);
        top..(self.cursor.top() + 2 * height).min(self.len())
    }

    /// Documents to read: those near the screen that are neither at hand nor asked for; none while all that
    /// are seen are at hand and most of the rest.
    pub fn missing(&mut self, height: usize) -> Vec<i64> {
        if self.unread {
            return Vec::new();
        }
        let fresh = |id: &&i64| !self.docs.contains_key(id) && !self.asked.contains(id);
        let seen = self.seen(height);
        let near = &self.ids[self.window(height)];
        let wanted: Vec<i64> = near.iter().filter(fresh).copied().collect();
        let urgent = self.ids[seen].iter().any(|id| fresh(&id));
        if wanted.is_empty() || (!urgent && wanted.len() < height.div_ceil(2)) {
            return Vec::new();
        }
        // Only the latest question is answered: it repeats what is still awaited near the screen.
        let again = near.iter().filter(|id| !self.docs.contains_key(id)).copied().collect::<Vec<_>>();
        self.asked = again.iter().copied().collect();
        self.meanwhile.get_or_insert_default();
        again
    }

    /// Takes documents in.
    pub fn take_docs(&mut self, docs: Vec<(i64, Arc<Run>)>, height: usize) {
        let mut meanwhile = self.meanwhile.take().unwrap_or_default();
        for (id, run) in docs {
            self.asked.remove(&id);
            let changed = meanwhile.remove(&run.path());
            self.put(id, changed.unwrap_or(run));
        }
        if self.docs.len() > KEPT {
            let near: HashSet<i64> = self.ids[self.window(height)].iter().copied().collect();
            let selected = self.cursor.selected();
            self.docs.retain(|id, _| near.contains(id) || Some(*id) == selected);
            self.by_path.retain(|_, id| self.docs.contains_key(id));
        }
    }

    fn put(&mut self, id: i64, run: Arc<Run>) {
        let path = run.path();
        if run.status.is_final() || run.cancel_time.is_some() {
            self.pending.remove(&path);
        }
        self.away.remove(&path);
        self.by_path.insert(path, id);
        self.docs.insert(id, run);
        self.columns_stale = true;
    }

    /// Takes a changed run in, if it is at hand; answers whether it stands elsewhere than before.
    pub fn take_change(&mut self, run: Run) -> bool {
        let (path, status, run) = (run.path(), run.status, Arc::new(run));
        if let Some(meanwhile) = &mut self.meanwhile {
            meanwhile.insert(path.clone(), Arc::clone(&run));
        }
        let before = match self.by_path.get(&path).copied() {
            Some(id) => {
                let before = self.docs.get(&id).map(|run| run.status);
                self.put(id, run);
                before
            }
            // What has ended changes hardly ever again.
            None if status.is_final() => self.away.remove(&path),
            None => self.away.insert(path, status),
        };
        before != Some(status)
    }

    /// Forgets runs that were deleted.
    pub fn forget(&mut self, gone: &HashSet<RunPath>) {
        for path in gone {
            if let Some(id) = self.by_path.remove(path) {
                self.docs.remove(&id);
            }
            self.pending.remove(path);
            self.away.remove(path);
        }
        self.unmark_these(gone);
    }

    /// Takes the marks of some runs away.
    pub fn unmark_these(&mut self, runs: &HashSet<RunPath>) {
        self.marks.retain(|_, path| !runs.contains(path));
    }

    /// Marks the selected run, or takes its mark away.
    pub fn toggle_mark(&mut self) {
        let Some((id, path)) = self.cursor.selected().zip(self.selected().map(|run| run.path())) else {
            return;
        };
        self.anchor = Some(id);
        let awaited = self.to_mark.shift_remove(&id);
        if self.marks.shift_remove(&id).is_none() && !awaited {
            self.marks.insert(id, path);
        }
    }

    /// Takes the names of runs that are to be marked, if they still are.
    pub fn take_names(&mut self, names: Vec<(i64, RunPath)>) {
        for (id, path) in names {
            if self.to_mark.swap_remove(&id) {
                self.marks.insert(id, path);
            }
        }
        // The others are not there any more.
        self.to_mark.clear();
    }

    /// The marked runs; not before the names of all are known: what is done to them is done to each.
    pub fn marked(&self) -> Result<&IndexMap<i64, RunPath>, &'static str> {
        if self.to_mark.is_empty() {
            Ok(&self.marks)
        } else {
            Err("the names of the marked runs are still being read: try again in a moment")
        }
    }

    /// Where runs of the list stand that are marked.
    pub fn marked_statuses(&self) -> HashMap<&RunPath, Status> {
        let rows = self.ids.iter().zip(&self.statuses);
        rows.filter_map(|(id, status)| Some((self.marks.get(id)?, *status))).collect()
    }

    /// Whether any run is marked, or is to be.
    pub fn is_marking(&self) -> bool {
        !self.marks.is_empty() || !self.to_mark.is_empty()
    }

    /// Takes all marks away.
    pub fn unmark_all(&mut self) {
        self.marks.clear();
        self.to_mark.clear();
        self.anchor = None;
    }

    /// The keys from the run that was marked last to the selected one, whichever comes first.
    pub fn range_from_anchor(&self) -> Vec<i64> {
        let here = self.cursor.row();
        let anchor =
            self.anchor.and_then(|anchor| self.ids.iter().position(|id| *id == anchor)).unwrap_or(here);
        self.ids.get(anchor.min(here)..=anchor.max(here)).unwrap_or_default().to_vec()
    }

    /// The keys of the whole list.
    pub fn all_ids(&self) -> Vec<i64> {
        self.ids.clone()
    }

    /// Chooses the columns from the runs near the screen, of so many rows, if something came since. A column that is
    /// there stays while any run has it. While none of the runs is seen the columns wait.
    pub fn settle_columns(&mut self, height: usize) {
        if height == 0 || !std::mem::take(&mut self.columns_stale) {
            return;
        }
        let near: Vec<&Arc<Run>> =
            self.ids[self.window(height)].iter().filter_map(|id| self.docs.get(id)).collect();
        let differing = differing(&near);
        let has = |name: &String| {
            near.iter().any(|run| run.hparams.contains_key(name) || run.metrics.contains_key(name))
        };
        let keep = |old: &[String], found: Vec<String>, most: usize| {
            let kept: Vec<String> = old.iter().filter(|name| has(name)).cloned().collect();
            let new: Vec<String> = found.into_iter().filter(|name| !kept.contains(name)).collect();
            kept.into_iter().chain(new).take(most).collect()
        };
        let mut metrics: IndexMap<&str, usize> = IndexMap::new();
        for name in near.iter().flat_map(|run| run.metrics.keys()).filter(|name| !is_counter(name)) {
            *metrics.entry(name).or_default() += 1;
        }
        metrics.sort_by(|_, a, _, b| b.cmp(a));
        let metrics = metrics.keys().map(|name| (*name).to_owned()).collect();
        let columns = Columns {
            hparams: keep(&self.columns.hparams, differing, HPARAMS),
            metrics: keep(&self.columns.metrics, metrics, METRICS),
        };
        self.columns = columns;
    }
}

/// A metric that only counts on says nothing about how a run does.
pub fn is_counter(name: &str) -> bool {
    ["epoch", "epochs", "step", "steps", "iter", "iteration", "iterations", "time", "global_step"]
        .contains(&name)
}

/// Hyperparameters that differ between runs, those first that most runs have.
fn differing(runs: &[&Arc<Run>]) -> Vec<String> {
    let mut values: IndexMap<&str, (&Scalar, usize, bool)> = IndexMap::new();
    for (name, value) in runs.iter().flat_map(|run| run.hparams.iter()) {
        let entry = values.entry(name).or_insert((value, 0, false));
        entry.1 += 1;
        entry.2 |= entry.0 != value;
    }
    values.sort_by(|_, a, _, b| b.1.cmp(&a.1));
    values.iter().filter(|(_, (_, _, differs))| *differs).map(|(name, _)| (*name).to_owned()).collect()
}

#[cfg(test)]
mod tests;
