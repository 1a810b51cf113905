//! How tasks follow one another: the latest question alone, and one verb after the other on a target.

use std::collections::HashMap;

use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{JoinError, spawn_blocking};

use super::super::app::effect::Target;

/// A lane in which of all questions only the one under way and the latest are answered.
pub struct Latest<Q>(watch::Sender<Option<Q>>);

impl<Q: Clone + Send + Sync + 'static> Latest<Q> {
    /// Starts a lane. `answer` reads and sends, and may block; `panicked` is told when it panics.
    pub fn start(
        handle: &Handle,
        answer: impl Fn(Q) + Clone + Send + 'static,
        panicked: impl Fn(Q, JoinError) + Clone + Send + 'static,
    ) -> Self {
        let (sender, mut questions) = watch::channel(None::<Q>);
        handle.spawn(async move {
            while questions.changed().await.is_ok() {
                let Some(question) = questions.borrow_and_update().clone() else { continue };
                let (answer, panicked, again) = (answer.clone(), panicked.clone(), question.clone());
                if let Err(error) = spawn_blocking(move || answer(question)).await {
                    // Telling may wait, too.
                    let _ = spawn_blocking(move || panicked(again, error)).await;
                }
            }
        });
        Self(sender)
    }

    /// Asks; a question that still waits is forgotten.
    pub fn ask(&self, question: Q) {
        self.0.send_replace(Some(question));
    }
}

/// Whose turn it is on each target.
#[derive(Default)]
pub struct Turns {
    /// The tasks on each target that are not done; a task's channel closes when it is, however it ended.
    doing: HashMap<Target, Vec<watch::Receiver<()>>>,
}

/// A task's place in the queues of its targets. While it exists, later tasks wait.
pub struct Turn {
    before: Vec<watch::Receiver<()>>,
    _done: watch::Sender<()>,
}

impl Turns {
    /// Takes a place behind all earlier tasks on these targets.
    pub fn take(&mut self, targets: Vec<Target>) -> Turn {
        let (done, doing) = watch::channel(());
        self.doing.retain(|_, tasks| {
            tasks.retain(|task| task.has_changed().is_ok());
            !tasks.is_empty()
        });
        let mut before = Vec::new();
        for target in targets {
            let tasks = self.doing.entry(target).or_default();
            // All of them, not the last alone: that one may be stopped while it waits for the others.
            before.extend(tasks.iter().cloned());
            tasks.push(doing.clone());
        }
        Turn { before, _done: done }
    }
}

impl Turn {
    /// Waits until all earlier tasks on these targets are done.
    pub async fn comes(&mut self) {
        for mut task in self.before.drain(..) {
            while task.changed().await.is_ok() {}
        }
    }
}

/// What is told of a task that panicked.
pub fn panic_text(doing: &str, error: JoinError) -> String {
    let what = match error.try_into_panic() {
        Ok(payload) => payload
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_default(),
        Err(error) => error.to_string(),
    };
    format!("could not {doing}: an error in xt itself ({what})")
}

#[cfg(test)]
mod tests {
    // Proves C1 (the executor: latest-wins lists, verbs in order, panics survived).
    use super::*;
    use crate::model::JobName;
    use crossbeam_channel::{Receiver, bounded, unbounded};
    use std::time::Duration;

    /// What comes next: a lane that has died fails the test instead of keeping it waiting.
    fn next<T>(receiver: &Receiver<T>) -> T {
        receiver.recv_timeout(Duration::from_secs(30)).unwrap()
    }

    #[test]
    fn of_many_questions_the_first_and_the_last_are_answered() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let (begun, begins) = unbounded();
        let (go, gate) = bounded::<()>(0);
        let answer = move |question: u32| {
            begun.send(question).unwrap();
            next(&gate);
        };
        let lane = Latest::start(runtime.handle(), answer, |_, _| {});
        lane.ask(1);
        assert_eq!(next(&begins), 1);
        (2..=9).for_each(|question| lane.ask(question));
        go.send_timeout((), Duration::from_secs(30)).unwrap();
        assert_eq!(next(&begins), 9);
        go.send_timeout((), Duration::from_secs(30)).unwrap();
        assert!(begins.try_recv().is_err());
    }

    #[test]
    fn a_panic_is_told_and_the_lane_goes_on() {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        let (told, tells) = unbounded();
        let good = told.clone();
        let lane = Latest::start(
            runtime.handle(),
            move |question: u32| {
                assert_ne!(question, 1, "one is too few");
                good.send(question.to_string()).unwrap();
            },
            move |_, error| told.send(panic_text("count", error)).unwrap(),
        );
        lane.ask(1);
        assert!(next(&tells).contains("one is too few"));
        lane.ask(2);
        assert_eq!(next(&tells), "2");
    }

    #[test]
    fn tasks_on_a_target_wait_for_each_other_and_for_no_one_else() {
        let (one, two) = (Target::Job(JobName(1)), Target::Job(JobName(2)));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut turns = Turns::default();
        let mut first = turns.take(vec![one.clone()]);
        let mut both = turns.take(vec![one.clone(), two.clone()]);
        let mut other = turns.take(vec![Target::Job(JobName(3))]);
        let mut last = turns.take(vec![two]);
        runtime.block_on(async {
            let ready = |turn: &mut Turn| {
                let mut comes = Box::pin(turn.comes());
                let mut context = std::task::Context::from_waker(std::task::Waker::noop());
                comes.as_mut().poll(&mut context).is_ready()
            };
            assert!(ready(&mut first) && ready(&mut other));
            // A wait that was given up has lost its place: these are asked once.
            let mut both_comes = Box::pin(both.comes());
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            assert!(both_comes.as_mut().poll(&mut context).is_pending());
            let mut last_comes = Box::pin(last.comes());
            assert!(last_comes.as_mut().poll(&mut context).is_pending());
            drop(first);
            assert!(both_comes.as_mut().poll(&mut context).is_ready());
            drop(both_comes);
            drop(both);
            assert!(last_comes.as_mut().poll(&mut context).is_ready());
        });
        assert_eq!(turns.take(vec![one]).before.len(), 0, "what is done is forgotten");
    }

    #[test]
    fn a_task_that_is_stopped_while_it_waits_lets_nobody_pass() {
        let one = Target::Job(JobName(1));
        let mut turns = Turns::default();
        let [works, mut waits, mut comes_after] = [(); 3].map(|()| turns.take(vec![one.clone()]));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(Box::pin(waits.comes()).as_mut().poll(&mut context).is_pending());
        drop(waits);
        let mut comes = Box::pin(comes_after.comes());
        assert!(comes.as_mut().poll(&mut context).is_pending());
        drop(works);
        assert!(comes.as_mut().poll(&mut context).is_ready());
    }
}
