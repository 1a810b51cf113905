//! The thread that waits for changes of the files a person edits while xt runs: the keymap.
//!
//! Editors write in many ways (in place, a new file over the old one), so the folder is watched, and whatever
//! happens in it the file is read again; what is as it was before is no news.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use crossbeam_channel::Sender;
use notify::{RecursiveMode, Watcher};

use super::super::app::Msg;
use super::super::keymap::Source;
use super::super::reader;

/// Editors write a file in several steps: they are one change.
const PAUSE: Duration = Duration::from_millis(50);

/// Starts to wait. Without a watcher (a system without inotify instances left) a change is seen at the next start.
pub fn start(keymap: Source, sender: Sender<Msg>) {
    let Some(path) = keymap.path().map(Path::to_path_buf) else { return };
    let Some(folder) = path.parent().map(Path::to_path_buf) else { return };
    let folder = if folder.as_os_str().is_empty() { Path::new(".").to_path_buf() } else { folder };
    // The first reading was at the start.
    let mut seen = reader::text_of(&path);
    let (wake, wakes) = mpsc::channel();
    let Ok(mut watcher) = notify::recommended_watcher(wake) else { return };
    if watcher.watch(&folder, RecursiveMode::NonRecursive).is_err() {
        return;
    }
    let watch = move || {
        let _watcher = watcher;
        while wakes.recv().is_ok() {
            std::thread::sleep(PAUSE);
            while wakes.try_recv().is_ok() {}
            let now = reader::text_of(&path);
            if now != seen {
                seen = now;
                let loaded = Box::new(keymap.load());
                if sender.send(Msg::Keymap { loaded, again: true }).is_err() {
                    return;
                }
            }
        }
    };
    // Without the thread a change is seen at the next start, too.
    let _ = std::thread::Builder::new().name("xt-files".into()).spawn(watch);
}
