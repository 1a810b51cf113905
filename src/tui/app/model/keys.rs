//! What a key can mean here and now.

use super::Model;
use crate::model::Status;
use crate::tui::app::dialog::Overlay;
use crate::tui::app::layout::Pane;
use crate::tui::app::screen::Screen;
use crate::tui::app::tab::Tab;
use crate::tui::command::{ChartCommand, Command, LogCommand, Scope};
use crate::tui::keymap::{Fact, Facts, KeyContext, Place};

impl Model {
    /// Whether a command would do something now: hints never lie.
    pub fn can(&self, command: Command) -> bool {
        let run = self.runs.selected();
        match command {
            Command::Cancel if self.focus == Pane::Jobs => {
                !self.jobs.marks.is_empty()
                    || self.jobs.selected().is_some_and(|job| !job.job_status.is_final())
            }
            Command::Cancel => !self.runs.marks.is_empty() || run.is_some_and(|run| !run.status.is_final()),
            Command::Attach => run.is_some_and(|run| run.status == Status::Running),
            Command::Describe | Command::Tag => match self.focus {
                Pane::Workspaces => self.tree.selected().is_some(),
                Pane::Jobs => self.jobs.selected().is_some(),
                Pane::Runs | Pane::Detail => run.is_some(),
            },
            Command::Rerun | Command::Mark | Command::Log(LogCommand::Merge) => run.is_some(),
            Command::Filter | Command::Sort => !self.runs.is_empty() || !self.filter.text.is_empty(),
            Command::Zoom => matches!(self.screen, Screen::Main | Screen::Compare),
            Command::Chart(ChartCommand::Compare) => !self.runs.is_empty() || !self.jobs.list.is_empty(),
            Command::Chart(_) => !self.charts().is_empty(),
            Command::StopTask => self.selected_task().is_some_and(|task| task.state.is_open()),
            Command::ClearTasks => self.tasks.iter().any(|task| !task.state.is_open()),
            Command::Log(LogCommand::AttemptPrevious) => {
                self.log.attempt.is_some_and(|(attempt, _)| attempt > 1)
            }
            Command::Log(LogCommand::AttemptNext) => {
                self.log.attempt.is_some_and(|(attempt, all)| attempt < all)
            }
            Command::Log(LogCommand::Filter) => self.log.filter.is_some() || !self.log.lines.is_empty(),
            Command::Log(_) => !self.log.lines.is_empty(),
            _ => true,
        }
    }

    /// Whether the keys go to a picture.
    pub fn on_picture(&self) -> bool {
        self.screen == Screen::Main && self.focus == Pane::Detail && self.detail.picture.is_some()
    }

    /// Whether the selected thing is a file that can be opened.
    pub fn can_open_file(&self) -> bool {
        self.key_context() == KeyContext::Detail(Tab::Files) && !self.on_picture()
    }

    /// The part of the screen that gets the keys.
    pub const fn key_context(&self) -> KeyContext {
        match self.screen {
            Screen::Main => KeyContext::of(self.focus, self.detail.tab),
            Screen::Nodes => KeyContext::Nodes,
            Screen::Compare => KeyContext::Compare,
            Screen::Tasks => KeyContext::Tasks,
            Screen::Errors => KeyContext::Errors,
        }
    }

    /// Whether what a command is about is on the screen. A typed command is not bound to the pane with the keys, but
    /// nothing is done to what nobody sees.
    pub fn reaches(&self, scope: Scope) -> bool {
        let here = self.key_context();
        let panes =
            [KeyContext::Workspaces, KeyContext::Jobs, KeyContext::Runs, KeyContext::Detail(self.detail.tab)];
        scope.includes(here)
            || self.screen == Screen::Main && panes.into_iter().any(|pane| scope.includes(pane))
    }

    /// All that the meaning of a key depends on.
    pub fn place(&self) -> Place {
        Place { context: self.key_context(), facts: self.facts(), readonly: self.readonly }
    }

    /// How a command is given here: by its key, or else by its name in the command line; nothing where it is not allowed.
    pub fn how(&self, command: Command) -> Option<String> {
        let bound = self.keymap.keys(command, self.place()).next().map(ToString::to_string);
        let typed = || command.entry().filter(|entry| entry.allowed(self.readonly));
        bound.or_else(|| typed().map(|entry| format!("`:{}`", entry.name)))
    }

    /// The same with what comes of it, after a sentence: ": S saves it".
    pub fn hint(&self, command: Command, does: &str) -> String {
        self.how(command).map_or_else(String::new, |key| format!(": {key} {does}"))
    }

    /// The same of what lies over the panes.
    pub fn place_over(&self, overlay: &Overlay) -> Place {
        Place { context: overlay.context(), ..self.place() }
    }

    /// What is so, for the conditions of a keymap.
    fn facts(&self) -> Facts {
        let run = self.runs.selected();
        let branch = self.tree.selected().map(|(ws, _)| ws).filter(|ws| self.tree.has_children(ws));
        let open = branch.is_some_and(|ws| self.tree.is_open(ws));
        Facts::default()
            .with(Fact::TreeOpen, open)
            .with(Fact::TreeClosed, branch.is_some() && !open)
            .with(Fact::RunSelected, run.is_some())
            .with(Fact::RunActive, run.is_some_and(|run| !run.status.is_final()))
            .with(Fact::RunRunning, run.is_some_and(|run| run.status == Status::Running))
            .with(Fact::RunFailed, run.is_some_and(|run| run.status.is_failure()))
            .with(Fact::JobActive, self.jobs.selected().is_some_and(|job| !job.job_status.is_final()))
            .with(Fact::JobHeld, self.jobs.selected().is_some_and(|job| job.hold))
            .with(Fact::MarksAny, !self.runs.marks.is_empty())
            .with(Fact::FilterAny, !self.filter.text.is_empty())
            .with(Fact::LogFollowing, self.log.follows())
            .with(Fact::LogWrapped, self.log.wrap)
            .with(Fact::PaneZoomed, self.layout.zoom)
    }
}
