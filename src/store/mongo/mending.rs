//! What somebody began and did not finish, because he or the network was cut off: submits that are put down and not
//! written, jobs that are marked as open. It is left alone until this process has seen it a while ago: most of it is
//! under way. And what `XTLib`'s client has written, which bears no stamps.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use mongodb::bson::{Bson, Document, doc};

use super::names::{JOBS, OPEN, OWNER, STAMP, SUBMITS};
use super::select::unfinished;
use super::stamps::Stamps;
use super::{Mongo, counters, settle, submit};
use crate::model::JobName;
use crate::store::Result;

/// What was seen this long ago, and is still there, is nobody's.
pub const AGE: Duration = Duration::from_secs(30);
/// How often a process looks.
const EVERY: Duration = Duration::from_secs(10);
/// How often it looks for what `XTLib`'s client has written.
const RECONCILE: Duration = Duration::from_mins(1);

/// Of a run that was written by `XTLib`: its `last_time` when it was stamped.
const KNOWN: &str = "_xt_known_time";
/// Of such a run: it had not ended then.
const UNDER_WAY: &str = "_xt_under_way";

/// What this process has seen unfinished, and when first.
#[derive(Default)]
pub struct Unfinished {
    looked: Option<Instant>,
    reconciled: Option<Instant>,
    seen: HashMap<String, Instant>,
}

impl Unfinished {
    /// Whether it is time to look; takes it down.
    fn is_due(last: &mut Option<Instant>, now: Instant, every: Duration) -> bool {
        let is_due = last.is_none_or(|last| now.duration_since(last) >= every);
        if is_due {
            *last = Some(now);
        }
        is_due
    }

    /// Those of the unfinished that were seen before and long ago; the others are taken down.
    fn old(&mut self, present: Vec<String>, now: Instant) -> Vec<String> {
        self.seen.retain(|name, _| present.contains(name));
        present
            .into_iter()
            .filter(|name| now.duration_since(*self.seen.entry(name.clone()).or_insert(now)) >= AGE)
            .collect()
    }
}

/// Finishes what has been unfinished for a while.
pub fn mend(mongo: &Mongo, now: Instant) -> Result<()> {
    if !Unfinished::is_due(&mut mongo.shared().unfinished.looked, now, EVERY) {
        return Ok(());
    }
    let connection = &mongo.connection;
    let submits = connection.find(SUBMITS, doc! { "done": false }, doc! { "_id": 1 }, doc! {}, None)?;
    let marked = doc! { format!("{OPEN}.0"): { "$exists": true } };
    let jobs = connection.find(JOBS, marked, doc! { OPEN: 1 }, doc! {}, None)?;
    let submit_key = |submit: &Document| format!("submit {}", submit.get_str("_id").unwrap_or_default());
    let mark_key = |job: &Document, mark: &Bson| format!("{} {mark}", job.get_str("_id").unwrap_or_default());
    let marks = |job: &Document| job.get_array(OPEN).cloned().unwrap_or_default();
    let mut present: Vec<_> = submits.iter().map(submit_key).collect();
    present.extend(jobs.iter().flat_map(|job| marks(job).into_iter().map(move |mark| mark_key(job, &mark))));
    let old = mongo.shared().unfinished.old(present, now);
    // One that cannot be finished keeps no other from it.
    let mut done = Ok(());
    for submit in submits.iter().filter(|submit| old.contains(&submit_key(submit))) {
        done = done.and(finish(mongo, submit));
    }
    for job in &jobs {
        let Some(name) = job.get_str("_id").ok().and_then(|name| name.parse().ok()) else { continue };
        for mark in marks(job).into_iter().filter(|mark| old.contains(&mark_key(job, mark))) {
            done = done.and(settle(mongo, name, mark.as_i64().unwrap_or_default()));
        }
    }
    done
}

/// Writes what a submit put down, into a workspace that may have been deleted meanwhile.
fn finish(mongo: &Mongo, submit: &Document) -> Result<()> {
    let connection = &mongo.connection;
    let whole = connection.find_one(SUBMITS, doc! { "_id": submit.get("_id").cloned() }, doc! {})?;
    let Some(submit) = whole else { return Ok(()) };
    let text = |document: &Document, field: &str| document.get_str(field).unwrap_or_default().to_owned();
    let username = submit.get_document("job").map(|job| text(job, "username")).unwrap_or_default();
    counters::ensure(connection, &text(&submit, "ws"), &username)?;
    submit::finish(mongo, &submit)
}

/// Settles a job, and takes a mark off it.
fn settle(mongo: &Mongo, name: JobName, mark: i64) -> Result<()> {
    let connection = &mongo.connection;
    settle::jobs(mongo, [name].into(), &mut Stamps::take(connection)?)?;
    settle::close(connection, name, mark)
}

/// Stamps what bears no stamp, or was changed by somebody who knows of none, so that those who watch are told of it.
pub fn reconcile(mongo: &Mongo, now: Instant) -> Result<()> {
    if !Unfinished::is_due(&mut mongo.shared().unfinished.reconciled, now, RECONCILE) {
        return Ok(());
    }
    let connection = &mongo.connection;
    let unstamped = doc! { STAMP: { "$exists": false } };
    for ws in counters::names(connection)? {
        let fields = doc! { "last_time": 1, "status": 1, KNOWN: 1, STAMP: 1 };
        let filter = doc! { "$or": [ unstamped.clone(), { UNDER_WAY: true } ] };
        let found = connection.find(&ws, filter, fields, doc! {}, None)?;
        let is_news = |run: &&Document| run.get(KNOWN).is_none() || run.get(KNOWN) != run.get("last_time");
        let news: Vec<_> = found.iter().filter(is_news).collect();
        if news.is_empty() {
            continue;
        }
        counters::index(connection, &ws)?;
        let mut stamps = Stamps::take(connection)?;
        for run in news {
            let known = run.get("last_time").cloned().unwrap_or(Bson::from(""));
            let filter = doc! { "_id": run.get("_id").cloned(), OWNER: { "$exists": false } };
            let words = unfinished();
            let under_way = words
                .as_array()
                .is_some_and(|words| run.get("status").is_some_and(|word| words.contains(word)));
            let set = doc! { STAMP: stamps.of(&ws, run)?, KNOWN: known, UNDER_WAY: under_way };
            connection.update(&ws, filter, doc! { "$set": set })?;
        }
    }
    if !connection.find(JOBS, unstamped.clone(), doc! { "_id": 1 }, doc! {}, Some(1))?.is_empty() {
        let stamp = counters::next_stamp(connection)?;
        connection.update_all(JOBS, unstamped, doc! { "$set": { STAMP: stamp } })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{server, submission};
    use crate::store::{Records, Submission};

    // Proves P1: what cannot be finished keeps nothing else from it, and a workspace that was deleted comes back with the
    // runs that were submitted to it.
    #[test]
    fn one_that_cannot_be_finished_keeps_no_other() {
        let mongo = Mongo::open(&server::database(), "home").unwrap();
        let connection = &mongo.connection;
        for (token, ws) in [("broken", "ws1"), ("fine", "ws2")] {
            submit::put_down(&mongo, &Submission { token: token.into(), ..submission(ws, 2) }).unwrap();
        }
        let broken = doc! { "$set": { "data": "?" } };
        connection.update(SUBMITS, doc! { "_id": "broken" }, broken).unwrap();
        mongo.delete_workspace("ws2").unwrap();
        let start = Instant::now();
        mend(&mongo, start).unwrap();
        let error = mend(&mongo, start + AGE).unwrap_err().to_string();
        assert!(error.contains("the record of a submit cannot be read"), "{error}");
        assert_eq!(mongo.workspaces().unwrap().iter().map(|ws| ws.run_count).collect::<Vec<_>>(), [0, 2]);
        assert_eq!(mongo.jobs(None, None).unwrap().len(), 1);
    }

    // Proves P1: what is under way is left alone, and what stays unfinished is not.
    #[test]
    fn only_what_has_been_unfinished_for_long_is_mended() {
        let (mut unfinished, start) = (Unfinished::default(), Instant::now());
        let present = || vec!["a".to_owned(), "b".to_owned()];
        assert!(unfinished.old(present(), start).is_empty());
        assert!(unfinished.old(vec!["b".to_owned()], start + AGE / 2).is_empty());
        assert_eq!(unfinished.old(present(), start + AGE), ["b"]);
        assert_eq!(unfinished.old(present(), start + AGE * 2), present());
    }
}
