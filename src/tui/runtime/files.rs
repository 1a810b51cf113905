//! The thread that reads the files a person writes for the UI, the keymap and the theme, and waits for their changes.
//!
//! Editors write in many ways (in place, a new file over the old one), so the folders are watched, and whatever
//! happens in them the files are read again; what is as it was before is no news.

use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use crossbeam_channel::Sender;
use notify::{RecommendedWatcher, RecursiveMode, Watcher};

use super::super::app::Msg;
use super::super::theme::{self, Ground, Terminal};
use super::super::{keymap, reader};
use super::drill::may_panic;

/// Editors write a file in several steps: they are one change.
const PAUSE: Duration = Duration::from_millis(50);

/// What wakes the thread.
enum Wake {
    /// Something has changed in a folder.
    Changed,
    /// The person wants another theme.
    Theme(String),
    /// This is behind the text, as the terminal says.
    Ground(Ground),
    /// The person wants other keys.
    Keymap(String),
}

/// The thread's other end.
pub struct Files(mpsc::Sender<Wake>);

/// What is read, and what it was the last time.
struct Reading {
    keymap: keymap::Source,
    keymap_text: Text,
    terminal: Terminal,
    theme: theme::Source,
    loaded: theme::Loaded,
    sender: Sender<Msg>,
}

type Text = Option<Result<Option<String>, crate::config::Diagnostic>>;

impl Files {
    /// Starts the thread. Without a watcher (a system without inotify instances left) a change is seen at the next
    /// start.
    pub fn start(
        keymap: keymap::Source,
        (theme, loaded): (theme::Source, theme::Loaded),
        terminal: Terminal,
        sender: Sender<Msg>,
    ) -> Self {
        let (wake, wakes) = mpsc::channel();
        let changes = wake.clone();
        let watcher = super::changes::watcher(move || {
            let _ = changes.send(Wake::Changed);
        });
        // The first reading was at the start.
        let keymap_text = keymap.path().map(reader::text_of);
        let mut reading = Reading { keymap, keymap_text, terminal, theme, loaded, sender };
        let read = move || {
            let mut watcher = watcher.ok();
            reading.watch(watcher.as_mut());
            while let Ok(wake) = wakes.recv() {
                let mut waiting = vec![wake];
                if matches!(waiting[..], [Wake::Changed]) {
                    std::thread::sleep(PAUSE);
                    waiting.extend(wakes.try_iter().filter(|wake| !matches!(wake, Wake::Changed)));
                    // A folder may have come.
                    reading.watch(watcher.as_mut());
                }
                if waiting.iter().any(|wake| reading.take(wake).is_none()) {
                    return;
                }
            }
        };
        // Without the thread a change is seen at the next start, too.
        let _ = std::thread::Builder::new().name("xt-files".into()).spawn(read);
        Self(wake)
    }

    /// Has another keymap read; it comes as a message.
    pub fn choose_keymap(&self, name: String) {
        let _ = self.0.send(Wake::Keymap(name));
    }

    /// Has the theme put together for what is behind the text; it comes as a message if it is another one now.
    pub fn choose_ground(&self, ground: Ground) {
        let _ = self.0.send(Wake::Ground(ground));
    }

    /// Has another theme read; it comes as a message.
    pub fn choose_theme(&self, name: String) {
        // Without the thread the theme stays as it is.
        let _ = self.0.send(Wake::Theme(name));
    }
}

impl Reading {
    /// Watches the folders that there are.
    fn watch(&self, watcher: Option<&mut RecommendedWatcher>) {
        let Some(watcher) = watcher else { return };
        let mut folders = self.theme.folders();
        if let Some(folder) = self.keymap.path().and_then(Path::parent) {
            let here = folder.as_os_str().is_empty();
            folders.push(if here { Path::new(".").to_path_buf() } else { folder.to_path_buf() });
        }
        for folder in folders.iter().filter(|folder| folder.is_dir()) {
            let _ = watcher.watch(folder, RecursiveMode::NonRecursive);
        }
    }

    /// Does what the thread was woken for; none when nobody listens any more.
    fn take(&mut self, wake: &Wake) -> Option<()> {
        may_panic("files");
        match wake {
            Wake::Changed => self.again(),
            Wake::Theme(name) => self.choose_theme(name),
            Wake::Ground(ground) => {
                self.terminal.ground = *ground;
                let loaded = self.theme.load(self.terminal);
                if loaded == self.loaded { Some(()) } else { self.tell(loaded, false) }
            }
            Wake::Keymap(name) => self.choose_keymap(name),
        }
    }

    /// Reads everything again, and tells what is new.
    fn again(&mut self) -> Option<()> {
        let text = self.keymap.path().map(reader::text_of);
        if text != self.keymap_text {
            self.keymap_text = text;
            let loaded = Box::new(self.keymap.load());
            self.sender.send(Msg::Keymap { loaded, again: true }).ok()?;
        }
        let loaded = self.theme.load(self.terminal);
        if loaded == self.loaded { Some(()) } else { self.tell(loaded, true) }
    }

    /// Takes another theme; one that cannot be used is told and forgotten.
    fn choose_theme(&mut self, name: &str) -> Option<()> {
        let source = self.theme.other(name);
        let loaded = source.load(self.terminal);
        if loaded.is_broken() {
            let loaded = Box::new(loaded);
            return self.sender.send(Msg::Theme { loaded, again: true }).ok();
        }
        self.theme = source;
        self.tell(loaded, true)
    }

    /// Takes other keys.
    fn choose_keymap(&mut self, name: &str) -> Option<()> {
        let source = keymap::Source::of(Some(name), self.theme.config());
        let loaded = Box::new(source.load());
        if !loaded.is_broken() {
            self.keymap_text = source.path().map(reader::text_of);
            self.keymap = source;
        }
        self.sender.send(Msg::Keymap { loaded, again: true }).ok()
    }

    fn tell(&mut self, loaded: theme::Loaded, again: bool) -> Option<()> {
        self.loaded = loaded.clone();
        self.sender.send(Msg::Theme { loaded: Box::new(loaded), again }).ok()
    }
}
