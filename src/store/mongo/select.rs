//! Lists of runs: the server decides what it decides exactly as the filter language does, and the rest is decided here.

use std::collections::{BTreeMap, HashMap};

use mongodb::bson::{Bson, Document, doc};

use super::document::{self, bson_number, without_growth, words};
use super::escape::escape;
use super::{Mongo, counters};
use crate::model::filter::{Filter, Matcher, Op};
use crate::model::names::Selector;
use crate::model::{Run, RunName, RunPath, Scalar, Status};
use crate::store::domain::order::{Picked, ends};
use crate::store::{Kind, Result, RunKey, RunQuery, SortKey};

/// A key is the number of a workspace in this process above so many bits, and the run's number in these.
const BITS: u32 = 43;

/// The workspaces this process has met, numbered: what keys of runs are made of.
#[derive(Default)]
pub struct Spaces(Vec<String>);

impl Spaces {
    fn key(&mut self, ws: &str, num: u64) -> i64 {
        let known = self.0.iter().position(|name| name == ws);
        let place = known.unwrap_or_else(|| {
            self.0.push(ws.to_owned());
            self.0.len() - 1
        });
        ((place as u64) << BITS | num).cast_signed()
    }

    fn path(&self, key: i64) -> Option<RunPath> {
        let key = key.cast_unsigned();
        let (place, num) = (usize::try_from(key >> BITS).ok()?, key & ((1 << BITS) - 1));
        let run = RunName { number: num / 1_000_000, child: num % 1_000_000 };
        self.0.get(place).map(|ws| RunPath::new(ws.as_str(), run))
    }
}

/// The runs a query asks for.
pub fn runs(mongo: &Mongo, query: &RunQuery) -> Result<Vec<Run>> {
    let ids: Vec<_> = index(mongo, query)?.iter().map(|key| key.id).collect();
    Ok(at(mongo, &ids)?.into_iter().map(|(_, run)| run).collect())
}

/// The keys of the runs a query asks for, in its order.
pub fn index(mongo: &Mongo, query: &RunQuery) -> Result<Vec<RunKey>> {
    let workspaces = match &query.ws {
        Some(ws) => {
            counters::require(&mongo.connection, ws)?;
            vec![ws.clone()]
        }
        None => counters::names(&mongo.connection)?,
    };
    let mut server = Server { all: Vec::new() };
    server.conditions(query);
    let rest = query.filter.as_ref().and_then(|filter| server.filter(filter));
    let matcher = rest.as_ref().map(Filter::matcher);
    let named = named(&query.names).map(|names| names.matcher());
    let fields = fields(rest.is_some(), &query.sort);
    let filter = server.finish();
    let mut picked = Picked::new(&query.sort);
    for ws in workspaces {
        let order = doc! { "run_num": 1 };
        let found = mongo.connection.find(&ws, filter.clone(), fields.clone(), order, None)?;
        let spaces = &mut mongo.shared().spaces;
        for document in found {
            let run = document::run_or_rest(&ws, &document);
            let meets = |matcher: &Matcher| matcher.matches(&|name| run.field(name));
            if named.as_ref().is_none_or(meets) && matcher.as_ref().is_none_or(meets) {
                picked.take(spaces.key(&ws, run.run_num), &run);
            }
        }
    }
    Ok(ends(picked.sorted(), query.first, query.last))
}

/// Names with wildcards as a filter; the server decides about numbers alone.
fn named(names: &[Selector]) -> Option<Filter> {
    let compare = |field: &str, op, value| Filter::Compare { field: field.to_owned(), op, value };
    let filter = |name: &Selector| match name {
        Selector::Glob(pattern) => compare("run_name", Op::Eq, Scalar::Text(pattern.clone())),
        Selector::Numbers(first, last) => {
            let number = |number: u64| Scalar::Int(number.cast_signed());
            let from = compare("run_num", Op::Ge, number(*first));
            Filter::All(vec![from, compare("run_num", Op::Le, number(*last))])
        }
    };
    let has_pattern = names.iter().any(|name| matches!(name, Selector::Glob(_)));
    has_pattern.then(|| Filter::Any(names.iter().map(filter).collect()))
}

/// The fields that decide: only these are sent, as long as they are known.
fn fields(has_filter: bool, order: &[SortKey]) -> Document {
    let mut fields = doc! { "run_num": 1, "status": 1 };
    for key in order {
        match stored(&key.field) {
            Some(field) => drop(fields.insert(field, 1)),
            None => return without_growth(),
        }
    }
    if has_filter { without_growth() } else { fields }
}

/// The field of a document by a name of the filter language, where it is one and the same.
fn stored(field: &str) -> Option<String> {
    Some(match field {
        "run" | "run_name" => "run_num".to_owned(),
        "workspace" => "ws".to_owned(),
        "create_time" | "created" => "create_time".to_owned(),
        "start_time" | "started" => "start_time".to_owned(),
        "end_time" | "ended" => "end_time".to_owned(),
        "run_num" | "ws" | "last_time" | "exit_code" | "end_id" => field.to_owned(),
        _ => match field.split_once('.') {
            Some((map @ ("hparams" | "metrics" | "tags"), name)) => format!("{map}.{}", escape(name)),
            _ => text_field(field)?.to_owned(),
        },
    })
}

/// Fields that are plain texts.
fn text_field(field: &str) -> Option<&'static str> {
    Some(match field {
        "exper_name" | "experiment" => "exper_name",
        "status" => "status",
        "username" => "username",
        "box_name" | "box" => "box_name",
        "compute" | "target" => "compute",
        "service_type" => "service_type",
        _ => return None,
    })
}

/// What the server is asked for.
struct Server {
    all: Vec<Document>,
}

impl Server {
    fn any_of(&mut self, field: &str, values: impl IntoIterator<Item = impl Into<Bson>>) {
        let values: Vec<Bson> = values.into_iter().map(Into::into).collect();
        if !values.is_empty() {
            self.all.push(doc! { field: { "$in": values } });
        }
    }

    fn conditions(&mut self, query: &RunQuery) {
        let numbers = |name: &Selector| match name {
            Selector::Numbers(first, last) => {
                Some(doc! { "run_num": { "$gte": bson_number(*first), "$lte": bson_number(*last) } })
            }
            Selector::Glob(_) => None,
        };
        let named: Option<Vec<_>> = query.names.iter().map(numbers).collect();
        self.all.extend(named.filter(|names| !names.is_empty()).map(|names| doc! { "$or": names }));
        self.any_of("job_id", query.jobs.iter().map(ToString::to_string));
        self.any_of("exper_name", query.experiments.iter().cloned());
        self.any_of("status", query.statuses.iter().map(|status| status.word()));
        self.any_of("username", query.usernames.iter().cloned());
        self.any_of("box_name", query.boxes.iter().cloned());
        self.any_of("compute", query.targets.iter().cloned());
        self.any_of("service_type", query.service_types.iter().cloned());
        let tagged = |tag: &String| doc! { format!("tags.{}", escape(tag)): { "$exists": true } };
        self.all.extend(query.tags_all.iter().map(tagged));
        let any: Vec<_> = query.tags_any.iter().map(tagged).collect();
        if !any.is_empty() {
            self.all.push(doc! { "$or": any });
        }
        match query.kind {
            Kind::All => {}
            Kind::Outer => self.all.push(doc! { "is_child": { "$ne": true } }),
            Kind::Parent => self.all.push(doc! { "is_parent": true }),
            Kind::Child => self.all.push(doc! { "is_child": true }),
            Kind::Leaf => {
                self.all.push(doc! { "$or": [ { "is_parent": { "$ne": true } }, { "leads": true } ] })
            }
            Kind::Counted => self.all.push(doc! { "is_parent": { "$ne": true } }),
        }
    }

    /// Takes what of a filter the server decides exactly as [`Filter::matches`] does, and answers the rest.
    fn filter(&mut self, filter: &Filter) -> Option<Filter> {
        match filter {
            Filter::All(parts) => {
                let rest: Vec<_> = parts.iter().filter_map(|part| self.filter(part)).collect();
                (!rest.is_empty()).then_some(Filter::All(rest))
            }
            Filter::Compare { field, op: Op::Eq, value: Scalar::Text(text) }
                if !text.contains(['*', '?']) =>
            {
                match text_field(field) {
                    Some(field) => {
                        self.all.push(doc! { field: text.as_str() });
                        None
                    }
                    None => Some(filter.clone()),
                }
            }
            other => Some(other.clone()),
        }
    }

    fn finish(self) -> Document {
        if self.all.is_empty() {
            doc! {}
        } else {
            doc! { "$and": self.all }
        }
    }
}

/// The runs of some keys, in their order.
pub fn at(mongo: &Mongo, ids: &[i64]) -> Result<Vec<(i64, Run)>> {
    let mut found = HashMap::new();
    for (ws, keys) in by_workspace(mongo, ids) {
        let names: Vec<_> = keys.iter().map(|(_, run)| run.to_string()).collect();
        let filter = doc! { "_id": { "$in": names } };
        let documents = mongo.connection.find(&ws, filter, without_growth(), doc! {}, None)?;
        let keys: HashMap<RunName, i64> = keys.into_iter().map(|(id, run)| (run, id)).collect();
        for document in documents {
            let run = document::run_or_rest(&ws, &document);
            if let Some(id) = keys.get(&run.run_name) {
                found.insert(*id, run);
            }
        }
    }
    Ok(ids.iter().filter_map(|id| Some((*id, found.remove(id)?))).collect())
}

/// The names of runs by key, of those that are there.
pub fn names_at(mongo: &Mongo, ids: &[i64]) -> Result<Vec<(i64, RunPath)>> {
    let mut found = HashMap::new();
    for (ws, keys) in by_workspace(mongo, ids) {
        let names: Vec<_> = keys.iter().map(|(_, run)| run.to_string()).collect();
        let filter = doc! { "_id": { "$in": names } };
        let there = mongo.connection.find(&ws, filter, doc! { "_id": 1 }, doc! {}, None)?;
        let there: std::collections::HashSet<RunName> =
            there.iter().filter_map(|document| document.get_str("_id").ok()?.parse().ok()).collect();
        let keys = keys.into_iter().filter(|(_, run)| there.contains(run));
        found.extend(keys.map(|(id, run)| (id, RunPath::new(ws.as_str(), run))));
    }
    Ok(ids.iter().filter_map(|id| Some((*id, found.remove(id)?))).collect())
}

fn by_workspace(mongo: &Mongo, ids: &[i64]) -> BTreeMap<String, Vec<(i64, RunName)>> {
    let shared = mongo.shared();
    let mut by_workspace = BTreeMap::<String, Vec<(i64, RunName)>>::new();
    for id in ids {
        if let Some(path) = shared.spaces.path(*id) {
            by_workspace.entry(path.ws).or_default().push((*id, path.run));
        }
    }
    by_workspace
}

/// The words of statuses of runs that have not ended.
pub fn unfinished() -> Bson {
    words(Status::ALL.into_iter().filter(|status| status.is_waiting() || status.is_active()))
}
