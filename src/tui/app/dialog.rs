//! What can lie over the panes: a question, a form, a line to type, a list to look at.

use tui_textarea::TextArea;

use super::act::Act;
use super::columns::ColumnMenu;
use super::effect::{Generation, Target, TaskId};
use super::guide::Guide;
use super::message::Planned;
use super::rerun::RerunForm;
use super::sheet::Sheet;
use super::tagging::TagForm;
use super::topics::Topics;
use crate::model::{JobName, RunPath};
use crate::tui::command::{Candidate, Command};
use crate::tui::keymap::KeyContext;

/// What lies over the panes and gets the keys.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// A question about something that destroys.
    Confirm(Confirm),
    /// The form to start runs again.
    Rerun(Box<RerunForm>),
    /// The form for tags and the note.
    Tags(Box<TagForm>),
    /// A line to type.
    Prompt(Box<Prompt>),
    /// The choice of the column to sort by.
    Sort(SortMenu),
    /// The choice of the columns.
    Columns(ColumnMenu),
    /// All about a workspace, an experiment or a job.
    Sheet(Box<Sheet>),
    /// The keys that work here.
    Help(Guide),
    /// The help topics.
    Topics(Topics),
}

impl Overlay {
    /// What the meaning of a key in it depends on.
    pub const fn context(&self) -> KeyContext {
        match self {
            Self::Confirm(_) | Self::Sort(_) | Self::Sheet(_) | Self::Help(_) => KeyContext::Popup,
            Self::Columns(_) => KeyContext::Columns,
            Self::Topics(_) => KeyContext::Topics,
            Self::Rerun(_) | Self::Tags(_) => KeyContext::Form,
            Self::Prompt(_) => KeyContext::Prompt,
        }
    }

    /// The command that opened it, if its key is to close it.
    pub const fn opener(&self) -> Option<Command> {
        match self {
            Self::Help(_) | Self::Topics(_) => Some(Command::Help),
            Self::Sheet(_) => Some(Command::Describe),
            Self::Sort(_) => Some(Command::Sort),
            Self::Columns(_) => Some(Command::Columns),
            Self::Confirm(_) | Self::Rerun(_) | Self::Tags(_) | Self::Prompt(_) => None,
        }
    }

    /// Moves the selection, or scrolls where there is none, within the ends.
    pub fn step(&mut self, by: isize, size: (u16, u16)) {
        match self {
            Self::Help(guide) => guide.step(by, size),
            Self::Topics(topics) => topics.scroll_by(by, size),
            Self::Confirm(confirm) => confirm.scroll = confirm.scroll.saturating_add_signed(by),
            Self::Columns(menu) => menu.step(by),
            Self::Sort(menu) => {
                let last = menu.fields.len().saturating_sub(1);
                menu.choice = menu.choice.saturating_add_signed(by).min(last);
            }
            Self::Sheet(sheet) => sheet.step(by),
            Self::Rerun(_) | Self::Tags(_) | Self::Prompt(_) => {}
        }
    }
}

/// Lines of a long list over the panes on a screen of so many.
pub const fn room(screen: u16) -> usize {
    screen.saturating_sub(if screen > 12 { 4 } else { 2 }) as usize
}

/// A question that only `y` answers with yes.
#[derive(Clone, Debug, PartialEq)]
pub struct Confirm {
    /// What is to be done.
    pub act: Act,
    /// The frozen set.
    pub targets: Vec<Target>,
    /// What it would be done to; none while it is looked up.
    pub planned: Option<Vec<Planned>>,
    /// The task that looks it up.
    pub task: Option<TaskId>,
    /// The first line that is seen.
    pub scroll: usize,
}

/// One line to type in.
#[must_use]
pub fn field(text: &str) -> TextArea<'static> {
    let mut area = TextArea::new(vec![text.to_owned()]);
    area.set_cursor_line_style(ratatui::style::Style::new());
    area.move_cursor(tui_textarea::CursorMove::End);
    area
}

/// The text of a field of one line.
pub fn text_of(area: &TextArea<'_>) -> String {
    area.lines().join(" ")
}

/// What a typed line is for. What it acts on is what was selected when it was opened, wherever the selection goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptKind {
    /// A command.
    Command,
    /// A filter of the runs; it works while it is typed.
    Filter,
    /// A pattern to find in the log.
    Search,
    /// The priority of these jobs.
    Priority(Vec<JobName>),
    /// Where a file of a run is to be saved.
    SaveFile {
        /// The run.
        run: RunPath,
        /// Its path in the run's folder.
        file: String,
    },
    /// A pattern that the lines of the log have, or with `!` have not.
    Lines,
    /// A line or a time to go to in the log.
    Jump,
    /// A file to save this opened log in.
    Save(Generation),
    /// Words in the names of metrics; they work while they are typed.
    Metrics,
}

/// What a command would end.
#[derive(Clone, Debug, Default)]
pub struct Preview {
    /// What it names.
    pub targets: Vec<Target>,
    /// The question that was asked.
    pub generation: Option<Generation>,
    /// The answer.
    pub ends: Option<Result<Vec<Planned>, String>>,
}

/// A line to type.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What it is for.
    pub kind: PromptKind,
    /// The line.
    pub input: TextArea<'static>,
    /// What it may become.
    pub found: Vec<Candidate>,
    /// The one of these that is chosen.
    pub choice: usize,
    /// The person has chosen it: it is meant, and not what was typed.
    pub moved: bool,
    /// The line of the history that is shown, if one is.
    pub walk: Option<usize>,
    /// What it would do.
    pub preview: Preview,
    /// The text before (of a command: the filter), to come back to.
    pub before: String,
    /// What is wrong with it.
    pub problem: Option<String>,
}

impl Prompt {
    /// A line that begins with a text.
    pub fn new(kind: PromptKind, text: &str) -> Self {
        Self {
            kind,
            input: field(text),
            found: Vec::new(),
            choice: 0,
            moved: false,
            walk: None,
            preview: Preview::default(),
            before: text.to_owned(),
            problem: None,
        }
    }

    /// The text.
    pub fn text(&self) -> String {
        text_of(&self.input)
    }
}

/// The choice of the column to sort by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SortMenu {
    /// Fields of the records, each with what it is called.
    pub fields: Vec<(String, String)>,
    /// The chosen one.
    pub choice: usize,
}
