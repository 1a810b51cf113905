//! What becomes one message: the first ends of a job's runs are told one by one, later ones together, and the end
//! of the job at once.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::model::{JobName, RunPath, Status};
use crate::store::Ending;

/// So many runs of a job are told one by one.
const FEW: u32 = 3;

/// Of a job whose first ones have been told, runs are told together, and no sooner than so long after the last.
const PAUSE: Duration = Duration::from_mins(1);

/// So many ends wait at most; when there are more, those that wait are told.
pub const FULL: usize = 1000;

/// What has been told of each job.
#[derive(Debug, Default)]
pub struct Ledger(HashMap<JobName, Entry>);

#[derive(Clone, Copy, Debug)]
struct Entry {
    /// How many messages about its runs.
    told: u32,
    /// When the last one was.
    last: Instant,
}

/// What a message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matter {
    /// A run of a job.
    Run(RunPath),
    /// Several; those that are gone are left out.
    Runs(Vec<(RunPath, Status)>),
    /// A whole job, with its run if it has only one.
    Job(Option<RunPath>),
}

/// A message that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Planned {
    /// The ends that are told with it.
    pub endings: Vec<i64>,
    /// The job.
    pub job: JobName,
    /// What it is about.
    pub matter: Matter,
}

impl Ledger {
    /// What is due now, in order, and after how long the rest is.
    pub fn plan(&mut self, endings: &[Ending], now: Instant) -> (Vec<Planned>, Option<Duration>) {
        let mut jobs: Vec<(JobName, Vec<&Ending>)> = Vec::new();
        let mut places = HashMap::new();
        for ending in endings {
            let place = *places.entry(ending.job).or_insert_with(|| {
                jobs.push((ending.job, Vec::new()));
                jobs.len() - 1
            });
            jobs[place].1.push(ending);
        }
        let mut due = Vec::new();
        let mut again: Option<Duration> = None;
        for (job, endings) in jobs {
            let wait = self.plan_job(job, &endings, endings.len() >= FULL, now, &mut due);
            again = wait.map_or(again, |wait| Some(again.map_or(wait, |other| other.min(wait))));
        }
        if due.is_empty() && endings.len() >= FULL {
            // Many jobs together have filled it: everything that waits is told.
            self.0.clear();
            return self.plan(endings, now);
        }
        (due, again)
    }

    fn plan_job(
        &mut self,
        job: JobName,
        endings: &[&Ending],
        full: bool,
        now: Instant,
        due: &mut Vec<Planned>,
    ) -> Option<Duration> {
        let whole = endings.iter().find(|ending| ending.whole);
        let entry = self.0.entry(job).or_insert(Entry { told: 0, last: now });
        let mut runs = endings.iter().filter(|ending| !ending.whole).peekable();
        while entry.told < FEW
            && let Some(ending) = runs.next()
        {
            let matter = ending.run.clone().map_or_else(|| Matter::Runs(Vec::new()), Matter::Run);
            due.push(Planned { endings: vec![ending.id], job, matter });
            *entry = Entry { told: entry.told + 1, last: now };
        }
        let rest: Vec<_> = runs.collect();
        let ids = rest.iter().map(|ending| ending.id);
        if let Some(whole) = whole {
            // Its counts say it all.
            self.0.remove(&job);
            let endings = ids.chain([whole.id]).collect();
            due.push(Planned { endings, job, matter: Matter::Job(whole.run.clone()) });
            return None;
        }
        let wait = (entry.last + PAUSE).saturating_duration_since(now);
        if rest.is_empty() || !wait.is_zero() && !full {
            return (!rest.is_empty()).then_some(wait);
        }
        *entry = Entry { told: entry.told + 1, last: now };
        let named: Vec<_> =
            rest.iter().filter_map(|ending| Some((ending.run.clone()?, ending.status))).collect();
        let matter = match named.as_slice() {
            [(run, _)] => Matter::Run(run.clone()),
            _ => Matter::Runs(named),
        };
        due.push(Planned { endings: ids.collect(), job, matter });
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RunName;

    fn run(job: u64, id: i64) -> Ending {
        let path = RunPath::new("ws1", RunName::top(id.cast_unsigned()));
        Ending { id, job: JobName(job), run: Some(path), whole: false, status: Status::Error }
    }

    fn whole(job: u64, id: i64) -> Ending {
        Ending { run: None, whole: true, ..run(job, id) }
    }

    /// How many ends each message tells, and of what kind it is.
    fn shape(planned: &[Planned]) -> Vec<(char, usize)> {
        let kind = |planned: &Planned| match planned.matter {
            Matter::Run(_) => 'r',
            Matter::Runs(_) => 's',
            Matter::Job(_) => 'j',
        };
        planned.iter().map(|planned| (kind(planned), planned.endings.len())).collect()
    }

    // Proves C11: a flood is bounded, and nothing of it is left out.
    #[test]
    fn a_flood_is_a_few_messages() {
        let mut ledger = Ledger::default();
        let now = Instant::now();
        let some: Vec<_> = (1..=500).map(|id| run(1, id)).collect();
        let (due, again) = ledger.plan(&some, now);
        assert_eq!(shape(&due), [('r', 1), ('r', 1), ('r', 1)]);
        assert_eq!(again, Some(PAUSE));
        // Nothing more within the minute, then all in one.
        let rest = &some[3..];
        assert_eq!(ledger.plan(rest, now + PAUSE / 2), (vec![], Some(PAUSE / 2)));
        let (due, again) = ledger.plan(rest, now + PAUSE);
        assert_eq!((shape(&due), again), (vec![('s', 497)], None));
        // One alone is told as one; the end of the job waits for nothing, and takes along what does.
        assert_eq!(shape(&ledger.plan(&[run(1, 501)], now + 2 * PAUSE).0), [('r', 1)]);
        let last = [run(1, 502), run(1, 503), whole(1, 504)];
        let (due, again) = ledger.plan(&last, now + 2 * PAUSE);
        assert_eq!((shape(&due), again), (vec![('j', 3)], None));
        assert!(ledger.0.is_empty(), "a job that has ended is forgotten");
    }

    #[test]
    fn a_thousand_at_once_are_a_handful_of_messages() {
        let mut ledger = Ledger::default();
        let all: Vec<_> = (1..=999).map(|id| run(1, id)).chain([whole(1, 1000)]).collect();
        let (due, _) = ledger.plan(&all, Instant::now());
        assert_eq!(shape(&due), [('r', 1), ('r', 1), ('r', 1), ('j', 997)]);
    }

    #[test]
    fn jobs_do_not_wait_for_each_other() {
        let mut ledger = Ledger::default();
        let now = Instant::now();
        let flood: Vec<_> = (1..=9).map(|id| run(1, id)).collect();
        ledger.plan(&flood, now);
        let other = [&flood[3..], &[run(2, 10), whole(3, 11)]].concat();
        let (due, again) = ledger.plan(&other, now);
        assert_eq!((shape(&due), again), (vec![('r', 1), ('j', 1)], Some(PAUSE)));
    }

    #[test]
    fn what_waits_is_bounded() {
        let mut ledger = Ledger::default();
        let now = Instant::now();
        ledger.plan(&(1..=3).map(|id| run(1, id)).collect::<Vec<_>>(), now);
        let many: Vec<_> = (4..4 + i64::try_from(FULL).unwrap()).map(|id| run(1, id)).collect();
        assert_eq!(shape(&ledger.plan(&many, now).0), [('s', FULL)]);
        // So it is when it is many jobs.
        let few = |job: u64| [1, 2, 3].map(|id| run(job, id));
        ledger.plan(&[few(2), few(3)].concat(), now);
        let many: Vec<_> =
            (0..i64::try_from(FULL).unwrap()).map(|id| run(2 + id.cast_unsigned() % 2, id)).collect();
        assert!(!ledger.plan(&many, now).0.is_empty());
    }
}
