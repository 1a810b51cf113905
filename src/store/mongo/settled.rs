//! Up to which stamp all changes have been written.
//!
//! Each change is written soon after its stamp was taken, so a stamp that was the last one long enough ago has settled, and
//! all before it. Those who look for changes leave notes on the server of which stamp was the last, and when by the
//! server's clock: a process that has just started finds there how far it must look back.

use std::time::{Duration, Instant};

use mongodb::bson::{DateTime, Document, doc};
use mongodb::options::ReturnDocument;

use super::connection::Connection;
use super::feed::OVERLAP;
use super::names::COUNTERS;
use super::{Mongo, counters};
use crate::store::Result;

/// How often a process asks.
const EVERY: Duration = Duration::from_secs(10);
/// Notes are at least so far apart, whoever leaves them, and so many are kept: they reach back much further than is needed.
const APART: Duration = Duration::from_secs(5);
const KEPT: i32 = 32;

/// What a process knows of it.
#[derive(Default)]
pub struct Settled {
    asked: Option<Instant>,
    stamp: i64,
}

/// The last stamp all changes up to which have been written; 0 when nobody has looked before.
pub fn settled(mongo: &Mongo) -> Result<i64> {
    let now = Instant::now();
    let known = mongo.shared().settled.asked;
    if known.is_none_or(|asked| now.duration_since(asked) >= EVERY) {
        let found = look(&mongo.connection)?;
        let settled = &mut mongo.shared().settled;
        (settled.asked, settled.stamp) = (Some(now), settled.stamp.max(found));
    }
    Ok(mongo.shared().settled.stamp)
}

/// Reads what others have noted, and leaves a note.
fn look(connection: &Connection) -> Result<i64> {
    // Before the server's time: by then it was taken.
    let last = counters::stamp(connection)?;
    let all = connection.collection(COUNTERS);
    let id = doc! { "_id": "looks" };
    let notes = loop {
        let asked = connection.ask(|| {
            let time = doc! { "$currentDate": { "now": true } };
            all.find_one_and_update(id.clone(), time).return_document(ReturnDocument::After).run()
        })?;
        if let Some(notes) = asked {
            break notes;
        }
        connection.insert_new(COUNTERS, &id)?;
    };
    if let Ok(now) = notes.get_datetime("now") {
        let mut apart = id.clone();
        apart.insert("noted", doc! { "$not": { "$gt": before(*now, APART) } });
        let note = doc! { "$each": [{ "at": *now, "stamp": last }], "$slice": -KEPT };
        let noted = doc! { "$set": { "noted": *now }, "$push": { "notes": note } };
        connection.update(COUNTERS, apart, noted)?;
    }
    Ok(by_notes(&notes))
}

fn before(now: DateTime, time: Duration) -> DateTime {
    let millis = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
    DateTime::from_millis(now.timestamp_millis().saturating_sub(millis))
}

/// The last stamp that was noted long enough ago.
fn by_notes(document: &Document) -> i64 {
    let Ok(now) = document.get_datetime("now") else { return 0 };
    let settled = before(*now, OVERLAP);
    let notes = document.get_array("notes").map(Vec::as_slice).unwrap_or_default();
    let old = notes.iter().filter_map(|note| {
        let note = note.as_document()?;
        (*note.get_datetime("at").ok()? <= settled).then(|| note.get_i64("stamp").ok())?
    });
    old.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::server;

    // Proves R2, P7: a stamp has settled when it was the last one long enough ago, whatever came since.
    #[test]
    fn a_stamp_settles_with_time() {
        let now = DateTime::now();
        let note =
            |seconds, stamp: i64| doc! { "at": before(now, Duration::from_secs(seconds)), "stamp": stamp };
        assert_eq!(by_notes(&doc! { "now": now }), 0);
        assert_eq!(by_notes(&doc! { "now": now, "notes": [note(29, 7)] }), 0);
        assert_eq!(by_notes(&doc! { "now": now, "notes": [note(90, 5), note(31, 7), note(29, 9)] }), 7);
    }

    // Proves R2: a process that has just started goes on where others have looked, and leaves notes as they do.
    #[test]
    fn those_who_look_leave_notes_to_each_other() {
        let url = server::database();
        let first = Mongo::open(&url, "home").unwrap();
        for _ in 0..3 {
            counters::next_stamp(&first.connection).unwrap();
        }
        let notes = || {
            let found =
                first.connection.find_one(COUNTERS, doc! { "_id": "looks" }, doc! {}).unwrap().unwrap();
            found.get_array("notes").unwrap().clone()
        };
        assert_eq!(settled(&first).unwrap(), 0);
        assert_eq!(settled(&Mongo::open(&url, "home").unwrap()).unwrap(), 0);
        assert_eq!(notes().len(), 1, "the second has come too soon for a further one");
        let old = before(DateTime::now(), Duration::from_mins(1));
        let past = doc! { "$set": { "notes.0.at": old, "noted": old } };
        first.connection.update(COUNTERS, doc! { "_id": "looks" }, past).unwrap();
        assert_eq!(settled(&Mongo::open(&url, "home").unwrap()).unwrap(), 3);
        assert_eq!(notes().len(), 2);
    }
}
