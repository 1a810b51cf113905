//! The connection: how it is opened, which of its failures are tried again, and what people are told of the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use mongodb::IndexModel;
use mongodb::bson::{Document, doc};
use mongodb::error::{Error, ErrorKind, WriteFailure};
use mongodb::options::{ClientOptions, ServerAddress, ServerMonitoringMode, WriteConcern};
use mongodb::sync::{Client, Collection, Database};

use crate::store::{Result, Retries, StoreError};

/// The database of a team whose address names none: `XTLib`'s.
const DATABASE: &str = "xtdb";

/// How long a server is looked for, unless the address says otherwise.
const SEARCH: Duration = Duration::from_secs(5);

/// How long one question is asked again before its failure is told.
const PATIENCE: Duration = Duration::from_secs(20);

/// The pause before the first repetition; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A database of a server, and the patience to ask it.
#[derive(Clone)]
pub struct Connection {
    /// The database.
    pub db: Database,
    /// The server's address for messages: without credentials.
    server: Arc<str>,
    retries: Arc<Counted>,
}

/// What had to be asked again since the connection was opened.
#[derive(Default)]
struct Counted {
    times: AtomicU64,
    lost_micros: AtomicU64,
}

/// What comes of asking again.
enum Verdict {
    /// The server has too much to do; it may say for how long.
    Throttled(Option<Duration>),
    /// The network failed, or the server has just lost its place: somebody will answer.
    Passing,
    /// The driver looked for a server in vain.
    Unreachable,
    Denied,
    Other,
}

#[allow(clippy::needless_pass_by_value, reason = "filters and updates are made where they are asked with")]
impl Connection {
    /// Prepares a connection; nothing is asked yet.
    pub fn new(url: &str) -> Result<Self> {
        let unusable =
            |detail: String| StoreError::Server { server: "of the connection string".into(), detail };
        let mut options = ClientOptions::parse(url).run().map_err(|error| unusable(plain(&error)))?;
        options.app_name.get_or_insert_with(|| "xt".to_owned());
        options.server_selection_timeout.get_or_insert(SEARCH);
        options.connect_timeout.get_or_insert(SEARCH);
        // A server that has failed is looked at again at once, and not when it has something to tell.
        options.server_monitoring_mode.get_or_insert(ServerMonitoringMode::Poll);
        if options.write_concern.is_none() {
            options.write_concern = Some(WriteConcern::majority());
        }
        let server = options.hosts.iter().map(ServerAddress::to_string).collect::<Vec<_>>().join(",");
        let name = options.default_database.clone().unwrap_or_else(|| DATABASE.to_owned());
        let client = Client::with_options(options).map_err(|error| unusable(plain(&error)))?;
        let server = format!("{server}/{name}").into();
        Ok(Self { db: client.database(&name), server, retries: Arc::default() })
    }

    /// The server's address, without credentials.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// A collection.
    pub fn collection(&self, name: &str) -> Collection<Document> {
        self.db.collection(name)
    }

    /// What had to be asked again so far, and the time that was lost with it.
    pub fn retries(&self) -> Retries {
        Retries {
            times: self.retries.times.load(Ordering::Relaxed),
            lost: Duration::from_micros(self.retries.lost_micros.load(Ordering::Relaxed)),
        }
    }

    /// Asks, and asks again where that helps. Whoever calls this asks what may be asked twice: the answer may have
    /// been lost after the server did what it was asked.
    pub fn ask<T>(&self, mut question: impl FnMut() -> mongodb::error::Result<T>) -> Result<T> {
        let (started, mut pause) = (Instant::now(), FIRST_PAUSE);
        loop {
            let asked = Instant::now();
            let error = match question() {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let wait = match verdict(&error) {
                Verdict::Throttled(told) => told.unwrap_or(pause),
                Verdict::Passing => pause,
                Verdict::Unreachable | Verdict::Denied | Verdict::Other => return Err(self.failure(&error)),
            };
            if started.elapsed() + wait > PATIENCE {
                return Err(self.failure(&error));
            }
            std::thread::sleep(wait + jitter(wait));
            pause = (pause * 2).min(LONGEST_PAUSE);
            self.retries.times.fetch_add(1, Ordering::Relaxed);
            let lost = u64::try_from(asked.elapsed().as_micros()).unwrap_or(u64::MAX);
            self.retries.lost_micros.fetch_add(lost, Ordering::Relaxed);
        }
    }

    /// Inserts documents by their `_id`; those that are there already are left as they are.
    pub fn insert_missing(&self, collection: &str, documents: &[Document]) -> Result<()> {
        if documents.is_empty() {
            return Ok(());
        }
        let into = self.collection(collection);
        self.ask(|| match into.insert_many(documents).ordered(false).run() {
            Err(error) if is_duplicate(&error) => Ok(()),
            other => other.map(|_| ()),
        })
    }

    /// Inserts a document; answers whether it was not there before.
    pub fn insert_new(&self, collection: &str, document: &Document) -> Result<bool> {
        let into = self.collection(collection);
        self.ask(|| match into.insert_one(document).run() {
            Err(error) if is_duplicate(&error) => Ok(false),
            other => other.map(|_| true),
        })
    }

    /// The documents that meet a filter, without some fields or with some only.
    pub fn find(
        &self,
        collection: &str,
        filter: Document,
        fields: Document,
        sort: Document,
        limit: Option<usize>,
    ) -> Result<Vec<Document>> {
        let from = self.collection(collection);
        let limit = limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or(0);
        self.ask(|| {
            let find = from.find(filter.clone()).projection(fields.clone()).sort(sort.clone()).limit(limit);
            find.run()?.collect()
        })
    }

    /// One document, whole or with some fields only.
    pub fn find_one(&self, collection: &str, filter: Document, fields: Document) -> Result<Option<Document>> {
        let from = self.collection(collection);
        self.ask(|| from.find_one(filter.clone()).projection(fields.clone()).run())
    }

    /// Changes one document; answers whether one met the filter.
    pub fn update(&self, collection: &str, filter: Document, update: Document) -> Result<bool> {
        let of = self.collection(collection);
        self.ask(|| of.update_one(filter.clone(), update.clone()).run()).map(|done| done.matched_count > 0)
    }

    /// Changes all documents that meet a filter.
    pub fn update_all(&self, collection: &str, filter: Document, update: Document) -> Result<()> {
        let of = self.collection(collection);
        self.ask(|| of.update_many(filter.clone(), update.clone()).run()).map(|_| ())
    }

    /// Writes a document in place of one with the same `_id`, or anew.
    pub fn put(&self, collection: &str, document: &Document) -> Result<()> {
        let of = self.collection(collection);
        let filter = doc! { "_id": document.get("_id").cloned() };
        self.ask(|| of.replace_one(filter.clone(), document).upsert(true).run()).map(|_| ())
    }

    /// Writes a document in place of the one that meets a filter; answers whether one did.
    pub fn replace(&self, collection: &str, filter: Document, document: &Document) -> Result<bool> {
        let of = self.collection(collection);
        self.ask(|| of.replace_one(filter.clone(), document).run()).map(|done| done.matched_count > 0)
    }

    /// Removes all documents that meet a filter.
    pub fn delete(&self, collection: &str, filter: Document) -> Result<()> {
        let of = self.collection(collection);
        self.ask(|| of.delete_many(filter.clone()).run()).map(|_| ())
    }

    /// Makes indexes; those that are there stay.
    pub fn index<const N: usize>(&self, collection: &str, keys: [Document; N]) -> Result<()> {
        let of = self.collection(collection);
        let models: Vec<_> = keys.into_iter().map(|keys| IndexModel::builder().keys(keys).build()).collect();
        self.ask(|| of.create_indexes(models.clone()).run()).map(|_| ())
    }

    /// What a pipeline of stages makes of a collection.
    pub fn aggregate(&self, collection: &str, stages: Vec<Document>) -> Result<Vec<Document>> {
        let of = self.collection(collection);
        self.ask(|| of.aggregate(stages.clone()).run()?.collect())
    }

    /// What the driver says, for people.
    pub fn failure(&self, error: &Error) -> StoreError {
        let (server, detail) = (self.server.to_string(), plain(error));
        match verdict(error) {
            Verdict::Throttled(_) => StoreError::Throttled { server },
            Verdict::Passing | Verdict::Unreachable => StoreError::Unreachable { server, detail },
            Verdict::Denied => StoreError::Denied { server, detail },
            Verdict::Other => StoreError::Server { server, detail },
        }
    }
}

/// Codes of a server that is not, or no longer, the one to write to, and of one that was interrupted.
const PASSING: [i32; 13] = [6, 7, 89, 91, 112, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436];
/// Codes of a server with too much to do (Cosmos DB).
const THROTTLED: [i32; 2] = [429, 16500];
/// Codes of credentials that do not do.
const DENIED: [i32; 2] = [13, 18];

fn verdict(error: &Error) -> Verdict {
    match code(error) {
        Some(code) if THROTTLED.contains(&code) => return Verdict::Throttled(retry_after(error)),
        Some(code) if PASSING.contains(&code) => return Verdict::Passing,
        Some(code) if DENIED.contains(&code) => return Verdict::Denied,
        _ => {}
    }
    match error.kind.as_ref() {
        ErrorKind::Authentication { .. } => Verdict::Denied,
        // A wrong password is told as a server that cannot be had.
        ErrorKind::ServerSelection { message, .. } if message.contains("uthentication") => Verdict::Denied,
        ErrorKind::ServerSelection { .. } | ErrorKind::DnsResolve { .. } => Verdict::Unreachable,
        ErrorKind::Io(_) | ErrorKind::ConnectionPoolCleared { .. } => Verdict::Passing,
        _ => Verdict::Other,
    }
}

fn code(error: &Error) -> Option<i32> {
    match error.kind.as_ref() {
        ErrorKind::Command(error) => Some(error.code),
        ErrorKind::Write(WriteFailure::WriteError(error)) => Some(error.code),
        ErrorKind::Write(WriteFailure::WriteConcernError(error)) => Some(error.code),
        ErrorKind::InsertMany(error) => {
            let write =
                error.write_errors.iter().flatten().map(|error| error.code).find(|code| *code != DUPLICATE);
            write.or_else(|| error.write_concern_error.as_ref().map(|error| error.code))
        }
        _ => None,
    }
}

const DUPLICATE: i32 = 11000;

/// Whether an insert failed only for documents that are there already.
fn is_duplicate(error: &Error) -> bool {
    match error.kind.as_ref() {
        ErrorKind::Write(WriteFailure::WriteError(error)) => error.code == DUPLICATE,
        ErrorKind::InsertMany(many) => {
            let errors = many.write_errors.as_deref().unwrap_or_default();
            !errors.is_empty()
                && errors.iter().all(|error| error.code == DUPLICATE)
                && many.write_concern_error.is_none()
        }
        _ => false,
    }
}

/// How long a throttling server wants to be left alone: `RetryAfterMs=34` in its message.
fn retry_after(error: &Error) -> Option<Duration> {
    let text = error.to_string();
    let digits = text.split("RetryAfterMs=").nth(1)?;
    let digits: String = digits.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok().map(|millis| Duration::from_millis(millis).min(LONGEST_PAUSE))
}

/// Up to as much again, so that many who were refused together do not come back together.
fn jitter(wait: Duration) -> Duration {
    let random = u32::from(uuid::Uuid::new_v4().as_bytes()[0]);
    wait * random / 256
}

/// One line of what the driver says. It names hosts, and never credentials.
fn plain(error: &Error) -> String {
    let text = match error.kind.as_ref() {
        ErrorKind::Command(error) => format!("{} (code {})", error.message, error.code),
        ErrorKind::Write(WriteFailure::WriteError(error)) => {
            format!("{} (code {})", error.message, error.code)
        }
        ErrorKind::ServerSelection { message, .. } => searched(message),
        kind => kind.to_string(),
    };
    crate::model::names::visible(&text)
}

/// Why no server was found: the driver tells it for each server, amid much else.
fn searched(message: &str) -> String {
    let first = message.split(" Topology:").next().unwrap_or_default().trim_end_matches('.');
    let why = message.split("Error: Kind: ").nth(1).and_then(|rest| rest.split(", labels: ").next());
    why.map_or_else(|| first.to_owned(), |why| format!("{first}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_in_vain_is_told_in_short() {
        let message = "Server selection timeout: No available servers. Topology: { Type: Unknown, Servers: [ { Address: \
                       h:1, Type: Unknown, Error: Kind: I/O error: Connection refused (os error 111), labels: {} } ] }";
        let told =
            "Server selection timeout: No available servers: I/O error: Connection refused (os error 111)";
        assert_eq!(searched(message), told);
        assert_eq!(searched("no host"), "no host");
    }
}
