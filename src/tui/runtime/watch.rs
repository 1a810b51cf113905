//! The thread that waits for changes of the records and passes them on.

use std::sync::Arc;
use std::time::Duration;

use crossbeam_channel::Sender;

use super::super::TuiError;
use super::super::app::Msg;
use super::drill::may_panic;
use crate::model::node::Heartbeat;
use crate::ops::Context;
use crate::store::{self, Records};

/// The most changed documents in one message.
const BATCH: usize = 500;

/// The least time between two looks: a burst of changes is one change.
const PAUSE: Duration = Duration::from_millis(100);

/// The wait before the next try when the records could not be read.
const RETRY: Duration = Duration::from_secs(5);

/// The wait for changes.
struct Watcher {
    records: Arc<dyn Records>,
    sender: Sender<Msg>,
    /// What has been told; nothing if it could not be read where to begin.
    told: Option<i64>,
    beats: Vec<Heartbeat>,
    /// It was told that changes are not seen.
    failed: bool,
}

/// Why the wait is over: nobody listens any more.
struct Left;

/// Starts to wait for what is not in the records yet.
pub fn start(context: &Context, sender: Sender<Msg>) -> Result<(), TuiError> {
    let mut watcher = Watcher::new(Arc::clone(&context.records), sender);
    std::thread::Builder::new()
        .name("xt-watch".into())
        .spawn(move || while watcher.goes_on() {})
        .map_err(TuiError::terminal("start a thread that watches the records"))?;
    Ok(())
}

impl Watcher {
    /// Whoever reads the records after this misses nothing.
    fn new(records: Arc<dyn Records>, sender: Sender<Msg>) -> Self {
        // What failed here is tried again, and told, by the thread.
        let told = records.stamp().ok();
        Self { records, sender, told, beats: Vec::new(), failed: false }
    }

    /// Waits for as long as that works, and then until it may work again; answers whether anybody listens.
    fn goes_on(&mut self) -> bool {
        match self.watch() {
            Ok(Left) => false,
            Err(error) => {
                let known = std::mem::replace(&mut self.failed, true);
                if !known && self.tell(Msg::WatchFailed(error.to_string())).is_err() {
                    return false;
                }
                std::thread::sleep(RETRY);
                true
            }
        }
    }

    fn watch(&mut self) -> store::Result<Left> {
        let mut watch = self.records.watch()?;
        loop {
            if let Err(left) = self.look()? {
                return Ok(left);
            }
            // What comes during the pause waits for the next look; what comes after it is seen at once.
            std::thread::sleep(PAUSE);
            watch.wait(None)?;
        }
    }

    /// Tells what has changed since the last look.
    fn look(&mut self) -> store::Result<Result<(), Left>> {
        let beats = self.records.heartbeats()?;
        let mut since = match self.told {
            Some(stamp) => stamp,
            None => *self.told.insert(self.records.stamp()?),
        };
        if beats != self.beats {
            self.beats.clone_from(&beats);
            if let Err(left) = self.tell(Msg::Heartbeats(beats)) {
                return Ok(Err(left));
            }
        }
        loop {
            let changes = self.records.changes(since, BATCH)?;
            let more = changes.more;
            if changes.stamp != since {
                may_panic("watch");
            }
            let news = changes.stamp != since || changes.workspaces;
            since = changes.stamp;
            if news && let Err(left) = self.tell(Msg::Changed(changes)) {
                return Ok(Err(left));
            }
            self.told = Some(since);
            if !more {
                break;
            }
        }
        let works_again = std::mem::take(&mut self.failed);
        Ok(if works_again { self.tell(Msg::WatchResumed) } else { Ok(()) })
    }

    fn tell(&self, msg: Msg) -> Result<(), Left> {
        self.sender.send(msg).map_err(|_| Left)
    }
}

#[cfg(test)]
mod tests {
    // Proves C1 (the screen is honest: no change is missed, whatever fails meanwhile).
    use super::*;
    use crate::model::Status;
    use crate::ops::testing::World;

    fn told(news: &crossbeam_channel::Receiver<Msg>) -> Vec<String> {
        let name = |msg| match msg {
            Msg::Changed(changes) => format!("{} runs", changes.runs.len()),
            Msg::WatchResumed => "resumed".to_owned(),
            other => format!("{other:?}"),
        };
        news.try_iter().map(name).collect()
    }

    #[test]
    fn what_changes_after_the_first_questions_or_during_a_failure_is_told() {
        let world = World::new();
        world.single("ws1");
        let (sender, news) = crossbeam_channel::unbounded();
        let mut watcher = Watcher::new(Arc::clone(&world.ctx.records), sender);
        let run = world.single("ws1");
        assert!(matches!(watcher.look(), Ok(Ok(()))));
        assert_eq!(told(&news), ["1 runs"], "what was there before is not news");
        world.damage("ALTER TABLE heartbeats RENAME TO elsewhere");
        assert!(watcher.look().is_err());
        watcher.failed = true;
        world.set(&run, Status::Running);
        world.damage("ALTER TABLE elsewhere RENAME TO heartbeats");
        assert!(matches!(watcher.look(), Ok(Ok(()))));
        assert_eq!(told(&news), ["1 runs", "resumed"]);
        assert!(matches!(watcher.look(), Ok(Ok(()))));
        assert!(told(&news).is_empty());
        drop(news);
        world.single("ws1");
        assert!(matches!(watcher.look(), Ok(Err(Left))));
    }
}
