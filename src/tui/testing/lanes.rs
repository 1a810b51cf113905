//! What the executor of the tests' world has still to do and to deliver, lane by lane. Answers of one lane come in the
//! order of their questions, those of different lanes in any.

use super::World;
use crate::tui::app::effect::{ListKind, LogRequest, TaskId, Verb};
use crate::tui::app::message::{ListAnswer, LogEvent};
use crate::tui::app::{Effect, Model, Msg, update};

/// A lane of the executor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// The questions for a kind of list.
    List(ListKind),
    /// What is asked of the open log.
    Log,
    /// A task.
    Task(TaskId),
}

/// Something in a lane.
pub(super) enum Item {
    /// It is still to be done.
    Asked(Effect),
    /// The log has grown and is still to be looked at.
    Look,
    /// It is read and still to be delivered.
    Answer(Msg),
}

/// More steps than anything takes that comes to an end.
const ENDLESS: usize = 5_000;

impl World {
    /// Takes an effect into its lane; what has no answer is only seen.
    pub(super) fn ask(&mut self, effect: Effect) {
        let lane = match &effect {
            Effect::List(list) => {
                let lane = Lane::List(list.kind());
                // A question that still waits is forgotten.
                self.items.retain(|(of, item)| *of != lane || !matches!(item, Item::Asked(_)));
                lane
            }
            Effect::Log(_) => Lane::Log,
            Effect::Control { task, verb: Verb::Plan { .. } } => {
                let lane = Lane::Task(*task);
                self.seen.push(effect.clone());
                lane
            }
            _ => return self.seen.push(effect),
        };
        self.items.push((lane, Item::Asked(effect)));
    }

    /// The lanes on which something is still to happen.
    pub fn lanes(&self) -> Vec<Lane> {
        let mut lanes: Vec<Lane> = Vec::new();
        let works = self.reader.as_ref().is_some_and(|(_, reader)| reader.has_work());
        for lane in self.items.iter().map(|(lane, _)| *lane).chain(works.then_some(Lane::Log)) {
            if !lanes.contains(&lane) {
                lanes.push(lane);
            }
        }
        lanes
    }

    /// The next thing happens on a lane: its first question is answered, well or not, or its first answer is delivered.
    pub fn step(&mut self, model: &mut Model, lane: Lane, fails: bool) {
        let first = self.items.iter().position(|(of, _)| *of == lane);
        let at = first.unwrap_or(self.items.len());
        let answers = match first.map(|at| self.items.remove(at).1) {
            Some(Item::Answer(msg)) => return self.take(model, msg),
            Some(Item::Asked(effect)) if fails => self.failure(effect),
            Some(Item::Asked(effect)) => self.answer(effect),
            Some(Item::Look) => self.look(),
            None => self.work(),
        };
        self.items.splice(at..at, answers.into_iter().map(|msg| (lane, Item::Answer(msg))));
    }

    /// The first question of a lane is answered, and all its answers are delivered.
    pub fn deliver(&mut self, model: &mut Model, lane: Lane) {
        self.step(model, lane, false);
        while let Some((_, Item::Answer(_))) = self.items.iter().find(|(of, _)| *of == lane) {
            self.step(model, lane, false);
        }
    }

    /// Everything is answered and delivered.
    pub fn catch_up(&mut self, model: &mut Model) {
        self.go_on(model, false);
    }

    /// Everything that is asked fails, and so does what is asked after that.
    pub fn fail_all(&mut self, model: &mut Model) {
        self.go_on(model, true);
    }

    fn go_on(&mut self, model: &mut Model, fails: bool) {
        for _ in 0..ENDLESS {
            let Some(lane) = self.lanes().first().copied() else { return };
            self.step(model, lane, fails);
        }
        panic!("the same is asked again and again: {:?}", self.lanes());
    }

    pub(super) fn take(&mut self, model: &mut Model, msg: Msg) {
        for effect in update(model, msg) {
            self.ask(effect);
        }
    }

    /// The answer to what could not be done.
    fn failure(&mut self, effect: Effect) -> Vec<Msg> {
        let why = "the disk fails".to_owned();
        match effect {
            Effect::List(list) => {
                let (generation, kind) = (list.generation(), list.kind());
                vec![Msg::List(ListAnswer { generation, kind, result: Err(why) })]
            }
            Effect::Log(LogRequest::Open { generation, .. }) => {
                self.reader = None;
                vec![Msg::Log { generation, event: LogEvent::Failed(why) }]
            }
            Effect::Log(_) => {
                // Its task has ended.
                let reader = self.reader.take();
                let event = LogEvent::Failed(why);
                reader.map(|(generation, _)| Msg::Log { generation, event }).into_iter().collect()
            }
            Effect::Control { task, .. } => vec![Msg::Task { task, result: Err(why) }],
            _ => Vec::new(),
        }
    }
}
