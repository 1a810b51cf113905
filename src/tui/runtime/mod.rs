//! The only part of the UI that touches the world: terminal, input, signals, clock, executor.
//!
//! | thread | does | sends on |
//! | --- | --- | --- |
//! | UI (the caller's) | owns model and screen | effects to the executor |
//! | `xt-input` | waits for the terminal | input (unbounded, one an event) |
//! | `xt-signals` | waits for signals | signals |
//! | `xt-hangup` | waits for the loss of the terminal | signals, then ends the process |
//! | `xt-watch` | waits for changes of the records | data (bounded, waits) |
//! | `xt-files` | reads keymap and theme when their files change | data (bounded, waits) |
//! | `xt-task` (tokio) | lists, verbs, logs | control and data (bounded, wait) |
//! | `xt-meter` | writes down what frames cost, if it is asked to | |

mod answers;
mod attach;
mod changes;
mod clock;
mod drill;
mod executor;
mod files;
mod history;
mod input;
mod lanes;
mod log_dress;
mod log_origin;
mod log_reader;
mod log_save;
mod log_task;
mod log_work;
mod meter;
mod outside;
mod panics;
mod plans;
mod progress;
mod questions;
mod session;
mod signals;
mod terminal;
mod tmux;
mod verbs;
mod watch;

pub(super) use self::{log_origin::Origin, log_reader::LogReader, verbs::Console};

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, never, select_biased, unbounded};

use self::answers::Answers;
use self::clock::FrameClock;
use self::drill::may_panic;
use self::executor::Executor;
use self::files::Files;
use self::input::Input;
use self::meter::Meter;
use self::signals::Signal;
use self::terminal::Screen;
use super::app::effect::{Edit, TerminalRequest};
use super::app::log::Clock;
use super::app::session::Session;
use super::app::{Effect, Model, Msg, update};
use super::keymap;
use super::picture::Means;
use super::theme::{self, Terminal, Theme};
use super::{Options, TuiError};
use crate::model::Time;
use crate::ops::Context;

/// The most messages of data that are taken in before a frame is drawn and input is looked at.
const BATCH: usize = 256;

/// The longest time that is spent on data before input is looked at.
const TURN: Duration = Duration::from_millis(4);

/// The ends of the channels on which the UI thread listens.
struct Inbox {
    signals: Receiver<Signal>,
    input: Receiver<Msg>,
    control: Receiver<Msg>,
    data: Receiver<Msg>,
}

/// What woke the UI thread.
enum Wake {
    Signal(Signal),
    /// Something a person did: drawn at once.
    Input(Msg),
    Data(Msg),
    Timer,
    /// A thread that must live is gone.
    Lost(&'static str),
}

/// Runs the UI until the person leaves, or a signal ends it: which one.
pub fn run(context: &Context, options: &Options) -> Result<Option<i32>, TuiError> {
    let terminal = Terminal::from_env(variable);
    let meter = Meter::from_env()?;
    let theme = theme::Source::of(options.theme.as_deref(), &context.home.config);
    let first_theme = theme.load(terminal);
    let (signal_sender, signals) = bounded(16);
    panics::watch(signal_sender.clone());
    let screen = Screen::open(options.mouse)?;
    // One message an event: whoever ends the thread that reads the terminal must not be who it waits for.
    let (input_sender, input) = unbounded();
    let (control_sender, control) = bounded(256);
    let (data_sender, data) = bounded(256);
    let mut model = Model::new(context.box_name.clone(), Screen::size()?).on(options.workspace.clone());
    model.readonly = options.readonly;
    model.means = Means { cell: Screen::cell(), ..Means::from_env(options.pictures, variable) };
    let keymap = keymap::Source::of(options.keymap.as_deref(), &context.home.config);
    let first_keymap = keymap.load();
    let session_file = session::file(context);
    session::load(&session_file).restore(&mut model);
    let history_file = history::file(context);
    model.history = history::load(&history_file);
    model.log.clock = Clock::local();
    signals::start(signal_sender)?;
    let executor = Executor::start(context, options.readonly, control_sender, data_sender.clone())?;
    let mut ui = Ui {
        started: Instant::now(),
        model,
        theme: first_theme.theme.clone(),
        files: Files::start(keymap, (theme, first_theme.clone()), terminal, data_sender.clone()),
        screen,
        executor,
        input: None,
        answers: Answers::default(),
        input_sender,
        clock: FrameClock::default(),
        meter,
        inbox: Inbox { signals, input, control, data },
        ended_by: None,
    };
    // Before the first question is asked: what changes after it is told.
    watch::start(context, data_sender)?;
    ui.take(Msg::Clock { now: Time::now(), uptime: Duration::ZERO })?;
    ui.take(Msg::Keymap { loaded: Box::new(first_keymap), again: false })?;
    ui.take(Msg::Theme { loaded: Box::new(first_theme), again: false })?;
    ui.draw()?;
    ui.ask()?;
    ui.listen()?;
    let ended = ui.run();
    // A comfort: where it cannot be kept, the next session begins as the first.
    let _ = session::save(&session_file, &Session::of(&ui.model));
    let _ = history::save(&history_file, &ui.model.typed);
    ended.map(|()| ui.ended_by)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The UI thread's own things.
struct Ui {
    started: Instant,
    model: Model,
    theme: Theme,
    files: Files,
    screen: Screen,
    executor: Executor,
    /// None while the terminal is somebody else's.
    input: Option<Input>,
    /// What the terminal still has to answer, while nobody listens.
    answers: Answers,
    input_sender: Sender<Msg>,
    clock: FrameClock,
    meter: Option<Meter>,
    inbox: Inbox,
    /// The signal that ends it.
    ended_by: Option<i32>,
}

impl Ui {
    fn run(&mut self) -> Result<(), TuiError> {
        while !self.model.quit {
            let deadline = self.deadline();
            let wake = self.inbox.wait(deadline);
            self.take(Msg::Clock { now: Time::now(), uptime: self.started.elapsed() })?;
            let urgent = self.turn(wake)?;
            if self.model.dirty && (urgent || self.clock.may_draw(Instant::now())) && !self.model.quit {
                self.draw()?;
            }
        }
        Ok(())
    }

    /// Takes in what woke the thread and what waits behind it; answers whether a person did something.
    fn turn(&mut self, first: Wake) -> Result<bool, TuiError> {
        let begun = Instant::now();
        let mut urgent = false;
        let mut next = Some(first);
        for _ in 0..BATCH {
            match next.take() {
                Some(Wake::Signal(signal)) => {
                    urgent = true;
                    self.signal(signal)?;
                }
                Some(Wake::Input(msg)) => {
                    urgent = true;
                    self.take(msg)?;
                }
                Some(Wake::Data(msg)) => self.take(msg)?,
                Some(Wake::Timer) | None => return Ok(urgent),
                Some(Wake::Lost(thread)) => return Err(TuiError::ThreadEnded { thread }),
            }
            if self.model.quit || begun.elapsed() > TURN {
                return Ok(urgent);
            }
            // What a person did is seen at once: data waits for the frame after.
            next = self.inbox.poll_urgent().or_else(|| if urgent { None } else { self.inbox.poll_data() });
        }
        Ok(urgent)
    }

    /// When the thread must wake without a message: a frame that waits for its time, or what the model says.
    fn deadline(&self) -> Option<Instant> {
        let frame = self.model.dirty.then(|| self.clock.next());
        let change = self.model.next_change().map(|uptime| self.started + uptime);
        [frame, change].into_iter().flatten().min()
    }

    /// Takes a message in and has its effects carried out.
    fn take(&mut self, msg: Msg) -> Result<(), TuiError> {
        for effect in update(&mut self.model, msg) {
            match effect {
                Effect::Terminal(request) => self.terminal(request)?,
                Effect::Keymap(name) => self.files.choose_keymap(name),
                Effect::Theme(name) => self.files.choose_theme(name),
                Effect::Ground(ground) => self.files.choose_ground(ground),
                effect => self.executor.run(effect),
            }
        }
        Ok(())
    }

    fn draw(&mut self) -> Result<(), TuiError> {
        let begun = Instant::now();
        self.model.dirty = false;
        self.clock.drawn(begun);
        let cost = self.screen.draw(&mut self.model, &self.theme)?;
        if let Some(meter) = &mut self.meter {
            meter.frame(&cost, begun.elapsed());
        }
        Ok(())
    }

    fn signal(&mut self, signal: Signal) -> Result<(), TuiError> {
        match signal {
            Signal::Terminate(number) => {
                self.ended_by = Some(number);
                self.take(Msg::Terminate)
            }
            Signal::HangUp => Err(TuiError::HungUp),
            Signal::Panicked(told) => Err(TuiError::Panicked { told }),
            Signal::Resize => {
                let (width, height) = Screen::size()?;
                self.take(Msg::Cell(Screen::cell()))?;
                self.take(Msg::Resize(width, height))
            }
            Signal::Suspend => self.suspend(),
            // Somebody stopped and continued the process, and may have changed the terminal meanwhile.
            Signal::Continue => self.come_back(None),
        }
    }

    fn terminal(&mut self, request: TerminalRequest) -> Result<(), TuiError> {
        match request {
            TerminalRequest::Copy(text) => {
                self.screen.copy(&text)?;
                if tmux::is_around() {
                    self.executor.aside(move || tmux::copy(&text));
                }
                Ok(())
            }
            TerminalRequest::Notify(text) => self.screen.notify(&text),
            TerminalRequest::Redraw => {
                may_panic("screen");
                self.come_back(None)
            }
            TerminalRequest::Suspend => self.suspend(),
            TerminalRequest::Theme(theme) => {
                self.theme = *theme;
                Ok(())
            }
            // The command is refused already; what reaches a run is refused here once more.
            TerminalRequest::Attach(_) | TerminalRequest::Shell { .. } if self.model.readonly => Ok(()),
            TerminalRequest::Attach(run) => {
                self.away(|ui, ends| ui.executor.attach(&run, ui.theme.glyphs.dot, ends))
            }
            TerminalRequest::Shell { run, shell } => self.away(|ui, ends| {
                outside::shell(&run.to_string(), *shell, ui.theme.glyphs.dot, ends)
                    .map_err(|error| error.to_string())
            }),
            TerminalRequest::Edit(edit) => self.edit(&edit),
            TerminalRequest::Print(lines) => {
                let coloured = self.theme.has_colour();
                self.away(|_, ends| attach::print(&lines, coloured, ends).map_err(|error| error.to_string()))
            }
        }
    }

    /// Leaves the terminal to the person's editor, and takes in what came of it.
    fn edit(&mut self, edit: &Edit) -> Result<(), TuiError> {
        let mut came = None;
        self.away(|_, ends| {
            let edited = match edit {
                Edit::Text(text) => outside::edit(text, ends).map(|text| Some(Msg::Edited(text))),
                Edit::Copy(path) => outside::view(path, ends).map(|kept| kept.map(Msg::CopyKept)),
            };
            came = edited.map_err(|error| error.to_string())?;
            Ok(())
        })?;
        came.map_or(Ok(()), |msg| self.take(msg))
    }

    /// Leaves the terminal to something until that ends, or must.
    fn away(
        &mut self,
        does: impl FnOnce(&Self, &mut dyn FnMut() -> bool) -> Result<(), String>,
    ) -> Result<(), TuiError> {
        self.leave()?;
        let signals = self.inbox.signals.clone();
        let mut end = None;
        let ends = &mut || {
            end = end.take().or_else(|| signals.try_iter().find(Signal::ends));
            end.is_some()
        };
        let failed = does(self, ends).err();
        self.come_back(failed)?;
        end.map_or(Ok(()), |signal| self.signal(signal))
    }

    /// Stops the process as the shell expects it, and goes on when the shell says so.
    fn suspend(&mut self) -> Result<(), TuiError> {
        if !signals::can_stop() {
            let why = "there is no shell that could bring xt back: it stays".to_owned();
            return self.take(Msg::Resumed { failed: Some(why) });
        }
        self.leave()?;
        signals::stop_process()?;
        self.come_back(None)
    }

    /// Gives the terminal away: nothing of ours reads it any more.
    fn leave(&mut self) -> Result<(), TuiError> {
        if let Some(input) = self.input.take() {
            self.answers = input.stop();
        }
        self.screen.leave()
    }

    /// Takes the terminal again and paints everything.
    fn come_back(&mut self, failed: Option<String>) -> Result<(), TuiError> {
        self.screen.enter()?;
        self.listen()?;
        self.signal(Signal::Resize)?;
        self.take(Msg::Resumed { failed })
    }

    fn listen(&mut self) -> Result<(), TuiError> {
        if self.input.is_none() {
            let answers = std::mem::take(&mut self.answers);
            self.input = Some(Input::start(answers, self.input_sender.clone())?);
        }
        Ok(())
    }

    /// Asks the terminal what only it can tell; the first frame is on it already.
    fn ask(&mut self) -> Result<(), TuiError> {
        let questions = questions::questions(&self.model.means, variable);
        if !questions.is_empty() {
            self.screen.ask(&questions)?;
            self.answers = Answers::to(questions, Instant::now());
        }
        Ok(())
    }
}

impl Inbox {
    /// Waits for the most urgent message there is.
    fn wait(&self, deadline: Option<Instant>) -> Wake {
        let timer = deadline.map_or_else(never, crossbeam_channel::at);
        select_biased! {
            recv(self.signals) -> signal => signal.map_or(Wake::Lost("signals"), Wake::Signal),
            recv(self.input) -> msg => msg.map_or(Wake::Lost("input"), Wake::Input),
            recv(self.control) -> msg => msg.map_or(Wake::Lost("tasks"), Wake::Input),
            recv(self.data) -> msg => msg.map_or(Wake::Lost("tasks"), Wake::Data),
            recv(timer) -> _ => Wake::Timer,
        }
    }

    /// The most urgent message that waits already, data apart.
    fn poll_urgent(&self) -> Option<Wake> {
        self.signals
            .try_recv()
            .map(Wake::Signal)
            .or_else(|_| self.input.try_recv().map(Wake::Input))
            .or_else(|_| self.control.try_recv().map(Wake::Input))
            .ok()
    }

    /// Data that wait already.
    fn poll_data(&self) -> Option<Wake> {
        self.data.try_recv().map(Wake::Data).ok()
    }
}
