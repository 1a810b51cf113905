//! When the screen changes without anybody doing anything.

use std::time::Duration;

use super::Model;
use crate::model::{Status, Time};
use crate::report::shape;
use crate::tui::app::screen::Screen;
use crate::tui::app::tab::Tab;

impl Model {
    /// When the screen changes by itself next: a toast goes, a duration is a second older.
    pub fn next_change(&self) -> Option<Duration> {
        let toast = self.toasts.iter().map(|(_, until)| *until).min();
        let older =
            self.ages().into_iter().map(shape::until_longer).min().map(|wait| self.whole_second(wait));
        let nodes = self.nodes.due().filter(|_| self.screen == Screen::Nodes);
        [toast, older, nodes].into_iter().flatten().min()
    }

    /// The first whole second of uptime after so many seconds: all that grows is drawn anew together.
    const fn whole_second(&self, wait: u64) -> Duration {
        Duration::from_secs(self.uptime.as_secs() + wait)
    }

    /// How old is, in seconds, what stands on the screen with its age or with a duration that grows.
    fn ages(&self) -> Vec<f64> {
        let since = |time: Time| self.now.since(time).as_secs_f64();
        match self.screen {
            // A machine tells the durations of all its runs, and how long it has been silent.
            Screen::Nodes => {
                if self.nodes.any_runs() {
                    vec![0.0]
                } else {
                    Vec::new()
                }
            }
            Screen::Compare => Vec::new(),
            Screen::Main => self.ages_of_runs().chain(self.ages_of_events()).collect(),
            Screen::Tasks => {
                let open = self.tasks.iter().filter(|task| task.state.is_open());
                open.map(|task| since(task.started)).collect()
            }
            Screen::Errors => self.notices.iter().map(|notice| since(notice.time)).collect(),
        }
    }

    fn ages_of_runs(&self) -> impl Iterator<Item = f64> {
        let rows = if self.areas().runs.is_empty() { 0 } else { self.runs_height() };
        let top = self.runs.cursor.top();
        let shown = |field: &str| self.columns.iter().flatten().any(|column| column == field);
        let [created, started, ended] = ["created", "started", "ended"].map(shown);
        let of_run = move |row: usize| -> Vec<f64> {
            let Some(key) = self.runs.key(row) else { return Vec::new() };
            let Some(run) = self.runs.doc(key.id) else {
                return if key.status == Status::Running { vec![0.0] } else { Vec::new() };
            };
            let times = [
                created.then_some(run.create_time),
                run.start_time.filter(|_| started),
                run.end_time.filter(|_| ended),
            ];
            let ages = times.into_iter().flatten().map(|time| self.now.since(time).as_secs_f64());
            ages.chain(run.duration(self.now).filter(|_| run.status == Status::Running)).collect()
        };
        (top..top + rows).flat_map(of_run)
    }

    fn ages_of_events(&self) -> impl Iterator<Item = f64> {
        let seen = self.detail.tab == Tab::Events && !self.areas().detail.is_empty();
        let events = self.detail.page().filter(|_| seen).into_iter().flat_map(|page| &page.events);
        events.map(|event| self.now.since(event.time).as_secs_f64())
    }
}
