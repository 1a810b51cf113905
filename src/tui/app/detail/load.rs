//! The load of the selected run: read once, and read on while it runs.

use std::sync::Arc;

use crate::model::RunPath;
use crate::ops::view::load::Curves;

/// The curves of the run that is shown, or was asked for.
#[derive(Clone, Debug, Default)]
pub struct Load {
    run: Option<RunPath>,
    curves: Option<Arc<Curves>>,
    /// More may have been measured.
    pub stale: bool,
    /// Why they cannot be read.
    pub failed: Option<String>,
}

impl Load {
    /// The curves, once they have been read.
    pub fn curves(&self) -> Option<&Curves> {
        self.curves.as_deref()
    }

    /// The run they are of.
    pub const fn run(&self) -> Option<&RunPath> {
        self.run.as_ref()
    }

    /// What has to be read on now for a run, if anything; the answer counts as asking.
    pub fn wants(&mut self, run: &RunPath) -> Option<Arc<Curves>> {
        if self.run.as_ref() != Some(run) {
            *self = Self { run: Some(run.clone()), stale: true, ..Self::default() };
        }
        std::mem::take(&mut self.stale).then(|| self.curves.clone().unwrap_or_default())
    }

    /// Takes curves that were read.
    pub fn take(&mut self, curves: Arc<Curves>) {
        (self.curves, self.failed) = (Some(curves), None);
    }
}
