//! `xt delete blobs`.

use std::sync::Arc;

use crate::ops::files::FilesLock;
use crate::ops::{Context, Result};
use crate::store::Files;
use crate::store::blobs::{Address, Step};

use super::{Root, matching, nothing};

/// The blobs that would be deleted, and no others: what is uploaded later stays.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Their names, as they are told.
    pub names: Vec<String>,
    /// Their bytes.
    pub bytes: u64,
    blobs: Vec<Address>,
    files: Arc<dyn Files>,
}

/// Finds the blobs that a path means; there must be some.
pub fn plan(root: &Root, path: &str) -> Result<Plan> {
    let found = matching(root, path)?;
    if found.blobs.is_empty() {
        return Err(nothing(root, path));
    }
    let name = |path: &str| path.strip_prefix(&root.at.path).unwrap_or(path).to_owned();
    Ok(Plan {
        files: Arc::clone(&root.files),
        names: found.blobs.iter().map(|blob| name(&blob.path)).collect(),
        bytes: found.blobs.iter().map(|blob| blob.size).sum(),
        blobs: found.blobs.iter().map(|blob| found.base.with_path(&blob.path)).collect(),
    })
}

/// Deletes them for good; `done` is told of each.
pub fn execute(ctx: &Context, plan: &Plan, done: &mut dyn FnMut()) -> Result<()> {
    let _lock = FilesLock::moving(ctx)?;
    plan.files.delete(&plan.blobs, &mut |step| {
        if step == Step::File {
            done();
        }
    })?;
    Ok(())
}
