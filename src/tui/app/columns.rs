//! The choice of the columns of the runs.

use indexmap::IndexSet;

use super::model::Model;

/// The column with a curve of a metric's history.
pub const TREND: &str = "spark";

/// The fields every run has, each with the heading of its column.
pub const FIXED: [(&str, &str); 15] = [
    ("run_num", "run"),
    ("status", "status"),
    ("duration", "time"),
    ("job_id", "job"),
    ("exper_name", "experiment"),
    ("created", "submitted"),
    ("started", "started"),
    ("ended", "ended"),
    ("box_name", "box"),
    ("username", "user"),
    ("attempt", "attempt"),
    ("exit_code", "exit"),
    ("description", "about"),
    ("command", "command"),
    (TREND, "trend"),
];

/// The heading of a field's column.
pub fn heading(field: &str) -> &str {
    let fixed = FIXED.iter().find(|(name, _)| *name == field).map(|(_, heading)| *heading);
    fixed.unwrap_or_else(|| field.split_once('.').map_or(field, |(_, name)| name))
}

/// The fields that tell the runs apart: in the order in which they are given room.
pub fn automatic(model: &Model) -> Vec<String> {
    let found = &model.runs.columns;
    let mut hparams = found.hparams.iter().map(|name| format!("hparams.{name}"));
    let mut metrics = found.metrics.iter().map(|name| format!("metrics.{name}"));
    let mut fields = ["run_num", "status", "duration"].map(str::to_owned).to_vec();
    for _ in 0..2 {
        fields.extend(metrics.next());
        fields.extend(hparams.next());
    }
    if !found.metrics.is_empty() {
        fields.push(TREND.to_owned());
    }
    fields.push("box_name".to_owned());
    fields.extend(metrics);
    fields
}

/// Puts the fields of a table whose columns nobody has chosen in their order: a curve follows its metric.
pub fn arrange<T>(fields: &mut Vec<T>, name: impl Fn(&T) -> &str) {
    fields.sort_by_key(|field| rank(name(field)));
    let first = fields.iter().position(|field| name(field).starts_with("metrics."));
    let curve = fields.iter().position(|field| name(field) == TREND);
    if let (Some(first), Some(curve)) = (first, curve) {
        let curve = fields.remove(curve);
        fields.insert(if first < fields.len() { first + 1 } else { first }, curve);
    }
}

/// The place of a field in a table whose columns nobody has chosen.
fn rank(field: &str) -> usize {
    match field {
        "run_num" => 0,
        "status" => 1,
        "duration" => 2,
        "box_name" => 5,
        field if field.starts_with("hparams.") => 3,
        _ => 4,
    }
}

/// The list in which columns are chosen and put in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnMenu {
    /// All fields there could be, those that are shown first; with each, whether it is.
    pub fields: Vec<(String, bool)>,
    /// The selected one.
    pub choice: usize,
    /// What was chosen before, to come back to.
    pub before: Option<Vec<String>>,
}

impl ColumnMenu {
    /// The menu for what the table shows now.
    pub fn new(model: &Model) -> Self {
        let shown = model.columns.clone().unwrap_or_else(|| {
            let mut fields = automatic(model);
            arrange(&mut fields, String::as_str);
            fields
        });
        let mut names = IndexSet::new();
        for run in model.runs.at_hand() {
            names.extend(run.hparams.keys().map(|name| format!("hparams.{name}")));
            names.extend(run.metrics.keys().map(|name| format!("metrics.{name}")));
            names.extend(run.tags.keys().map(|name| format!("tags.{name}")));
        }
        names.sort();
        let fixed = FIXED.iter().map(|(field, _)| (*field).to_owned());
        let hidden: Vec<(String, bool)> =
            fixed.chain(names).filter(|field| !shown.contains(field)).map(|field| (field, false)).collect();
        let fields = shown.into_iter().map(|field| (field, true)).chain(hidden).collect();
        Self { fields, choice: 0, before: model.columns.clone() }
    }

    /// The columns that are chosen, in their order; the name of the run is never missing.
    pub fn chosen(&self) -> Vec<String> {
        let mut chosen: Vec<String> =
            self.fields.iter().filter(|(_, shown)| *shown).map(|(field, _)| field.clone()).collect();
        if !chosen.iter().any(|field| field == "run_num") {
            chosen.insert(0, "run_num".to_owned());
        }
        chosen
    }

    /// Moves the selection.
    pub fn step(&mut self, by: isize) {
        self.choice = self.choice.saturating_add_signed(by).min(self.fields.len().saturating_sub(1));
    }

    /// Shows the selected column, or hides it.
    pub fn toggle(&mut self) {
        if let Some((_, shown)) = self.fields.get_mut(self.choice) {
            *shown = !*shown;
        }
    }

    /// Moves the selected column towards the front, or away from it.
    pub fn shift(&mut self, forward: bool) {
        let to = if forward { self.choice + 1 } else { self.choice.wrapping_sub(1) };
        if to < self.fields.len() && self.choice < self.fields.len() {
            self.fields.swap(self.choice, to);
            self.choice = to;
        }
    }
}

#[cfg(test)]
mod tests {
    // Proves C1 (columns can be added, hidden and put in order).
    use super::*;
    use crate::tui::testing::World;

    fn menu() -> ColumnMenu {
        let mut model = World::usual().model((120, 40));
        model.columns = Some(vec!["run_num".into(), "status".into(), "hparams.lr".into()]);
        ColumnMenu::new(&model)
    }

    #[test]
    fn everything_a_run_has_can_be_a_column() {
        let menu = menu();
        assert_eq!(menu.chosen(), ["run_num", "status", "hparams.lr"]);
        for field in ["duration", "hparams.optimizer", "metrics.loss"] {
            assert!(menu.fields.contains(&(field.into(), false)), "{field}");
        }
    }

    #[test]
    fn what_nobody_has_chosen_is_what_tells_runs_apart() {
        let menu = ColumnMenu::new(&World::usual().model((120, 40)));
        assert_eq!(menu.chosen()[..4], ["run_num", "status", "duration", "hparams.lr"]);
        assert_eq!(menu.before, None);
    }

    #[test]
    fn columns_are_shown_hidden_and_moved() {
        let mut menu = menu();
        menu.step(1);
        menu.toggle();
        assert_eq!(menu.chosen(), ["run_num", "hparams.lr"]);
        menu.step(1);
        menu.shift(false);
        menu.shift(false);
        menu.shift(false);
        assert_eq!((menu.chosen(), menu.choice), (vec!["hparams.lr".into(), "run_num".into()], 0));
        menu.step(1);
        menu.toggle();
        assert_eq!(menu.chosen(), ["run_num", "hparams.lr"], "the run's name stays");
        menu.step(10_000);
        menu.shift(true);
    }

    #[test]
    fn headings_are_short() {
        assert_eq!(["run_num", "hparams.lr", "tags.a.b", "odd"].map(heading), ["run", "lr", "a.b", "odd"]);
    }
}
