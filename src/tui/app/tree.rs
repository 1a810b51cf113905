//! The workspaces and their experiments as rows of a tree.

use std::collections::{BTreeSet, HashMap};

use super::list::Cursor;
use crate::model::{Experiment, Workspace};

/// A row of the tree, by its places in the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// A workspace.
    Workspace(usize),
    /// An experiment.
    Experiment(usize),
}

/// The state of the workspaces pane.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    /// The workspaces, by name.
    pub workspaces: Vec<Workspace>,
    /// The experiments, by workspace and name.
    pub experiments: Vec<Experiment>,
    /// The workspaces whose experiments are shown.
    pub open: BTreeSet<String>,
    /// The rows.
    pub rows: Vec<Row>,
    /// A number for each row that stays the row's as long as its name exists.
    keys: Vec<u64>,
    known: HashMap<(String, Option<String>), u64>,
    /// The selection.
    pub cursor: Cursor<u64>,
    /// The lists have arrived.
    pub loaded: bool,
}

impl Tree {
    /// Takes new lists.
    pub fn set(&mut self, workspaces: Vec<Workspace>, experiments: Vec<Experiment>) {
        (self.workspaces, self.experiments, self.loaded) = (workspaces, experiments, true);
        self.layout();
    }

    /// Puts the rows together anew.
    fn layout(&mut self) {
        self.rows.clear();
        for (at, workspace) in self.workspaces.iter().enumerate() {
            self.rows.push(Row::Workspace(at));
            if self.open.contains(&workspace.ws) {
                let of_it = |(at, experiment): (usize, &Experiment)| {
                    (experiment.ws == workspace.ws).then_some(Row::Experiment(at))
                };
                self.rows.extend(self.experiments.iter().enumerate().filter_map(of_it));
            }
        }
        let mut known = std::mem::take(&mut self.known);
        self.keys = self
            .rows
            .iter()
            .map(|row| {
                let (ws, experiment) = self.names(*row);
                let next = known.len() as u64;
                *known.entry((ws.to_owned(), experiment.map(str::to_owned))).or_insert(next)
            })
            .collect();
        self.known = known;
        self.cursor.refresh(&self.keys);
    }

    /// The workspace and experiment of a row.
    pub fn names(&self, row: Row) -> (&str, Option<&str>) {
        match row {
            Row::Workspace(at) => (self.workspaces.get(at).map_or("", |workspace| &workspace.ws), None),
            Row::Experiment(at) => self
                .experiments
                .get(at)
                .map_or(("", None), |experiment| (&experiment.ws, Some(experiment.exper_name.as_str()))),
        }
    }

    /// The workspace and experiment that are selected.
    pub fn selected(&self) -> Option<(&str, Option<&str>)> {
        self.rows.get(self.cursor.row()).map(|row| self.names(*row))
    }

    /// Whether a workspace has experiments to show.
    pub fn has_children(&self, ws: &str) -> bool {
        self.experiments.iter().any(|experiment| experiment.ws == ws)
    }

    /// Whether a workspace shows its experiments.
    pub fn is_open(&self, ws: &str) -> bool {
        self.open.contains(ws)
    }

    /// Moves the selection.
    pub fn step(&mut self, by: isize) {
        self.cursor.step(by, &self.keys);
    }

    /// Selects a row.
    pub fn select(&mut self, row: usize) {
        self.cursor.select(row, &self.keys);
    }

    /// Selects a workspace or experiment by name.
    pub fn select_name(&mut self, ws: &str, experiment: Option<&str>) {
        if let Some(row) = self.rows.iter().position(|row| self.names(*row) == (ws, experiment)) {
            self.select(row);
        }
    }

    /// Shows or hides the experiments of the selected workspace; answers whether anything changed.
    pub fn set_open(&mut self, open: bool) -> bool {
        let Some((ws, experiment)) = self.selected().map(|(ws, e)| (ws.to_owned(), e.is_some())) else {
            return false;
        };
        if open {
            if experiment || !self.has_children(&ws) || !self.open.insert(ws) {
                return false;
            }
        } else {
            if !self.open.remove(&ws) {
                return false;
            }
            self.select_name(&ws, None);
        }
        self.layout();
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Tree {
        let workspace = |ws: &str| Workspace { ws: ws.into(), ..Workspace::default() };
        let experiment = |ws: &str, name: &str| Experiment {
            ws: ws.into(),
            exper_name: name.into(),
            ..Experiment::default()
        };
        let mut tree = Tree::default();
        tree.set(vec![workspace("a"), workspace("b")], vec![experiment("a", "x"), experiment("a", "y")]);
        tree
    }

    // Proves A1, C1 (the tree of workspaces and experiments).
    #[test]
    fn branches_open_and_close_and_the_selection_stays() {
        let mut tree = tree();
        assert_eq!((tree.rows.len(), tree.selected()), (2, Some(("a", None))));
        assert!(tree.set_open(true) && !tree.set_open(true));
        tree.step(2);
        assert_eq!(tree.selected(), Some(("a", Some("y"))));
        let (mut workspaces, experiments) = (tree.workspaces.clone(), tree.experiments.clone());
        workspaces.insert(0, Workspace { ws: "0".into(), ..Workspace::default() });
        tree.set(workspaces, experiments);
        assert_eq!(tree.selected(), Some(("a", Some("y"))));
        assert!(tree.set_open(false));
        assert_eq!(tree.selected(), Some(("a", None)));
        tree.select_name("b", None);
        assert!(!tree.set_open(true), "b has no experiments");
    }
}
