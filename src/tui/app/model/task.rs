//! Background tasks: what the screen says of them.

use super::{Model, REMEMBERED};
use crate::model::Time;
use crate::tui::app::TaskId;
use crate::tui::app::effect::{Target, Verb};

/// Where a task stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// It waits for its turn.
    Waiting,
    /// It is done right now.
    Running,
    /// It was stopped.
    Stopped,
    /// It ended well; a line about it.
    Done(String),
    /// It failed; why.
    Failed(String),
}

/// A background task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its number.
    pub id: TaskId,
    /// What it does.
    pub title: String,
    /// Where it stands.
    pub state: TaskState,
    /// When it began.
    pub started: Time,
    /// What it does to these runs, shown until it ends.
    pub targets: Vec<Target>,
    /// So much of all is done, where it tells.
    pub progress: Option<(u64, u64)>,
    /// It can be stopped also while it works.
    pub stoppable: bool,
    /// When it ended.
    pub ended: Option<Time>,
}

impl Task {
    /// All that is to be said of it.
    pub fn text(&self) -> String {
        match &self.state {
            TaskState::Done(said) | TaskState::Failed(said) => format!("{}: {said}", self.title),
            _ => self.title.clone(),
        }
    }
}

impl TaskState {
    /// Whether it has not ended.
    pub const fn is_open(&self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }
}

impl Model {
    /// A new background task.
    pub fn begin_task(&mut self, verb: &Verb) -> TaskId {
        self.last_task += 1;
        let id = TaskId(self.last_task);
        let (title, targets) = (verb.title(), verb.targets());
        self.tasks.push_front(Task {
            id,
            title,
            state: TaskState::Waiting,
            started: self.now,
            targets,
            progress: None,
            stoppable: verb.stoppable(),
            ended: None,
        });
        // Those that run are never forgotten.
        if self.tasks.len() > REMEMBERED
            && let Some(at) = self.tasks.iter().rposition(|task| !task.state.is_open())
        {
            self.tasks.remove(at);
        }
        id
    }

    /// Tasks that are not done.
    pub fn running_tasks(&self) -> usize {
        self.tasks.iter().filter(|task| task.state.is_open()).count()
    }
}
