//! The program in a pseudo-terminal, and a person at it.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::ops::Deref;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};

use crate::support::{Home, PATIENCE, until};

/// A home whose runs end with the test.
pub struct Place(Home);

impl Deref for Place {
    type Target = Home;

    fn deref(&self) -> &Home {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.output(["cancel", "all", "--yes"]);
    }
}

/// A home with a script that prints until it is ended.
pub fn home() -> Place {
    let home = Home::new();
    home.write("tick.sh", "i=0\nwhile true; do i=$((i+1)); echo \"tick $i of $1\"; sleep 0.2; done\n");
    Place(home)
}

/// The same, and the script runs already.
pub fn ticking() -> Place {
    let home = home();
    home.ok(["run", "bash", "tick.sh", "one"]);
    home
}

impl Place {
    /// The process of the one xt that has been started from a shell, and shows its screen.
    pub fn screen_process(&self) -> u32 {
        let words = |pid: &u32| std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let is_screen = |pid: &u32| words(pid) == concat!(env!("CARGO_BIN_EXE_xt"), "\0").as_bytes();
        self.processes().into_iter().find(is_screen).unwrap()
    }

    /// xt, to be started in a terminal of 120 columns and 40 rows.
    pub fn ui(&self) -> Launch {
        self.program(env!("CARGO_BIN_EXE_xt"))
    }

    /// Another program.
    pub fn program(&self, program: &str) -> Launch {
        let mut command = CommandBuilder::new(program);
        command.cwd(self.project());
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("XT_") {
                command.env_remove(name);
            }
        }
        for name in [
            "NO_COLOR",
            "VISUAL",
            "EDITOR",
            "COLORTERM",
            "COLORFGBG",
            "TERM_PROGRAM",
            "LC_TERMINAL",
            "TMUX",
            "STY",
            "ZELLIJ",
            "LANG",
            "LC_CTYPE",
        ] {
            command.env_remove(name);
        }
        command.env("XT_HOME", self.root());
        command.env("XT_MACHINE", self.root().join("machine"));
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", "C.UTF-8");
        Launch { command, size: (120, 40) }
    }
}

/// A program that is to be started in a terminal.
pub struct Launch {
    command: CommandBuilder,
    size: (u16, u16),
}

impl Launch {
    pub fn args(mut self, args: &[&str]) -> Self {
        self.command.args(args);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Columns and rows.
    pub const fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    /// The terminal is not the one of a session: nobody is sent SIGHUP when it is closed.
    pub fn without_session(mut self) -> Self {
        self.command.set_controlling_tty(false);
        self
    }

    pub fn start(self) -> Ui {
        let (columns, rows) = self.size;
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let modes = format!("{:?}", pair.master.get_termios().unwrap());
        let child = pair.slave.spawn_command(self.command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let (sender, output) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0; 16384];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        let screen = vt100::Parser::new(rows, columns, 0);
        Ui {
            child: Process(child),
            master: pair.master,
            writer,
            output,
            screen,
            bytes: Vec::new(),
            shown: 0,
            modes,
        }
    }
}

/// A process that does not outlive its test.
struct Process(Box<dyn Child + Send + Sync>);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
    }
}

/// A program in a terminal.
pub struct Ui {
    child: Process,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    pub output: Receiver<Vec<u8>>,
    pub screen: vt100::Parser,
    /// Everything that was written to the terminal.
    pub bytes: Vec<u8>,
    /// How much of it the screen has taken in.
    shown: usize,
    /// The terminal's modes before the program had it.
    modes: String,
}

impl Ui {
    pub fn press(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.screen.screen_mut().set_size(rows, columns);
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.master.resize(size).unwrap();
    }

    /// Reads until the screen is as wanted.
    pub fn wait(&mut self, what: &str, wanted: impl Fn(&str) -> bool) {
        self.wait_until(what, |ui| wanted(&ui.text()));
    }

    pub fn wait_for(&mut self, text: &str) {
        self.wait(text, |screen| screen.contains(text));
    }

    /// Reads until these bytes have been sent.
    pub fn wait_for_bytes(&mut self, text: &str) {
        self.wait_until(&format!("{text:?}"), |ui| String::from_utf8_lossy(&ui.bytes).contains(text));
    }

    /// Reads until something holds.
    pub fn wait_until(&mut self, what: &str, holds: impl Fn(&Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !holds(self) {
            match self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.take(&bytes),
                Err(error) => panic!("{what} never came ({error}); the screen was:\n{}", self.text()),
            }
        }
    }

    fn take(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
        self.show(self.bytes.len());
    }

    /// Brings the screen to where it was when so much had been written.
    fn show(&mut self, end: usize) {
        // The parser leaves the replacement character out, which takes a column in every terminal: another stands for
        // it, also where a piece ends in the middle of it.
        let mut new = self.bytes[self.shown..end].to_vec();
        while matches!(new[..], [.., 0xef] | [.., 0xef, 0xbf]) {
            new.pop();
        }
        self.shown += new.len();
        while let Some(at) = new.windows(3).position(|three| three == "\u{fffd}".as_bytes()) {
            new.splice(at..at + 3, *b"?");
        }
        self.screen.process(&new);
    }

    /// Reads until some bytes have come, without showing them; where they begin.
    fn read_to(&mut self, from: usize, wanted: &[u8]) -> usize {
        loop {
            let found = self.bytes[from..].windows(wanted.len()).position(|bytes| bytes == wanted);
            if let Some(at) = found {
                return from + at;
            }
            match self.output.recv_timeout(PATIENCE) {
                Ok(bytes) => self.bytes.extend(bytes),
                Err(error) => panic!("{wanted:?} never came ({error}) after\n{}", self.text()),
            }
        }
    }

    /// Reads until the program has nothing more to do: all its threads sleep, and nobody was woken between two looks.
    pub fn settle(&mut self) {
        let pid = self.pid();
        let mut before = None;
        until("nothing more is to do", || {
            let mut news = false;
            while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(20)) {
                self.take(&bytes);
                news = true;
            }
            let wakes = wakes(pid);
            let settled = !news && (self.has_ended() || (wakes.is_some() && wakes == before));
            before = wakes;
            settled.then_some(())
        });
    }

    /// What has been drawn bit by bit is what is drawn at once on an empty screen.
    pub fn assert_as_painted_anew(&mut self) {
        let from = self.bytes.len();
        // A process that is told to go on paints everything, whatever lies over the panes.
        self.signal(Signal::CONT);
        let begin = self.read_to(from, b"\x1b[?1049h");
        self.show(begin);
        let (before, seen) = (self.text(), self.cells());
        let end_of_frame = b"\x1b[?2026l";
        let end = self.read_to(begin, end_of_frame) + end_of_frame.len();
        self.show(end);
        let differs = seen.iter().zip(self.cells()).find(|(before, after)| *before != after);
        assert!(differs.is_none(), "{differs:?}; it was\n{before}\nand is\n{}", self.text());
    }

    /// Everything that is seen: what stands where and how it looks, and where the cursor is if it is shown.
    fn cells(&self) -> Vec<String> {
        let screen = self.screen.screen();
        let (rows, columns) = screen.size();
        let aged: Vec<bool> = screen.rows(0, columns).map(|row| row.contains(" ago")).collect();
        let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        let mut cells: Vec<_> = places
            .map(|(row, column)| {
                let cell = screen.cell(row, column).unwrap();
                let text = match cell.contents() {
                    "" => " ",
                    // How long ago something was is not drawn anew when nothing else happens.
                    digit if aged[usize::from(row)] && digit.parse::<u8>().is_ok() => "0",
                    text => text,
                };
                let marks = [cell.bold(), cell.dim(), cell.italic(), cell.underline(), cell.inverse()];
                // The colour of nothing is not seen.
                let ink = (text != " " || cell.inverse() || cell.underline()).then(|| cell.fgcolor());
                format!("{row},{column}: {text:?} {ink:?} on {:?} {marks:?}", cell.bgcolor())
            })
            .collect();
        let cursor = (!screen.hide_cursor()).then(|| screen.cursor_position());
        cells.push(format!("cursor: {cursor:?}"));
        cells
    }

    /// Whether the program has ended, and nobody has asked how.
    pub fn has_ended(&self) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.pid())).unwrap();
        stat.rsplit(')').next().unwrap().trim_start().starts_with('Z')
    }

    pub fn text(&self) -> String {
        self.screen.screen().contents()
    }

    pub fn pid(&self) -> u32 {
        self.child.0.process_id().unwrap()
    }

    pub fn signal(&self, signal: Signal) {
        signal_to(self.pid(), signal);
    }

    /// Waits for the end.
    pub fn end(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            match self.output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.take(&bytes),
                Err(RecvTimeoutError::Disconnected) => return self.child.0.wait().unwrap(),
                Err(RecvTimeoutError::Timeout) => panic!("it never ended; the screen was:\n{}", self.text()),
            }
        }
    }

    /// Leaves xt by its key, and sees that all is as before.
    pub fn quit(&mut self) {
        self.press("q");
        assert_eq!(self.end().exit_code(), 0);
        self.assert_given_back();
    }

    /// Closes the terminal, and waits for the end; how it ended, and what the end took of a processor.
    pub fn close(self) -> (ExitStatus, Duration) {
        let Self { mut child, master, mut writer, output, .. } = self;
        let pid = child.0.process_id().unwrap();
        let before = processor_time(pid);
        // The thread that reads has a descriptor of the terminal, too: it gives it up when it has something to tell
        // and nobody listens.
        drop(output);
        writer.write_all(b"?").unwrap();
        drop((master, writer));
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        waitid(WaitId::Pid(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap()), options).unwrap();
        let took = processor_time(pid).saturating_sub(before);
        (child.0.wait().unwrap(), took)
    }

    /// The terminal is as it was: its modes, and everything xt switches on in it.
    pub fn assert_given_back(&self) {
        let screen = self.screen.screen();
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
        assert!(!screen.application_cursor() && !screen.application_keypad());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        assert_eq!((screen.fgcolor(), screen.bgcolor()), (vt100::Color::Default, vt100::Color::Default));
        assert!(!screen.inverse() && !screen.bold());
        assert_eq!(self.switched_on(), BTreeSet::from([25]), "what is left on but the cursor");
        let raw = self.raw();
        assert!(raw.rfind("\x1b[>1u") <= raw.rfind("\x1b[=0u"), "the keyboard's protocol is as before");
        assert_eq!(self.termios(), self.modes);
    }

    /// The terminal's modes.
    pub fn termios(&self) -> String {
        format!("{:?}", self.master.get_termios().unwrap())
    }

    /// What was written to the terminal.
    pub fn raw(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The private modes of the terminal that are on after what was written.
    fn switched_on(&self) -> BTreeSet<u16> {
        let mut on = BTreeSet::new();
        for command in self.raw().split("\x1b[?").skip(1) {
            let end = command.find(|c: char| c != ';' && !c.is_ascii_digit()).unwrap_or(command.len());
            let modes = command[..end].split(';').filter_map(|mode| mode.parse::<u16>().ok());
            match command[end..].chars().next() {
                Some('h') => on.extend(modes),
                Some('l') => {
                    let off: BTreeSet<_> = modes.collect();
                    on.retain(|mode| !off.contains(mode));
                }
                _ => {}
            }
        }
        on
    }
}

pub fn signal_to(pid: u32, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), signal).unwrap();
}

/// How often each thread of a process was put to sleep or pushed aside; nothing while one of them has work.
fn wakes(pid: u32) -> Option<Vec<String>> {
    let mut wakes = Vec::new();
    for thread in std::fs::read_dir(format!("/proc/{pid}/task")).unwrap() {
        let status = std::fs::read_to_string(thread.unwrap().path().join("status")).ok()?;
        let lines = |name: &str| status.lines().filter(|line| line.contains(name)).collect::<String>();
        if !lines("State:").contains('S') {
            return None;
        }
        wakes.push(lines("ctxt_switches"));
    }
    Some(wakes)
}

/// What a process has used of processors, also when it has ended and nobody has asked how.
fn processor_time(pid: u32) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // What follows the name, which may hold anything; ticks are hundredths of a second.
    let fields: Vec<_> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks = [11, 12].map(|at| fields[at].parse::<u64>().unwrap());
    Duration::from_millis(10 * ticks.iter().sum::<u64>())
}
