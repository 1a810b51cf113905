//! Options that several verbs share: where to look, which runs, what a table looks like.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::values;
use crate::model::filter::Filter;
use crate::model::{JobName, Status};
use crate::ops::blobs;
use crate::ops::list::{Limit, Look, Selection};
use crate::store::Kind;

/// Where to look for names without a workspace.
#[derive(Clone, Debug, Default, Args)]
pub struct Place {
    /// The workspace; without it, the one of the configuration.
    #[arg(long, short = 'w', visible_alias = "work", value_name = "WORKSPACE")]
    pub workspace: Option<String>,
}

impl Place {
    /// The workspace that was named.
    pub fn ws(&self) -> Option<&str> {
        self.workspace.as_deref()
    }
}

/// Whose files are meant.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Whose files")]
pub struct Files {
    /// Those of this workspace; it is also where runs without one are looked for.
    #[arg(long, short = 'w', visible_alias = "work", value_name = "WORKSPACE")]
    workspace: Option<String>,
    /// Those of this run.
    #[arg(long, value_name = "RUN", conflicts_with_all = ["job", "experiment", "share"])]
    run: Option<String>,
    /// Those of this job.
    #[arg(long, value_name = "JOB", conflicts_with_all = ["experiment", "share"])]
    job: Option<String>,
    /// Those of this experiment.
    #[arg(long, visible_alias = "exper", value_name = "NAME", conflicts_with = "share")]
    experiment: Option<String>,
    /// Those of this share.
    #[arg(long, value_name = "SHARE")]
    share: Option<String>,
}

impl Files {
    /// As the verbs want it.
    pub fn place(&self) -> blobs::Place {
        let Self { workspace, run, job, experiment, share } = self.clone();
        blobs::Place { workspace, run, job, experiment, share }
    }
}

/// Whether runs that failed are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Errors {
    /// All but those that failed.
    Hide,
    /// Those that failed.
    Only,
}

/// Which runs are meant, by what they are.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Which runs")]
pub struct Filters {
    /// Only runs of these experiments.
    #[arg(long, visible_alias = "exper", value_delimiter = ',', value_name = "NAME")]
    pub experiment: Vec<String>,
    /// Only runs of these jobs.
    #[arg(long, value_delimiter = ',', value_name = "JOB")]
    pub job: Vec<JobName>,
    /// Only runs with these statuses.
    #[arg(long, value_delimiter = ',', value_name = "STATUS", value_parser = values::status)]
    pub status: Vec<Status>,
    /// Only runs on these targets.
    #[arg(long, value_delimiter = ',', value_name = "TARGET")]
    pub target: Vec<String>,
    /// Only runs on these machines.
    #[arg(long, value_delimiter = ',', value_name = "BOX")]
    pub r#box: Vec<String>,
    /// Only runs on these kinds of target.
    #[arg(long, value_delimiter = ',', value_name = "TYPE")]
    pub service_type: Vec<String>,
    /// Only runs of these users.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub username: Vec<String>,
    /// Only runs that have all of these tags.
    #[arg(long, value_delimiter = ',', value_name = "TAG")]
    pub tags_all: Vec<String>,
    /// Only runs that have one of these tags.
    #[arg(long, value_delimiter = ',', value_name = "TAG")]
    pub tags_any: Vec<String>,
    /// Only runs for which this holds: 'lr<0.1', 'acc>.9 or status=running'. May be repeated.
    #[arg(long, value_name = "CONDITION", value_parser = Filter::parse)]
    pub filter: Vec<Filter>,
    /// Runs that failed: leave them out, or only them.
    #[arg(long, value_enum)]
    pub errors: Option<Errors>,
}

impl Filters {
    /// Whether anything was asked for.
    pub fn is_empty(&self) -> bool {
        let Self {
            experiment,
            job,
            status,
            target,
            r#box,
            service_type,
            username,
            tags_all,
            tags_any,
            filter,
            errors,
        } = self;
        let lists = [experiment, target, r#box, service_type, username, tags_all, tags_any];
        lists.iter().all(|list| list.is_empty())
            && job.is_empty()
            && status.is_empty()
            && filter.is_empty()
            && errors.is_none()
    }

    /// As the verbs want it.
    pub fn selection(&self, names: &[String], place: &Place, kind: Kind) -> Selection {
        Selection {
            names: names.to_vec(),
            ws: place.workspace.clone(),
            experiments: self.experiment.clone(),
            jobs: self.job.clone(),
            statuses: self.status.clone(),
            failures: self.errors.map(|errors| errors == Errors::Only),
            targets: self.target.clone(),
            boxes: self.r#box.clone(),
            service_types: self.service_type.clone(),
            usernames: self.username.clone(),
            tags_all: self.tags_all.clone(),
            tags_any: self.tags_any.clone(),
            filters: self.filter.clone(),
            kind,
        }
    }
}

/// What a list looks like.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "How they are shown")]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the command line")]
pub struct TableArgs {
    /// Sort by this column, from the smallest to the largest.
    #[arg(long, value_name = "COLUMN")]
    pub sort: Option<String>,
    /// In the opposite order.
    #[arg(long)]
    pub reverse: bool,
    /// Only the first N.
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "25", require_equals = true)]
    pub first: Option<usize>,
    /// Only the last N.
    #[arg(long, value_name = "N", num_args = 0..=1, default_missing_value = "25", require_equals = true)]
    pub last: Option<usize>,
    /// All of them, not only the last 25.
    #[arg(long, conflicts_with_all = ["first", "last"])]
    pub all: bool,
    /// These columns: name, name=HEADING, name=HEADING:format, hparams.*
    #[arg(long, value_name = "COLUMNS")]
    pub columns: Vec<String>,
    /// These columns besides the usual ones.
    #[arg(long, value_name = "COLUMNS")]
    pub add_columns: Vec<String>,
    /// In sections by this column.
    #[arg(long, value_name = "COLUMN")]
    pub group: Option<String>,
    /// Number the sections.
    #[arg(long)]
    pub number_groups: bool,
    /// No sections.
    #[arg(long)]
    pub flat: bool,
    /// Cut texts to so many characters.
    #[arg(long, value_name = "N")]
    pub max_width: Option<usize>,
    /// Significant digits of numbers.
    #[arg(long, value_name = "N")]
    pub precision: Option<usize>,
    /// Write the table to a file: .csv, .tsv, .txt, .json or .md
    #[arg(long, value_name = "FILE")]
    pub export: Option<PathBuf>,
    /// List the columns there are.
    #[arg(long)]
    pub available: bool,
}

impl TableArgs {
    /// How much of the list is wanted.
    pub const fn limit(&self, json: bool) -> Limit {
        Limit {
            first: self.first,
            last: self.last,
            all: self.all || json || self.export.is_some() || self.available,
        }
    }

    /// As the verbs want it.
    pub fn look(&self) -> Look {
        Look {
            sort: self.sort.clone(),
            reverse: self.reverse,
            columns: self.columns.clone(),
            add_columns: self.add_columns.clone(),
            group: self.group.clone(),
            number_groups: self.number_groups,
            flat: self.flat,
            max_width: self.max_width,
            precision: self.precision,
        }
    }
}
