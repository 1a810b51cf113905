//! `xt view metrics`: the history of metrics, point by point or side by side.

use indexmap::IndexSet;
use serde::Serialize;

use crate::model::metric::Point;
use crate::model::names::{nearest, visible, words};
use crate::model::{Run, RunPath, Scalar, Time, Values};
use crate::ops::list::{Entry, piece_table, quoted};
use crate::ops::{Context, OpsError, Result};
use crate::report::{Table, Widths};
use crate::store;

/// One value of one metric of one run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricPoint {
    /// Its run, where several are looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// The metric.
    pub name: String,
    /// The step, if the script gave one.
    pub step: Option<Scalar>,
    /// The value.
    pub value: Scalar,
    /// When it was logged.
    pub time: Time,
}

/// Whose history of which metrics is looked at. It is read block by block, any number of times, and is always the
/// same: what running scripts log meanwhile is left out.
pub struct Histories<'a> {
    ctx: &'a Context,
    runs: Vec<(RunPath, store::Histories)>,
}

/// The histories of some runs: all of their metrics, or those that are named, each of which some run must have.
pub fn histories<'a>(ctx: &'a Context, runs: &[Run], names: &[String]) -> Result<Histories<'a>> {
    let wanted: Vec<_> = words(names.iter().map(String::as_str)).map(str::to_owned).collect();
    let mut found = Vec::new();
    for run in runs {
        found.push((run.path(), ctx.records.histories(&run.path())?));
    }
    for name in &wanted {
        if !found.iter().any(|(_, own)| own.names.contains(name)) {
            let all = runs.iter().flat_map(|run| run.metric_names.iter().chain(run.metrics.keys()));
            let near = nearest(name, all.map(String::as_str)).map(visible);
            return Err(OpsError::Missing { what: "metric", name: visible(name), nearest: near });
        }
    }
    if !wanted.is_empty() {
        for (_, own) in &mut found {
            own.names = wanted.iter().filter(|name| own.names.contains(name)).cloned().collect();
        }
    }
    Ok(Histories { ctx, runs: found })
}

/// The points of one metric, of which one block is held.
struct Reader<'a> {
    ctx: &'a Context,
    path: &'a RunPath,
    name: &'a str,
    /// Log calls from this one on came later.
    calls: u64,
    /// Points that were read.
    seen: u64,
    points: std::iter::Peekable<std::vec::IntoIter<Point>>,
}

impl<'a> Reader<'a> {
    fn new(ctx: &'a Context, path: &'a RunPath, calls: u64, name: &'a str) -> Self {
        Self { ctx, path, name, calls, seen: 0, points: Vec::new().into_iter().peekable() }
    }

    /// The log call of the next point.
    fn call(&mut self) -> Result<Option<u64>> {
        while self.points.peek().is_none() {
            let points = self.ctx.records.block(self.path, self.name, self.seen)?;
            if points.is_empty() {
                return Ok(None);
            }
            self.seen += points.len() as u64;
            self.points = points.into_iter().peekable();
        }
        Ok(self.points.peek().map(|point| point.index).filter(|call| *call < self.calls))
    }

    fn next(&mut self) -> Result<Option<Point>> {
        Ok(self.call()?.and_then(|_| self.points.next()))
    }
}

impl Histories<'_> {
    fn readers<'b>(&'b self, path: &'b RunPath, own: &'b store::Histories) -> Vec<Reader<'b>> {
        own.names.iter().map(|name| Reader::new(self.ctx, path, own.calls, name)).collect()
    }

    /// Of the first run, its metrics as they stood when one of them was best; nothing if it never had a number.
    pub fn at_best(&self, primary: &str, maximize: bool) -> Result<Option<Values>> {
        let Some((path, own)) = self.runs.first() else { return Ok(None) };
        let mut best: Option<(f64, u64)> = None;
        let mut reader = Reader::new(self.ctx, path, own.calls, primary);
        while let Some(point) = reader.next()? {
            let Some(value) = point.value.as_f64().filter(|value| !value.is_nan()) else { continue };
            let is_better = |best: f64| if maximize { value > best } else { value < best };
            if best.is_none_or(|(best, _)| is_better(best)) {
                best = Some((value, point.index));
            }
        }
        let Some((_, best)) = best else { return Ok(None) };
        let mut values = Values::new();
        for mut reader in self.readers(path, own) {
            while reader.call()?.is_some_and(|call| call <= best)
                && let Some(point) = reader.next()?
            {
                values.insert(reader.name.to_owned(), point.value);
            }
        }
        Ok(Some(values))
    }

    /// All points, by run and metric, in the order they were logged.
    pub fn points(&self, each: &mut dyn FnMut(&MetricPoint) -> Result<()>) -> Result<()> {
        for (path, own) in &self.runs {
            for mut reader in self.readers(path, own) {
                while let Some(point) = reader.next()? {
                    each(&MetricPoint {
                        run: (self.runs.len() > 1).then(|| path.to_string()),
                        name: reader.name.to_owned(),
                        step: point.step.map(number),
                        value: point.value,
                        time: point.time,
                    })?;
                }
            }
        }
        Ok(())
    }

    /// A row for each log call, its metrics side by side.
    fn rows(&self, each: &mut dyn FnMut(Entry) -> Result<()>) -> Result<()> {
        for (path, own) in &self.runs {
            let mut readers = self.readers(path, own);
            loop {
                let mut first = None;
                for reader in &mut readers {
                    first = first.into_iter().chain(reader.call()?).min();
                }
                let Some(call) = first else { break };
                let mut row = Values::from([("run".to_owned(), Scalar::Text(path.run.to_string()))]);
                for reader in &mut readers {
                    while reader.call()? == Some(call)
                        && let Some(point) = reader.next()?
                    {
                        if let Some(step) = point.step {
                            row.entry("step".to_owned()).or_insert_with(|| number(step));
                        }
                        row.insert(format!("metrics.{}", reader.name), point.value);
                    }
                }
                each(Entry(row))?;
            }
        }
        Ok(())
    }

    /// The columns a table may have; whether it needs `step` is known when it has been read.
    fn columns(&self) -> Vec<String> {
        let names: IndexSet<_> = self.runs.iter().flat_map(|(_, own)| &own.names).collect();
        let run = (self.runs.len() > 1).then(|| "run".to_owned());
        let metrics = names.into_iter().map(|name| quoted("metrics", name));
        run.into_iter().chain(["step".to_owned()]).chain(metrics).collect()
    }

    /// Reads it all to know how a table of it is laid out; `whole` as for a file.
    pub fn measure(&self, whole: bool) -> Result<Measured> {
        let mut measured = Measured { columns: self.columns(), widths: Widths::default(), rows: 0, whole };
        let mut stepped = false;
        self.pieces(&measured.columns.clone(), whole, &mut |rows, table| {
            measured.rows += rows.len();
            stepped |= rows.iter().any(|row| row.0.contains_key("step"));
            measured.widths.widen(&table);
            Ok(())
        })?;
        if let Some(step) = measured.columns.iter().position(|column| column == "step" && !stepped) {
            measured.columns.remove(step);
            measured.widths.remove(step);
        }
        Ok(measured)
    }

    /// The table, piece by piece.
    pub fn tables(&self, measured: &Measured, each: &mut dyn FnMut(Table) -> Result<()>) -> Result<()> {
        self.pieces(&measured.columns, measured.whole, &mut |_, table| each(table))
    }

    fn pieces(
        &self,
        columns: &[String],
        whole: bool,
        each: &mut dyn FnMut(&[Entry], Table) -> Result<()>,
    ) -> Result<()> {
        let mut rows = Vec::with_capacity(PIECE);
        self.rows(&mut |row| {
            rows.push(row);
            if rows.len() == PIECE {
                each(&rows, piece_table(&rows, columns, whole)?)?;
                rows.clear();
            }
            Ok(())
        })?;
        if rows.is_empty() { Ok(()) } else { each(&rows, piece_table(&rows, columns, whole)?) }
    }
}

/// Rows of a table that are held at a time.
const PIECE: usize = 1024;

/// How a table of histories is laid out.
#[derive(Debug)]
pub struct Measured {
    columns: Vec<String>,
    /// The widths of its columns.
    pub widths: Widths,
    /// How many rows it has.
    pub rows: usize,
    whole: bool,
}

impl Measured {
    /// The table without its rows.
    pub fn empty(&self) -> Result<Table> {
        piece_table::<Entry>(&[], &self.columns, self.whole)
    }
}

/// Steps are whole numbers nearly always, and are to look like that.
pub(in crate::ops) fn number(step: f64) -> Scalar {
    #[allow(clippy::cast_possible_truncation, reason = "checked to be whole and small")]
    if step.fract() == 0.0 && step.abs() < 1e15 { Scalar::Int(step as i64) } else { Scalar::Float(step) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::testing::World;
    use crate::report::{Export, Paint};
    use crate::store::{MetricBatch, NewPoint};

    /// Logs points of a run: `(call, step, metric, value)`.
    fn log(world: &World, run: &RunPath, points: Vec<(u64, Option<f64>, &str, f64)>) {
        let ingested = world.ctx.records.ingested(run).unwrap();
        let from = ingested.first().map_or(0, |(_, to)| *to);
        let point = |(call, step, name, value): (u64, Option<f64>, &str, f64)| NewPoint {
            name: name.to_owned(),
            step,
            time: Time::from_micros(1),
            value: Scalar::Float(value),
            call,
        };
        let batch = MetricBatch {
            run: run.clone(),
            source: "a".into(),
            from,
            to: from + 1,
            points: points.into_iter().map(point).collect(),
            hparams: Values::new(),
            tags: Values::new(),
            events: vec![],
        };
        world.ctx.records.ingest(&[batch]).unwrap();
    }

    fn text(histories: &Histories<'_>) -> String {
        let measured = histories.measure(false).unwrap();
        let sheet = measured.widths.sheet(Paint::plain(), None, 0);
        let mut out = String::new();
        sheet.head(&mut out, &measured.empty().unwrap());
        let rows = &mut |table: Table| {
            sheet.rows(&mut out, &table, 0..table.rows.len());
            Ok(())
        };
        histories.tables(&measured, rows).unwrap();
        out
    }

    // Proves A6 (metrics of one call side by side, those without a step too), and that a run that goes on logging
    // does not disturb who reads.
    #[test]
    fn metrics_of_one_call_share_a_row() {
        let world = World::new();
        let (first, second) = (world.single("ws1"), world.single("ws1"));
        let some = Some;
        log(
            &world,
            &first,
            vec![(0, some(1.0), "loss", 0.5), (1, some(2.0), "loss", 0.4), (1, some(2.0), "test acc", 0.9)],
        );
        log(&world, &second, vec![(0, None, "loss", 7.0)]);
        let run = |path| world.ctx.records.run(path).unwrap();
        let runs = [run(&first), run(&second)];
        let one = histories(&world.ctx, &runs[..1], &[]).unwrap();
        let told = "STEP  LOSS  TEST ACC\n   1   0.5\n   2   0.4       0.9\n";
        assert_eq!(text(&one), told);
        log(&world, &first, vec![(0, some(3.0), "loss", 0.333_333), (0, some(3.0), "new", 1.0)]);
        assert_eq!(text(&one), told, "what came later is left out");
        let loss = histories(&world.ctx, &runs[1..], &["loss".to_owned()]).unwrap();
        assert_eq!(text(&loss), "LOSS\n   7\n");
        let both = histories(&world.ctx, &runs, &["test acc,loss".to_owned()]).unwrap();
        assert_eq!(text(&both).lines().next(), Some("RUN   STEP  TEST ACC    LOSS"));
        let mut points = Vec::new();
        both.points(&mut |point| {
            points.push((point.run.clone().unwrap(), point.name.clone()));
            Ok(())
        })
        .unwrap();
        let expected =
            [("run1", "test acc"), ("run1", "loss"), ("run1", "loss"), ("run1", "loss"), ("run2", "loss")];
        assert_eq!(points, expected.map(|(run, name)| (format!("ws1/{run}"), name.to_owned())));
        assert!(
            histories(&world.ctx, &runs, &["los".to_owned()]).err().unwrap().to_string().contains("`loss`")
        );
    }

    // Proves A7 (report-rollup): the metrics of the moment when the primary one was best, ties for the first.
    #[test]
    fn metrics_stand_as_they_were_at_the_best() {
        let world = World::new();
        let run = world.single("ws1");
        let nan = f64::NAN;
        let points = [
            (0, "acc", 0.5),
            (0, "loss", 3.0),
            (1, "acc", nan),
            (2, "acc", 0.9),
            (3, "loss", 1.0),
            (3, "acc", 0.9),
            (4, "late", 1.0),
        ];
        log(&world, &run, points.map(|(call, name, value)| (call, None, name, value)).into());
        let runs = [world.ctx.records.run(&run).unwrap()];
        let histories = histories(&world.ctx, &runs, &[]).unwrap();
        let at = |primary, maximize| {
            let values = histories.at_best(primary, maximize).unwrap();
            values.map(|values| {
                values.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>()
            })
        };
        assert_eq!(at("acc", true).unwrap(), ["acc=0.9", "loss=3"]);
        assert_eq!(at("loss", false).unwrap(), ["acc=0.9", "loss=1"]);
        assert_eq!(at("nothing", true), None);
    }

    // Proves A6: a history of many blocks and pieces is the same table as one that is held.
    #[test]
    fn a_long_history_is_read_block_by_block() {
        let world = World::new();
        let run = world.single("ws1");
        for part in 0..3_u32 {
            let calls = (0..3000_u32).map(|call| (u64::from(call), None, "a", f64::from(part * 3000 + call)));
            log(&world, &run, calls.collect());
        }
        log(&world, &run, vec![(0, None, "late", 1.0)]);
        let runs = [world.ctx.records.run(&run).unwrap()];
        let histories = histories(&world.ctx, &runs, &[]).unwrap();
        let measured = histories.measure(true).unwrap();
        assert_eq!(measured.rows, 9001);
        let mut csv = Export::Csv.head(&measured.empty().unwrap(), &measured.widths);
        let mut pieces = 0;
        let rows = &mut |table: Table| {
            assert!(table.rows.len() <= PIECE);
            Export::Csv.rows(&mut csv, &table, pieces == 0);
            pieces += 1;
            Ok(())
        };
        histories.tables(&measured, rows).unwrap();
        let lines: Vec<_> = csv.lines().collect();
        assert_eq!((lines.len(), pieces), (9002, 9));
        assert_eq!(
            (lines[0], lines[1], lines[9000], lines[9001]),
            ("metrics.a,metrics.late", "0,", "8999,", ",1")
        );
    }
}
