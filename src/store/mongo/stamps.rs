//! The stamps of changes that belong together.
//!
//! Who looks for changes looks back as far as one may take to be written ([`super::feed::OVERLAP`]), and is not told
//! twice of a document under one stamp. So each document is written under a stamp that is fresh and later than the one
//! it bears; what takes longer is written under several.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use mongodb::bson::Document;

use super::connection::Connection;
use super::counters;
use super::document::number;
use super::names::STAMP;
use crate::store::Result;

/// As long as this a stamp is fresh: the rest of the time is for the write that bears it, which may have to be repeated.
const FRESH: Duration = Duration::from_secs(5);

/// Stamps for changes, one as long as it will do.
pub struct Stamps<'a> {
    connection: &'a Connection,
    mark: i64,
    last: i64,
    taken: Instant,
    /// The workspaces that bear the last one.
    touched: BTreeSet<String>,
}

impl<'a> Stamps<'a> {
    /// Takes the first.
    pub fn take(connection: &'a Connection) -> Result<Self> {
        let (taken, mark) = (Instant::now(), counters::next_stamp(connection)?);
        Ok(Self { connection, mark, last: mark, taken, touched: BTreeSet::new() })
    }

    /// The first: no other changes have it, so that it marks what these leave open.
    pub const fn mark(&self) -> i64 {
        self.mark
    }

    /// A stamp for a document that is about to be written.
    pub fn now(&mut self) -> Result<i64> {
        self.after(0)
    }

    /// A stamp for a document in place of one that was seen.
    pub fn later(&mut self, seen: &Document) -> Result<i64> {
        self.after(number(seen, STAMP).cast_signed())
    }

    /// The same for the document of a run. Its workspace bears the stamp before it does: whoever looks for changes need
    /// look into no other.
    pub fn of(&mut self, ws: &str, seen: &Document) -> Result<i64> {
        loop {
            let stamp = self.later(seen)?;
            if self.touched.contains(ws) {
                return Ok(stamp);
            }
            counters::touch(self.connection, ws, stamp)?;
            self.touched.insert(ws.to_owned());
        }
    }

    fn after(&mut self, stamp: i64) -> Result<i64> {
        if self.last <= stamp || self.taken.elapsed() > FRESH {
            self.taken = Instant::now();
            self.last = counters::next_stamp(self.connection)?;
            self.touched.clear();
        }
        Ok(self.last)
    }
}
