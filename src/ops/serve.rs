//! `xt node` and `xt shim`: the programs xt starts by itself, never by hand.

use std::fs::OpenOptions;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use crate::config::{self, Config, Home, Sources};
use crate::node::control::{self, Request};
use crate::node::controller::{self, Settings, Watch};
use crate::node::shim;
use crate::ops::{Context, OpsError, Result};

/// A log of this size is put aside when the next controller starts.
const MOST_LOG: u64 = 8 << 20;

/// Nobody measures more often: it would disturb what is measured. Nor less often.
const LEAST_SAMPLE: Duration = Duration::from_millis(100);
const MOST_SAMPLE: Duration = Duration::from_hours(24);

/// Runs the controller of this machine until it has had nothing to do for a while.
pub fn node(ctx: &Context) -> Result<()> {
    log_to_file(ctx)?;
    let settings = settings(&ctx.config, &ctx.box_name);
    let answer = controller::run(&ctx.layout, ctx.records.clone(), settings, watch(ctx));
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
            let meta = std::fs::metadata(file).ok()?;
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
fn log_to_file(ctx: &Context) -> Result<()> {
    let path = ctx.layout.log();
    crate::node::attempt::private_folder(&ctx.layout.node())?;
    if std::fs::metadata(&path).is_ok_and(|meta| meta.len() > MOST_LOG) {
        std::fs::rename(&path, path.with_extension("log.1")).map_err(OpsError::io("put aside", &path))?;
    }
    let file = OpenOptions::new().append(true).create(true).mode(0o600).open(&path);
    let file = file.map_err(OpsError::io("open", &path))?;
    let filter = tracing_subscriber::EnvFilter::try_from_env("XT_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // Somebody else's subscriber is there in tests only.
    let _ = tracing_subscriber::fmt()
        .with_writer(Mutex::new(file))
        .with_ansi(false)
        .with_env_filter(filter)
        .try_init();
    Ok(())
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
