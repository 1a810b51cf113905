//! `xt list blobs`: what lies in a folder of the store, where folders of runs are shown as runs.

use crate::model::names::Selector;
use crate::model::{RunName, RunPath, Scalar, Time, Values};
use crate::ops::list::Entry as Row;
use crate::ops::{Context, Result};
use crate::store::RunQuery;
use crate::store::blobs::{Depth, Entry};

use super::{Root, clean, is_pattern, matching};

/// The columns of the list.
pub const COLUMNS: &[&str] = &["kind", "size:$bytes", "modified:$age", "path"];

/// How many levels of folders are opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Levels {
    /// So many; the folders below are told by name.
    So(u32),
    /// All: blobs alone are told.
    All,
}

/// Lists what a path means: a folder's contents, a blob, or what matches a pattern.
pub fn blobs(ctx: &Context, root: &Root, path: &str, levels: Levels) -> Result<Vec<Row>> {
    let inside = clean(path)?;
    let mut rows = Vec::new();
    if is_pattern(inside) || levels == Levels::All {
        for blob in matching(root, inside)?.blobs {
            let name = blob.path.strip_prefix(&root.at.path).unwrap_or(&blob.path).to_owned();
            rows.push(row("blob", &name, Some((blob.size, blob.modified))));
        }
        return Ok(rows);
    }
    let Levels::So(levels) = levels else { return Ok(rows) };
    let start = if inside.is_empty() { String::new() } else { format!("{inside}/") };
    folder(root, &start, levels, &mut rows)?;
    if rows.is_empty() && !inside.is_empty() {
        let found = root.files.stat(&root.join(inside))?;
        rows.extend(found.map(|blob| row("blob", inside, Some((blob.size, blob.modified)))));
    }
    if let (Some(run), true) = (&root.run, inside.is_empty()) {
        rows.extend(children(ctx, run)?.iter().map(|child| row("run", &child.run.to_string(), None)));
    }
    Ok(rows)
}

/// The contents of a folder, and of those in it as far down as is wanted.
fn folder(root: &Root, start: &str, levels: u32, rows: &mut Vec<Row>) -> Result<()> {
    let mut entries = Vec::new();
    root.files.list(&root.join(start), Depth::One, &mut |entry| {
        entries.push(entry);
        Ok(())
    })?;
    for entry in entries {
        let name = entry.path().strip_prefix(&root.at.path).unwrap_or_default().to_owned();
        match entry {
            Entry::Blob(blob) => rows.push(row("blob", &name, Some((blob.size, blob.modified)))),
            Entry::Folder(_) if levels > 0 => folder(root, &name, levels - 1, rows)?,
            Entry::Folder(path) => rows.push(row(kind(&path), &name, None)),
        }
    }
    Ok(())
}

/// A folder among runs that is called as one holds a run's files.
fn kind(path: &str) -> &'static str {
    let mut steps = path.trim_end_matches('/').rsplit('/');
    let (name, above) = (steps.next().unwrap_or_default(), steps.next());
    if above == Some("runs") && name.parse::<RunName>().is_ok() { "run" } else { "folder" }
}

/// The children of a run: their files lie beside its own, not in them.
fn children(ctx: &Context, run: &RunPath) -> Result<Vec<RunPath>> {
    if run.run.parent().is_some() {
        return Ok(Vec::new());
    }
    let (first, last) = (run.run.child(1), run.run.child(RunName::MOST_CHILDREN));
    let query = RunQuery {
        ws: Some(run.ws.clone()),
        names: vec![Selector::Numbers(first.run_num(), last.run_num())],
        ..RunQuery::default()
    };
    Ok(ctx.records.runs(&query)?.iter().map(crate::model::Run::path).collect())
}

fn row(kind: &str, path: &str, blob: Option<(u64, Time)>) -> Row {
    let mut values = Values::new();
    values.insert("kind".to_owned(), Scalar::Text(kind.to_owned()));
    if let Some((size, modified)) = blob {
        values.insert("size".to_owned(), Scalar::Int(i64::try_from(size).unwrap_or(i64::MAX)));
        values.insert("modified".to_owned(), Scalar::Text(modified.to_string()));
    }
    values.insert("path".to_owned(), Scalar::Text(path.to_owned()));
    Row(values)
}

#[cfg(test)]
mod tests {
    use super::super::{Place, root};
    use super::*;
    use crate::ops::testing::World;

    fn told(rows: &[Row]) -> Vec<String> {
        rows.iter().map(|row| format!("{} {}", row.0["kind"], row.0["path"])).collect()
    }

    // Proves B20: child runs are shown as runs, and folders as deep as is wanted.
    #[test]
    fn children_are_runs_and_folders_are_opened_as_far_as_wanted() {
        let world = World::new();
        world.family("ws1", 2);
        world.end_all();
        let run =
            |name: &str| root(&world.ctx, &Place { run: Some(name.to_owned()), ..Place::default() }).unwrap();
        let list = |root: &Root, path: &str, levels| told(&blobs(&world.ctx, root, path, levels).unwrap());
        let parent = run("run1");
        world.ctx.files().unwrap().put(&parent.join("sum.txt"), b"x").unwrap();
        assert_eq!(list(&parent, "", Levels::So(0)), ["blob sum.txt", "run run1.1", "run run1.2"]);
        let child = run("run1.1");
        assert_eq!(list(&child, "", Levels::So(0)), ["folder after/"]);
        assert_eq!(list(&child, "", Levels::So(1)), ["folder after/output/"]);
        assert_eq!(list(&child, "", Levels::So(2)), ["blob after/output/console.txt"]);
        assert_eq!(list(&child, "after", Levels::All), ["blob after/output/console.txt"]);
        assert_eq!(
            list(&child, "after/output/console.txt", Levels::So(0)),
            ["blob after/output/console.txt"]
        );
        assert_eq!(list(&child, "after/*", Levels::So(0)), Vec::<String>::new());
        assert_eq!(list(&child, "none", Levels::So(0)), Vec::<String>::new());
        assert_eq!(kind("runs/run1.2/"), "run");
        assert_eq!(kind("a/run1.2/"), "folder");
    }
}
