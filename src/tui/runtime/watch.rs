//! The thread that waits for changes of the records and passes them on.

use std::time::Duration;

use crossbeam_channel::Sender;

use super::super::TuiError;
use super::super::app::Msg;
use super::drill::may_panic;
use crate::model::node::Heartbeat;
use crate::ops::Context;
use crate::store;

/// The most changed documents in one message.
const BATCH: usize = 500;

/// The least time between two looks: a burst of changes is one change.
const PAUSE: Duration = Duration::from_millis(100);

/// The wait before the next try when the records could not be read.
const RETRY: Duration = Duration::from_secs(5);

/// Starts to wait for changes after a stamp: that of a moment before anything was read for the screen, or what changes
/// between the two would never be seen. Without one, it is taken as soon as the records can be read.
pub fn start(context: &Context, mut since: Option<i64>, sender: Sender<Msg>) -> Result<(), TuiError> {
    let records = context.records.clone();
    std::thread::Builder::new()
        .name("xt-watch".into())
        .spawn(move || {
            let mut told = false;
            loop {
                // It returns only when it failed or nobody listens any more.
                match watch(&*records, &sender, &mut since, &mut told) {
                    Ok(()) => return,
                    Err(error) => {
                        if !told && sender.send(Msg::WatchFailed(error.to_string())).is_err() {
                            return;
                        }
                        told = true;
                        std::thread::sleep(RETRY);
                    }
                }
            }
        })
        .map_err(TuiError::terminal("start a thread that watches the records"))?;
    Ok(())
}

/// Passes changes on; where it ended when the records could not be read, the next call goes on.
fn watch(
    records: &dyn store::Records,
    sender: &Sender<Msg>,
    since: &mut Option<i64>,
    told: &mut bool,
) -> store::Result<()> {
    let mut watch = records.watch()?;
    let mut stamp = match *since {
        Some(stamp) => stamp,
        None => records.stamp()?,
    };
    *since = Some(stamp);
    let mut beats: Vec<Heartbeat> = Vec::new();
    loop {
        let new_beats = records.heartbeats()?;
        if new_beats != beats {
            beats.clone_from(&new_beats);
            if sender.send(Msg::Heartbeats(new_beats)).is_err() {
                return Ok(());
            }
        }
        loop {
            let changes = records.changes(stamp, BATCH)?;
            let more = changes.more;
            if changes.stamp != stamp {
                may_panic("watch");
            }
            let news = changes.stamp != stamp || changes.workspaces;
            stamp = changes.stamp;
            *since = Some(stamp);
            if news && sender.send(Msg::Changed(changes)).is_err() {
                return Ok(());
            }
            if !more {
                break;
            }
        }
        *told = false;
        // What comes during the pause waits for the next look; what comes after it is seen at once.
        std::thread::sleep(PAUSE);
        watch.wait(None)?;
    }
}

#[cfg(test)]
mod tests {
    // Proves C1 (what is seen is what the records say).
    use super::*;
    use crate::ops::testing::World;

    #[test]
    fn what_changed_before_the_watch_began_is_told() {
        let world = World::new();
        let records = std::sync::Arc::clone(&world.ctx.records);
        let mut since = Some(records.stamp().unwrap());
        let run = world.single("ws1");
        let (sender, told) = crossbeam_channel::unbounded();
        let watching = std::thread::spawn(move || watch(&*records, &sender, &mut since, &mut false));
        let changed =
            told.iter().find_map(|msg| if let Msg::Changed(changes) = msg { Some(changes) } else { None });
        assert_eq!(changed.unwrap().runs[0].path(), run);
        // It ends with the next change, which nobody hears.
        drop(told);
        world.single("ws1");
        watching.join().unwrap().unwrap();
    }
}
