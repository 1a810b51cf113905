//! Short lists of things that have no records of their own.

use serde::Serialize;

use super::matcher;
use crate::model::load::Load;
use crate::model::names::{nearest, visible, words};
use crate::model::{Scalar, Time, Values};
use crate::ops::nodes::{self, Contact, Node};
use crate::ops::select::is_job;
use crate::ops::{Context, OpsError, Result, select};
use crate::report::{Kind, Known, Row};

/// A row of such a list; absent values are left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Entry(pub Values);

impl Entry {
    fn of<const N: usize>(pairs: [(&str, Option<Scalar>); N]) -> Self {
        let pairs = pairs.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Self(pairs.collect())
    }
}

const fn known(name: &'static str, kind: Kind) -> Known {
    Known { name, aliases: &[], kind }
}

/// All fields that an entry of some list may have, so that a list without any value of one is still a list.
const FIELDS: &[Known] = &[
    known("run", Kind::Name),
    known("run_name", Kind::Name),
    known("step", Kind::Value),
    known("time", Kind::Time),
    known("name", Kind::Value),
    known("tag", Kind::Value),
    known("value", Kind::Value),
    known("box_name", Kind::Value),
    known("address", Kind::Value),
    known("contact", Kind::Value),
    known("active", Kind::Value),
    known("slots", Kind::Value),
    known("gpus", Kind::Value),
    known("gpus_busy", Kind::Value),
    known("cpu", Kind::Value),
    known("memory", Kind::Value),
    known("memory_total", Kind::Value),
    known("load", Kind::Value),
    known("last_time", Kind::Time),
    known("target", Kind::Value),
    known("service", Kind::Value),
    known("boxes", Kind::Value),
    known("nodes", Kind::Value),
    known("setup", Kind::Value),
    known("docker", Kind::Value),
    known("default", Kind::Value),
    known("ws", Kind::Value),
    known("status", Kind::Status),
    known("exper_name", Kind::Value),
    known("create_time", Kind::Time),
    known("deleted", Kind::Time),
    known("path", Kind::Value),
    known("kind", Kind::Value),
    known("size", Kind::Value),
    known("modified", Kind::Time),
    known("share", Kind::Value),
];

impl Row for Entry {
    fn field(&self, name: &str) -> Option<Scalar> {
        self.0.get(name).cloned()
    }

    fn names_under(&self, _prefix: &str) -> Vec<&str> {
        Vec::new()
    }

    fn fields(&self) -> &'static [Known] {
        FIELDS
    }
}

fn text(text: impl Into<String>) -> Option<Scalar> {
    Some(text.into()).filter(|text| !text.is_empty()).map(Scalar::Text)
}

fn time(time: Time) -> Option<Scalar> {
    text(time.to_string())
}

#[allow(clippy::unnecessary_wraps, reason = "beside `text`, in one list")]
fn count(number: impl Into<i64>) -> Option<Scalar> {
    Some(Scalar::Int(number.into()))
}

/// The columns of a list of boxes.
pub const BOX_COLUMNS: &[&str] = &[
    "box_name=BOX",
    "address",
    "active",
    "slots",
    "gpus",
    "gpus_busy=GPU%:.0f",
    "cpu=CPU%:.0f",
    "memory:$bytes",
    "memory_total=OF:$bytes",
    "load:.2f",
    "contact",
    "last_time=SEEN:$age",
];

/// The machines of the configuration and those that have given a sign of life, with their present load.
pub fn boxes(ctx: &Context, wildcard: Option<&str>) -> Result<Vec<Entry>> {
    let matcher = matcher(wildcard)?;
    let nodes = nodes::nodes(ctx)?;
    let entry = |node: &Node| {
        let beat = node.beat.as_ref();
        let present = node.present();
        let load = present.and_then(|beat| beat.machine.as_ref());
        let bytes = |bytes: u64| count(i64::try_from(bytes).unwrap_or(i64::MAX));
        Entry::of([
            ("box_name", text(&node.name)),
            ("address", text(&node.address)),
            (
                "contact",
                text(
                    Some(node.contact).filter(|contact| *contact != Contact::Never).map_or("", Contact::word),
                ),
            ),
            ("active", beat.and_then(|beat| count(beat.active))),
            ("slots", beat.and_then(|beat| count(beat.slots))),
            ("gpus", beat.and_then(|beat| count(beat.gpus))),
            ("gpus_taken", present.and_then(|beat| count(beat.gpus_taken))),
            ("gpus_busy", load.and_then(Load::gpus_busy).map(Scalar::Float)),
            ("load", present.map(|beat| Scalar::Float(beat.load))),
            ("cpu", load.and_then(|load| load.cpu).map(Scalar::Float)),
            ("memory", load.and_then(|load| bytes(load.memory))),
            ("memory_total", load.and_then(|load| bytes(load.memory_total))),
            ("disk_free", load.and_then(|load| bytes(load.disk_free?))),
            ("last_time", beat.and_then(|beat| time(beat.time))),
            ("version", beat.and_then(|beat| text(beat.version.clone()))),
        ])
    };
    Ok(nodes.iter().filter(|node| matcher.is_match(&node.name)).map(entry).collect())
}

/// The columns of a list of targets.
pub const TARGET_COLUMNS: &[&str] = &["target", "service", "boxes", "nodes", "setup", "docker", "default"];

/// Where jobs can run, as the configuration has it.
pub fn targets(ctx: &Context, wildcard: Option<&str>) -> Result<Vec<Entry>> {
    let matcher = matcher(wildcard)?;
    let usual = &ctx.config.xt_services.target;
    let targets = ctx.config.compute_targets.iter().filter(|(name, _)| matcher.is_match(name));
    let entry = |(name, target): (&String, &crate::config::typed::ComputeTarget)| {
        Entry::of([
            ("target", text(name)),
            ("service", text(&target.service)),
            ("boxes", text(target.boxes.join(", "))),
            ("nodes", count(target.nodes)),
            ("setup", target.setup.as_ref().and_then(text)),
            ("docker", target.docker.as_ref().and_then(text)),
            ("default", (name == usual).then_some(Scalar::Bool(true))),
        ])
    };
    Ok(targets.map(entry).collect())
}

/// The columns of a list of tags.
pub const TAG_COLUMNS: &[&str] = &["name", "tag", "value"];

/// The tags of runs and jobs, or those of them that are asked for.
pub fn tags(ctx: &Context, names: &[String], ws: Option<&str>, wanted: &[String]) -> Result<Vec<Entry>> {
    let (jobs, runs): (Vec<_>, Vec<_>) =
        words(names.iter().map(String::as_str)).map(str::to_owned).partition(|name| is_job(name));
    let mut tagged: Vec<(String, Values)> = Vec::new();
    for job in select::jobs(ctx, &jobs)? {
        tagged.push((job.job_id.to_string(), job.tags));
    }
    for run in select::runs(ctx, &runs, ws)? {
        tagged.push((run.path().to_string(), run.tags));
    }
    let wanted: Vec<_> = words(wanted.iter().map(String::as_str)).collect();
    for tag in &wanted {
        let all = tagged.iter().flat_map(|(_, tags)| tags.keys()).map(String::as_str);
        if !all.clone().any(|name| name == *tag) {
            let near = nearest(tag, all).map(visible);
            return Err(OpsError::Missing { what: "tag", name: visible(tag), nearest: near });
        }
    }
    let mut entries = Vec::new();
    for (name, tags) in tagged {
        for (tag, value) in tags {
            if wanted.is_empty() || wanted.contains(&tag.as_str()) {
                let value = Some(value).filter(|value| !matches!(value, Scalar::Null));
                entries.push(Entry::of([("name", text(&name)), ("tag", text(tag)), ("value", value)]));
            }
        }
    }
    Ok(entries)
}

/// The columns of the trash.
pub const TRASH_COLUMNS: &[&str] = &[
    "ws=WORKSPACE",
    "run_name=RUN",
    "status",
    "exper_name=EXPERIMENT",
    "deleted:$age",
    "create_time=CREATED:$age",
];

/// Deleted runs that can be brought back, the latest last.
pub fn trash(ctx: &Context) -> Result<Vec<Entry>> {
    let mut trash = ctx.records.trash()?;
    trash.sort_by_key(|(deleted, _)| *deleted);
    let entry = |(deleted, run): (Time, crate::model::Run)| {
        Entry::of([
            ("ws", text(&run.ws)),
            ("run_name", text(run.run_name.to_string())),
            ("status", text(run.status.word())),
            ("exper_name", text(&run.exper_name)),
            ("create_time", time(run.create_time)),
            ("deleted", time(deleted)),
        ])
    };
    Ok(trash.into_iter().map(entry).collect())
}
