//! Which runs are shown.

use super::Model;
use crate::model::JobName;
use crate::store::{Kind, RunQuery, SortKey};

/// What the runs are taken from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// The workspace.
    pub ws: Option<String>,
    /// The experiment in it.
    pub experiment: Option<String>,
    /// The job in it.
    pub job: Option<JobName>,
}

/// The filter of the runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunFilter {
    /// As it was typed.
    pub text: String,
    /// As the store understands it.
    pub filter: Option<crate::model::filter::Filter>,
}

impl Model {
    /// The order of the runs: the newest first, until the person chooses another.
    pub fn order(&self) -> SortKey {
        self.sort.clone().unwrap_or(SortKey { field: "run_num".into(), descending: true })
    }

    /// The query for the runs of the scope, without the person's filter.
    pub fn scope_query(&self) -> RunQuery {
        RunQuery {
            ws: self.scope.ws.clone(),
            experiments: self.scope.experiment.iter().cloned().collect(),
            jobs: self.scope.job.into_iter().collect(),
            kind: Kind::Leaf,
            sort: vec![self.order()],
            ..RunQuery::default()
        }
    }

    /// The query for the runs that are shown.
    pub fn query(&self) -> RunQuery {
        RunQuery { filter: self.filter.filter.clone(), ..self.scope_query() }
    }
}
