//! How a series lies in its blocks ([`crate::store::domain::blocks`]): a row each. They change and join in place:
//! whoever reads on in a later transaction goes by the number of points.

use rusqlite::{Connection, params};

use super::row::{Answer, signed, unsigned};
use crate::model::metric::Point;
use crate::store::domain::blocks;
use crate::store::segment::{self, CAPACITY};

/// The data of a series' blocks (`?1` the run, `?2` the name), without the first `?3`, in order.
pub const FROM: &str = "SELECT data FROM segments WHERE run = ?1 AND name = ?2 AND id >= (
                            SELECT id FROM segments WHERE run = ?1 AND name = ?2 ORDER BY id LIMIT 1 OFFSET ?3
                        ) ORDER BY id";

/// How many blocks lie before the point that follows those that were read, and how many points there are before it in the others.
pub fn place(seen: u64) -> (i64, usize) {
    let capacity = CAPACITY as u64;
    (signed(seen / capacity), usize::try_from(seen % capacity).unwrap_or(usize::MAX))
}

/// Appends points to a series.
pub fn append(db: &Connection, run: i64, name: i64, mut points: Vec<Point>) -> Answer<()> {
    let mut open = open_blocks(db, run, name)?;
    let counts: Vec<_> = open.iter().map(|(_, count)| *count).collect();
    // The blocks that are written anew, the last one first.
    let mut anew = Vec::new();
    for (id, _) in open.drain(open.len() - blocks::anew(&counts, points.len())..).rev() {
        points = joined(db, id, points)?;
        anew.push(id);
    }
    for block in points.chunks(CAPACITY) {
        let (count, data) = (signed(block.len() as u64), segment::encode(block)?);
        match anew.pop() {
            Some(id) => db
                .prepare_cached("UPDATE segments SET count = ?2, data = ?3 WHERE id = ?1")?
                .execute(params![id, count, data])?,
            None => db
                .prepare_cached("INSERT INTO segments (run, name, count, data) VALUES (?1, ?2, ?3, ?4)")?
                .execute(params![run, name, count, data])?,
        };
    }
    for id in anew {
        db.prepare_cached("DELETE FROM segments WHERE id = ?1")?.execute([id])?;
    }
    Ok(())
}

/// The blocks at the end that are not full, in their order, and how many points each has.
fn open_blocks(db: &Connection, run: i64, name: i64) -> Answer<Vec<(i64, usize)>> {
    let sql = "SELECT id, count FROM segments WHERE run = ?1 AND name = ?2 ORDER BY id DESC LIMIT 2";
    let mut select = db.prepare_cached(sql)?;
    let row = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, unsigned(row.get(1)?)));
    let last = select.query_map(params![run, name], row)?.collect::<Result<Vec<_>, _>>()?;
    let open = last.into_iter().map(|(id, count)| (id, usize::try_from(count).unwrap_or(CAPACITY)));
    let mut open: Vec<_> = open.take_while(|(_, count)| *count < CAPACITY).collect();
    open.reverse();
    Ok(open)
}

/// The points of a block, and these.
fn joined(db: &Connection, id: i64, mut points: Vec<Point>) -> Answer<Vec<Point>> {
    let sql = "SELECT data FROM segments WHERE id = ?1";
    let data: Vec<u8> = db.prepare_cached(sql)?.query_row([id], |row| row.get(0))?;
    let mut all = segment::decode(&data)?;
    all.append(&mut points);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Scalar, Time};
    use crate::store::domain::blocks::SMALL;
    use crate::store::sqlite::schema::MIGRATIONS;

    fn database() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        for step in MIGRATIONS {
            db.execute_batch(step).unwrap();
        }
        db
    }

    fn points(from: u64, count: usize) -> Vec<Point> {
        // Noise in every digit, so that nothing compresses.
        let noise = |index: u64| {
            let bits = u32::try_from(index.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40).unwrap();
            Scalar::Float(1.0 / f64::from(bits))
        };
        let point = |index| Point { index, step: None, value: noise(index + 1), time: Time::default() };
        (from..).take(count).map(point).collect()
    }

    fn counts(db: &Connection) -> Vec<usize> {
        let mut select =
            db.prepare("SELECT count FROM segments WHERE run = 1 AND name = 1 ORDER BY id").unwrap();
        let rows = select.query_map([], |row| row.get::<_, i64>(0)).unwrap();
        rows.map(|count| usize::try_from(count.unwrap()).unwrap()).collect()
    }

    fn read(db: &Connection, seen: u64) -> Vec<u64> {
        let (first, skipped) = place(seen);
        let mut select = db.prepare(FROM).unwrap();
        let rows = select.query_map(params![1, 1, first], |row| row.get::<_, Vec<u8>>(0)).unwrap();
        let points = rows.flat_map(|data| segment::decode(&data.unwrap()).unwrap());
        points.skip(skipped).map(|point| point.index).collect()
    }

    // Proves P4, R4: points that come one at a time rewrite small blocks, whatever came before, and no block of 4,096
    // for each.
    #[test]
    fn a_point_costs_a_small_block() {
        let db = database();
        let bytes = |db: &Connection| -> i64 {
            db.query_row("SELECT LENGTH(data) FROM segments ORDER BY id DESC LIMIT 1", [], |row| row.get(0))
                .unwrap()
        };
        append(&db, 1, 1, points(0, 1000)).unwrap();
        let large = bytes(&db);
        for index in 1000..1063 {
            append(&db, 1, 1, points(index, 1)).unwrap();
            assert_eq!(counts(&db).len(), 2);
            assert!(bytes(&db) < large / 2);
        }
        append(&db, 1, 1, points(1063, 1)).unwrap();
        assert_eq!(counts(&db), [1064]);
    }

    proptest! {
        // Proves P4, R5: however points come in, all are read again from any of them on.
        #[test]
        fn any_point_is_found_again(
            sizes in prop::collection::vec(prop_oneof![Just(1), 1..64_usize, 1..200_usize, 3900..4300_usize], 1..40),
            ones in 0..200_usize,
        ) {
            let db = database();
            let mut all = 0;
            for size in sizes.into_iter().chain(std::iter::repeat_n(1, ones)) {
                append(&db, 1, 1, points(all, size)).unwrap();
                all += size as u64;
                let counts = counts(&db);
                let open: Vec<_> = counts.iter().skip_while(|count| **count == CAPACITY).copied().collect();
                prop_assert!(open.len() <= 2 && open.iter().sum::<usize>() < CAPACITY, "{counts:?}");
                prop_assert!(open.get(1).is_none_or(|small| *small < SMALL), "{counts:?}");
            }
            for seen in [0, 1, 63, 64, 4095, 4096, 4097, all / 2, all - 1, all].into_iter().filter(|seen| *seen <= all) {
                prop_assert_eq!(read(&db, seen), (seen..all).collect::<Vec<_>>());
            }
        }
    }
}
