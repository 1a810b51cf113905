//! The embedded store against real files.

mod damage;
mod files;
mod reading;
mod submit;

use super::*;
pub use crate::store::tests::{family, paths, submission, to};

pub fn open(folder: &tempfile::TempDir) -> Sqlite {
    Sqlite::open(folder.path().join("records.db"), Durability::System).unwrap()
}
