//! What was measured of runs and their machines, in the same blocks as metrics and under names no metric can have.

use rusqlite::{Connection, params};

use super::blocks;
use super::row::{Answer, Names, run_id, unless_lost, unsigned};
use crate::model::RunPath;
use crate::model::metric::Point;
use crate::store::LoadSample;
use crate::store::segment;

/// What the names of these series begin with in the tables; those of metrics begin with `metrics.`.
const PREFIX: &str = "system.";

/// Under which name the samples of a run are counted among its sources; what a run says itself comes from files
/// in the folders of its attempts.
const SOURCE: &str = "system";

/// Keeps a sample. No stamp: nobody has to read the run again for it.
pub fn keep(db: &Connection, sample: &LoadSample) -> Answer<()> {
    let Some(id) = unless_lost(run_id(db, &sample.run))? else { return Ok(()) };
    let sql = "INSERT INTO sources VALUES (?1, ?2, 1) ON CONFLICT DO UPDATE SET offset = offset + 1
               RETURNING offset - 1";
    let index: i64 = db.prepare_cached(sql)?.query_row(params![id, SOURCE], |row| row.get(0))?;
    let mut names = Names::new(db)?;
    for (name, value) in &sample.values {
        let (value, time) = (value.clone(), sample.time);
        let point = Point { index: unsigned(index), step: None, value, time };
        blocks::append(db, id, names.id(&format!("{PREFIX}{name}"))?, vec![point])?;
    }
    Ok(())
}

/// Reads what was kept of a run, from a sample on.
pub fn read(
    db: &Connection,
    path: &RunPath,
    from: u64,
    take: &mut dyn FnMut(&str, Vec<Point>),
) -> Answer<()> {
    let id = run_id(db, path)?;
    let sql = "SELECT names.id, names.name FROM segments JOIN names ON names.id = segments.name
               WHERE run = ?1 AND names.name GLOB 'system.*' GROUP BY names.id ORDER BY MIN(segments.id)";
    let mut select = db.prepare_cached(sql)?;
    let row = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?));
    let series = select.query_map([id], row)?.collect::<Result<Vec<_>, _>>()?;
    for (name, text) in series {
        let sql = "SELECT data FROM segments WHERE run = ?1 AND name = ?2 AND id >= ?3 ORDER BY id";
        let mut blocks = db.prepare_cached(sql)?;
        let mut rows = blocks.query(params![id, name, first_block(db, id, name, from)?])?;
        while let Some(row) = rows.next()? {
            let mut points = segment::decode(row.get_ref(0)?.as_blob().unwrap_or_default())?;
            points.retain(|point| point.index >= from);
            take(text.strip_prefix(PREFIX).unwrap_or(&text), points);
        }
    }
    Ok(())
}

/// The block in which a sample lies: looked for from the end, where nearly all that is asked for is.
fn first_block(db: &Connection, run: i64, name: i64, from: u64) -> Answer<i64> {
    if from == 0 {
        return Ok(0);
    }
    let sql = "SELECT id, data FROM segments WHERE run = ?1 AND name = ?2 ORDER BY id DESC";
    let mut select = db.prepare_cached(sql)?;
    let mut rows = select.query(params![run, name])?;
    while let Some(row) = rows.next()? {
        let points = segment::decode(row.get_ref(1)?.as_blob().unwrap_or_default())?;
        if points.first().is_none_or(|point| point.index <= from) {
            return Ok(row.get(0)?);
        }
    }
    Ok(0)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{open, paths, submission};
    use super::*;
    use crate::model::{Scalar, Time};
    use crate::store::Records as _;

    fn sample(run: &RunPath, second: u32) -> LoadSample {
        let time = Time::from_micros(1_780_000_000_000_000 + i64::from(second) * 1_000_000);
        let mut values = vec![("run.cpu".to_owned(), Scalar::Float(f64::from(second)))];
        if second == 0 {
            values.push(("box.memory.total".to_owned(), Scalar::Int(8 << 30)));
        }
        LoadSample { run: run.clone(), time, values }
    }

    fn read(store: &super::super::Sqlite, run: &RunPath, from: u64) -> Vec<(String, Vec<u64>)> {
        let mut found: Vec<(String, Vec<u64>)> = Vec::new();
        let take = &mut |name: &str, points: Vec<Point>| {
            let indexes = points.iter().map(|point| point.index);
            match found.iter_mut().find(|(known, _)| known == name) {
                Some((_, all)) => all.extend(indexes),
                None => found.push((name.to_owned(), indexes.collect())),
            }
        };
        store.load(run, from, take).unwrap();
        found
    }

    // Proves C7, A6: the load is kept apart from what the script logs, wakes no reader of runs, and is read on from
    // any sample.
    #[test]
    fn samples_are_no_metrics_and_are_read_from_any_of_them_on() {
        let folder = tempfile::tempdir().unwrap();
        let store = open(&folder);
        let runs = paths("ws1", &store.submit(&submission("ws1", 2)).unwrap());
        let (stamp, before) = (store.stamp().unwrap(), store.run(&runs[0]).unwrap());
        let gone = RunPath::new("ws1", crate::model::RunName::top(99));
        let samples = (0..5_000).map(|second| sample(&runs[0], second));
        store.keep_load(&[sample(&gone, 0)].into_iter().chain(samples).collect::<Vec<_>>()).unwrap();
        assert_eq!(store.stamp().unwrap(), stamp);
        assert_eq!(store.run(&runs[0]).unwrap(), before);
        assert_eq!(store.histories(&runs[0]).unwrap().names, Vec::<String>::new());
        assert_eq!(store.block(&runs[0], "run.cpu", 0).unwrap(), []);
        assert_eq!(read(&store, &runs[1], 0), []);

        let all = read(&store, &runs[0], 0);
        assert_eq!(all[0], ("run.cpu".to_owned(), (0..5_000).collect()));
        assert_eq!(all[1], ("box.memory.total".to_owned(), vec![0]));
        for from in [1, 63, 64, 4_095, 4_096, 4_999, 5_000] {
            assert_eq!(read(&store, &runs[0], from)[0].1, (from..5_000).collect::<Vec<_>>(), "{from}");
        }
        let blocks = |db: &Connection| -> Answer<Vec<i64>> {
            let mut select = db.prepare("SELECT count FROM segments WHERE count > 1 ORDER BY id")?;
            Ok(select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
        };
        // 4,096, what has joined since, and the small block that grows.
        assert_eq!(store.read(blocks).unwrap(), [4_096, 896, 8]);
        assert_eq!(store.check().unwrap(), Vec::<String>::new());
    }

    /// The bytes of a full block per sample, for values that a machine under load may show.
    fn bytes_a_sample(value: impl Fn(i64) -> Scalar) -> usize {
        // Deterministic noise, in the times too.
        let noise = |step: i64| step.wrapping_mul(6_364_136_223_846_793_005).rotate_left(29);
        let point = |step: i64| Point {
            index: step.unsigned_abs(),
            step: None,
            value: value(noise(step)),
            time: Time::from_micros(1_780_000_000_000_000 + step * 5_000_000 + noise(step) % 3_000),
        };
        let points: Vec<_> = (0..4_096).map(point).collect();
        segment::encode(&points).unwrap().len() / points.len()
    }

    // Proves C7: a week at the usual interval is 120,960 samples, and seven series of it take a few megabytes.
    #[test]
    fn a_sample_takes_few_bytes() {
        #[allow(clippy::cast_precision_loss, reason = "small")]
        let percent = bytes_a_sample(|noise| Scalar::Float((noise % 4_000) as f64 / 10.0));
        let memory = bytes_a_sample(|noise| Scalar::Int((8 << 30) + (noise % 100_000) * 4_096));
        let still = bytes_a_sample(|_| Scalar::Int(412 << 30));
        assert!(percent <= 8 && memory <= 9 && still <= 4, "{percent} {memory} {still}");
    }
}
