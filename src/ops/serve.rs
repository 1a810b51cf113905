//! `xt node` and `xt shim`: the programs xt starts by itself, never by hand.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use crate::config::{self, Config, Home, Sources};
use crate::node::control::{self, Request};
use crate::node::controller::{self, Settings, Watch};
use crate::node::shim;
use crate::ops::{Context, OpsError, Result};
use crate::store::files::private_folder;

/// A log of this size is put aside.
const MOST_LOG: u64 = 8 << 20;

/// Nobody measures more often: it would disturb what is measured. Nor less often.
const LEAST_SAMPLE: Duration = Duration::from_millis(100);
const MOST_SAMPLE: Duration = Duration::from_hours(24);

/// Runs the controller of this machine until it has had nothing to do for a while.
pub fn node(ctx: &Context) -> Result<()> {
    private_folder(&ctx.layout.node())?;
    private_folder(ctx.layout.runtime())?;
    let lock = control::take_over(&ctx.layout);
    // The log is that of the controller: nobody else puts it aside.
    log_to_file(&ctx.layout.log(), matches!(lock, Ok(Some(_))))?;
    let settings = settings(&ctx.config, &ctx.box_name);
    let answer = lock.and_then(|lock| match lock {
        Some(lock) => controller::run(lock, &ctx.layout, ctx.records.clone(), settings, watch(ctx)),
        None => Ok(()),
    });
    if let Err(error) = &answer {
        tracing::error!(%error, "controller fails");
    }
    Ok(answer?)
}

/// What of a configuration is the controller's.
fn settings(config: &Config, box_name: &str) -> Settings {
    let own = config.boxes.get("local");
    Settings {
        box_name: box_name.to_owned(),
        slots: own.and_then(|own| own.max_runs),
        gpus: own.and_then(|own| own.gpus),
        heartbeat: config.internal.heartbeat,
        sample: Some(config.logging.load_interval)
            .filter(|interval| !interval.is_zero())
            .map(|interval| interval.clamp(LEAST_SAMPLE, MOST_SAMPLE)),
        notify: super::notify::channels(&config.notify),
        idle: config.internal.controller_idle,
    }
}

/// Reads the configuration again when one of its files has changed, at the cost of a look at each.
fn watch(ctx: &Context) -> Watch {
    let (sources, box_name) = (Sources::standard(&ctx.home, None, Vec::new()), ctx.box_name.clone());
    let look = |sources: &Sources| {
        let stamp = |file: &Path| {
            let meta = fs::metadata(file).ok()?;
            Some((meta.mtime(), meta.mtime_nsec(), meta.len(), meta.ino()))
        };
        sources.files().map(stamp).collect::<Vec<_>>()
    };
    // Nothing yet: it may have changed since this process read it.
    let mut seen = Vec::new();
    Box::new(move || {
        let now = look(&sources);
        if now == seen {
            return None;
        }
        seen = now;
        let loaded = config::load(&sources);
        let error = loaded.errors().next().map(ToString::to_string);
        Some(error.map_or_else(|| Ok(settings(&loaded.config, &box_name)), Err))
    })
}

/// The controller has no terminal: what it has to say goes to its log.
fn log_to_file(path: &Path, is_own: bool) -> Result<()> {
    let most = if is_own { MOST_LOG } else { u64::MAX };
    let log = LogFile::open(path.to_owned(), most).map_err(OpsError::io("open", path))?;
    let filter = tracing_subscriber::EnvFilter::try_from_env("XT_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // Somebody else's subscriber is there in tests only.
    let _ = tracing_subscriber::fmt()
        .with_writer(Mutex::new(log))
        .with_ansi(false)
        .with_env_filter(filter)
        .try_init();
    Ok(())
}

/// A log that is put aside when it has become too long.
struct LogFile {
    path: PathBuf,
    file: File,
    length: u64,
    most: u64,
}

impl LogFile {
    fn open(path: PathBuf, most: u64) -> io::Result<Self> {
        let file = OpenOptions::new().append(true).create(true).mode(0o600).open(&path)?;
        let length = file.metadata()?.len();
        Ok(Self { path, file, length, most })
    }
}

impl Write for LogFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.length >= self.most && fs::rename(&self.path, self.path.with_extension("log.1")).is_ok() {
            *self = Self::open(self.path.clone(), self.most)?;
        }
        let count = self.file.write(bytes)?;
        self.length += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Supervises one attempt. Opens no store: it must be small, quick and able to do without.
///
/// It finds its node from the attempt's place, and whoever ends last starts a controller if there is none.
pub fn shim(folder: &Path, home: &Home) -> Result<()> {
    let layout = crate::node::Layout::new(&home.data, &home.cache, &home.runtime);
    let notify = |spec: &crate::node::attempt::Spec| {
        let request = Request::Attempt { run_guid: spec.run_guid.clone(), attempt: spec.attempt };
        // A controller that cannot be started now is started by the next command; nothing is lost meanwhile.
        let _ = control::wake(&layout, &request);
    };
    shim::run(folder, &notify)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    // Proves P8: a log does not grow without bound while its controller lives, and a line stays whole.
    #[test]
    fn a_log_that_is_too_long_is_put_aside_while_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("controller.log");
        let mut log = LogFile::open(path.clone(), 10).unwrap();
        for line in ["one two three\n", "four\n", "five six\n", "seven\n"] {
            log.write_all(line.as_bytes()).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "seven\n");
        assert_eq!(fs::read_to_string(path.with_extension("log.1")).unwrap(), "four\nfive six\n");
        let mut others = LogFile::open(path.clone(), u64::MAX).unwrap();
        others.write_all(&[b'x'; 100]).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), 106);
    }
}
