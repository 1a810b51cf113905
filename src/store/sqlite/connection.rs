//! Opening the database, and the two ways to use it: a read and a write transaction.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OpenFlags, Transaction, TransactionBehavior};

use super::schema::MIGRATIONS;
use crate::store::segment::SegmentError;
use crate::store::{Result, StoreError};

/// How long a write waits for other processes' writes.
const PATIENCE: Duration = Duration::from_mins(1);

/// When a write counts as done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// When the disk has it (`synchronous = FULL`): for what a person was promised.
    Disk,
    /// When the system has it (`synchronous = NORMAL`): it survives a killed process, and after a power cut
    /// its writer can find out again what was lost.
    System,
}

/// The embedded store's records.
pub struct Sqlite {
    path: PathBuf,
    durability: Durability,
    /// Connections nobody uses at the moment.
    idle: Mutex<Vec<Connection>>,
    /// Written after each commit: see [`bell`].
    bell: File,
}

impl std::fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sqlite").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Sqlite {
    /// Opens the database, creating it or bringing it up to this version if need be.
    pub fn open(path: impl Into<PathBuf>, durability: Durability) -> Result<Self> {
        let path = path.into();
        create(&path)?;
        if is_shared(&path) {
            keep_to_one_host(&path, &rustix::system::uname().nodename().to_string_lossy())?;
        }
        let bell = open_bell(&path)?;
        let store = Self { path, durability, idle: Mutex::default(), bell };
        let mut connection = store.connect()?;
        store.named(migrate(&mut connection, &store.path))?;
        store.give_back(connection);
        Ok(store)
    }

    /// The database's file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn connect(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags).map_err(Failure::from);
        let connection = self.named(connection)?;
        let configure = || -> std::result::Result<(), Failure> {
            connection.busy_timeout(PATIENCE)?;
            let journal = if is_shared(&self.path) { "TRUNCATE" } else { "WAL" };
            choose_journal(&connection, journal)?;
            let synchronous = match self.durability {
                Durability::Disk => "FULL",
                Durability::System => "NORMAL",
            };
            connection.pragma_update(None, "synchronous", synchronous)?;
            // Each connection has a cache of its own, and what a list reads once it fills: more would only be held.
            connection.pragma_update(None, "cache_size", -4_000)?;
            connection.pragma_update(None, "mmap_size", 0)?;
            connection.pragma_update(None, "temp_store", "MEMORY")?;
            connection.set_prepared_statement_cache_capacity(64);
            Ok(())
        };
        self.named(configure())?;
        Ok(connection)
    }

    fn borrow(&self) -> Result<Connection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.map_or_else(|| self.connect(), Ok)
    }

    fn give_back(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }

    /// Runs a read; everything it sees is of one moment.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> std::result::Result<T, Failure>,
    ) -> Result<T> {
        let mut connection = self.borrow()?;
        let answer = (|| {
            let tx = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
            work(&tx)
        })();
        self.give_back(connection);
        self.named(answer)
    }

    /// Runs a write as one transaction.
    pub(super) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> std::result::Result<T, Failure>,
    ) -> Result<T> {
        let mut connection = self.borrow()?;
        let answer = (|| {
            let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let value = work(&tx)?;
            tx.commit()?;
            // Who watches finds the change at the next occasion, should this fail.
            let _ = self.bell.write_at(b"\n", 0);
            Ok(value)
        })();
        self.give_back(connection);
        self.named(answer)
    }

    /// Puts the database's name to its answers.
    fn named<T>(&self, answer: std::result::Result<T, Failure>) -> Result<T> {
        answer.map_err(|failure| match failure {
            Failure::Store(error) => error,
            Failure::Sql(error) => self.explain(&error),
        })
    }

    fn explain(&self, error: &rusqlite::Error) -> StoreError {
        let path = self.path.clone();
        let detail = error.to_string();
        match error.sqlite_error_code() {
            // The index of the log is mapped: a disk that has no room for it gives an error of its own.
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) if is_full(&path) => {
                StoreError::Full { path }
            }
            Some(ErrorCode::DiskFull) => StoreError::Full { path },
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                StoreError::ReadOnly { path }
            }
            Some(ErrorCode::SystemIoFailure) => StoreError::Disk { path, detail },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Busy { path },
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                StoreError::Damaged { path, detail }
            }
            _ => StoreError::Database { path, detail },
        }
    }
}

/// Creates the database's file for its owner alone; its other files take its permissions over.
fn create(path: &Path) -> Result<()> {
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(unusable(path, error)),
        _ => Ok(()),
    }
}

/// The file that is written after each commit. A commit is seen by others only when the database says so in
/// memory they share, of which the kernel tells nobody: whoever watches the database's own files wakes
/// before the change is there, finds nothing, and is not woken again.
pub(super) fn bell(path: &Path) -> PathBuf {
    path.with_extension("bell")
}

fn open_bell(path: &Path) -> Result<File> {
    let bell = bell(path);
    let mut options = OpenOptions::new();
    let opened = options.write(true).create(true).truncate(false).mode(0o600).open(&bell);
    opened.map_err(|error| unusable(path, error))
}

fn unusable(path: &Path, error: std::io::Error) -> StoreError {
    let path = path.to_owned();
    match error.kind() {
        ErrorKind::StorageFull => StoreError::Full { path },
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => StoreError::ReadOnly { path },
        _ => StoreError::io("create", path)(error),
    }
}

/// What goes wrong inside a transaction, before the database's name is put to it.
#[derive(Debug)]
pub(super) enum Failure {
    Store(StoreError),
    Sql(rusqlite::Error),
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<SegmentError> for Failure {
    fn from(error: SegmentError) -> Self {
        Self::Store(error.into())
    }
}

/// Switches to the kind of journal, once in the life of a database. SQLite does not wait for others here as it
/// does elsewhere: a hundred processes that find a new store at once would see it locked.
fn choose_journal(connection: &Connection, journal: &str) -> rusqlite::Result<()> {
    let patience = Instant::now() + PATIENCE;
    loop {
        let switch = || {
            let current: String = connection.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
            if current.eq_ignore_ascii_case(journal) {
                return Ok(());
            }
            connection.pragma_update(None, "journal_mode", journal)
        };
        let answer = switch();
        let busy = answer.as_ref().is_err_and(|error: &rusqlite::Error| {
            matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
        });
        if !busy || Instant::now() > patience {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Brings the tables up to this version, each step in a transaction of its own.
fn migrate(connection: &mut Connection, path: &Path) -> std::result::Result<(), Failure> {
    let known = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    loop {
        let found = version(connection)?;
        if found == known {
            return Ok(());
        }
        if found > known {
            return Err(StoreError::Newer { path: path.to_owned(), found, known }.into());
        }
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have taken this step while we waited for the lock.
        if version(&tx)? == found {
            let step = usize::try_from(found).unwrap_or_default();
            tx.execute_batch(MIGRATIONS[step])?;
            tx.pragma_update(None, "user_version", found + 1)?;
        }
        tx.commit()?;
    }
}

fn version(connection: &Connection) -> std::result::Result<i64, rusqlite::Error> {
    connection.query_row("PRAGMA user_version", [], |row| row.get(0))
}

/// On a disk of several machines, the first that opens the database is the only one that may: SQLite's locks do
/// not reach from one machine to another there.
fn keep_to_one_host(path: &Path, host: &str) -> Result<()> {
    let mark = path.with_extension("host");
    let owner = || match std::fs::read_to_string(&mark) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        read => read.map(Some).map_err(StoreError::io("read", &mark)),
    };
    let found = match owner()? {
        Some(found) => found,
        // The mark is there whole or not at all, whoever else makes it now or is killed.
        None => match write_mark(&mark, host) {
            Ok(()) => return Ok(()),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => owner()?.unwrap_or_default(),
            Err(error) => return Err(unusable(path, error)),
        },
    };
    if found == host { Ok(()) } else { Err(StoreError::OtherHost { path: path.to_owned(), host: found }) }
}

fn write_mark(mark: &Path, host: &str) -> std::io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(mark.parent().unwrap_or(Path::new(".")))?;
    file.write_all(host.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist_noclobber(mark)?;
    Ok(())
}

/// Magic numbers of file systems that several machines mount at once, from Linux' `magic.h` and from the
/// sources of Lustre, GPFS and `BeeGFS`, which are not in it.
const SHARED: [u32; 9] = [
    0x0000_6969, // NFS
    0xff53_4d42, // CIFS
    0xfe53_4d42, // SMB2
    0x0000_517b, // SMB
    0x0bd0_0bd0, // Lustre
    0x4750_4653, // GPFS
    0x1983_0326, // BeeGFS
    0x00c3_6400, // Ceph
    0x0102_1997, // 9P
];

/// Whether the disk has no room for one more page of the log.
fn is_full(path: &Path) -> bool {
    let folder = path.parent().unwrap_or(Path::new("."));
    rustix::fs::statvfs(folder).is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < 32 << 10)
}

/// Whether the database lies on a file system shared between machines, where the write-ahead log is not
/// safe: there the slower rollback journal is used, and one machine alone may use the store.
fn is_shared(path: &Path) -> bool {
    let folder = path.parent().unwrap_or(Path::new("."));
    rustix::fs::statfs(folder).is_ok_and(|stat| {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "magic numbers have 32 bits"
        )]
        let magic = stat.f_type as u32;
        SHARED.contains(&magic)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves A1: a store on a network disk is kept to one machine.
    #[test]
    fn the_first_machine_keeps_a_store_on_a_network_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("records.db");
        keep_to_one_host(&path, "vm1").unwrap();
        keep_to_one_host(&path, "vm1").unwrap();
        let error = keep_to_one_host(&path, "vm2").unwrap_err().to_string();
        assert!(error.contains("used from vm1"), "{error}");
    }

    // Proves A1, P7: nobody finds a mark half made, and of several machines one has the store.
    #[test]
    fn of_several_machines_that_come_at_once_one_has_the_store() {
        let folder = tempfile::tempdir().unwrap();
        for round in 0..50 {
            let path = folder.path().join(format!("{round}.db"));
            let hosts = ["vm1", "vm2", "vm1", "vm2", "vm1", "vm2"];
            let start = std::sync::Barrier::new(hosts.len());
            let answers: Vec<_> = std::thread::scope(|scope| {
                let open = |host: &'static str| {
                    let (start, path) = (&start, &path);
                    scope.spawn(move || {
                        start.wait();
                        keep_to_one_host(path, host)
                    })
                };
                hosts.map(open).map(|thread| thread.join().unwrap()).into()
            });
            let owner = std::fs::read_to_string(path.with_extension("host")).unwrap();
            for (host, answer) in hosts.into_iter().zip(answers) {
                match answer {
                    Ok(()) => assert_eq!(host, owner),
                    Err(StoreError::OtherHost { host: told, .. }) => {
                        assert_eq!((told, host != owner), (owner.clone(), true));
                    }
                    Err(error) => panic!("{error}"),
                }
            }
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 50);
    }
}
