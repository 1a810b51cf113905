//! The frame meter: with `XT_FRAMES=<file>` in the environment each frame leaves a line there that says what it cost.
//!
//! The UI thread only hands the figures over; `xt-meter` writes them.

use std::fs::File;
use std::io::Write as _;
use std::sync::mpsc::{Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::super::TuiError;
use super::super::panes::Drawn;

/// The environment variable that names the file.
const VARIABLE: &str = "XT_FRAMES";

/// What the columns are: `at` is the time since the start, `us` how long the frame took from the model to the last byte
/// handed to the terminal, and the last three are what was put together for it.
const HEAD: &str = "frame\tat_ms\tbytes\tus\truns\tlog_lines\tcharts\n";

/// What a frame cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cost {
    /// Written to the terminal, all at once; 0 when nothing had changed.
    pub bytes: usize,
    /// What was put together for it.
    pub built: Drawn,
}

/// Writes down what frames cost.
pub struct Meter {
    started: Instant,
    frames: u64,
    sender: Option<Sender<String>>,
    thread: Option<JoinHandle<()>>,
}

impl Meter {
    /// A meter if the environment asks for one.
    pub fn from_env() -> Result<Option<Self>, TuiError> {
        let Some(path) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) else { return Ok(None) };
        let failed = || TuiError::terminal("write what frames cost to the file that XT_FRAMES names");
        let mut file = File::create(path).map_err(failed())?;
        let (sender, lines) = channel::<String>();
        let write = move || {
            // A full disk is no reason to end the UI, and nobody could be told.
            let _ = lines.iter().try_for_each(|line| file.write_all(line.as_bytes()));
        };
        let thread = std::thread::Builder::new().name("xt-meter".into()).spawn(write).map_err(failed())?;
        let meter = Self { started: Instant::now(), frames: 0, sender: Some(sender), thread: Some(thread) };
        meter.tell(HEAD.to_owned());
        Ok(Some(meter))
    }

    /// A frame that took so long was drawn.
    pub fn frame(&mut self, cost: &Cost, took: Duration) {
        self.frames += 1;
        let Drawn { runs_built, log_lines_built, charts_built, .. } = cost.built;
        self.tell(format!(
            "{}\t{}\t{}\t{}\t{runs_built}\t{log_lines_built}\t{charts_built}\n",
            self.frames,
            self.started.elapsed().as_millis(),
            cost.bytes,
            took.as_micros(),
        ));
    }

    fn tell(&self, line: String) {
        if let Some(sender) = &self.sender {
            let _ = sender.send(line);
        }
    }
}

impl Drop for Meter {
    /// What has been told is in the file when the UI has ended.
    fn drop(&mut self) {
        self.sender = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
