//! Lists of runs: the query becomes SQL where that means exactly the same, and the rest is decided here.

use std::fmt::Write as _;

use rusqlite::types::Value as Sql;
use rusqlite::{Connection, OptionalExtension, Row, params_from_iter};

use super::row::{Answer, RUN_COLUMNS, require_workspace, run_name, run_of_row, signed};
use crate::model::filter::{Filter, Op};
use crate::model::names::Selector;
use crate::model::{JobName, Run, RunPath, Scalar, Status};
use crate::store::domain::order::{Picked, ends};
use crate::store::{Kind, RunKey, RunQuery, SortKey};

/// The runs a query asks for.
pub fn runs(db: &Connection, query: &RunQuery) -> Answer<Vec<Run>> {
    let ids: Vec<_> = index(db, query)?.iter().map(|key| key.id).collect();
    Ok(at(db, &ids)?.into_iter().map(|(_, run)| run).collect())
}

/// The runs of some ids, in their order.
pub fn at(db: &Connection, ids: &[i64]) -> Answer<Vec<(i64, Run)>> {
    let sql = format!(
        "SELECT {RUN_COLUMNS} FROM runs LEFT JOIN run_docs ON run_docs.id = runs.id
         WHERE runs.id = ?1 AND trashed IS NULL"
    );
    let mut select = db.prepare_cached(&sql)?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let mut rows = select.query([id])?;
        if let Some(row) = rows.next()? {
            found.push(run_of_row(row)?);
        }
    }
    Ok(found)
}

/// The names of runs by key.
pub fn names_at(db: &Connection, ids: &[i64]) -> Answer<Vec<(i64, RunPath)>> {
    let mut select = db.prepare_cached("SELECT ws, num FROM runs WHERE id = ?1 AND trashed IS NULL")?;
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        let path = |row: &Row<'_>| Ok(RunPath::new(row.get::<_, String>(0)?, run_name(row.get(1)?)));
        if let Some(path) = select.query_row([id], path).optional()? {
            found.push((*id, path));
        }
    }
    Ok(found)
}

/// The keys of the runs a query asks for, in its order.
pub fn index(db: &Connection, query: &RunQuery) -> Answer<Vec<RunKey>> {
    if let Some(ws) = &query.ws {
        require_workspace(db, ws)?;
    }
    let mut sql = Builder::default();
    sql.conditions(query);
    let rest = query.filter.as_ref().and_then(|filter| sql.filter(filter));
    let sorted = query.sort.iter().all(|key| sql.order(key));
    let keys = if rest.is_none() && sorted {
        sql.keys(db)?
    } else {
        let order: &[SortKey] = if sorted { &[] } else { &query.sort };
        in_memory(db, &sql.keys(db)?, rest.as_ref(), order)?
    };
    Ok(ends(keys, query.first, query.last))
}

/// What SQL could not decide.
fn in_memory(
    db: &Connection,
    keys: &[RunKey],
    rest: Option<&Filter>,
    order: &[SortKey],
) -> Answer<Vec<RunKey>> {
    let matcher = rest.map(Filter::matcher);
    let mut picked = Picked::new(order);
    for page in keys.chunks(PAGE) {
        let ids: Vec<_> = page.iter().map(|key| key.id).collect();
        for (id, run) in at(db, &ids)? {
            if matcher.as_ref().is_none_or(|matcher| matcher.matches(&|name| run.field(name))) {
                picked.take(id, &run);
            }
        }
    }
    Ok(picked.sorted())
}

/// Runs that are read at a time.
const PAGE: usize = 500;

/// A statement in the making.
#[derive(Default)]
struct Builder {
    joins: String,
    joined: usize,
    conditions: Vec<String>,
    order: Vec<String>,
    values: Vec<Sql>,
}

impl Builder {
    fn value(&mut self, value: impl Into<Sql>) -> String {
        self.values.push(value.into());
        format!("?{}", self.values.len())
    }

    fn any_of<T: Into<Sql>>(&mut self, column: &str, values: impl IntoIterator<Item = T>) {
        let list: Vec<_> = values.into_iter().map(|value| self.value(value)).collect();
        if !list.is_empty() {
            self.conditions.push(format!("{column} IN ({})", list.join(", ")));
        }
    }

    fn conditions(&mut self, query: &RunQuery) {
        self.conditions.push("runs.trashed IS NULL".to_owned());
        if let Some(ws) = &query.ws {
            self.any_of("runs.ws", [ws.clone()]);
        }
        let names: Vec<_> = query.names.iter().map(|name| self.selector(name)).collect();
        if !names.is_empty() {
            self.conditions.push(format!("({})", names.join(" OR ")));
        }
        self.any_of("runs.job", query.jobs.iter().map(|JobName(num)| signed(*num)));
        self.any_of("runs.exper", query.experiments.iter().cloned());
        self.any_of("runs.status", query.statuses.iter().map(|status| status.word().to_owned()));
        self.any_of("runs.username", query.usernames.iter().cloned());
        self.any_of("runs.box", query.boxes.iter().cloned());
        self.any_of("runs.compute", query.targets.iter().cloned());
        self.any_of("runs.service_type", query.service_types.iter().cloned());
        for tag in &query.tags_all {
            let condition = self.tagged(tag);
            self.conditions.push(condition);
        }
        let any: Vec<_> = query.tags_any.iter().map(|tag| self.tagged(tag)).collect();
        if !any.is_empty() {
            self.conditions.push(format!("({})", any.join(" OR ")));
        }
        match query.kind {
            Kind::All => {}
            Kind::Outer => self.conditions.push("runs.family <> 'child'".to_owned()),
            Kind::Parent => self.conditions.push("runs.family IN ('parent', 'leader')".to_owned()),
            Kind::Child => self.conditions.push("runs.family = 'child'".to_owned()),
            Kind::Leaf => self.conditions.push("runs.family <> 'parent'".to_owned()),
            Kind::Counted => self.conditions.push("runs.family NOT IN ('parent', 'leader')".to_owned()),
        }
    }

    fn selector(&mut self, selector: &Selector) -> String {
        match selector {
            Selector::Numbers(first, last) if first == last => {
                format!("runs.num = {}", self.value(signed(*first)))
            }
            Selector::Numbers(first, last) => {
                format!("runs.num BETWEEN {} AND {}", self.value(signed(*first)), self.value(signed(*last)))
            }
            // GLOB knows sets in brackets besides `*` and `?`; names of runs have none.
            Selector::Glob(pattern) => format!("runs.name GLOB {}", self.value(pattern.replace('[', "[[]"))),
        }
    }

    fn tagged(&mut self, tag: &str) -> String {
        let name = self.value(format!("tags.{tag}"));
        format!(
            "EXISTS (SELECT 1 FROM run_values v JOIN names n ON n.id = v.name WHERE n.name = {name} AND v.run = runs.id)"
        )
    }

    /// Adds what of a filter SQL decides exactly as [`Filter::matches`] does, and answers the rest.
    fn filter(&mut self, filter: &Filter) -> Option<Filter> {
        match filter {
            Filter::All(parts) => {
                let rest: Vec<_> = parts.iter().filter_map(|part| self.filter(part)).collect();
                (!rest.is_empty()).then_some(Filter::All(rest))
            }
            Filter::Compare { field, op, value } => match self.comparison(field, *op, value) {
                Some(condition) => {
                    self.conditions.push(condition);
                    None
                }
                None => Some(filter.clone()),
            },
            other => Some(other.clone()),
        }
    }

    /// Numbers against logged values, and plain equality of the text columns; everything else is left.
    fn comparison(&mut self, field: &str, op: Op, value: &Scalar) -> Option<String> {
        if let Some(column) = text_column(field) {
            let Scalar::Text(text) = value else { return None };
            let plain = !text.contains(['*', '?']);
            return (op == Op::Eq && plain).then(|| format!("{column} = {}", self.value(text.clone())));
        }
        // Equality is wider than SQL's (a text that reads as the number is equal to it), order is not.
        let number = match value {
            Scalar::Int(_) | Scalar::Float(_) => value.as_f64().filter(|number| !number.is_nan())?,
            _ => return None,
        };
        let sign = match op {
            Op::Lt => "<",
            Op::Le => "<=",
            Op::Gt => ">",
            Op::Ge => ">=",
            Op::Eq | Op::Ne | Op::Match | Op::Exists => return None,
        };
        let alias = self.logged(field)?;
        Some(format!("({alias}.kind IN (1, 2, 3) AND {alias}.num {sign} {})", self.value(number)))
    }

    /// Joins a logged value under its full name; bare names can mean two things and are left to the caller.
    fn logged(&mut self, field: &str) -> Option<String> {
        let (prefix, _) = field.split_once('.')?;
        if !matches!(prefix, "hparams" | "metrics" | "tags") {
            return None;
        }
        self.joined += 1;
        let alias = format!("v{}", self.joined);
        let name = self.value(field.to_owned());
        let _ = write!(
            self.joins,
            " LEFT JOIN run_values {alias} ON {alias}.run = runs.id
              AND {alias}.name = (SELECT id FROM names WHERE name = {name})"
        );
        Some(alias)
    }

    /// Adds a sort key if SQL orders by it exactly as [`Scalar::order`] does.
    fn order(&mut self, key: &SortKey) -> bool {
        let direction = if key.descending { "DESC" } else { "ASC" };
        let column = match key.field.as_str() {
            "run" | "run_name" | "run_num" => {
                self.order.push(format!("runs.num {direction}"));
                return true;
            }
            "create_time" | "created" => "runs.create_time",
            "start_time" | "started" => "runs.start_time",
            "end_time" | "ended" => "runs.end_time",
            field => match text_column(field) {
                Some(column) => column,
                None => return self.order_by_value(field, direction),
            },
        };
        self.order.push(format!("{column} IS NULL, {column} {direction}"));
        true
    }

    fn order_by_value(&mut self, field: &str, direction: &str) -> bool {
        let Some(alias) = self.logged(field) else { return false };
        // Nothing < numbers < NaN < texts, and runs without the value last in either direction.
        self.order.push(format!(
            "{alias}.run IS NULL,
             CASE WHEN {alias}.kind = 0 THEN 0 WHEN {alias}.kind >= 4 THEN 3 WHEN {alias}.num IS NULL THEN 2 ELSE 1 END {direction},
             {alias}.num {direction}, {alias}.text {direction}"
        ));
        true
    }

    fn statement(&self) -> String {
        let mut order = self.order.clone();
        order.push("runs.ws".to_owned());
        // A second word on the number would keep the index from being read in its order.
        if !order.iter().any(|key| key.starts_with("runs.num ")) {
            order.push("runs.num".to_owned());
        }
        format!(
            "SELECT runs.id, runs.status FROM runs{} WHERE {} ORDER BY {}",
            self.joins,
            self.conditions.join(" AND "),
            order.join(", ")
        )
    }

    fn keys(&self, db: &Connection) -> Answer<Vec<RunKey>> {
        let mut select = db.prepare_cached(&self.statement())?;
        let mut rows = select.query(params_from_iter(&self.values))?;
        let mut keys = Vec::new();
        while let Some(row) = rows.next()? {
            let status = row
                .get_ref(1)?
                .as_str()
                .map_or(Status::Unknown, |word| word.parse().unwrap_or(Status::Unknown));
            keys.push(RunKey { id: row.get(0)?, status });
        }
        Ok(keys)
    }
}

/// The fields whose texts stand in columns of their own.
fn text_column(field: &str) -> Option<&'static str> {
    Some(match field {
        "ws" | "workspace" => "runs.ws",
        "exper_name" | "experiment" => "runs.exper",
        "status" => "runs.status",
        "username" => "runs.username",
        "box_name" | "box" => "runs.box",
        "compute" | "target" => "runs.compute",
        "service_type" => "runs.service_type",
        _ => return None,
    })
}

#[cfg(test)]
pub(super) mod tests {
    // Proves S1, S6 of the targets: the usual list is read in the order of an index, and nothing is sorted.
    use super::*;
    use rstest::rstest;

    /// How `SQLite` would go about a statement.
    pub fn plan(db: &Connection, sql: &str) -> String {
        let mut explain = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = explain.raw_query().mapped(|row| row.get::<_, String>(3));
        steps.map(Result::unwrap).collect::<Vec<_>>().join("; ")
    }

    pub fn database() -> Connection {
        let db = Connection::open_in_memory().unwrap();
        for step in super::super::schema::MIGRATIONS {
            db.execute_batch(step).unwrap();
        }
        db
    }

    #[rstest]
    #[case::newest_first("run_num", true)]
    #[case::oldest_first("run", false)]
    fn the_list_of_a_workspace_is_read_in_the_order_of_its_index(
        #[case] field: &str,
        #[case] descending: bool,
    ) {
        let mut sql = Builder::default();
        sql.conditions(&RunQuery { ws: Some("ws1".into()), ..RunQuery::default() });
        assert!(sql.order(&SortKey { field: field.into(), descending }));
        let plan = plan(&database(), &sql.statement());
        assert!(plan.contains("COVERING INDEX runs_list") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}
