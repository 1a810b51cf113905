//! What a list of runs asks for.

use crate::model::filter::Filter;
use crate::model::names::Selector;
use crate::model::{JobName, Status};

/// Which runs of a family are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Parents, children and single runs.
    #[default]
    All,
    /// Runs that are nobody's child.
    Outer,
    /// Runs that have children.
    Parent,
    /// Runs that have a parent.
    Child,
    /// Runs that execute something: all but parents, of which one whose own script has not completed does too.
    Leaf,
    /// Runs that jobs count: all but parents, with a script of their own or not.
    Counted,
}

/// A key to sort by: a field's name as [`crate::model::Run::field`] knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortKey {
    /// The field.
    pub field: String,
    /// From the largest to the smallest.
    pub descending: bool,
}

/// A list of runs: all conditions must hold; an empty list of words is no condition.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunQuery {
    /// The workspace; without it, all.
    pub ws: Option<String>,
    /// Names, ranges and wildcards, any of them.
    pub names: Vec<Selector>,
    /// Jobs, any of them.
    pub jobs: Vec<JobName>,
    /// Experiments, any of them.
    pub experiments: Vec<String>,
    /// Statuses, any of them.
    pub statuses: Vec<Status>,
    /// Users, any of them.
    pub usernames: Vec<String>,
    /// Machines, any of them.
    pub boxes: Vec<String>,
    /// Targets, any of them.
    pub targets: Vec<String>,
    /// Kinds of target, any of them.
    pub service_types: Vec<String>,
    /// Tags a run must have, all of them.
    pub tags_all: Vec<String>,
    /// Tags of which a run must have one.
    pub tags_any: Vec<String>,
    /// Members of a family.
    pub kind: Kind,
    /// Further conditions in the filter language.
    pub filter: Option<Filter>,
    /// The order; without keys, by number.
    pub sort: Vec<SortKey>,
    /// Only so many from the beginning.
    pub first: Option<usize>,
    /// Only so many from the end.
    pub last: Option<usize>,
}

/// A run in a list, before anything else of it is loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunKey {
    /// The store's own handle of the run.
    pub id: i64,
    /// Where it stands.
    pub status: Status,
}
